#pragma once
/*
 * intake: a file that comes from elsewhere, a layer or not.
 *
 * Whatever it is, it becomes a blob. What looks like a layer is unpacked in
 * the same pass: who has sent it says only later what it was.
 */
#include <stdbool.h>

#include "failure.h"
#include "sink.h"
#include "writer.h"

enum {
    INTAKE_HEAD = 512 /* bytes that tell what it is */
};

struct intake {
    const struct store *store;
    bool unpacks;
    struct writer writer;
    struct sink sink;
    bool has_sink;
    char head[INTAKE_HEAD]; /* kept until there are enough, or no more */
    size_t head_length;
    /* What it was, once it is ended. */
    struct digest digest;
    struct digest diff_id;
    const char *suffix; /* of its media type, NULL: it is no layer */
    bool is_bad;        /* looks like a layer, and can't be unpacked */
    struct failure why_bad;
};

/**
 * intake_begin - begin to take something in
 * @in:      ends with intake_end() or intake_drop()
 * @store:   gets the blob, and the tree
 * @unpacks: is it to be unpacked? If not, it is only hashed: the store has it
 * @why:     filled in when the call fails
 *
 * SIGPIPE has to be ignored.
 *
 * Returns: 0, or -1 with @why.
 */
int intake_begin(struct intake *in, const struct store *store, bool unpacks,
                 struct failure *why);

/**
 * intake_add - the next bytes
 * @in:     begun
 * @data:   the bytes
 * @length: how many
 * @why:    filled in when the call fails; intake_drop() is due then
 *
 * Returns: 0, or -1 with @why.
 */
int intake_add(struct intake *in, const void *data, size_t length,
               struct failure *why);

/**
 * intake_end - that was all
 * @in:  begun; done with afterwards, receives what it was
 * @why: filled in when the call fails
 *
 * That a layer is bad is no failure here: perhaps nobody asks for it.
 *
 * Returns: 0, or -1 with @why.
 */
int intake_end(struct intake *in, struct failure *why);

/**
 * intake_drop - forget what has come
 * @in: begun
 */
void intake_drop(struct intake *in);
