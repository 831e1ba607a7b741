#pragma once
/*
 * proc: what the kernel tells of one process.
 */
#include <sys/types.h>

struct proc {
    pid_t pid;
    pid_t ppid;
    pid_t pgrp;
    pid_t session;
    char state;
    int tty;          /* a device number, 0: none */
    pid_t foreground; /* the process group that has the terminal, -1: none */
    long long user_ticks; /* _SC_CLK_TCK of them are a second */
    long long system_ticks;
    long priority;
    long nice;
    long threads;
    long long start_ticks; /* after the machine was started */
    long long size;        /* bytes of address space */
    long long resident;    /* pages in memory */
    long processor;
    uid_t uid; /* real */
    uid_t euid;
    gid_t gid;
    gid_t egid;
    char comm[64];
    char *args; /* the caller frees it; "[comm]" when it has none */
};

/**
 * proc_parse_stat - read a line of /proc/PID/stat
 * @proc: receives it, but for ids and arguments
 * @text: the line; the name in it may hold blanks and brackets
 *
 * Returns: 0, or -1 when it is none.  Source: proc_pid_stat(5).
 */
int proc_parse_stat(struct proc *proc, const char *text);

/**
 * proc_read - ask for all of a process
 * @proc: receives it; free its args
 * @pid:  the process, as seen by us
 *
 * What is told belongs to one process, also when that ends meanwhile.
 *
 * Returns: 0, or -1 when there is no such process (any more).
 * Source:  proc(5): stat, status, cmdline.
 */
int proc_read(struct proc *proc, pid_t pid);
