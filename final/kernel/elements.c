/*
 * elements: what is in the sets and maps of an nftables table.
 *
 * Kernel object  elements, changed by a batch of messages to a netlink socket,
 *                which is answered when it has taken effect as a whole
 * Side           host
 * Needs          CAP_NET_ADMIN over the network namespace
 * Look at it     nft list table inet duct     nft monitor
 */
#include "elements.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "cleanup.h"

static const char table[] = "duct";

/* This kernel's word for "the generation is another", which no header has. */
#ifndef ERESTART
#define ERESTART 85
#endif

enum {
    PER_MESSAGE = 256,  /* a nested attribute has 64 KiB at most */
    ELEMENT_SIZE = 128, /* more than any takes in a message */
    HEAD_SIZE = 512,    /* more than all before the first takes */
    ANSWER_SIZE = 32 << 10,
    SECONDS = 10 /* after which the kernel won't answer any more */
};

/* Begins a message with room for @count elements. Caller frees it. */
static struct nl_msg *begin(int type, int flags, uint16_t id, size_t count)
{
    struct nfgenmsg header = {.nfgen_family = NFPROTO_INET,
                              .version = NFNETLINK_V0,
                              .res_id = htons(id)};
    struct nl_msg *message = nlmsg_alloc_size(HEAD_SIZE + count * ELEMENT_SIZE);

    if (message != NULL &&
        nlmsg_put(message, 0, 0, type, 0, NLM_F_REQUEST | flags) != NULL &&
        nlmsg_append(message, &header, sizeof(header), NLMSG_ALIGNTO) == 0)
        return message;
    nlmsg_free(message);
    return NULL;
}

static struct nl_msg *begin_nft(int type, int flags, size_t count)
{
    return begin(NFNL_SUBSYS_NFTABLES << 8 | type, flags, 0, count);
}

static int put_data(struct nl_msg *message, int type, const void *bytes,
                    size_t length)
{
    struct nlattr *data = nla_nest_start(message, type | NLA_F_NESTED);

    if (data == NULL ||
        nla_put(message, NFTA_DATA_VALUE, (int)length, bytes) < 0)
        return -1;
    return nla_nest_end(message, data);
}

static int put_element(struct nl_msg *message, const struct element *element)
{
    struct nlattr *one = nla_nest_start(message, NFTA_LIST_ELEM | NLA_F_NESTED);

    if (one == NULL || put_data(message, NFTA_SET_ELEM_KEY, element->key,
                                element->key_length) < 0)
        return -1;
    if (element->is_end && nla_put_u32(message, NFTA_SET_ELEM_FLAGS,
                                       htonl(NFT_SET_ELEM_INTERVAL_END)) < 0)
        return -1;
    if (element->value_length > 0 &&
        put_data(message, NFTA_SET_ELEM_DATA, element->value,
                 element->value_length) < 0)
        return -1;
    return nla_nest_end(message, one);
}

static int put_elements(struct nl_msg *message, const struct element *elements,
                        size_t count)
{
    if (nla_put_string(message, NFTA_SET_ELEM_LIST_TABLE, table) < 0 ||
        nla_put_string(message, NFTA_SET_ELEM_LIST_SET, elements->set) < 0)
        return -1;
    struct nlattr *list =
        nla_nest_start(message, NFTA_SET_ELEM_LIST_ELEMENTS | NLA_F_NESTED);
    if (list == NULL)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (put_element(message, &elements[i]) < 0)
            return -1;
    return nla_nest_end(message, list);
}

static void append(struct changes *changes, struct nl_msg *message)
{
    struct nl_msg **longer =
        message == NULL ? NULL
                        : realloc(changes->list, (changes->count + 1) *
                                                     sizeof(struct nl_msg *));

    if (longer == NULL) {
        nlmsg_free(message);
        changes->has_failed = true;
        return;
    }
    changes->list = longer;
    changes->list[changes->count++] = message;
}

