/*
 * Chapter: known failures, rows B to E: entry, credentials, the kernel, the
 * store. See README for the list.
 */
#include "threats.h"

#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#define THREAT "/inside/threat"

static char *sum_of(const char *path)
{
    return spawn_run(
               &(struct spawn){.argv = ARGV("sha256sum", path), .aside = true})
        ->out;
}

/* ---------------------------------------------------- descriptors, entry */

static void own_program(void)
{
    const char *sum = sum_of(duct_path());
    const struct program *p;

    (void)detached("one1", "bb", THREAT, "overwrite", "2");
    logs_become("one1", "ready");
    (void)ok("exec", "one1", "sh", "-c",
             "printf '#!/proc/self/exe\\n' >/x; chmod 755 /x");
    for (int i = 0; i < 10; i++) {
        (void)duct("exec", "one1", "/x");
        (void)duct("exec", "one1", "true");
    }
    (void)run("--rm", "--entrypoint", "/proc/self/exe", "bb", "true");
    becomes("one1", "{{.State.Status}}", "exited");
    p = duct("logs", "one1");
    expect_str("what could be written to", "ready\nend\n", p->out);
    (void)ok("rm", "-f", "one1");
    expect_str("the engine's program", sum, sum_of(duct_path()));
}

static void open_much(void *arg)
{
    (void)arg;
    for (int fd = 3; fd < 50; fd++)
        if (dup2(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC), fd) < 0)
            _exit(125);
}

static void leaked_workdir(void)
{
    (void)detached("one1", "bb", "sleep", "4711");
    for (int fd = 3; fd < 16; fd++) {
        const char *path = keep_format("/proc/self/fd/%d", fd);

        expect_no(path, spawn_run(&(struct spawn){
                            .argv = RUN_ARGV("--rm", "-w", path, "bb", "pwd"),
                            .prepare = open_much}));
        expect_no(path, spawn_run(&(struct spawn){
                            .argv = DUCT("exec", "-w", path, "one1", "pwd"),
                            .prepare = open_much}));
    }
    (void)ok("rm", "-f", "one1");
}

static void spied_on(void)
{
    const struct program *p;

    (void)detached("one1", "--cap-add", "SYS_PTRACE", "bb", THREAT, "spy", "1");
    logs_become("one1", "ready");
    for (int i = 0; i < 12; i++)
        (void)duct("exec", "one1", "true");
    becomes("one1", "{{.State.Status}}", "exited");
    p = duct("logs", "one1");
    expect_str("directories seen through an exec", "ready\nend\n", p->out);
    (void)ok("rm", "-f", "one1");
}

static void callers_descriptors(void)
{
    expect_output(spawn_run(&(struct spawn){
                      .argv = RUN_ARGV("--rm", "bb", THREAT, "descriptors"),
                      .prepare = open_much}),
                  "0 1 2 \n");
    (void)spawn_run(&(struct spawn){
        .argv = RUN_ARGV("-d", "--name", "one1", "bb", "sleep", "4711"),
        .prepare = open_much});
    expect_output(spawn_run(&(struct spawn){
                      .argv = DUCT("exec", "one1", THREAT, "descriptors"),
                      .prepare = open_much}),
                  "0 1 2 \n");
    (void)ok("rm", "-f", "one1");
}

/* As if the numbers of a container's dead processes were another's by now. */
static void reused_pid(void)
{
    struct program *other =
        spawn_start(&(struct spawn){.argv = ARGV("sleep", "4799")});
    const char *id;
    pid_t init;

    usleep(20000); /* the kernel tells when one began in ticks of 10 ms */
    (void)detached("one1", "bb", "sleep", "4711");
    id = told("one1", "{{.Id}}");
    init = init_of("one1");
    expect_call(
        kill((pid_t)strtol(kernel_status(init, "PPid"), NULL, 10), SIGKILL));
    expect_call(kill(init, SIGKILL));
    expect_exit(
        spawn_run(&(struct spawn){
            .argv =
                ARGV("sed", "-i",
                     keep_format("s/\\(Pid\": *\\)[0-9]*/\\1%d/g", other->pid),
                     keep_format(DATA_ROOT "/containers/%s/state.json", id)),
            .aside = true}),
        0);
    (void)duct("kill", "one1");
    (void)duct("exec", "one1", "true");
    (void)duct("stop", "-t", "0", "one1");
    (void)duct("rm", "-f", "one1");
    expect_that(kernel_alive(other->pid), "another's process to live",
                "it was killed");
    spawn_signal(other, SIGKILL);
    spawn_finish(other);
}

