/*
 * queue: bytes that wait for a slow descriptor.
 *
 * Look at it     grep -A3 -i anon /proc/PID/smaps
 */
#include "queue.h"

#include <string.h>
#include <sys/mman.h>

enum {
    SMALLEST = 64 << 10
};

static int grow(struct queue *queue, size_t wanted)
{
    size_t size = queue->size > 0 ? queue->size : SMALLEST;
    void *room;

    while (size < wanted)
        size *= 2;
    if (queue->room == NULL)
        room = mmap(NULL, size, PROT_READ | PROT_WRITE,
                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    else
        room = mremap(queue->room, queue->size, size, MREMAP_MAYMOVE);
    if (room == MAP_FAILED)
        return -1;
    queue->room = room;
    queue->size = size;
    return 0;
}

int queue_put(struct queue *queue, const void *bytes, size_t n)
{
    if (queue->begin > queue->size / 2) {
        memmove(queue->room, queue->room + queue->begin, queue_count(queue));
        queue->end -= queue->begin;
        queue->begin = 0;
    }
    if (queue->end + n > queue->size && grow(queue, queue->end + n) < 0)
        return -1;
    memcpy(queue->room + queue->end, bytes, n);
    queue->end += n;
    return 0;
}

void queue_take(struct queue *queue, size_t n)
{
    queue->begin += n;
    if (queue->begin == queue->end)
        queue->begin = queue->end = 0;
}

void queue_rest(struct queue *queue)
{
    if (queue_count(queue) == 0)
        queue_drop(queue);
}

void queue_drop(struct queue *queue)
{
    if (queue->room != NULL)
        munmap(queue->room, queue->size);
    *queue = (struct queue){0};
}
