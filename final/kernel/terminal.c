/*
 * terminal: how a terminal that was opened in a container gets out of it.
 *
 * Kernel object  a message on a unix socket that carries a descriptor
 * Side           container sends, monitor receives
 * Look at it     ls -l /proc/PID/fd     strace -e trace=sendmsg,recvmsg
 */
#include "terminal.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

/* A message that has nothing but a descriptor in it. */
union rights {
    char room[CMSG_SPACE(sizeof(int))];
    struct cmsghdr align;
};

int terminal_send(int socket, int master, struct failure *why)
{
    union rights rights = {.room = {0}};
    struct iovec byte = {.iov_base = "", .iov_len = 1};
    struct msghdr message = {.msg_iov = &byte,
                             .msg_iovlen = 1,
                             .msg_control = &rights,
                             .msg_controllen = sizeof(rights.room)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);

    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(master));
    memcpy(CMSG_DATA(header), &master, sizeof(master));
    return sendmsg(socket, &message, MSG_NOSIGNAL) == 1
               ? 0
               : fail(why, errno, "hand a terminal to the monitor");
}

int terminal_receive(int socket, struct failure *why)
{
    union rights rights;
    char byte;
    struct iovec room = {.iov_base = &byte, .iov_len = 1};
    struct msghdr message = {.msg_iov = &room,
                             .msg_iovlen = 1,
                             .msg_control = &rights,
                             .msg_controllen = sizeof(rights.room)};
    int fd;

    ssize_t length = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
    const struct cmsghdr *header = length == 1 ? CMSG_FIRSTHDR(&message) : NULL;
    if (header == NULL || header->cmsg_type != SCM_RIGHTS)
        return fail(why, length < 0 ? errno : 0,
                    "the container has made no terminal");
    memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    return fd;
}
