/*
 * load: uses memory, processors and processes, as much as it is told to.
 *
 * Runs in a container, static, so that it runs in any root file system. Its
 * arguments are steps, done one after the other:
 *
 *     cgroup      print /proc/self/cgroup; first of all, before anything else
 *     wait        for a line on standard input
 *     memory MIB  take so much more memory, and touch it
 *     release     give all of it back
 *     fork N      have N children at once, if the kernel lets us; they stay
 *     crowd N     have N children that are busy for ever
 *     spin        be busy for ever; `spin MS`: for some time
 *     count       print a line every few milliseconds, for ever
 *     hold        sleep for ever
 *     say WORD    print it
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

enum {
    MOST_AREAS = 64
};

static struct {
    void *at;
    size_t size;
} areas[MOST_AREAS];
static size_t area_count;

/* Nothing but system calls: the first thing that this program does. */
static void tell_cgroup(void)
{
    char text[4096];
    int fd = open("/proc/self/cgroup", O_RDONLY | O_CLOEXEC);
    ssize_t size = read(fd, text, sizeof(text));

    if (size > 0)
        (void)!write(STDOUT_FILENO, text, (size_t)size);
    close(fd);
}

static void wait_for_line(void)
{
    char byte = 0;

    while (byte != '\n' && read(STDIN_FILENO, &byte, 1) == 1)
        ;
}

static void take_memory(size_t mib)
{
    size_t size = mib << 20;
    char *at = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    if (at == MAP_FAILED || area_count == MOST_AREAS) {
        perror("load: mmap");
        exit(1);
    }
    for (size_t i = 0; i < size; i += 4096)
        at[i] = (char)(i >> 12) + 1;
    areas[area_count].at = at;
    areas[area_count++].size = size;
}

static void release_memory(void)
{
    while (area_count-- > 0)
        munmap(areas[area_count].at, areas[area_count].size);
    area_count = 0;
}

static long long now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

static void spin(int ms)
{
    long long until = now_ms() + ms;

    while (ms == 0 || now_ms() < until)
        for (volatile int i = 0; i < 10000; i++)
            ;
}

static void have_children(int wanted, bool busy)
{
    int count = 0;

    for (; count < wanted; count++) {
        pid_t child = fork();

        if (child < 0)
            break;
        if (child == 0 && busy)
            spin(0);
        if (child == 0)
            for (;;)
                pause();
    }
    printf("children: %d\n", count);
}

static void __attribute__((noreturn)) count_for_ever(void)
{
    static const struct timespec briefly = {.tv_nsec = 5000000};

    for (unsigned long i = 0;; i++) {
        printf("%lu\n", i);
        fflush(stdout);
        nanosleep(&briefly, NULL);
    }
}

/* A step's number, if the next word is one; then it is passed over. */
static int number(char ***word)
{
    const char *next = (*word)[1];

    if (next == NULL || next[0] < '0' || next[0] > '9')
        return 0;
    (*word)++;
    return (int)strtol(next, NULL, 10);
}

static void do_step(char ***word)
{
    const char *step = **word;

    if (strcmp(step, "cgroup") == 0)
        tell_cgroup();
    else if (strcmp(step, "wait") == 0)
        wait_for_line();
    else if (strcmp(step, "memory") == 0)
        take_memory((size_t)number(word));
    else if (strcmp(step, "release") == 0)
        release_memory();
    else if (strcmp(step, "fork") == 0)
        have_children(number(word), false);
    else if (strcmp(step, "crowd") == 0)
        have_children(number(word), true);
    else if (strcmp(step, "spin") == 0)
        spin(number(word));
    else if (strcmp(step, "count") == 0)
        count_for_ever();
    else if (strcmp(step, "say") == 0 && (*word)[1] != NULL)
        puts(*++*word);
    else if (strcmp(step, "hold") == 0)
        for (;;)
            pause();
    else
        fprintf(stderr, "load: what is %s?\n", step);
}

int main(int argc, char *argv[])
{
    (void)argc;
    for (char **word = argv + 1; *word != NULL; word++) {
        do_step(&word);
        fflush(stdout);
    }
    return 0;
}