static void change(struct changes *changes, int type, int flags,
                   const struct element *elements, size_t count)
{
    for (size_t done = 0; done < count; done += PER_MESSAGE) {
        size_t some = count - done < PER_MESSAGE ? count - done : PER_MESSAGE;
        struct nl_msg *message = begin_nft(type, flags, some);

        if (message != NULL &&
            put_elements(message, elements + done, some) < 0) {
            nlmsg_free(message);
            message = NULL;
        }
        append(changes, message);
    }
}

void elements_add(struct changes *changes, const struct element *elements,
                  size_t count)
{
    change(changes, NFT_MSG_NEWSETELEM, NLM_F_CREATE, elements, count);
}

void elements_delete(struct changes *changes, const struct element *elements,
                     size_t count)
{
    change(changes, NFT_MSG_DELSETELEM, 0, elements, count);
}

/* A socket that does not wait for ever. */
static int talk(void)
{
    struct timeval patience = {.tv_sec = SECONDS};
    int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER);

    if (fd >= 0)
        (void)setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
                         sizeof(patience));
    return fd;
}

/* Reads answers up to the one to @last; to an error, or to what was asked for,
 * a message of @type, which @use gets. Returns 0 or a negative errno. */
static int hear(int fd, uint32_t last, int type,
                void (*use)(struct nlmsghdr *message, void *arg), void *arg)
{
    cleanup_free char *buffer = malloc(ANSWER_SIZE);

    for (;;) {
        ssize_t got = buffer == NULL ? -1 : recv(fd, buffer, ANSWER_SIZE, 0);
        if (got < 0)
            return buffer == NULL ? -ENOMEM : -errno;
        int left = (int)got;
        for (struct nlmsghdr *m = (struct nlmsghdr *)buffer; nlmsg_ok(m, left);
             m = nlmsg_next(m, &left)) {
            const struct nlmsgerr *error = nlmsg_data(m);

            if (m->nlmsg_type == NLMSG_ERROR &&
                nlmsg_datalen(m) < (int)sizeof(*error))
                return -EBADMSG;
            if (m->nlmsg_type == NLMSG_ERROR &&
                (error->error != 0 || m->nlmsg_seq == last))
                return error->error;
            if (m->nlmsg_type != type)
                continue;
            use(m, arg);
            return 0;
        }
    }
}

static int ask(struct nl_msg *message, int type,
               void (*use)(struct nlmsghdr *message, void *arg), void *arg)
{
    cleanup_close int fd = talk();
    int status = -ENOMEM;

    if (fd >= 0 && message != NULL) {
        const struct nlmsghdr *header = nlmsg_hdr(message);

        status = send(fd, header, header->nlmsg_len, 0) < 0
                     ? -errno
                     : hear(fd, header->nlmsg_seq,
                            NFNL_SUBSYS_NFTABLES << 8 | type, use, arg);
    }
    nlmsg_free(message);
    return status;
}

static void use_nothing(struct nlmsghdr *message, void *arg)
{
    (void)message;
    (void)arg;
}

bool elements_table_exists(void)
{
    struct nl_msg *question = begin_nft(NFT_MSG_GETTABLE, 0, 0);

    if (question != NULL)
        nla_put_string(question, NFTA_TABLE_NAME, table);
    return ask(question, NFT_MSG_NEWTABLE, use_nothing, NULL) == 0;
}

static void use_generation(struct nlmsghdr *message, void *arg)
{
    const struct nlattr *id =
        nlmsg_find_attr(message, sizeof(struct nfgenmsg), NFTA_GEN_ID);

    if (id != NULL && nla_len(id) >= (int)sizeof(uint32_t))
        *(uint32_t *)arg = ntohl(nla_get_u32(id));
}

uint32_t elements_generation(void)
{
    uint32_t generation = 0;

    ask(begin_nft(NFT_MSG_GETGEN, 0, 0), NFT_MSG_NEWGEN, use_generation,
        &generation);
    return generation;
}

struct wanted {
    const struct element *element;
    bool is_there;
};

