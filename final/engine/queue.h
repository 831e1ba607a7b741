#pragma once
/*
 * queue: bytes that wait for a slow descriptor.
 *
 * Its memory is the kernel's and not malloc(3)'s, which would keep it: it goes
 * back when the queue is told to rest.
 */
#include <stddef.h>

struct queue {
    char *room;
    size_t size;       /* of room */
    size_t begin, end; /* of what waits in it */
};

/**
 * queue_count - how many bytes wait?
 */
static inline size_t queue_count(const struct queue *queue)
{
    return queue->end - queue->begin;
}

/**
 * queue_put - let bytes wait
 * @queue: zeroed, or used before
 * @bytes: copied
 * @n:     how many
 *
 * Returns: 0, or -1 when there is no memory: the queue is as it was.
 */
int queue_put(struct queue *queue, const void *bytes, size_t n);

/**
 * queue_take - forget the first @n bytes, which were in it
 */
void queue_take(struct queue *queue, size_t n);

/**
 * queue_rest - give the memory back if nothing waits
 */
void queue_rest(struct queue *queue);

/**
 * queue_drop - forget all and give the memory back
 */
void queue_drop(struct queue *queue);
