#include "audit/search.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/chain.h"
#include "audit/segment.h"

/* The segments of a folder, one of them open. */
struct files {
    int dir_fd, fd;
    unsigned *numbers;
    size_t count;
    struct segment_reader reader;
    char name[SEGMENT_NAME_SIZE]; /* of the open one */
};

static enum status files_open(struct files *f, const char *dir, struct error *e)
{
    *f = (struct files){.fd = -1};
    f->dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (f->dir_fd < 0) {
        return error_set(e, ERR_IO, "%s can't be opened: %s", dir, strerror(errno));
    }
    return segment_list(f->dir_fd, &f->numbers, &f->count, e);
}

static void files_leave(struct files *f)
{
    if (f->fd >= 0) {
        segment_reader_fini(&f->reader);
        close(f->fd);
        f->fd = -1;
    }
}

static void files_close(struct files *f)
{
    files_leave(f);
    if (f->dir_fd >= 0) {
        close(f->dir_fd);
    }
    free(f->numbers);
}

/* The last may still grow: the rest of a line that is being written is waited for. */
static enum status files_enter(struct files *f, size_t i, struct error *e)
{
    files_leave(f);
    segment_name(f->numbers[i], f->name);
    f->fd = openat(f->dir_fd, f->name, O_RDONLY | O_CLOEXEC);
    if (f->fd < 0) {
        return error_set(e, ERR_IO, "%s can't be opened: %s", f->name, strerror(errno));
    }
    segment_reader_init(&f->reader, f->fd, i + 1 == f->count);
    return OK;
}

/* Seq and time of a segment's first entry; false where it has none that can be read. */
static bool first_entry(struct files *f, size_t i, uint64_t *seq, int64_t *at_us, struct error *e)
{
    struct str text;
    struct line line;
    bool got = files_enter(f, i, e) == OK && segment_read(&f->reader, &text) == SEGMENT_LINE &&
               !line_read(text, &line);
    if (got) {
        *seq = line.seq;
        *at_us = line_time(line.timestamp);
    }
    return got;
}

/* ---- search ---- */

/* Told from the bytes alone: most lines are of others, and parsing costs. */
static bool mentions(struct str text, struct str member)
{
    return memmem(text.p, text.n, member.p, member.n) != NULL;
}

static bool is_in_range(const struct audit_search *s, const struct line *line)
{
    int64_t at = line_time(line->timestamp);
    return line->kind == s->kind && (!s->before || line->seq < s->before) &&
           (!s->from_us || at >= s->from_us) && (!s->to_us || at < s->to_us);
}

static bool is_of(const json_t *entry, const char *name, struct str value)
{
    const json_t *v = json_object_get(entry, name);
    return str_eq(value, (struct str){json_string_value(v), json_string_length(v)});
}

static void look_at(const struct audit_search *s, struct str text)
{
    struct line line;
    if (!mentions(text, s->org_id) || line_read(text, &line) || !is_in_range(s, &line)) {
        return;
    }
    json_t *entry = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    if (is_of(entry, "org_id", s->org_id)) {
        s->take(s->ctx, &line, text, entry);
    }
    json_decref(entry);
}

static enum status search_segment(struct files *f, size_t i, const struct audit_search *s,
                                  uint64_t *read, struct error *e)
{
    enum segment_read got;
    struct str text;
    if (files_enter(f, i, e) != OK) {
        return FAIL;
    }
    while ((got = segment_read(&f->reader, &text)) == SEGMENT_LINE) {
        look_at(s, text);
    }
    *read += f->reader.offset;
    return got == SEGMENT_ERROR
               ? error_set(e, ERR_IO, "%s can't be read: %s", f->name, strerror(errno))
               : OK;
}

enum status audit_search(const char *dir, const struct audit_search *s, uint64_t *left_off,
                         struct error *e)
{
    struct files f;
    uint64_t read = 0;
    enum status status = files_open(&f, dir, e);
    *left_off = 0;
    for (size_t i = f.count; status == OK && i-- > 0;) {
        uint64_t first_seq = 0;
        int64_t first_us = 0;
        struct error unread = ERROR_INIT;
        bool known = first_entry(&f, i, &first_seq, &first_us, &unread);
        if (known &&
            ((s->before && first_seq >= s->before) || (s->to_us && first_us >= s->to_us))) {
            continue;
        }
        status = search_segment(&f, i, s, &read, e);
        bool enough = s->enough(s->ctx);
        if (known && s->from_us && first_us < s->from_us) {
            break;
        }
        if (i > 0 && (read >= s->bytes_max || enough)) {
            *left_off = first_seq;
            break;
        }
    }
    files_close(&f);
    return status;
}