static void no_power_in_files(void)
{
    const char *const files[] = {duct_path(), scratch_path("duct-archive")};
    struct stat st;

    for (size_t i = 0; i < 2; i++) {
        expect_call(stat(files[i], &st));
        expect_int("set-user-ID bits", 0, st.st_mode & (S_ISUID | S_ISGID));
    }
}

/* ------------------------------------------------------------ credentials */

static void inheritable(void)
{
    static const char script[] = "grep -E 'Cap(Inh|Amb)' /proc/self/status";
    static const char none[] =
        "CapInh:\t0000000000000000\nCapAmb:\t0000000000000000\n";

    expect_str("run", none, sh(script));
    expect_str("run -u", none, sh(script, "-u", "7"));
    expect_str("run --privileged", none, sh(script, "--privileged"));
    (void)detached("one1", "--cap-add", "NET_ADMIN", "bb", "sleep", "4711");
    expect_str("exec", none, ok("exec", "one1", "sh", "-c", script));
    expect_str("exec --privileged", none,
               ok("exec", "--privileged", "one1", "sh", "-c", script));
    (void)ok("rm", "-f", "one1");
}

static void powers_of_users(void)
{
    static const char script[] = "grep -E 'Cap(Eff|Prm)' /proc/self/status";

    expect_str("-u", "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n",
               sh(script, "-u", "1000"));
    expect_str("-u with --cap-add NET_ADMIN",
               "CapPrm:\t0000000000001000\nCapEff:\t0000000000001000\n",
               sh(script, "-u", "1000", "--cap-add", "NET_ADMIN"));
    expect_str("root that becomes another",
               "CapPrm:\t0000000000000000\nCapEff:\t0000000000000000\n",
               ok("run", "--rm", "--network", "none", "bb", "/inside/probe",
                  "as-user", "1000", "/bin/sh", "-c", script));
}

static void odd_users(void)
{
    static const char *const refused[] = {
        "0x0", "4294967296", "2147483648", "-1",           "+0",
        " 0",  "0 ",         "00x",        "1:4294967296", "1:-1"};

    (void)canary();
    evil_image("evil", "cp etc/passwd p && rm etc/passwd && mv p etc/passwd && "
                       "echo 1000:x:0:0::/:/bin/sh >>etc/passwd");
    expect_str("a name of digits", "1000\n",
               ok("run", "--rm", "--network", "none", "-u", "1000", "evil",
                  "id", "-u"));
    expect_str("user 1", "1\n", sh("id -u", "-u", "1"));
    (void)detached("one1", "evil", "sleep", "4711");
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        expect_no(keep_format("-u \"%s\"", refused[i]),
                  run("--rm", "-u", refused[i], "evil", "id"));
        expect_no(keep_format("exec -u \"%s\"", refused[i]),
                  duct("exec", "-u", refused[i], "one1", "id"));
    }
    (void)ok("rm", "-f", "one1");
    evil_image_gone("evil");
}

