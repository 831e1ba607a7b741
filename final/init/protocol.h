#pragma once
/*
 * protocol: what duct and the first program in a container tell each other.
 *
 *     duct-init exec COMMAND [ARGUMENT...]    become the command
 *     duct-init init COMMAND [ARGUMENT...]    stay, as its parent
 *
 * Descriptor INIT_REPORT is a pipe to whoever started the container. It ends
 * when the command runs; else a struct init_report comes first.
 */
enum {
    INIT_REPORT = 3
};

enum init_trouble {
    INIT_CANT_FORK,       /* there can't be a second process */
    INIT_NOT_IN_PATH,     /* it was looked for, and not found */
    INIT_CANT_EXECUTE,    /* execve(2) refused the file */
    INIT_INTERPRETER_GONE /* the file is there; what it needs to run is not */
};

struct init_report {
    int errnum; /* the kernel's error */
    enum init_trouble trouble;
};
