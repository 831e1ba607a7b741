/*
 * Chapter: an address for each container.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "atend.h"
#include "suite.h"

enum {
    MANY = 50
};

static void addresses_differ(void)
{
    const char *a = shared_address(boxed("--network", "bridge"));
    const char *b = shared_address(boxed("--network", "bridge"));
    const char *c = shared_address(boxed("--network", "bridge"));

    expect_that(strcmp(a, b) != 0 && strcmp(b, c) != 0 && strcmp(a, c) != 0,
                "three addresses for three containers",
                keep_format("%s, %s, %s", a, b, c));
    expect_that(strcmp(a, GATEWAY) != 0 && strcmp(b, GATEWAY) != 0,
                GATEWAY " stays the host's", "a container has it");
    expect_contains("address of the first", "10.209.", a);
}

static void expect_different(struct container *const *all, size_t count)
{
    const char *addresses[MANY];

    for (size_t i = 0; i < count; i++) {
        addresses[i] = shared_address(all[i]);
        for (size_t j = 0; j < i; j++)
            expect_that(strcmp(addresses[i], addresses[j]) != 0,
                        "an address that no other container has", addresses[i]);
    }
}

static void fifty_at_once(void)
{
    const char *before = lan_look();
    struct program *starting[MANY];
    struct container *all[MANY];

    for (size_t i = 0; i < MANY; i++)
        starting[i] = spawn_start(&(struct spawn){
            .argv =
                DUCT("run", "--network", "bridge", rootfs(), "sleep", "4711"),
            .timeout_ms = 60000,
        });
    for (size_t i = 0; i < MANY; i++)
        all[i] = container_wait(starting[i]);
    expect_different(all, MANY);
    expect_reached(shared_place(all[0]),
                   TCP_DOOR(shared_address(all[MANY - 1]), 80),
                   shared_serve(all[MANY - 1], 80), shared_address(all[0]));
    for (size_t i = 0; i < MANY; i++)
        expect_call(kill(all[i]->init, SIGKILL));
    for (size_t i = 0; i < MANY; i++)
        spawn_finish(starting[i]);
    expect_nothing_left(before);
}

static void ip_is_given(void)
{
    const char *const *ip =
        ARGV("10.209.0.2", "10.209.7.8", "10.209.0.255", "10.209.255.254");

    for (; *ip != NULL; ip++) {
        struct container *c = boxed("--ip", *ip);

        expect_str("address of eth0", keep_format("%s/16 ", *ip),
                   lan_address(shared_place(c), "eth0"));
        expect_reached(lan_host(), TCP_DOOR(*ip, 80), shared_serve(c, 80),
                       NULL);
        container_end(c);
    }
}

static void ip_is_no_container_s(void)
{
    const char *const *ip = ARGV(
        "10.209.0.0", GATEWAY, "10.209.255.255", "10.208.255.255", "10.210.0.2",
        "192.0.2.2", "10.209.0.2/16", "10.209.2", "10.209.0.256", "fd00::2",
        "nonsense", "", " 10.209.0.2", "11.209.0.2");
    const char *before = lan_look();

    for (; *ip != NULL; ip++)
        expect_refused(duct("run", "--ip", *ip, rootfs(), "true"), "--ip",
                       keep_format("\"%s\"", *ip), "10.209.0.2");
    expect_nothing_left(before);
}

static void ip_is_taken(void)
{
    struct container *c = boxed("--ip", "10.209.0.2");
    const struct container *other;
    int server = shared_serve(c, 80);
    const char *before = lan_look();

    expect_refused(duct("run", "--ip", "10.209.0.2", rootfs(), "true"), "--ip",
                   "10.209.0.2", "another container");
    expect_nothing_left(before);
    expect_reached(lan_host(), TCP_DOOR("10.209.0.2", 80), server, NULL);
    other = boxed("--network", "bridge");
    expect_that(strcmp(shared_address(other), "10.209.0.2") != 0,
                "another address for the next container", "the same");
    container_end(c);
    c = boxed("--ip", "10.209.0.2");
    expect_reached(lan_host(), TCP_DOOR("10.209.0.2", 80), shared_serve(c, 80),
                   NULL);
}

/* Another network namespace has a bridge of its own, and so all addresses. */
static void elsewhere_is_apart(void)
{
    const char *before = lan_look();
    int machine = lan_machine();
    struct container *here = boxed("--ip", "10.209.0.2");
    struct container *there = container_start(&(struct spawn){
        .argv = DUCT("run", "--ip", "10.209.0.2", rootfs(), "sleep", "4711"),
        .prepare = lan_enter,
        .prepare_arg = &machine,
    });
    int server;

    server = shared_serve(there, 80);
    expect_reached(lan_host(), TCP_DOOR("10.209.0.2", 80),
                   shared_serve(here, 80), NULL);
    expect_reached(machine, TCP_DOOR("10.209.0.2", 80), server, NULL);
    container_end(here);
    expect_reached(machine, TCP_DOOR("10.209.0.2", 80), server, NULL);
    container_end(there);
    expect_str("links of the other machine", "lo ", lan_links(machine));
    expect_nothing_left(before);
}