static void groups_that_deny(void)
{
    static const char script[] = "id -G; cat /f 2>&1 | tail -c 18";
    static const char denied[] = "7 99\nPermission denied\n";

    (void)canary();
    evil_image("evil", "cp etc/passwd p && rm -f etc/passwd etc/group && echo "
                       "us:x:7:7::/:/bin/sh >>p && mv p etc/passwd && printf "
                       "'us:x:7:\\nno:x:99:us\\n' >etc/group && echo secret >f "
                       "&& chmod 604 f");
    (void)detached("one1", "evil", "sleep", "4711");
    (void)ok("exec", "one1", "chown", "0:99", "/f");
    expect_str("exec", denied,
               ok("exec", "-u", "us", "one1", "sh", "-c", script));
    expect_str(
        "run", "7 99\n",
        ok("run", "--rm", "--network", "none", "-u", "us", "evil", "id", "-G"));
    (void)ok("rm", "-f", "one1");
    evil_image_gone("evil");
}

static void raw_sockets(void)
{
    expect_str("an echo by a user", "reply\n",
               ok("run", "--rm", "--network", "none", "-u", "1000", "bb",
                  THREAT, "ping"));
    expect_str("an echo by root", "reply\n",
               ok("run", "--rm", "--network", "none", "bb", THREAT, "ping"));
}

static void expect_quick(const struct program *p, long long began)
{
    expect_no("a range that is far too long", p);
    expect_between("milliseconds", 0, spawn_patience(1000),
                   (double)(spawn_now_ms() - began));
}

static void long_ranges(void)
{
    long long began = spawn_now_ms();

    expect_quick(run("--rm", "--cpuset-cpus", "0-4294967295", "bb", "true"),
                 began);
    began = spawn_now_ms();
    expect_quick(run("--rm", "--cpuset-mems", "0-99999999999", "bb", "true"),
                 began);
    began = spawn_now_ms();
    expect_quick(duct("run", "--rm", "-p", "1-65536:1-65536", "bb", "true"),
                 began);
}

static void labels_are_words(void)
{
    static const char script[] =
        "grep -E 'Cap|NoNew|Seccomp:' /proc/self/status";

    expect_str("with labels of other engines", sh(script),
               sh(script, "-l", "io.podman.annotations.seccomp=unconfined",
                  "-l", "io.podman.annotations.privileged=TRUE", "-l",
                  "run.oci.keep_original_groups=1", "-l",
                  "org.systemd.property.DeviceAllow=('a')"));
}

/* ------------------------------------------------------------- the kernel */

static void masks_stay(void)
{
    static const char expected[] = "umount /proc/keys: ENOSYS\n"
                                   "mount proc: ENOSYS\n"
                                   "remount /proc/sys: ENOSYS\n"
                                   "remount /sys: ENOSYS\n"
                                   "sysrq-trigger: EROFS\n"
                                   "core_pattern: EROFS\n";
    const char *unfiltered;

    (void)detached("one1", "bb", "sleep", "4711");
    expect_str("run", keep_format("%s", sh(THREAT " masks")),
               ok("exec", "one1", THREAT, "masks"));
    for (const char *name = expected; *name != '\0';
         name += strcspn(name, "\n") + 1) {
        const char *what =
            keep_format("%.*s: done", (int)strcspn(name, ":"), name);

        expect_lacks("what a hostile program can do", what,
                     sh(THREAT " masks"));
    }
    expect_lacks("what it can read", "can be read", sh(THREAT " masks"));
    unfiltered = sh(THREAT " masks", "--security-opt", "seccomp=unconfined");
    expect_lacks("without a filter", "done", unfiltered);
    expect_lacks("without a filter", "can be read", unfiltered);
    (void)ok("rm", "-f", "one1");
}

static void release_agent(void)
{
    expect_lacks("what could be done", "done", sh(THREAT " release-agent"));
    expect_lacks(
        "with SYS_ADMIN, in its cgroup namespace",
        "mkdir in cgroup: "
        "done",
        sh(THREAT " release-agent", "--security-opt", "seccomp=unconfined"));
}

