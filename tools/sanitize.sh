#!/bin/sh
# sanitize.sh [STEP]: the suites again, with the steps and the suites themselves
# built to notice memory errors and undefined behaviour (ASan, UBSan). STEP may
# be final: its functions and its suite.
# MODE=valgrind: as they are, below valgrind, as far as valgrind can follow.
#
# Everything is built in copies below build/sanitize; the steps' own folders
# stay as they are.
. "$(dirname "$0")/lib.sh"

copies=$top/build/sanitize
reports=$copies/reports
failed=''

is_root || die "the suites need root: sudo make sanitize"

copy_sources() {
    rm -rf "$copies"
    mkdir -p "$copies/steps" "$reports"
    own_directory build
    cp -a tests "$copies/tests"
    for step in $chosen; do
        mkdir "$copies/steps/$step"
        cp -a "steps/$step"/*.[ch] "steps/$step/Makefile" "$copies/steps/$step"
    done
    # The unprivileged trials' programs report here as well.
    chmod 1777 "$reports"
}

# A report goes to a file: the suites read what duct prints, and run it with
# an environment of their own. So the options are part of the program.
add_options() {
    cat >"$1/sanitizer_options.c" <<EOF
#include <sys/stat.h>

const char *__asan_default_options(void);
const char *__ubsan_default_options(void);
int __lsan_is_turned_off(void);

const char *__asan_default_options(void)
{
    return "log_path=$reports/asan:detect_stack_use_after_return=1:"
           "strict_string_checks=1:detect_leaks=1:abort_on_error=0";
}

const char *__ubsan_default_options(void)
{
    return "log_path=$reports/ubsan:print_stacktrace=1";
}

/* The search for leaks starts a process that has to find this one by its pid.
 * After setns(2) into another pid namespace it would search for ever. */
int __lsan_is_turned_off(void)
{
    struct stat ours, childrens;

    return stat("/proc/self/ns/pid", &ours) < 0 ||
           stat("/proc/self/ns/pid_for_children", &childrens) < 0 ||
           ours.st_ino != childrens.st_ino;
}
EOF
}

build() {
    flags="-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined"
    flags="$flags -fno-sanitize-recover=all"
    for step in $chosen; do
        add_options "$copies/steps/$step"
        make -s -C "$copies/steps/$step" duct CFLAGS="$flags" \
            LDFLAGS=-fsanitize=address,undefined
    done
    add_options "$copies/tests/harness"
    make -s -j "$(nproc)" -C "$copies/tests" CFLAGS="$flags" \
        LDFLAGS=-fsanitize=address,undefined
}

# judge NAME SUITE PROGRAM [BY...]: the suite's last line, and its verdicts on
# failure.
judge() {
    name=$1 suite=$2 program=$3
    shift 3
    set -- "$@" "$suite"
    log=$reports/$name.log
    began=$(date +%s)
    status=0
    REPORTS=$reports DUCT=$program ROOTFS=rootfs/busybox VERDICT=student \
        DUCT_TEST_SLOW=3 timeout -k 10 1200 "$@" >"$log" 2>&1 || status=$?
    printf '  %-14s %s (%s s)\n' "$name" \
        "$(grep -E '^[0-9]+ passed' "$log" || echo "ended with $status")" \
        "$(($(date +%s) - began))"
    [ "$status" -eq 0 ] && return
    failed="$failed $name"
    grep -A 12 '^FAILED' "$log" || tail -n 30 "$log"
}

show_reports() {
    for report in "$reports"/asan.* "$reports"/ubsan.* \
        "$reports"/valgrind.*; do
        [ -s "$report" ] || continue
        cat "$report"
        failed="$failed $(basename "$report")"
    done
}

with_sanitizers() {
    copy_sources
    say "sanitize: building"
    build
    say "sanitize: the suites, with ASan and UBSan in them and in the steps"
    for step in $chosen; do
        judge "$step" "$copies/build/tests/$step" "$copies/steps/$step/duct"
    done
    show_reports
}

# ------------------------------------------------------------------- final

