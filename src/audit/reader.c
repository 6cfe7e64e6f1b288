#include "audit/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/kept.h"
#include "base/mem.h"

enum status reader_open_folder(struct reader *r, const char *dir, struct error *e)
{
    *r = (struct reader){.fd = -1};
    r->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (r->dir_fd < 0) {
        return error_set(e, ERR_IO, "%s can't be opened: %s", dir, strerror(errno));
    }
    return segment_list(r->dir_fd, &r->numbers, &r->count, e);
}

enum status reader_open(struct reader *r, const char *path, struct error *e)
{
    struct stat st;
    *r = (struct reader){.fd = -1, .dir_fd = -1};
    if (stat(path, &st) != 0) {
        return error_set(e, ERR_IO, "%s can't be read: %s", path, strerror(errno));
    }
    if (S_ISDIR(st.st_mode)) {
        return reader_open_folder(r, path, e);
    }
    const char *name = strrchr(path, '/');
    r->path = path;
    r->count = 1;
    r->numbers = mem_calloc(1, sizeof *r->numbers);
    r->numbers[0] = segment_number(name ? name + 1 : path);
    return OK;
}

static void leave(struct reader *r)
{
    if (r->fd >= 0) {
        segment_reader_fini(&r->in);
        close(r->fd);
        r->fd = -1;
    }
}

void reader_close(struct reader *r)
{
    leave(r);
    if (r->dir_fd >= 0) {
        close(r->dir_fd);
    }
    free(r->numbers);
    r->numbers = NULL;
}

enum status reader_bound(struct reader *r, struct error *e)
{
    char name[SEGMENT_NAME_SIZE];
    struct stat st;
    r->bounded = r->count > 0;
    if (r->count == 0) {
        return OK;
    }
    segment_name(r->numbers[r->count - 1], name);
    if (fstatat(r->dir_fd, name, &st, AT_SYMLINK_NOFOLLOW) != 0) {
        return error_set(e, ERR_IO, "%s can't be read: %s", name, strerror(errno));
    }
    r->bytes = (uint64_t)st.st_size;
    return OK;
}

void reader_begin(struct reader *r, size_t begin, size_t end, struct chain *chain)
{
    leave(r);
    r->begin = r->at = begin;
    r->end = end;
    r->chain = chain;
    if (chain) {
        chain_init(chain, chain->hasher);
        chain->open_start = begin < end && r->numbers[begin] != 1;
        chain->whole = !chain->open_start;
    }
}

bool reader_first(struct reader *r, size_t i, uint64_t *seq, int64_t *at_us)
{
    struct str text;
    struct line line;
    struct error unread = ERROR_INIT;
    reader_begin(r, i, i + 1, NULL);
    bool got = reader_next(r, &text, &line, &unread) == READER_LINE && !line_read(text, &line);
    if (got) {
        *seq = line.seq;
        *at_us = line_time(line.timestamp);
    }
    leave(r);
    return got;
}

/* A segment whose beginning can't be read counts as a later one: what is sought is looked for from
 * further back. */
size_t reader_find(struct reader *r, uint64_t seq)
{
    size_t low = 0, high = r->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        uint64_t first = UINT64_MAX;
        int64_t at_us;
        if (reader_first(r, middle, &first, &at_us) && first <= seq) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return low;
}

static enum reader_got broken(struct reader *r, uint64_t line, const char *why)
{
    r->line = line;
    r->why = why;
    return READER_BROKEN;
}

static void name_segment(struct reader *r, unsigned number)
{
    r->segment = number;
    if (r->path) {
        const char *name = strrchr(r->path, '/');
        snprintf(r->file, sizeof r->file, "%s", name ? name + 1 : r->path);
    } else {
        segment_name(number, r->file);
    }
}

static bool has_expired(const struct reader *r)
{
    struct error unread = ERROR_INIT;
    unsigned expired = 0;
    return !r->path && kept_through(r->dir_fd, &expired, &unread) == OK && r->segment <= expired;
}