static void smuggled_sysctls(void)
{
    static const char *const refused[] = {
        "kernel.core_pattern=x",
        "kernel/core_pattern=x",
        "net/../kernel/core_pattern=x",
        "net.ipv4.ip_forward=1\nkernel.core_pattern=x",
        "net.ipv4.ip_forward =1",
        "fs.mqueue.=1",
        "kernel.shm_rmid_forced/../core_pattern=x",
    };
    const char *core = kernel_read("sys/kernel/core_pattern");

    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++)
        expect_no(refused[i],
                  run("--rm", "--sysctl", refused[i], "bb", "true"));
    expect_no("a setting of the host's network",
              duct("run", "--rm", "--network", "host", "--sysctl",
                   "net.ipv4.ip_forward=1", "bb", "true"));
    (void)run("--rm", "--sysctl", "net.ipv4.ip_forward=1+kernel.core_pattern=x",
              "bb", "true");
    expect_str("core_pattern", core, kernel_read("sys/kernel/core_pattern"));
}

static void typed_for_others(void)
{
    const struct program *p = spawn_run(&(struct spawn){
        .argv = RUN_ARGV("--rm", "-i", "bb", THREAT, "terminal"),
        .terminal = true});

    expect_lacks("what could be done", "done", p->out);
    p = spawn_run(&(struct spawn){
        .argv = RUN_ARGV("--rm", "-it", "bb", THREAT, "terminal"),
        .terminal = true});
    expect_str("on its own terminal",
               "TIOCSTI: EPERM\r\nTIOCSTI with high bits: EPERM\r\n"
               "TIOCLINUX: EPERM\r\n",
               p->out);
}

static void refused_calls(void)
{
    const char *said = sh(THREAT " calls");

    expect_lacks("what could be done", "done", said);
    expect_contains("what there is not", "fsopen: EPERM", said);
    expect_lacks("by a user", "done", sh(THREAT " calls", "-u", "1000"));
}

static void by_handle(void)
{
    const char *bind = keep_format("%s:/h", scratch_dir());

    expect_lacks(
        "with DAC_READ_SEARCH", "done",
        sh(THREAT " handle /h", "--cap-add", "DAC_READ_SEARCH", "-v", bind));
}

/* In the child that becomes duct: a key of the user who starts it. */
static void add_key(void *arg)
{
    if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
        syscall(SYS_add_key, "user", "duct-trial", "secret", 6,
                KEY_SPEC_SESSION_KEYRING) < 0)
        _exit(125);
    (void)arg;
}

static void hosts_keys(void)
{
    const char *const open[] = {"--security-opt", "seccomp=unconfined"};

    expect_output(spawn_run(&(struct spawn){
                      .argv = RUN_ARGV("--rm", open[0], open[1], "bb", THREAT,
                                       "key", "duct-trial"),
                      .prepare = add_key}),
                  "no key\n");
    (void)detached("one1", open[0], open[1], "bb", "sleep", "4711");
    expect_output(spawn_run(&(struct spawn){
                      .argv = DUCT("exec", "one1", THREAT, "key", "duct-trial"),
                      .prepare = add_key}),
                  "no key\n");
    (void)ok("rm", "-f", "one1");
}

static void fork_bomb(void)
{
    long long began;

    (void)detached("one1", "--pids-limit", "60", "bb", THREAT, "forks");
    logs_become("one1", "1: EAGAIN");
    began = spawn_now_ms();
    (void)ok("rm", "-f", "one1");
    expect_between("milliseconds", 0, spawn_patience(5000),
                   (double)(spawn_now_ms() - began));
    expect_str("/dev/shm", "65536\n",
               sh("df -k /dev/shm | awk 'END {print "
                  "$2}'"));
    expect_str("core files", "0\n", sh("ulimit -c"));
}

/* The host's devices stay as they are. */
static void hosts_nodes(void)
{
    struct stat old, new;
    const char *said;

    expect_call(stat("/dev/zero", &old));
    said = sh(THREAT " nodes");
    expect_call(stat("/dev/zero", &new));
    (void)chmod("/dev/zero", old.st_mode & 07777);
    expect_int("mode of the host's /dev/zero", old.st_mode, new.st_mode);
    expect_contains("mknod", "mknod mem: EPERM\nmknod a disk: EPERM\n", said);
    expect_contains("mknod with MKNOD", "mknod mem: EPERM\nmknod a disk: EPERM",
                    sh(THREAT " nodes", "--cap-add", "MKNOD"));
}

