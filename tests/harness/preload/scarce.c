/*
 * scarce: little memory, at a place of the suite's choice; see scarce.h.
 *
 * Loaded into the judged program before the C library. Of what the program
 * itself asks for (not its libraries: some of them give up by themselves) the
 * one with the number in SCARCE is refused, and the file that SCARCE_TOLD
 * names is made. Texts count only if they look like a network's: programs
 * make many others.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#define NEXT(name) dlsym(RTLD_NEXT, #name)
#define CALLER     __builtin_return_address(0)

/* One for all processes of the program: exactly one is refused. */
static atomic_long *count;

static void __attribute__((constructor)) share_count(void)
{
    void *memory = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    count = memory == MAP_FAILED ? NULL : memory;
}

static bool is_program(const void *caller)
{
    const void *entry = (const void *)getauxval(AT_ENTRY);
    Dl_info its, programs;

    return dladdr(caller, &its) != 0 && dladdr(entry, &programs) != 0 &&
           its.dli_fbase == programs.dli_fbase;
}

static bool is_refused(const void *caller)
{
    const char *number = getenv("SCARCE"), *told = getenv("SCARCE_TOLD");
    int fd;

    if (number == NULL || told == NULL || count == NULL ||
        !is_program(caller) ||
        atomic_fetch_add(count, 1) + 1 != strtol(number, NULL, 10))
        return false;
    fd = open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
    if (fd >= 0)
        (void)close(fd);
    errno = ENOMEM;
    return true;
}

static bool is_network(const char *text)
{
    static const char *const parts[] = {
        "veth", ":42:",  "10.209.", "element", "/proc/sys/net/",
        "net-", "names", "etc/",    "8080",
    };

    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
        if (strstr(text, parts[i]) != NULL)
            return true;
    return false;
}

/* The names of parameters are ours, and a type can't stand in parentheses.
 * NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
 * NOLINTBEGIN(bugprone-macro-parentheses) */

int asprintf(char **to, const char *format, ...)
{
    va_list words;
    int size;

    va_start(words, format);
    size = vasprintf(to, format, words);
    va_end(words);
    if (size < 0 || !is_network(*to) || !is_refused(CALLER))
        return size;
    free(*to);
    *to = NULL; /* as from glibc 2.38 on, and in musl */
    return -1;
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy;

    if (is_network(text) && is_refused(CALLER))
        return NULL;
    copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

void *calloc(size_t number, size_t size)
{
    void *(*next)(size_t, size_t) = NEXT(calloc);

    return number == 1 && is_refused(CALLER) ? NULL : next(number, size);
}

/* Others, whatever they are asked for: libnl's, libnftables' and the C
 * library's own. */
#define OTHER(type, name, parameters, arguments)                               \
    type *name parameters;                                                     \
    type *name parameters                                                      \
    {                                                                          \
        type *(*next)parameters = NEXT(name);                                  \
                                                                               \
        return is_refused(CALLER) ? NULL : next arguments;                     \
    }

OTHER(void, realloc, (void *old, size_t size), (old, size))
OTHER(FILE, open_memstream, (char **text, size_t *size), (text, size))
OTHER(FILE, fdopen, (int fd, const char *mode), (fd, mode))
OTHER(void, nft_ctx_new, (unsigned flags), (flags))
OTHER(void, nl_socket_alloc, (void), ())
OTHER(void, nlmsg_alloc_simple, (int type, int flags), (type, flags))

/* NOLINTEND(bugprone-macro-parentheses)
 * NOLINTEND(readability-inconsistent-declaration-parameter-name) */