/* One that starts is held when it makes a call for the @number-th time; the
 * last one that runs ends, and takes away what the other may have found. */
static void meet_at(struct deny *call, int number)
{
    struct container *last = boxed("--network", "bridge"), *c;
    bool is_held = true;
    struct held held;
    struct program *p = spawn_start(&(struct spawn){
        .argv = DUCT("run", "--network", "bridge", rootfs(), "sleep", "4711"),
        .prepare = hold_call,
        .prepare_arg = call,
    });

    for (int i = 1; i <= number && is_held; i++) {
        is_held = hold_wait(p, false, &held);
        if (is_held && i < number)
            hold_answer(&held, 0);
    }
    container_end(last);
    trial_note("the last one has ended at call %d of %s", number, call->name);
    if (is_held) /* else it makes fewer, and runs */
        hold_no_more(&held);
    c = container_wait(p);
    expect_lacks("what duct has open meanwhile", "(deleted)",
                 at_end_descriptors(p->pid));
    expect_reached(lan_host(), TCP_DOOR(shared_address(c), 80),
                   shared_serve(c, 80), NULL);
    container_end(c);
}

static void meet_at_each(struct deny *call, int from, int to)
{
    const char *before = lan_look();

    for (int number = from; number <= to; number++) {
        meet_at(call, number);
        expect_nothing_left(before);
    }
}

/* The first ones are for the layer. */
static void end_meets_start(void)
{
    struct deny lock = {.number = SYS_flock, .name = "flock"};
    struct deny make = {.number = SYS_mkdir, .name = "mkdir"};
    struct deny open = {.number = SYS_openat,
                        .argument = 2,
                        .value = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                        .only_with = true,
                        .name = "openat(O_DIRECTORY)"};

    meet_at_each(&lock, 2, 3);
    meet_at_each(&open, 2, 3);
    meet_at_each(&make, 9, 11);
}

static const struct trial trials[] = {
    {.name = "addresses_differ",
     .claim = "each container has an address of its own in " NETWORK,
     .usual_cause = "the address is always the first",
     .reread = "#address_take",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = addresses_differ},
    {.name = "fifty_at_once",
     .claim = "50 containers that start at once get 50 addresses, and leave "
              "nothing",
     .usual_cause = "between the look for a free address and its taking "
                    "another duct does the same",
     .reread = "#address_take",
     .feature = true,
     .depends = "addresses_differ",
     .body = fifty_at_once},
    {.name = "ip_is_given",
     .claim = "--ip gives the container that address",
     .usual_cause = "the flag is read, and not used",
     .reread = "#address_take",
     .feature = true,
     .depends = "bridge_is_usual",
     .body = ip_is_given},
    {.name = "ip_must_be_a_container_s",
     .claim = "--ip refuses nonsense, other networks' addresses, and those of "
              "the network, the host and broadcast",
     .usual_cause = "inet_pton() is all that looks at it",
     .reread = "#address_take",
     .feature = true,
     .body = ip_is_no_container_s},
    {.name = "ip_is_taken",
     .claim = "an address that a container has is refused to others, until it "
              "ends",
     .usual_cause = "--ip goes past the list of what is taken",
     .reread = "#address_take",
     .feature = true,
     .depends = "ip_is_given",
     .body = ip_is_taken},
    {.name = "elsewhere_is_apart",
     .claim = "a duct in another network namespace has a bridge and addresses "
              "of its own",
     .usual_cause = "the list of addresses is one for all namespaces",
     .reread = "#address_take",
     .feature = true,
     .depends = "ip_is_given",
     .body = elsewhere_is_apart},
    {.name = "end_meets_start",
     .claim = "a container that starts while the last one ends has a bridge",
     .usual_cause = "after flock() nobody looks whether what is locked is "
                    "still there",
     .reread = "#address_take",
     .feature = true,
     .depends = "last_one_out",
     .body = end_meets_start},
};

const struct chapter chapter_addresses = {"Addresses", TRIALS(trials)};