static void own_profile(void)
{
    const char *file = scratch_path("profile.json");
    const char *option = keep_format("seccomp=%s", file);
    const char *before;

    file_write(file, "{\"defaultAction\": \"SCMP_ACT_ALLOW\", \"syscalls\": "
                     "[{\"names\": [\"mkdir\", \"mkdirat\"], \"action\": "
                     "\"SCMP_ACT_ERRNO\", \"errnoRet\": 28}]}");
    (void)detached("one1", "--security-opt", option, "bb", "sleep", "4711");
    expect_error(duct("exec", "one1", "mkdir", "/x"), 1,
                 "No space left on device");
    expect_error(duct("exec", "--privileged", "one1", "mkdir", "/x"), 1,
                 "No space left on device");
    (void)ok("rm", "-f", "one1");
    before = state_left();
    file_write(file, "{\"defaultAction\": \"SCMP_ACT_NOTHING\"}");
    expect_error(run("--rm", "--security-opt", option, "bb", "true"), 125,
                 "Decoding seccomp profile failed: unknown action");
    file_write(file, "{");
    expect_error(run("--rm", "--security-opt", option, "bb", "true"), 125,
                 "compacting json for seccomp profile");
    expect_str("left behind", before, state_left());
}

static void told_by_inspect(void)
{
    (void)ok("create", "--name", "one1", "bb", "true");
    expect_contains("MaskedPaths", "/proc/kcore",
                    told("one1", "{{.HostConfig.MaskedPaths}}"));
    expect_contains("ReadonlyPaths", "/proc/sysrq-trigger",
                    told("one1", "{{.HostConfig.ReadonlyPaths}}"));
    expect_str(
        "AppArmorProfile, labels", "||",
        told("one1", "{{.AppArmorProfile}}|{{.MountLabel}}|{{.ProcessLabel}}"));
    (void)ok("create", "--name", "two2", "--privileged", "bb", "true");
    expect_str("of a privileged one", "null null",
               told("two2", "{{json .HostConfig.MaskedPaths}} {{json "
                            ".HostConfig.ReadonlyPaths}}"));
    (void)ok("create", "--name", "three3", "--security-opt",
             "systempaths=unconfined", "bb", "true");
    expect_str("of an unconfined one", "[] []",
               told("three3", "{{json .HostConfig.MaskedPaths}} {{json "
                              ".HostConfig.ReadonlyPaths}}"));
    (void)ok("rm", "one1", "two2", "three3");
}

/* --------------------------------------------------------- store, engine */

static void state_is_ours(void)
{
    const char *const roots[] = {DATA_ROOT, RUN_ROOT};
    struct stat st;

    (void)detached("one1", "bb", "sleep", "4711");
    for (size_t i = 0; i < 2; i++) {
        expect_call(stat(roots[i], &st));
        expect_int(keep_format("mode of %s, for others", roots[i]), 0,
                   st.st_mode & 077);
        expect_no("another user's look",
                  spawn_run(&(struct spawn){.argv = ARGV("ls", roots[i]),
                                            .uid = NOBODY}));
    }
    (void)ok("rm", "-f", "one1");
}

static void sockets_are_ours(void)
{
    (void)detached("one1", "bb", "sleep", "4711");
    expect_lacks("abstract sockets", "@duct", kernel_read("%d/net/unix", 1));
    expect_str("sockets that others may write to", "",
               spawn_run(&(struct spawn){.argv = ARGV("find", RUN_ROOT, "-type",
                                                      "s", "-perm", "/077"),
                                         .aside = true})
                   ->out);
    expect_no("a user's look at it",
              duct("run", "--rm", "--network", "host", "-u", "1000", "-v",
                   RUN_ROOT ":/r", "bb", "sh", "-c", "ls /r/*/socket"));
    (void)ok("rm", "-f", "one1");
}