/* The attribute at the end of a path of nested ones, or NULL. */
static struct nlattr *within(struct nlattr *outer, int type)
{
    return outer == NULL ? NULL
                         : nla_find(nla_data(outer), nla_len(outer), type);
}

static void use_element(struct nlmsghdr *message, void *arg)
{
    struct wanted *wanted = arg;
    const struct element *element = wanted->element;
    struct nlattr *list = nlmsg_find_attr(message, sizeof(struct nfgenmsg),
                                          NFTA_SET_ELEM_LIST_ELEMENTS);
    struct nlattr *value =
        within(within(within(list, NFTA_LIST_ELEM), NFTA_SET_ELEM_DATA),
               NFTA_DATA_VALUE);

    wanted->is_there =
        value != NULL && (size_t)nla_len(value) == element->value_length &&
        memcmp(nla_data(value), element->value, element->value_length) == 0;
}

bool elements_has(const struct element *element)
{
    struct element key = *element;
    struct wanted wanted = {.element = element};
    struct nl_msg *question = begin_nft(NFT_MSG_GETSETELEM, 0, 1);

    key.value_length = 0;
    if (question != NULL && put_elements(question, &key, 1) < 0) {
        nlmsg_free(question);
        question = NULL;
    }
    ask(question, NFT_MSG_NEWSETELEM, use_element, &wanted);
    return wanted.is_there;
}

static void discard(struct changes *changes)
{
    for (size_t i = 0; i < changes->count; i++)
        nlmsg_free(changes->list[i]);
    free(changes->list);
    *changes = (struct changes){0};
}

/* The messages one after the other; the last asks to be told when it is done.
 * Caller frees the text. */
static char *join(const struct changes *changes, size_t *length)
{
    char *bytes = NULL;
    FILE *out = open_memstream(&bytes, length);

    if (out == NULL)
        return NULL;
    for (size_t i = 0; i < changes->count; i++) {
        struct nlmsghdr *header = nlmsg_hdr(changes->list[i]);

        header->nlmsg_seq = (uint32_t)i;
        if (i + 2 == changes->count)
            header->nlmsg_flags |= NLM_F_ACK;
        fwrite(header, 1, NLMSG_ALIGN(header->nlmsg_len), out);
    }
    if (fclose(out) == 0)
        return bytes;
    free(bytes);
    return NULL;
}

static int send_batch(const struct changes *changes, int fd)
{
    size_t length = 0;
    cleanup_free char *bytes = join(changes, &length);

    if (bytes == NULL || fd < 0)
        return -ENOMEM;
    int room = (int)length * 2;
    (void)setsockopt(fd, SOL_SOCKET, SO_SNDBUFFORCE, &room, sizeof(room));
    if (send(fd, bytes, length, 0) < 0)
        return -errno;
    return hear(fd, (uint32_t)changes->count - 2, -1, use_nothing, NULL);
}

int elements_commit(struct changes *changes, uint32_t generation,
                    int *left_open)
{
    cleanup_close int fd = changes->count > 0 ? talk() : -1;
    struct changes batch = {0};
    struct nl_msg *head =
        begin(NFNL_MSG_BATCH_BEGIN, 0, NFNL_SUBSYS_NFTABLES, 0);

    if (head != NULL && generation != 0 &&
        nla_put_u32(head, NFNL_BATCH_GENID, htonl(generation)) < 0)
        batch.has_failed = true;
    append(&batch, head);
    for (size_t i = 0; i < changes->count; i++)
        append(&batch, changes->list[i]);
    append(&batch, begin(NFNL_MSG_BATCH_END, 0, NFNL_SUBSYS_NFTABLES, 0));
    batch.has_failed |= changes->has_failed;
    free(changes->list);
    *changes = (struct changes){0};
    int status = batch.has_failed  ? -ENOMEM
                 : batch.count < 3 ? 0
                                   : send_batch(&batch, fd);
    discard(&batch);
    if (left_open != NULL) {
        *left_open = take_fd(&fd);
    }
    return status;
}
