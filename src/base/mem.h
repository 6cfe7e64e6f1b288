/* Heap memory that is always there: allocation failure ends the process with a message. What a
 * client can make grow is bounded where it grows (arena limit, buffer maximum, message size), so
 * running out of memory here is an operator's mistake, not a client's doing. */
#ifndef BASE_MEM_H
#define BASE_MEM_H

#include <stddef.h>

/* Zeroed memory; never NULL. `n` may be 0. Free with free(). */
void *mem_alloc(size_t n) __attribute__((malloc));

/* `count * size` bytes, zeroed, with the overflow checked. */
void *mem_calloc(size_t count, size_t size) __attribute__((malloc));

/* As realloc; never NULL. New bytes are not zeroed. */
void *mem_realloc(void *p, size_t n);

/* A NUL-terminated copy of `n` bytes. */
char *mem_strndup(const char *p, size_t n) __attribute__((malloc));
char *mem_strdup(const char *z) __attribute__((malloc));

/* Overwrites with zeros in a way that the compiler keeps. NULL with 0 is allowed. */
void mem_wipe(void *p, size_t n);

#endif
