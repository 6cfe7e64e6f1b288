#include "base/mem.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void *checked(void *p)
{
    if (!p) {
        fputs("hatidata: out of memory\n", stderr);
        abort();
    }
    return p;
}

void *mem_alloc(size_t n)
{
    return checked(calloc(1, n ? n : 1));
}

void *mem_calloc(size_t count, size_t size)
{
    return checked(calloc(count ? count : 1, size ? size : 1));
}

void *mem_realloc(void *p, size_t n)
{
    return checked(realloc(p, n ? n : 1));
}

char *mem_strndup(const char *p, size_t n)
{
    char *copy = mem_alloc(n + 1);
    if (n) {
        memcpy(copy, p, n);
    }
    return copy;
}

char *mem_strdup(const char *z)
{
    return mem_strndup(z, strlen(z));
}

void mem_wipe(void *p, size_t n)
{
    if (n) {
        explicit_bzero(p, n);
    }
}
