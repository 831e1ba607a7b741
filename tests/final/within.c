/*
 * Chapter: inside a container: exec, terminals, protections.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suite.h"

static void same_place(void)
{
    static const char *const spaces[] = {"pid", "mnt",    "uts", "ipc",
                                         "net", "cgroup", "user"};
    static const char *const fields[] = {
        "CapInh", "CapPrm",  "CapEff",          "CapBnd",
        "CapAmb", "Seccomp", "Seccomp_filters", "NoNewPrivs",
        "Uid",    "Gid",     "Groups"};
    pid_t init, guest;

    (void)detached("one1", "bb", "sleep", "4711");
    init = init_of("one1");
    (void)duct_start("exec", "one1", "sleep", "4712");
    guest = kernel_find(0, "sleep 4712");
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        expect_same(spaces[i], kernel_namespace(init, spaces[i]),
                    kernel_namespace(guest, spaces[i]));
    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++)
        expect_str(fields[i], kernel_status(init, fields[i]),
                   kernel_status(guest, fields[i]));
    expect_str("control groups", kernel_read("%d/cgroup", init),
               kernel_read("%d/cgroup", guest));
    (void)ok("rm", "-f", "one1");
    expect_int("processes", 0, kernel_count("sleep 4712"));
}

static void exec_options(void)
{
    (void)detached("one1", "-e", "A=1", "-w", "/tmp", "bb", "sleep", "4711");
    expect_output(duct("exec", "one1", "sh", "-c", "echo $A; pwd; id -u"),
                  "1\n/tmp\n0\n");
    expect_output(duct("exec", "-e", "A=2", "-w", "/etc", "-u", "7:8", "one1",
                       "sh", "-c", "echo $A; pwd; id -u; id -g"),
                  "2\n/etc\n7\n8\n");
    expect_output(
        spawn_run(&(struct spawn){.argv = DUCT("exec", "-i", "one1", "cat"),
                                  .input = "typed\n",
                                  .input_size = 6}),
        "typed\n");
    (void)ok("rm", "-f", "one1");
}

static void exec_codes(void)
{
    (void)detached("one1", "bb", "sleep", "4711");
    expect_exit(duct("exec", "one1", "sh", "-c", "exit 7"), 7);
    expect_exit(duct("exec", "one1", "sh", "-c", "kill -9 $$"), 137);
    expect_error(duct("exec", "one1", "/etc/passwd"), 126, "/etc/passwd");
    expect_error(duct("exec", "one1", "nosuch"), 127,
                 "executable file not found in $PATH");
    (void)ok("kill", "one1");
    becomes("one1", "{{.State.Status}}", "exited");
    expect_error(duct("exec", "one1", "true"), 1, "is not running");
    expect_error(duct("exec", "nobody", "true"), 1,
                 "No such container: nobody");
}

static void terminal(void)
{
    const struct program *p = spawn_run(
        &(struct spawn){.argv = RUN_ARGV("--rm", "-it", "bb", "sh", "-c",
                                         "tty; test -c /dev/console && echo C; "
                                         "test -t 0 && test -t 1 && echo T"),
                        .terminal = true});

    expect_exit(p, 0);
    expect_str("what is on the terminal", "/dev/pts/0\r\nC\r\nT\r\n", p->out);
    expect_str("without -t", "not a tty\n", sh("tty || true"));
}

static void detaches(void)
{
    struct program *p = spawn_start(
        &(struct spawn){.argv = RUN_ARGV("-it", "--name", "one1", "bb", "sh",
                                         "-c", "echo ready; sleep 4711"),
                        .terminal = true});

    expect_that(spawn_printed(p, "ready", SPAWN_SOON_MS), "ready", p->out);
    spawn_type(p, "\x10\x11");
    expect_that(spawn_ended(p, SPAWN_SOON_MS), "duct to end", "it runs");
    spawn_finish(p);
    expect_exit(p, 0);
    expect_str("state", "true", told("one1", "{{.State.Running}}"));
    (void)ok("rm", "-f", "one1");
}

/* Docker's set without NET_RAW, MKNOD, AUDIT_WRITE. */
static void capabilities(void)
{
    pid_t init;

    (void)detached("one1", "bb", "sleep", "4711");
    init = init_of("one1");
    expect_hex("CapBnd", 0x800405fb, kernel_status_hex(init, "CapBnd"));
    expect_hex("CapEff", 0x800405fb, kernel_status_hex(init, "CapEff"));
    expect_hex("CapPrm", 0x800405fb, kernel_status_hex(init, "CapPrm"));
    expect_hex("CapInh", 0, kernel_status_hex(init, "CapInh"));
    expect_hex("CapAmb", 0, kernel_status_hex(init, "CapAmb"));
    expect_str("Seccomp", "2", kernel_status(init, "Seccomp"));
    expect_str("NoNewPrivs", "0", kernel_status(init, "NoNewPrivs"));
    (void)ok("rm", "-f", "one1");
}

