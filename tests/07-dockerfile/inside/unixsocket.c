/*
 * unixsocket PATH: leaves a socket there.
 */
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char *argv[])
{
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (argc != 2)
        return 2;
    (void)snprintf(name.sun_path, sizeof(name.sun_path), "%s", argv[1]);
    return bind(fd, (const struct sockaddr *)&name, sizeof(name)) < 0;
}