# The engine, with what heavy verbs are in. The first program in a container
# has no library to find mistakes with, and stays as it is.
build_final() {
    flags="-g -O1 -fno-omit-frame-pointer -fsanitize=address,undefined"
    flags="$flags -fno-sanitize-recover=all"
    cp -a final "$copies/final"
    find "$copies/final" -name '*.[oa]' -delete
    rm -f "$copies/final/duct" "$copies/final/duct-archive"
    add_options "$copies/final/base"
    add_options "$copies/tests/harness"
    # What compiles the filter of system calls leaves its memory to the kernel.
    export ASAN_OPTIONS=detect_leaks=0
    make -s -j "$(nproc)" -C "$copies/final" duct duct-archive \
        CFLAGS="$flags" HARDENED=-fPIE LDFLAGS=-fsanitize=address,undefined
    make -s -j "$(nproc)" -C "$copies/tests" "$copies/build/tests/final" \
        "$copies/build/tests/final-units" CFLAGS="$flags" HARDENED=-fPIE \
        LDFLAGS=-fsanitize=address,undefined
    unset ASAN_OPTIONS
}

final_with_sanitizers() {
    copy_sources
    say "sanitize: building"
    build_final
    say "sanitize: final's functions and suite, with ASan and UBSan in them"
    judge final-units "$copies/build/tests/final-units" none unshare -mn
    judge final "$copies/build/tests/final" "$copies/final/duct"
    show_reports
}

# ----------------------------------------------------------------- valgrind