static void hosts_environment(void)
{
    static const char *const env[] = {"PATH=/usr/bin:/bin",
                                      "HOST_CANARY=secret", NULL};
    const char *init;
    size_t size;
    const struct program *p = spawn_run(
        &(struct spawn){.argv = RUN_ARGV("-d", "--name", "one1", "bb", "sh",
                                         "-c", "env; exec sleep 4711"),
                        .env = env});

    expect_exit(p, 0);
    logs_become("one1", "PATH=");
    expect_lacks("run", "HOST_CANARY", duct("logs", "one1")->out);
    p = spawn_run(
        &(struct spawn){.argv = DUCT("exec", "one1", "env"), .env = env});
    expect_contains("exec", "PATH=", p->out);
    expect_lacks("exec", "HOST_CANARY", p->out);
    init = kernel_read_bytes(&size, "%d/environ", init_of("one1"));
    expect_that(memmem(init, size, "HOST_CANARY", 11) == NULL,
                "nothing of it in the first process", "it is there");
    (void)ok("rm", "-f", "one1");
}

static void escaped_text(void)
{
    /* The last of these turns the direction of what follows:
     * NOLINTNEXTLINE(misc-misleading-bidirectional) */
    static const char evil[] = "\x1b]52;c;eA==\a\x1b[31m\r\b\xe2\x80\xae";
    const struct program *said[4];

    (void)duct("create", "--name", "one1", "-l", keep_format("k=%s", evil),
               "bb", "echo", evil);
    said[0] = duct("ps", "-a", "--no-trunc");
    said[1] = duct("ps", "-a", "--format", "table {{.Labels}}\t{{.Command}}");
    said[2] = duct("inspect", evil);
    said[3] = duct("run", "--network", evil, "bb", "true");
    for (int i = 0; i < 4; i++)
        for (const char *bad = "\x1b\a\r\b"; *bad != '\0'; bad++)
            expect_that(
                strchr(said[i]->out, *bad) == NULL &&
                    strchr(said[i]->err, *bad) == NULL,
                "only bytes that a terminal does not obey",
                keep_format("byte 0x%02x: %s%s", *bad,
                            expect_quoted(said[i]->out, said[i]->out_size),
                            expect_quoted(said[i]->err, said[i]->err_size)));
    (void)ok("rm", "one1");
}

