#pragma once
/*
 * overrides: rules that are compared before those of libseccomp's program.
 *
 * They are a table, as which of them hold depends on the container.
 */
#include <stdint.h>

enum {
    OVERRIDE_ALWAYS = -1,  /* whatever capabilities there are */
    OVERRIDE_WHATEVER = -1 /* whatever the arguments are */
};

struct seccomp_override {
    uint32_t architecture; /* AUDIT_ARCH_* */
    uint32_t number;       /* of the system call */
    int capability;        /* which it holds for, or OVERRIDE_ALWAYS */
    int argument;          /* 0 to 5, or OVERRIDE_WHATEVER */
    uint32_t value;        /* of the argument's low 32 bits */
    uint32_t action;       /* SECCOMP_RET_* */
};
