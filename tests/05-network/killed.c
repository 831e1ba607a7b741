/*
 * Chapter: a duct that is killed can't tidy up. The next one does.
 */
#include <signal.h>
#include <string.h>
#include <sys/syscall.h>

#include "suite.h"

static void kill_duct(const struct container *c)
{
    expect_call(spawn_signal(c->duct, SIGKILL));
    spawn_finish(c->duct);
}

static void swept_by_the_next(void)
{
    const char *before = lan_look();
    struct container *c = boxed("-p", "8080:80", "--ip", "10.209.0.2");
    const char *links = lan_links(lan_host());

    kill_duct(c);
    c = boxed("-p", "8080:81", "--ip", "10.209.0.2");
    expect_str("links of the host, as with the first", links,
               lan_links(lan_host()));
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080), shared_serve(c, 81),
                   LAN_PEER);
    container_end(c);
    expect_nothing_left(before);
}

static void many_are_swept(void)
{
    const char *before = lan_look();
    struct container *stays = boxed("-p", "8080:80");
    struct container *last;

    kill_duct(boxed("-p", "8081:80"));
    kill_duct(boxed("-p", "8082:80", "-p", "8083:80"));
    kill_duct(boxed("--network", "bridge"));
    last = boxed("-p", "8082:80");
    expect_lacks("rules of the host", "8081", lan_nft("list ruleset"));
    expect_lacks("rules of the host", "8083", lan_nft("list ruleset"));
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8082), shared_serve(last, 80),
                   LAN_PEER);
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080),
                   shared_serve(stays, 80), LAN_PEER);
    container_end(stays);
    container_end(last);
    expect_nothing_left(before);
}

static void running_ones_stay(void)
{
    const struct container *stays =
        boxed("-p", "8080:80", "--ip", "10.209.0.7");

    container_end(boxed("--network", "bridge"));
    (void)boxed("--network", "bridge");
    expect_reached(lan_peer(), TCP_DOOR(LAN_HOST, 8080),
                   shared_serve(stays, 80), LAN_PEER);
    expect_str("address of eth0", "10.209.0.7/16 ",
               lan_address(shared_place(stays), "eth0"));
}

/* The killed one had switched it on. */
static void forwarding_is_remembered(void)
{
    kill_duct(boxed("--network", "bridge"));
    expect_str("ip_forward, left behind", "1",
               lan_setting(lan_host(), "ipv4/ip_forward"));
    expect_exit(duct("run", "--network", "bridge", rootfs(), "true"), 0);
    expect_str("ip_forward after the next one", "0",
               lan_setting(lan_host(), "ipv4/ip_forward"));
}

/* Killed at each of its messages to the kernel. */
static void killed_midway(void)
{
    const char *before = lan_look();
    struct deny call = {.number = SYS_sendmsg, .name = "sendmsg"};
    bool is_held = true;
    int number;

    for (number = 1; is_held; number += spawn_stride()) {
        struct held held;
        struct program *p = spawn_start(&(struct spawn){
            .argv = DUCT("run", "-p", "8080:80", rootfs(), "true"),
            .prepare = hold_call,
            .prepare_arg = &call,
        });

        for (int i = 0; i < number && is_held; i++) {
            is_held = hold_wait(p, false, &held);
            if (is_held && i + 1 < number)
                hold_answer(&held, 0);
        }
        if (is_held) {
            trial_note("killed at message %d", number);
            expect_call(spawn_signal(p, SIGKILL));
            hold_answer(&held, 0);
        }
        spawn_finish(p);
        if (!is_held) /* none is left at which it could be killed */
            expect_exit(p, 0);
        expect_exit(duct("run", "-p", "8080:80", rootfs(), "true"), 0);
        expect_nothing_left(before);
    }
    expect_between("messages to the kernel", 8, 1000,
                   number - 1 - spawn_stride());
}

static const struct trial trials[] = {
    {.name = "killed_is_swept",
     .claim = "what a killed duct has left is no obstacle to the next one: "
              "not its address, link or port",
     .usual_cause = "a file says that the address is taken; nobody asks "
                    "whether its owner lives",
     .reread = "#address_take",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = swept_by_the_next},
    {.name = "all_killed_are_swept",
     .claim = "the next start removes what all killed ones have left, ports "
              "and all",
     .usual_cause = "one is swept, or what was published is noted nowhere",
     .reread = "#address_take",
     .feature = true,
     .depends = "killed_is_swept",
     .body = many_are_swept},
    {.name = "running_ones_stay",
     .claim = "those that run are not swept",
     .usual_cause = "the lock is gone as soon as the command is executed",
     .reread = "#address_take",
     .feature = true,
     .depends = "published_to_the_lan",
     .body = running_ones_stay},
    {.name = "forwarding_is_remembered",
     .claim = "ip_forward goes back to 0 even if the duct that switched it on "
              "was killed",
     .usual_cause = "only that duct knew",
     .reread = "#nat_begin",
     .feature = true,
     .depends = "forwarding_comes_and_goes",
     .body = forwarding_is_remembered},
    {.name = "killed_midway",
     .claim = "a duct may be killed at any message to the kernel: the next "
              "one works and leaves nothing",
     .usual_cause = "something is made before it is noted",
     .reread = "#address_take",
     .feature = true,
     .depends = "killed_is_swept",
     .body = killed_midway},
};

const struct chapter chapter_killed = {"Killed", TRIALS(trials)};