static void asked_protections(void)
{
    expect_str("with no-new-privileges, CHOWN alone, no filter",
               "CapEff:\t0000000000000001\nCapBnd:\t0000000000000001\n"
               "NoNewPrivs:\t1\nSeccomp:\t0\n",
               sh("grep -E 'Cap(Eff|Bnd)|NoNew|Seccomp:' /proc/self/status",
                  "--cap-drop", "ALL", "--cap-add", "CHOWN", "--security-opt",
                  "no-new-privileges", "--security-opt", "seccomp=unconfined"));
    expect_str("of a user", "CapEff:\t0000000000000000\n",
               sh("grep CapEff /proc/self/status", "-u", "7"));
}

static void hidden_paths(void)
{
    expect_str("bytes", "0\n",
               sh("cat /proc/keys /proc/timer_list /proc/interrupts "
                  "/proc/kallsyms | wc -c"));
    expect_str("entries", "",
               sh("cd /proc/acpi && ls -A; cd /sys/firmware && ls -A"));
    expect_str("writable", "",
               sh("for i in /proc/sys/kernel/hostname /proc/sysrq-trigger "
                  "/sys/kernel/uevent_helper; do "
                  "{ echo x >$i; } 2>/dev/null && echo $i; done; true"));
}

static void devices(void)
{
    expect_str("/dev",
               "fd\nfull\nmqueue\nnull\nptmx\npts\nrandom\nshm\nstderr\n"
               "stdin\nstdout\ntty\nurandom\nzero\n",
               sh("ls /dev"));
}

static void expect_flags(const struct mounts *m, const char *point,
                         const char *type, const char *flags)
{
    const struct mount_entry *at = mounts_at(m, point);

    expect_that(at != NULL, keep_format("a mount at %s", point), "none");
    expect_str(keep_format("type of %s", point), type, at->type);
    expect_str(keep_format("flags of %s", point), flags, at->flags);
}

static void mount_flags(void)
{
    const struct mounts *m;

    (void)detached("one1", "bb", "sleep", "4711");
    m = mounts_of(init_of("one1"));
    expect_flags(m, "/proc", "proc", "rw,nosuid,nodev,noexec,relatime");
    expect_flags(m, "/sys", "sysfs", "ro,nosuid,nodev,noexec,relatime");
    expect_flags(m, "/proc/sys", "proc", "ro,nosuid,nodev,noexec,relatime");
    expect_flags(m, "/dev/pts", "devpts", "rw,nosuid,noexec,relatime");
    expect_flags(m, "/dev/shm", "tmpfs", "rw,nosuid,nodev,noexec,relatime");
    expect_flags(m, "/sys/firmware", "tmpfs",
                 "ro,nosuid,nodev,noexec,relatime");
    for (size_t i = 0; i < m->count; i++)
        expect_str(
            keep_format("who else sees mounts below %s", m->entries[i].point),
            "", m->entries[i].shared);
    (void)ok("rm", "-f", "one1");
}

static const struct trial trials[] = {
    {.name = "exec_joins",
     .claim = "exec has pid 1's namespaces, control groups and protections",
     .usual_cause = "one setns(2) too few, or the filter is not loaded again",
     .body = same_place},
    {.name = "exec_options",
     .claim = "exec has the container's environment and directory, or others",
     .usual_cause = "the stored Config is not looked at",
     .body = exec_options},
    {.name = "exec_exit_codes",
     .claim = "exec ends as its command, with 126, 127 or 1 if there is none",
     .usual_cause = "the status is lost between the two forks",
     .body = exec_codes},
    {.name = "terminal",
     .claim = "-t gives /dev/pts/0 and /dev/console; without it there is none",
     .usual_cause = "the pty is the host's, not of the container's devpts",
     .body = terminal},
    {.name = "detach_keys",
     .claim = "ctrl-p ctrl-q leaves the container running",
     .usual_cause = "the keys are passed on to the command",
     .body = detaches},
    {.name = "capability_sets",
     .claim = "pid 1 has the few capabilities, and a filter",
     .usual_cause = "the bounding set is not cut",
     .body = capabilities},
    {.name = "protections_as_asked",
     .claim = "flags change capabilities, no_new_privs and the filter",
     .usual_cause = "HostConfig.SecurityOpt is stored and not obeyed",
     .body = asked_protections},
    {.name = "hidden_paths",
     .claim = "what tells of or changes the host is masked or read-only",
     .usual_cause = "a path is missing in the list",
     .body = hidden_paths},
    {.name = "devices",
     .claim = "/dev has the harmless devices and nothing else",
     .usual_cause = "the host's /dev is bound",
     .body = devices},
    {.name = "mount_flags",
     .claim = "kernel file systems are nosuid, nodev, noexec, and private",
     .usual_cause = "flags are lost with a bind that is not remounted",
     .body = mount_flags},
};

const struct chapter chapter_inside = {"Inside", TRIALS(trials)};
