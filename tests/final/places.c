/*
 * Chapter: limits, volumes and networks.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "suite.h"

static void limits(void)
{
    const struct knob cpu = {"cpu", "cpu.cfs_quota_us", "cpu.max"};
    pid_t init;

    (void)detached("one1", "-m", "64m", "--cpus", "0.5", "--pids-limit", "50",
                   "bb", "sleep", "4711");
    init = init_of("one1");
    expect_str("memory", "67108864",
               knob_read(init, &(struct knob){"memory", "memory.limit_in_bytes",
                                              "memory.max"}));
    expect_str("pids", "50",
               knob_read(init, &(struct knob){"pids", "pids.max", "pids.max"}));
    expect_str("cpu", knob_is_v1(&cpu) ? "50000" : "50000 100000",
               knob_read(init, &cpu));
    (void)ok("rm", "-f", "one1");
    expect_str("control groups left", "", cgroups_left());
}

static void named_volume(void)
{
    (void)sh("echo kept >/data/file", "-v", "vol1:/data");
    expect_str("what another finds", "kept\n",
               sh("cat /data/file", "-v", "vol1:/data"));
    expect_str("volumes", "vol1\n", ok("volume", "ls", "-q"));
    expect_str("read-only", "1\n",
               sh("touch /data/x 2>/dev/null; echo $?", "-v", "vol1:/data:ro"));
    (void)ok("volume", "rm", "vol1");
    expect_str("volumes", "", ok("volume", "ls", "-q"));
}

static void copied_up(void)
{
    expect_str("an empty volume over a directory of the image",
               sh("cat /etc/passwd"), sh("cat /etc/passwd", "-v", "vol1:/etc"));
    expect_str(
        "the same without copying", "",
        sh("cat /etc/passwd 2>/dev/null; true", "-v", "vol2:/etc:nocopy"));
    (void)ok("volume", "rm", "vol1", "vol2");
}

static void anonymous_volume(void)
{
    (void)ok("create", "--name", "one1", "-v", "/data", "bb", "true");
    expect_int("digits of its name", 64,
               (long long)strcspn(ok("volume", "ls", "-q"), "\n"));
    (void)ok("rm", "-v", "one1");
    expect_str("volumes", "", ok("volume", "ls", "-q"));
}

static void bind_mount(void)
{
    const char *dir = scratch_path("bound");
    const char *spec = keep_format("%s:/data", dir);

    expect_call(mkdir(dir, 0755));
    file_write(keep_format("%s/a", dir), "from the host\n");
    expect_str("inside", "from the host\n",
               sh("cat /data/a; echo back >/data/b", "-v", spec));
    expect_str("outside", "back\n", file_read(keep_format("%s/b", dir)));
    expect_str("read-only", "1\n",
               sh("touch /data/c 2>/dev/null; echo $?", "-v",
                  keep_format("%s:ro", spec)));
    (void)file_remove_tree(dir);
}

static void tmpfs_and_read_only(void)
{
    expect_str("type and size", "tmpfs 1024\n",
               sh("awk '$2==\"/scratch\" {printf \"%s \", $3}' /proc/mounts; "
                  "df -k /scratch | awk 'END {print $2}'",
                  "--tmpfs", "/scratch:size=1m"));
    expect_str("--read-only", "1\n0\n",
               sh("touch /x 2>/dev/null; echo $?; touch /scratch/x; echo $?",
                  "--read-only", "--tmpfs", "/scratch"));
}

static const char *const *client(const char *address, const char *port)
{
    return argv_of(ARGV(keep_format("%s/bin/busybox", rootfs()), "nc", "-w",
                        "2", address, port),
                   NULL);
}

struct door_at {
    const char *address, *port;
    const struct program *p;
};

static bool answers(void *arg)
{
    struct door_at *at = arg;

    at->p = spawn_run(
        &(struct spawn){.argv = client(at->address, at->port), .aside = true});
    return strcmp(at->p->out, "hello\n") == 0;
}

static void published_port(void)
{
    struct door_at doors[3] = {{.port = "80"},
                               {.address = "127.0.0.1", .port = "8081"},
                               {.address = "10.209.0.1", .port = "8081"}};

    (void)ok("run", "-d", "--name", "web1", "-p", "8081:80", "bb", "sh", "-c",
             "while :; do echo hello | nc -l -p 80; done");
    doors[0].address = told("web1", "{{.NetworkSettings.IPAddress}}");
    expect_contains("address", "10.209.0.", doors[0].address);
    for (int i = 0; i < 3; i++)
        expect_soon(answers, &doors[i], SPAWN_SOON_MS,
                    keep_format("an answer at %s", doors[i].address),
                    doors[i].p->err);
    expect_str("port", "80/tcp -> 0.0.0.0:8081\n", ok("port", "web1"));
    (void)ok("rm", "-f", "web1");
    expect_that(!answers(&doors[1]), "nobody at the port", "an answer");
    shared_no_bridge();
}

static void network_modes(void)
{
    pid_t first, second;

    (void)detached("none1", "bb", "sleep", "4711");
    first = init_of("none1");
    expect_differ("network of none", kernel_namespace(0, "net"),
                  kernel_namespace(first, "net"));
    expect_str("links of none", "lo\n",
               ok("exec", "none1", "ls", "/sys/class/net"));
    (void)ok("run", "-d", "--name", "guest", "--network", "container:none1",
             "bb", "sleep", "4712");
    second = init_of("guest");
    expect_same("network of container:", kernel_namespace(first, "net"),
                kernel_namespace(second, "net"));
    expect_differ("mounts", kernel_namespace(first, "mnt"),
                  kernel_namespace(second, "mnt"));
    (void)ok("run", "-d", "--name", "hosts", "--network", "host", "bb", "sleep",
             "4713");
    expect_same("network of host", kernel_namespace(0, "net"),
                kernel_namespace(init_of("hosts"), "net"));
    (void)ok("rm", "-f", "hosts", "guest", "none1");
}

static const struct trial trials[] = {
    {.name = "limits",
     .claim = "-m, --cpus and --pids-limit are in the control group's files",
     .usual_cause = "the limit is written into another group",
     .body = limits},
    {.name = "named_volume",
     .claim = "a named volume outlives its containers, until volume rm",
     .usual_cause = "it lies in the container's directory",
     .body = named_volume},
    {.name = "volume_copied_up",
     .claim = "a new volume begins with what the image has there",
     .usual_cause = "the volume is mounted before the copy",
     .body = copied_up},
    {.name = "anonymous_volume",
     .claim = "an anonymous volume goes with rm -v",
     .usual_cause = "nobody remembers whose it was",
     .body = anonymous_volume},
    {.name = "bind_mount",
     .claim = "a directory of the host is there, writable or not",
     .usual_cause = "the bind is not remounted read-only",
     .body = bind_mount},
    {.name = "tmpfs_and_read_only",
     .claim = "--tmpfs is one of that size; --read-only leaves it writable",
     .usual_cause = "read-only is set recursively at the end",
     .body = tmpfs_and_read_only},
    {.name = "published_port",
     .claim = "a published port answers from the host and by 127.0.0.1",
     .usual_cause = "route_localnet, or no rule in the output chain",
     .body = published_port},
    {.name = "network_modes",
     .claim = "none, container:NAME and host are new, shared, the host's",
     .usual_cause = "a namespace is made before the mode is looked at",
     .body = network_modes},
};

const struct chapter chapter_places = {"Limits, volumes, networks",
                                       TRIALS(trials)};
