/*
 * intake: a file that comes from elsewhere, a layer or not.
 *
 * Look at it     strace -f -e trace=linkat,renameat duct load -i ARCHIVE
 */
#include "intake.h"

#include <string.h>

int intake_begin(struct intake *in, const struct store *store, bool unpacks,
                 struct failure *why)
{
    *in = (struct intake){.store = store, .unpacks = unpacks};
    return writer_begin(&in->writer, unpacks ? store->blobs_fd : -1, why);
}

/* A bad layer is unpacked no further, but goes on as a blob. */
static void unpack_more(struct intake *in, const void *data, size_t length)
{
    if (!in->has_sink || sink_add(&in->sink, data, length, &in->why_bad) == 0)
        return;
    sink_drop(&in->sink);
    in->has_sink = false;
    in->is_bad = true;
}

/* Now that it is known how it begins. */
static int pass_head(struct intake *in, struct failure *why)
{
    in->suffix = sink_suffix(in->head, in->head_length);
    if (in->unpacks && in->suffix != NULL) {
        if (sink_begin(&in->sink, in->store, in->suffix, why) < 0)
            return -1;
        in->has_sink = true;
        unpack_more(in, in->head, in->head_length);
    }
    return writer_add(&in->writer, in->head, in->head_length, why);
}

int intake_add(struct intake *in, const void *data, size_t length,
               struct failure *why)
{
    if (in->head_length < INTAKE_HEAD) {
        size_t part = INTAKE_HEAD - in->head_length;

        part = length < part ? length : part;
        memcpy(in->head + in->head_length, data, part);
        in->head_length += part;
        data = (const char *)data + part;
        length -= part;
        if (in->head_length < INTAKE_HEAD)
            return 0;
        if (pass_head(in, why) < 0)
            return -1;
    }
    unpack_more(in, data, length);
    return writer_add(&in->writer, data, length, why);
}

int intake_end(struct intake *in, struct failure *why)
{
    if (in->head_length < INTAKE_HEAD && pass_head(in, why) < 0) {
        intake_drop(in);
        return -1;
    }
    if (writer_end(&in->writer, &in->digest, why) < 0) {
        intake_drop(in);
        return -1;
    }
    in->diff_id = in->digest; /* unless it is compressed */
    if (in->has_sink && sink_end(&in->sink, &in->diff_id, &in->why_bad) < 0)
        in->is_bad = true;
    in->has_sink = false;
    return 0;
}

void intake_drop(struct intake *in)
{
    if (in->has_sink)
        sink_drop(&in->sink);
    in->has_sink = false;
    writer_drop(&in->writer);
}
