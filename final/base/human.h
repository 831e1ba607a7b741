#pragma once
/*
 * human: amounts as people say them, and docker prints them.
 */

/**
 * human_duration - "5 seconds", "About a minute", "3 weeks"
 * @seconds: how long it took, or is ago
 *
 * Returns: the text, which the caller frees; or NULL: no memory.
 */
char *human_duration(long long seconds);

/**
 * human_size - "12.3MB": in powers of 1000, as disks are sold
 * @bytes:  a number of bytes
 * @digits: how many of them count, 3 in a listing, 4 elsewhere
 *
 * Returns: the text, which the caller frees; or NULL: no memory.
 */
char *human_size(unsigned long long bytes, int digits);

/**
 * human_bytes - "10MiB": in powers of 1024, as memory is
 * @bytes: a number of bytes
 *
 * Returns: the text, which the caller frees; or NULL: no memory.
 */
char *human_bytes(unsigned long long bytes);
