/*
 * files: verbs that are about the files of containers.
 */
#include "files.h"

static const struct flag copy_flags[] = {
    {"archive", 'a', FLAG_SWITCH, NULL,
     "Archive mode (copy all uid/gid information)"},
    {"follow-link", 'L', FLAG_SWITCH, NULL,
     "Always follow symbol link in SRC_PATH"},
    {"quiet", 'q', FLAG_SWITCH, NULL, "Suppress progress output during copy"},
    {0},
};

static const struct flag commit_flags[] = {
    {"author", 'a', FLAG_TEXT, "string",
     "Author (e.g., \"John Hannibal Smith <hannibal@a-team.com>\")"},
    {"change", 'c', FLAG_LIST, "list",
     "Apply Dockerfile instruction to the created image"},
    {"message", 'm', FLAG_TEXT, "string", "Commit message"},
    {"pause", 'p', FLAG_SWITCH, NULL,
     "Pause container during commit (default true)"},
    {0},
};

static const struct flag export_flags[] = {
    {"output", 'o', FLAG_TEXT, "string", "Write to a file, instead of STDOUT"},
    {0},
};

const struct verb file_verbs[] = {
    {"container", "cp", "cp",
     "[OPTIONS] [CONTAINER:]SRC_PATH|- [CONTAINER:]DEST_PATH|-",
     "Copy files/folders between a container and the local filesystem",
     copy_flags, 2, 2, false, IN_ARCHIVE(copy_verb)},
    {"container", "commit", "commit", "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
     "Create a new image from a container's changes", commit_flags, 1, 2, false,
     IN_ARCHIVE(commit_verb)},
    {"container", "export", "export", "[OPTIONS] CONTAINER",
     "Export a container's filesystem as a tar archive", export_flags, 1, 1,
     false, IN_ARCHIVE(export_verb)},
    {0},
};
