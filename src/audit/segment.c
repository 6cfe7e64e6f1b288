#include "audit/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/mem.h"

enum { BLOCK = 256 * 1024, PATIENCE_TRIES = 25, PATIENCE_MS = 20 };

void segment_name(unsigned number, char out[SEGMENT_NAME_SIZE])
{
    snprintf(out, SEGMENT_NAME_SIZE, "audit-%06u.jsonl", number);
}

unsigned segment_number(const char *name)
{
    unsigned number = 0;
    char again[SEGMENT_NAME_SIZE];
    if (sscanf(name, "audit-%9u.jsonl", &number) != 1) {
        return 0;
    }
    segment_name(number, again);
    return strcmp(name, again) == 0 ? number : 0;
}

static int by_number(const void *a, const void *b)
{
    unsigned x = *(const unsigned *)a, y = *(const unsigned *)b;
    return x < y ? -1 : x > y;
}

static DIR *open_folder(int dir_fd)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    if (!dir && fd >= 0) {
        close(fd);
    }
    return dir;
}

enum status segment_list(int dir_fd, unsigned **out, size_t *n, struct error *e)
{
    unsigned *numbers = NULL;
    size_t count = 0, cap = 0;
    DIR *dir = open_folder(dir_fd);
    if (!dir) {
        return error_set(e, ERR_IO, "the audit folder can't be read: %s", strerror(errno));
    }
    for (struct dirent *d; (d = readdir(dir));) {
        unsigned number = segment_number(d->d_name);
        if (number == 0) {
            continue;
        }
        if (count == cap) {
            cap = cap ? cap * 2 : 16;
            numbers = mem_realloc(numbers, cap * sizeof *numbers);
        }
        numbers[count++] = number;
    }
    closedir(dir);
    if (count) {
        qsort(numbers, count, sizeof *numbers, by_number);
    }
    *out = numbers;
    *n = count;
    return OK;
}

bool segment_stranger(int dir_fd, char out[256])
{
    static const char head[] = "audit-", tail[] = ".jsonl";
    DIR *dir = open_folder(dir_fd);
    bool found = false;
    for (struct dirent *d; dir && !found && (d = readdir(dir));) {
        size_t n = strlen(d->d_name);
        found =
            n >= sizeof head + sizeof tail - 2 && memcmp(d->d_name, head, sizeof head - 1) == 0 &&
            strcmp(d->d_name + n - (sizeof tail - 1), tail) == 0 && segment_number(d->d_name) == 0;
        if (found) {
            memcpy(out, d->d_name, n + 1);
        }
    }
    if (dir) {
        closedir(dir);
    }
    return found;
}

void segment_reader_init(struct segment_reader *r, int fd, bool patient)
{
    *r = (struct segment_reader){.fd = fd, .patient = patient, .cap = BLOCK};
    r->block = mem_alloc(BLOCK);
}

void segment_reader_fini(struct segment_reader *r)
{
    free(r->block);
    r->block = NULL;
}

/* Makes room behind the unread bytes: moves them to the front, and doubles the block when full. */
static void make_room(struct segment_reader *r)
{
    memmove(r->block, r->block + r->begin, r->end - r->begin);
    r->end -= r->begin;
    r->begin = 0;
    if (r->end == r->cap) {
        r->cap *= 2;
        r->block = mem_realloc(r->block, r->cap);
    }
}

static ssize_t fill(struct segment_reader *r)
{
    make_room(r);
    ssize_t got;
    do {
        got = read(r->fd, r->block + r->end, r->cap - r->end);
    } while (got < 0 && errno == EINTR);
    if (got > 0) {
        r->end += (size_t)got;
    }
    return got;
}

/* A running server may be in the middle of a write: the rest comes at once or never. */
static ssize_t fill_patiently(struct segment_reader *r)
{
    ssize_t got = fill(r);
    for (int i = 0; got == 0 && r->patient && r->begin < r->end && i < PATIENCE_TRIES; i++) {
        nanosleep(&(struct timespec){.tv_nsec = PATIENCE_MS * 1000000L}, NULL);
        got = fill(r);
    }
    return got;
}

enum segment_read segment_read(struct segment_reader *r, struct str *out)
{
    size_t seen = 0;
    for (;;) {
        char *from = r->block + r->begin;
        char *newline = memchr(from + seen, '\n', r->end - r->begin - seen);
        if (newline) {
            *out = (struct str){from, (size_t)(newline - from)};
            r->begin += out->n + 1;
            r->offset += out->n + 1;
            r->line++;
            return out->n > LINE_BYTES_MAX ? SEGMENT_LONG : SEGMENT_LINE;
        }
        seen = r->end - r->begin;
        if (seen > LINE_BYTES_MAX) {
            r->line++;
            return SEGMENT_LONG;
        }
        ssize_t got = fill_patiently(r);
        if (got < 0) {
            return SEGMENT_ERROR;
        }
        if (got == 0) {
            return seen ? SEGMENT_TORN : SEGMENT_END;
        }
    }
}
