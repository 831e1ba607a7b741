/*
 * host: what a program may leave behind, written down as a list of lines.
 */
#pragma once

enum host_part {
    HOST_MOUNTS = 1,    /* of the suite's mount namespace */
    HOST_PROCESSES = 2, /* all that the suite can see, but itself */
    HOST_NETWORK = 4,   /* links, and nft's rules where nft is installed */
    HOST_CGROUPS = 8,   /* directories called duct-* below ours */
    HOST_FILES = 16,    /* root file system, homes, /var/lib; hostname */
    HOST_QUICK = HOST_MOUNTS | HOST_PROCESSES,
    HOST_ALL = 31,
};

/** host_look - write down what is there now; sorted lines (kept) */
char *host_look(enum host_part parts);

/** host_differences - lines "left behind: X", "gone: Y"; "" when the same */
char *host_differences(const char *before, const char *after);