/* ---- one session ---- */

/* The time in a UUID of version 7 (RFC 9562, 5.7), in microseconds; 0: it is none. */
static int64_t uuid_time(struct str id)
{
    char hex[13];
    unsigned long long ms;
    if (id.n != 36 || id.p[14] != '7' || id.p[8] != '-') {
        return 0;
    }
    memcpy(hex, id.p, 8);
    memcpy(hex + 8, id.p + 9, 4);
    hex[12] = '\0';
    return sscanf(hex, "%12llx", &ms) == 1 ? (int64_t)ms * 1000 : 0;
}

/* The last segment that began before the session did. */
static size_t segment_of(struct files *f, int64_t at_us)
{
    for (size_t i = f->count; at_us && i-- > 0;) {
        uint64_t seq;
        int64_t first_us;
        struct error unread = ERROR_INIT;
        if (first_entry(f, i, &seq, &first_us, &unread) && first_us <= at_us) {
            return i;
        }
    }
    return 0;
}

static void count_entry(struct str text, const struct line *line, struct str org_id,
                        struct str session_id, struct audit_session *out)
{
    if (!mentions(text, session_id)) {
        return;
    }
    json_t *entry = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    if (is_of(entry, "session_id", session_id) && is_of(entry, "org_id", org_id)) {
        if (out->entries++ == 0) {
            memcpy(out->first_hash, line->entry_hash.p, LINE_HASH_TEXT);
        }
        memcpy(out->last_hash, line->entry_hash.p, LINE_HASH_TEXT);
    }
    json_decref(entry);
}

static void broken(const struct files *f, const struct chain *c, uint64_t line, const char *why,
                   struct audit_session *out)
{
    out->chain_valid = false;
    out->bad_seq = c->open_start ? 0 : c->seq + 1;
    out->bad_line = line;
    out->reason = why;
    snprintf(out->bad_file, sizeof out->bad_file, "%s", f->name);
}

static enum status verify_segment(struct files *f, size_t i, struct chain *c, struct str org_id,
                                  struct str session_id, struct audit_session *out, struct error *e)
{
    enum segment_read got;
    struct str text;
    if (files_enter(f, i, e) != OK) {
        return FAIL;
    }
    chain_open_segment(c, f->numbers[i]);
    while ((got = segment_read(&f->reader, &text)) == SEGMENT_LINE) {
        struct line line;
        const char *why = chain_check(c, text, &line);
        if (why) {
            broken(f, c, f->reader.line, why, out);
            return OK;
        }
        chain_advance(c, &line);
        count_entry(text, &line, org_id, session_id, out);
    }
    if (got == SEGMENT_ERROR) {
        return error_set(e, ERR_IO, "%s can't be read: %s", f->name, strerror(errno));
    }
    if (got != SEGMENT_END) {
        broken(f, c, f->reader.line + 1, "the line isn't an entry, or isn't complete", out);
    }
    return OK;
}

static enum status verify_from(struct files *f, size_t from, struct chain *c, struct str org_id,
                               struct str session_id, uint64_t bytes_max, struct audit_session *out,
                               struct error *e)
{
    uint64_t read = 0;
    for (size_t i = from; out->chain_valid && i < f->count; i++) {
        if (read >= bytes_max) {
            error_set(e, ERR_TOO_LARGE,
                      "the log since the session began is too long to verify here");
            return error_hint(e, "Use `hatidata audit verify` on the log's folder.");
        }
        if (i > from && f->numbers[i] != f->numbers[i - 1] + 1) {
            segment_name(f->numbers[i - 1] + 1, f->name);
            broken(f, c, 1, "the segment is missing", out);
            break;
        }
        if (verify_segment(f, i, c, org_id, session_id, out, e) != OK) {
            return FAIL;
        }
        read += f->reader.offset;
    }
    return OK;
}

enum status audit_verify_session(const char *dir, struct str org_id, struct str session_id,
                                 uint64_t bytes_max, struct audit_session *out, struct error *e)
{
    struct files f;
    struct chain chain;
    struct hasher *hasher = hasher_new();
    enum status status = files_open(&f, dir, e);
    *out = (struct audit_session){.chain_valid = true};
    if (status == OK && f.count > 0) {
        size_t from = segment_of(&f, uuid_time(session_id));
        chain_init(&chain, hasher);
        chain.open_start = f.numbers[from] != 1;
        chain.whole = !chain.open_start;
        status = verify_from(&f, from, &chain, org_id, session_id, bytes_max, out, e);
    }
    hasher_free(hasher);
    files_close(&f);
    return status;
}
