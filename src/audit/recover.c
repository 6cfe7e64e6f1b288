#include "audit/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/mem.h"

static void forget_all(struct recovery *r)
{
    map_free(r->open, free);
    r->open = map_new();
}

/* Keeps the set of intents without an outcome. An entry "open_intents" has told of those before it.
 */
static void follow(struct recovery *r, const struct line *line)
{
    size_t at = 0;
    if (!line_member(line->body, 0, "entry_id", &at).p) {
        return;
    }
    if (line->kind == AUDIT_SYSTEM) {
        if (str_is(line_member(line->body, at + 1, "action", NULL), "open_intents")) {
            forget_all(r);
        }
        return;
    }
    struct str query = line_member(line->body, at + 1, "query_id", NULL);
    if (query.n == 0) {
        return;
    }
    if (line->kind == AUDIT_INTENT) {
        free(map_put(r->open, query, mem_strndup(query.p, query.n)));
    } else if (line->kind == AUDIT_OUTCOME) {
        free(map_remove(r->open, query));
    }
}

static enum status scan(struct recovery *r, struct segment_reader *in, const char *name,
                        struct error *e)
{
    struct str text;
    enum segment_read got;
    while ((got = segment_read(in, &text)) == SEGMENT_LINE) {
        struct line line;
        const char *why = chain_check(&r->chain, text, &line);
        if (why) {
            return error_set(e, ERR_CORRUPT, "audit log %s line %llu: %s", name,
                             (unsigned long long)in->line, why);
        }
        chain_advance(&r->chain, &line);
        follow(r, &line);
        r->last_us = line_time(line.timestamp);
    }
    if (got == SEGMENT_ERROR) {
        return error_set(e, ERR_IO, "audit log %s can't be read: %s", name, strerror(errno));
    }
    if (got == SEGMENT_LONG) {
        return error_set(e, ERR_CORRUPT, "audit log %s line %llu: longer than an entry can be",
                         name, (unsigned long long)in->line);
    }
    r->size = in->offset;
    r->torn = got == SEGMENT_TORN ? in->end - in->begin : 0;
    return OK;
}

static enum status scan_file(struct recovery *r, int dir_fd, unsigned number, struct error *e)
{
    char name[SEGMENT_NAME_SIZE];
    segment_name(number, name);
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return error_set(e, ERR_IO, "audit log %s can't be opened: %s", name, strerror(errno));
    }
    struct segment_reader in;
    segment_reader_init(&in, fd, false);
    chain_open_segment(&r->chain, number);
    enum status status = scan(r, &in, name, e);
    segment_reader_fini(&in);
    close(fd);
    r->segment = number;
    return status;
}

static enum status scan_files(struct recovery *r, int dir_fd, const unsigned *numbers, size_t from,
                              size_t n, struct error *e)
{
    r->chain.open_start = from > 0;
    r->chain.whole = from == 0;
    for (size_t i = from; i < n; i++) {
        if (numbers[i] != i + 1) {
            return error_set(e, ERR_CORRUPT, "audit log segment %zu is missing", i + 1);
        }
        if (scan_file(r, dir_fd, numbers[i], e) != OK) {
            return FAIL;
        }
        if (r->torn && i + 1 < n) {
            return error_set(e, ERR_CORRUPT, "audit log segment %u ends within a line", numbers[i]);
        }
    }
    return OK;
}

static enum status scan_log(struct recovery *r, int dir_fd, const unsigned *numbers, size_t n,
                            struct error *e)
{
    enum status status = scan_files(r, dir_fd, numbers, n > 2 ? n - 2 : 0, n, e);
    if (status == OK && !r->chain.whole) {
        forget_all(r);
        chain_init(&r->chain, r->chain.hasher);
        status = scan_files(r, dir_fd, numbers, 0, n, e);
    }
    return status;
}

enum status recover(int dir_fd, struct hasher *h, struct recovery *out, struct error *e)
{
    *out = (struct recovery){.open = map_new()};
    chain_init(&out->chain, h);
    unsigned *numbers = NULL;
    size_t n = 0;
    enum status status = segment_list(dir_fd, &numbers, &n, e);
    if (status == OK && n > 0) {
        status = scan_log(out, dir_fd, numbers, n, e);
    }
    free(numbers);
    return status;
}

void recovery_fini(struct recovery *r)
{
    map_free(r->open, free);
    r->open = NULL;
}
