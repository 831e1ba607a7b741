/*
 * scarce: little memory, at a place of the suite's choice; see scarce.h.
 *
 * Loaded into the judged program before the C library. Of what the program
 * itself asks for (not its libraries: some of them give up by themselves) the
 * one with the number in SCARCE is refused, and the file that SCARCE_TOLD
 * names gets a byte. Texts count only if they look like a network's: programs
 * make many others. Where SCARCE_OF names a function all its calls count, and
 * no others.
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
static int told_fd = -1; /* a child of it may have another root by then */

static void __attribute__((constructor)) share_count(void)
{
    const char *told = getenv("SCARCE_TOLD");
    void *memory = mmap(NULL, sizeof(*count), PROT_READ | PROT_WRITE,
                        MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    count = memory == MAP_FAILED ? NULL : memory;
    if (told != NULL)
        told_fd = open(told, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
}

static bool is_program(const void *caller)
{
    const void *entry = (const void *)getauxval(AT_ENTRY);
    Dl_info its, programs;

    return dladdr(caller, &its) != 0 && dladdr(entry, &programs) != 0 &&
           its.dli_fbase == programs.dli_fbase;
}

/* @usual: does this one count where no function is named? */
static bool is_refused(const void *caller, const char *function, bool usual)
{
    const char *number = getenv("SCARCE"), *of = getenv("SCARCE_OF");

    if (of != NULL && *of != '\0')
        usual = strcmp(of, function) == 0;
    if (!usual || number == NULL || told_fd < 0 || count == NULL ||
        !is_program(caller) ||
        atomic_fetch_add(count, 1) + 1 != strtol(number, NULL, 10))
        return false;
    (void)!write(told_fd, "", 1);
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
    if (size < 0 || !is_refused(CALLER, "asprintf", is_network(*to)))
        return size;
    free(*to);
    *to = NULL; /* as from glibc 2.38 on, and in musl */
    return -1;
}

char *strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy;

    if (is_refused(CALLER, "strdup", is_network(text)))
        return NULL;
    copy = malloc(size);
    return copy == NULL ? NULL : memcpy(copy, text, size);
}

void *calloc(size_t number, size_t size)
{
    void *(*next)(size_t, size_t) = NEXT(calloc);

    return is_refused(CALLER, "calloc", number == 1) ? NULL
                                                     : next(number, size);
}

#define FUNCTION(type, name, parameters, arguments, refusal, usual)            \
    type name parameters;                                                      \
    type name parameters                                                       \
    {                                                                          \
        type(*next) parameters = NEXT(name);                                   \
                                                                               \
        return is_refused(CALLER, #name, (usual)) ? (refusal)                  \
                                                  : next arguments;            \
    }

/* Others, whatever they are asked for: libnl's, libnftables' and the C
 * library's own; and those that count only where they are named. */
#define OTHER(type, name, parameters, arguments)                               \
    FUNCTION(type *, name, parameters, arguments, NULL, true)
#define NAMED(type, name, parameters, arguments)                               \
    FUNCTION(type *, name, parameters, arguments, NULL, false)
/* libarchive's, which say it with a number. */
#define FATAL(type, name, parameters, arguments)                               \
    FUNCTION(type, name, parameters, arguments, -30, false)

OTHER(void, realloc, (void *old, size_t size), (old, size))
OTHER(FILE, open_memstream, (char **text, size_t *size), (text, size))
OTHER(FILE, fdopen, (int fd, const char *mode), (fd, mode))
OTHER(void, nft_ctx_new, (unsigned flags), (flags))
OTHER(void, nl_socket_alloc, (void), ())
OTHER(void, nlmsg_alloc_simple, (int type, int flags), (type, flags))
NAMED(char, strndup, (const char *text, size_t size), (text, size))
NAMED(void, fts_open, (char *const *roots, int how, void *order),
      (roots, how, order))
NAMED(void, fts_read, (void *walk), (walk))
NAMED(const char, archive_entry_pathname, (void *entry), (entry))
FATAL(int, archive_write_header, (void *archive, void *entry), (archive, entry))
FATAL(int, archive_read_open_fd, (void *archive, int fd, size_t block),
      (archive, fd, block))
FATAL(int, archive_write_close, (void *archive), (archive))
FATAL(ssize_t, archive_read_data, (void *archive, void *to, size_t size),
      (archive, to, size))

/* NOLINTEND(bugprone-macro-parentheses)
 * NOLINTEND(readability-inconsistent-declaration-parameter-name) */
