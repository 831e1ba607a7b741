/*
 * supervise: stand between a terminal, a shell and a container, unnoticed.
 *
 * Kernel object  signals, which we take from the queue instead of being
 *                interrupted by them
 * Side           host
 * Look at it     grep -E 'Sig|Shd' /proc/PID/status
 */
#include "supervise.h"

#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

/* What docker passes on, and SIGCHLD, which tells us that the child changed. */
static sigset_t supervised_signals(void)
{
    static const int numbers[] = {SIGINT,  SIGTERM, SIGHUP,   SIGQUIT,
                                  SIGUSR1, SIGUSR2, SIGWINCH, SIGCHLD};
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
        sigaddset(&set, numbers[i]);
    return set;
}

void supervise_begin(void)
{
    sigset_t set = supervised_signals();

    /* A caller may ignore SIGCHLD; then there is nothing to wait for. */
    signal(SIGCHLD, SIG_DFL);
    sigprocmask(SIG_BLOCK, &set, NULL);
}

void supervise_forget(void)
{
    sigset_t none;

    /* Masks and ignored signals outlive execve(2), our caller's as well. */
    for (int number = 1; number < NSIG; number++)
        signal(number, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* A shell inside took the terminal for itself; when it was killed, nobody has
 * given it back. */
static void take_terminal_back(void)
{
    pid_t foreground = tcgetpgrp(STDIN_FILENO);

    if (foreground < 0 || (foreground > 0 && kill(-foreground, 0) == 0))
        return;
    signal(SIGTTOU, SIG_IGN); /* we are in the background: tcsetpgrp(3) */
    tcsetpgrp(STDIN_FILENO, getpgrp());
}

int supervise(pid_t child, bool is_build, struct failure *why)
{
    sigset_t set = supervised_signals();
    int status;
    pid_t ended;

    do {
        siginfo_t info;
        int number = sigwaitinfo(&set, &info);

        /* What was typed on the terminal (SI_KERNEL) went to the child too. */
        if (number > 0 && number != SIGCHLD && info.si_code != SI_KERNEL)
            kill(child, number);
        /* The first of a pid namespace need not listen to any but this. */
        if (is_build && (number == SIGINT || number == SIGTERM ||
                         number == SIGHUP || number == SIGQUIT))
            kill(child, SIGKILL);
        ended = waitpid(child, &status, WNOHANG);
    } while (ended == 0);
    if (ended < 0)
        return fail(why, errno, "wait for process %d", child);

    take_terminal_back();
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
