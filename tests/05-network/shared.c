/*
 * What the chapters of this suite share.
 */
#include <string.h>

#include "suite.h"

struct container *shared_boxed(const char *const *options)
{
    return container_start(&(struct spawn){
        .argv = argv_of(DUCT("run"), options, ARGV(rootfs(), "sleep", "4711"),
                        NULL)});
}

int shared_place(const struct container *c)
{
    return lan_place(c->init);
}

char *shared_address(const struct container *c)
{
    char *text = lan_address(shared_place(c), "eth0");
    size_t size = strcspn(text, "/");

    expect_that(text[size] == '/' && strchr(text + size, ' ')[1] == '\0',
                "one address of eth0 in the container",
                text[0] == '\0' ? "none" : text);
    return keep_copy(text, size);
}

int shared_serve(const struct container *c, int port)
{
    return lan_serve(shared_place(c), TCP_DOOR("0.0.0.0", port));
}

int shared_serve_udp(const struct container *c, int port)
{
    return lan_serve(shared_place(c), UDP_DOOR("0.0.0.0", port));
}

char *shared_read(const struct container *c, const char *path)
{
    const char *text = file_read(keep_format("/proc/%d/root%s", c->init, path));

    return keep_format("%s", text == NULL ? "(no such file)" : text);
}