/* A segment that expired since the folder was listed is passed over, but not in a chain. */
static enum reader_got not_opened(const struct reader *r, int why, struct error *e)
{
    bool expired = why == ENOENT && has_expired(r);
    if (expired && !r->chain) {
        return READER_END;
    }
    (void)!error_set(e, expired ? ERR_NOT_READY : ERR_IO, "%s can't be opened: %s", r->file,
                     expired ? "it expired while the log was read" : strerror(why));
    return READER_FAILED;
}

static enum reader_got unreadable(const struct reader *r, struct error *e)
{
    (void)!error_set(e, ERR_IO, "%s can't be read: %s", r->file, strerror(errno));
    return READER_FAILED;
}

static enum reader_got open_segment(struct reader *r, unsigned number, bool grows, struct error *e)
{
    name_segment(r, number);
    r->fd = r->path ? open(r->path, O_RDONLY | O_CLOEXEC)
                    : openat(r->dir_fd, r->file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (r->fd < 0) {
        return not_opened(r, errno, e);
    }
    r->line = r->offset = 0;
    segment_reader_init(&r->in, r->fd, grows);
    return READER_LINE;
}

static enum reader_got enter(struct reader *r, struct error *e)
{
    unsigned number = r->numbers[r->at];
    if (r->chain && r->at > r->begin && number != r->numbers[r->at - 1] + 1) {
        name_segment(r, r->numbers[r->at - 1] + 1);
        return broken(r, 1, "the segment is missing");
    }
    enum reader_got got = open_segment(r, number, r->growing && r->at + 1 == r->count, e);
    if (got == READER_LINE && r->chain) {
        chain_open_segment(r->chain, number);
    }
    return got;
}

static enum reader_got take(struct reader *r, struct str text, struct line *line)
{
    r->why = r->chain ? chain_check(r->chain, text, line) : NULL;
    return r->why ? READER_BROKEN : READER_LINE;
}

/* What the open segment gives; READER_END: it has no more. */
static enum reader_got next_of_segment(struct reader *r, struct str *text, struct line *line,
                                       struct error *e)
{
    bool is_last = r->at + 1 == r->count;
    if (is_last && r->bounded && r->in.offset >= r->bytes) {
        return READER_END;
    }
    enum segment_read got = segment_read(&r->in, text);
    r->line = r->in.line;
    r->offset = r->in.offset;
    switch (got) {
    case SEGMENT_LINE:
        return take(r, *text, line);
    case SEGMENT_END:
        return r->chain && r->line == 0 && !is_last
                   ? broken(r, 1, "the segment is empty and isn't the last")
                   : READER_END;
    case SEGMENT_TORN:
        r->torn = r->in.end - r->in.begin;
        (void)broken(r, r->line + 1, "the last line is not complete");
        return is_last ? READER_TORN : READER_BROKEN;
    case SEGMENT_LONG:
        return broken(r, r->line, "the line is longer than an entry can be");
    case SEGMENT_ERROR:
        break;
    }
    return unreadable(r, e);
}

enum reader_got reader_next(struct reader *r, struct str *text, struct line *line, struct error *e)
{
    for (;;) {
        if (r->fd < 0 && r->at == r->end) {
            return READER_END;
        }
        enum reader_got got = r->fd < 0 ? enter(r, e) : READER_LINE;
        if (got == READER_LINE) {
            got = next_of_segment(r, text, line, e);
        }
        if (got != READER_END) {
            return got;
        }
        leave(r);
        r->at++;
    }
}

enum reader_got reader_at(struct reader *r, unsigned segment, uint64_t offset, struct str *text,
                          struct error *e)
{
    reader_begin(r, r->count, r->count, NULL);
    enum reader_got got = open_segment(r, segment, false, e);
    if (got != READER_LINE) {
        return got;
    }
    if (lseek(r->fd, (off_t)offset, SEEK_SET) < 0) {
        return unreadable(r, e);
    }
    r->in.offset = offset;
    return next_of_segment(r, text, NULL, e);
}