# Calls that Debian's valgrind does not know yet, by those that it does. What
# they would mount is missing: what a container sees is not judged here.
add_newer_calls() {
    cat >"$1/newer_calls.c" <<'EOF'
#include <dlfcn.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <sched.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/syscall.h>
#include <unistd.h>

long syscall(long number, ...);

static pid_t joined;

int mount_setattr(int fd, const char *path, unsigned flags,
                  struct mount_attr *attributes, size_t size)
{
    (void)fd, (void)path, (void)flags, (void)attributes, (void)size;
    return 0;
}

int open_tree(int fd, const char *path, unsigned flags)
{
    (void)flags;
    return openat(fd, path, O_PATH | O_CLOEXEC);
}

int fsopen(const char *type, unsigned flags)
{
    (void)type, (void)flags;
    return open("/", O_PATH | O_CLOEXEC);
}

int fsconfig(int fd, unsigned command, const char *key, const void *value,
             int number)
{
    (void)fd, (void)command, (void)key, (void)value, (void)number;
    return 0;
}

int fsmount(int fd, unsigned flags, unsigned attributes)
{
    (void)flags, (void)attributes;
    return fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

int move_mount(int fd, const char *path, int to, const char *target,
               unsigned flags)
{
    (void)fd, (void)path, (void)to, (void)target, (void)flags;
    return 0;
}

int pidfd_open(pid_t pid, unsigned flags)
{
    char path[64];

    (void)flags;
    joined = pid;
    snprintf(path, sizeof(path), "/proc/%d", pid);
    return open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

/* Of a pidfd: each kind by itself, while its /proc can be seen. */
int setns(int fd, int flags)
{
    static const struct {
        int flag;
        const char *name;
    } kinds[] = {{CLONE_NEWUSER, "user"}, {CLONE_NEWCGROUP, "cgroup"},
                 {CLONE_NEWIPC, "ipc"},   {CLONE_NEWUTS, "uts"},
                 {CLONE_NEWNET, "net"},   {CLONE_NEWPID, "pid"},
                 {CLONE_NEWTIME, "time"}, {CLONE_NEWNS, "mnt"}};
    int (*next)(int, int) = (int (*)(int, int))dlsym(RTLD_NEXT, "setns");

    if (joined == 0)
        return next(fd, flags);
    for (unsigned i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        char path[64];
        int one;

        if (!(flags & kinds[i].flag))
            continue;
        snprintf(path, sizeof(path), "/proc/%d/ns/%s", joined, kinds[i].name);
        one = open(path, O_RDONLY | O_CLOEXEC);
        if (one < 0 || next(one, kinds[i].flag) < 0)
            return -1;
        close(one);
    }
    return 0;
}

long syscall(long number, ...)
{
    long (*next)(long, ...) = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
    const struct clone_args *asked;
    const struct open_how *how;
    const char *path;
    long words[6];
    va_list list;

    va_start(list, number);
    for (int i = 0; i < 6; i++)
        words[i] = va_arg(list, long);
    va_end(list);
    asked = (const struct clone_args *)words[0];
    if (number == SYS_clone3)
        return next(SYS_clone, asked->flags | asked->exit_signal, 0,
                    asked->pidfd, 0, 0);
    if (number == SYS_openat2) {
        path = (const char *)words[1];
        how = (const struct open_how *)words[2];
        path += strspn(path, "/");
        return openat((int)words[0], *path == '\0' ? "." : path,
                      (int)how->flags, (mode_t)how->mode);
    }
    return next(number, words[0], words[1], words[2], words[3], words[4],
                words[5]);
}
EOF
}

# mount(2) takes no type where it makes no new mount; valgrind wants one. What
# libnftables tells the kernel has gaps, which nobody fills or reads.
add_suppressions() {
    cat >"$copies/valgrind.supp" <<'EOF'
{
   mount without a type
   Memcheck:Param
   mount(type)
   fun:mount
}
{
   gaps between attributes: a message
   Memcheck:Param
   sendmsg(msg.msg_iov[0])
   fun:sendmsg
   obj:*/libnftables.so*
}
{
   gaps between attributes: a question
   Memcheck:Param
   socketcall.sendto(msg)
   fun:sendto
   ...
   obj:*/libnftables.so*
}
EOF
}

# build_below_valgrind STEP: the program as program, and as duct a call of it.
build_below_valgrind() {
    folder=$copies/steps/$1
    add_newer_calls "$folder"
    make -s -C "$folder" duct CFLAGS='-g -O1'
    mv "$folder/duct" "$folder/program"
    cat >"$folder/duct" <<EOF
#!/bin/sh
export TMPDIR=$reports RUN=\$(id -u)-\$\$
exec valgrind --quiet --vgdb=no \\
    --leak-check=full --show-leak-kinds=definite \\
    --errors-for-leak-kinds=definite \\
    --suppressions=$copies/valgrind.supp \\
    --log-file=$reports/valgrind.%q{RUN}.%p \\
    $folder/program "\$@"
EOF
    chmod 0755 "$folder/duct"
}

# valgrind gives up, and says so in a report, where execve(2) fails late; and
# where it can't reach its reports any more, in a container that was entered.
forget_failed_exec() {
    for report in "$reports"/valgrind.*; do
        sed -i '/: Cannot create log file /d' "$report"
        ! grep -q 'EXEC FAILED' "$report" || rm "$report"
    done
}

# Only the reports count: a program below valgrind is slow, and holds files of
# valgrind's own, which a suite rightly complains about.
with_valgrind() {
    copy_sources
    make -s -j "$(nproc)" -C "$copies/tests"
    add_suppressions
    say "sanitize: the suites, with the steps' programs below valgrind"
    say "(its reports count, the verdicts don't)"
    for step in $chosen; do
        build_below_valgrind "$step"
        judge "$step" "$copies/build/tests/$step" "$copies/steps/$step/duct" \
            >/dev/null
    done
    count=$(find "$reports" -name 'valgrind.*' | wc -l)
    [ "$count" -gt 0 ] || die "valgrind has looked at no process"
    say "  $count processes looked at"
    failed=''
    forget_failed_exec
    show_reports
}

chosen=''
case ${1-} in
final) ;;
'') chosen=$(steps) ;;
*) chosen=$(step_named "$1") ;;
esac
case ${MODE-sanitizers} in
sanitizers)
    if [ "${1-}" = final ]; then
        final_with_sanitizers
    else
        with_sanitizers
    fi
    ;;
valgrind) with_valgrind ;;
*) die "MODE=$MODE is unknown" "it may be: valgrind" ;;
esac
give_back build
if [ -n "$failed" ]; then
    die "failed:$failed"
fi
say "sanitize: clean"