static const struct trial trials[] = {
    {.name = "row_B1_own_program",
     .claim = "nobody in a container can write to duct's program",
     .usual_cause = "duct itself is executed in there",
     .body = own_program},
    {.name = "row_B2_leaked_workdir",
     .claim = "-w /proc/self/fd/N leads to no directory of the host's",
     .usual_cause = "chdir(2) before the descriptors are closed",
     .body = leaked_workdir},
    {.name = "row_B3_spied_on",
     .claim = "who traces an exec finds nothing of the host's open",
     .usual_cause = "the process in the container's pid namespace still has it",
     .body = spied_on},
    {.name = "row_B4_callers_descriptors",
     .claim = "a command has descriptors 0, 1 and 2",
     .usual_cause = "only one's own descriptors are close-on-exec",
     .body = callers_descriptors},
    {.name = "row_B5_reused_pid",
     .claim = "a number in a file is no process: another's lives on",
     .usual_cause = "kill(2) by what state.json says",
     .body = reused_pid},
    {.name = "row_B6_no_power_in_files",
     .claim = "no program of duct's is set-user-ID",
     .usual_cause = "a helper for who isn't root",
     .body = no_power_in_files},
    {.name = "row_C1_inheritable",
     .claim = "no inheritable or ambient capabilities",
     .usual_cause = "the three sets are set alike",
     .body = inheritable},
    {.name = "row_C2_powers_of_users",
     .claim = "who isn't root has only what --cap-add names",
     .usual_cause = "capabilities are set after the user",
     .body = powers_of_users},
    {.name = "row_C3_odd_users",
     .claim = "a user that is no number and no name is an error, never root",
     .usual_cause = "strtol(3)",
     .body = odd_users},
    {.name = "row_C4_groups_that_deny",
     .claim = "a user is in all groups that the image says",
     .usual_cause = "setgroups(2) is forgotten, or keeps root's",
     .body = groups_that_deny},
    {.name = "row_C5_raw_sockets",
     .claim = "ping needs no capability",
     .usual_cause = "ping_group_range is the host's, or not set",
     .body = raw_sockets},
    {.name = "row_C6_long_ranges",
     .claim = "a range that is too long is an error, at once",
     .usual_cause = "it is expanded before it is looked at",
     .body = long_ranges},
    {.name = "row_C8_labels_are_words",
     .claim = "labels change nothing of the sandbox",
     .usual_cause = "a label is taken for a setting",
     .body = labels_are_words},
    {.name = "row_D1_masks_stay",
     .claim = "what is hidden or read-only stays so",
     .usual_cause = "mount(2) is open to root in a container",
     .body = masks_stay},
    {.name = "row_D2_release_agent",
     .claim = "no cgroup can be written to",
     .usual_cause = "the cgroup mounts are writable",
     .body = release_agent},
    {.name = "row_D3_smuggled_sysctls",
     .claim = "--sysctl sets one setting, of the container's namespaces",
     .usual_cause = "the key is compared before it is normalised",
     .body = smuggled_sysctls},
    {.name = "row_D5_typed_for_others",
     .claim = "nobody types into a terminal",
     .usual_cause = "the ioctl's number is compared in 64 bits",
     .body = typed_for_others},
    {.name = "row_D7_refused_calls",
     .claim = "what is rarely needed and often broken is not there",
     .usual_cause = "a list of what is forbidden, which is never whole",
     .body = refused_calls},
    {.name = "row_D8_by_handle",
     .claim = "files can't be opened by handle, even with DAC_READ_SEARCH",
     .usual_cause = "the capability opens the system call",
     .body = by_handle},
    {.name = "row_D9_hosts_keys",
     .claim = "a caller's keys are not in a container, nor in an exec's",
     .usual_cause = "the session keyring is inherited",
     .body = hosts_keys},
    {.name = "row_D10_fork_bomb",
     .claim = "processes, shared memory and core files have limits",
     .usual_cause = "nobody asked for one",
     .body = fork_bomb},
    {.name = "hosts_nodes",
     .claim = "root in a container changes no device file of the host's",
     .usual_cause = "/dev/zero is a bind mount of the host's",
     .body = hosts_nodes},
    {.name = "own_profile",
     .claim = "--security-opt seccomp=FILE holds for run and exec; a bad one "
              "leaves nothing",
     .usual_cause = "the profile is compiled when the container has a name",
     .body = own_profile},
    {.name = "told_by_inspect",
     .claim = "inspect tells the hidden and the read-only paths",
     .usual_cause = "they are only in the code",
     .body = told_by_inspect},
    {.name = "row_E6_state_is_ours",
     .claim = "no other user gets into the engine's directories",
     .usual_cause = "the umask of the caller",
     .body = state_is_ours},
    {.name = "row_E7_sockets_are_ours",
     .claim = "no socket is abstract, or another user's to write to",
     .usual_cause = "bind(2) takes the umask",
     .body = sockets_are_ours},
    {.name = "row_E10_hosts_environment",
     .claim = "nothing of the caller's environment gets into a container",
     .usual_cause = "execve(2) with environ",
     .body = hosts_environment},
    {.name = "row_E14_escaped_text",
     .claim = "labels, commands and names can't command a terminal",
     .usual_cause = "they are printed as they are",
     .body = escaped_text},
};

const struct chapter chapter_threats = {"Known failures", TRIALS(trials)};
