#include "audit/search.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/find.h"
#include "audit/reader.h"
#include "base/mem.h"

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

static enum status search_segment(struct reader *r, size_t i, const struct audit_search *s,
                                  uint64_t *read, struct error *e)
{
    enum reader_got got;
    struct str text;
    reader_begin(r, i, i + 1, NULL);
    while ((got = reader_next(r, &text, NULL, e)) == READER_LINE) {
        look_at(s, text);
    }
    *read += r->offset;
    return got == READER_FAILED ? FAIL : OK;
}

/* ---- by the engine's columns ---- */

/* Who asks for the newest is answered from the newest segments; only what they don't have is looked
 * for in more of them. */
enum { PLACES_FIRST = 128, PLACES_MOST = 8192, SEGMENTS_FIRST = 4, SEGMENTS_TIMES = 16 };

struct finding {
    const struct audit_search *s;
    struct reader *r;
    struct audit_place *places;
    size_t most, n;
    uint64_t least, before, read; /* least: 0, no older entries are wanted or there */
    size_t top, segments;         /* that many below numbers[top] are looked at */
    bool done;
    uint64_t left_off;
};

/* The entries at the places that were found, until there are enough. */
static enum status read_places(struct finding *f, struct error *e)
{
    for (size_t i = 0; i < f->n && !f->done; i++) {
        const struct audit_place *p = &f->places[i];
        struct str text;
        enum reader_got got = reader_at(f->r, p->segment, p->offset, &text, e);
        if (got == READER_FAILED) {
            return FAIL;
        }
        f->before = p->seq;
        if (got != READER_LINE) {
            continue; /* deleted meanwhile */
        }
        f->read += text.n;
        look_at(f->s, text);
        bool is_last = i + 1 == f->n && f->n < f->most && !f->least;
        f->done = (f->s->enough(f->s->ctx) || f->read >= f->s->bytes_max) && !is_last;
        f->left_off = f->done ? p->seq : 0;
    }
    return OK;
}

/* The newest segment that can have what is wanted, and what is behind it. */
static size_t newest_segment(struct reader *r, const struct audit_search *s)
{
    uint64_t seq;
    int64_t us;
    size_t top = r->count;
    while (top > 1 && reader_first(r, top - 1, &seq, &us) &&
           ((s->to_us && us >= s->to_us) || (s->before && seq >= s->before))) {
        top--;
    }
    return top;
}

static void bound(struct finding *f)
{
    uint64_t seq;
    int64_t us;
    f->least = 0;
    if (f->segments < f->top && reader_first(f->r, f->top - f->segments, &seq, &us) &&
        !(f->s->from_us && us < f->s->from_us)) {
        f->least = seq;
    }
}

/* Everything was found that is in the segments: on to more of them. */
static void go_further(struct finding *f)
{
    f->done = !f->least;
    f->before = f->least;
    f->segments *= SEGMENTS_TIMES;
    bound(f);
}

static enum status search_found(const struct audit_search *s, struct reader *r, uint64_t *left_off,
                                struct error *e)
{
    struct finding f = {.s = s,
                        .r = r,
                        .most = PLACES_FIRST,
                        .before = s->before,
                        .top = newest_segment(r, s),
                        .segments = SEGMENTS_FIRST};
    enum status status;
    f.places = mem_calloc(PLACES_MOST, sizeof *f.places);
    bound(&f);
    do {
        status = audit_find(s, f.least, f.before, f.places, f.most, &f.n, e);
        if (status == OK) {
            status = read_places(&f, e);
        }
        if (f.n < f.most && !f.done) {
            go_further(&f);
        }
        f.most = f.most * 4 < PLACES_MOST ? f.most * 4 : PLACES_MOST;
    } while (status == OK && !f.done);
    *left_off = f.left_off;
    free(f.places);
    return status;
}

/* ---- line by line ---- */

static enum status search_segments(const struct audit_search *s, struct reader *r,
                                   uint64_t *left_off, struct error *e)
{
    uint64_t read = 0;
    enum status status = OK;
    for (size_t i = r->count; status == OK && i-- > 0;) {
        uint64_t first_seq = 0;
        int64_t first_us = 0;
        bool known = reader_first(r, i, &first_seq, &first_us);
        if (known &&
            ((s->before && first_seq >= s->before) || (s->to_us && first_us >= s->to_us))) {
            continue;
        }
        status = search_segment(r, i, s, &read, e);
        bool enough = s->enough(s->ctx);
        if (known && s->from_us && first_us < s->from_us) {
            break;
        }
        if (i > 0 && (read >= s->bytes_max || enough)) {
            *left_off = first_seq;
            break;
        }
    }
    return status;
}

enum status audit_search(const char *dir, const struct audit_search *s, uint64_t *left_off,
                         struct error *e)
{
    struct reader r;
    enum status status = reader_open_folder(&r, dir, e);
    r.growing = true;
    *left_off = 0;
    if (status == OK) {
        status = s->engine ? search_found(s, &r, left_off, e) : search_segments(s, &r, left_off, e);
    }
    reader_close(&r);
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
static size_t segment_of(struct reader *r, int64_t at_us)
{
    for (size_t i = r->count; at_us && i-- > 0;) {
        uint64_t seq;
        int64_t first_us;
        if (reader_first(r, i, &seq, &first_us) && first_us <= at_us) {
            return i;
        }
    }
    return 0;
}

static void count(const struct line *line, struct audit_session *out)
{
    if (out->entries++ == 0) {
        memcpy(out->first_hash, line->entry_hash.p, LINE_HASH_TEXT);
    }
    memcpy(out->last_hash, line->entry_hash.p, LINE_HASH_TEXT);
}

/* Counts the entry where it has both members; a session of STR_NULL is any. */
static void count_entry(struct str text, const struct line *line, struct str org_id,
                        struct str session_id, struct audit_session *out)
{
    if (!mentions(text, session_id.n ? session_id : org_id)) {
        return;
    }
    json_t *entry = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL);
    if (is_of(entry, "org_id", org_id) &&
        (!session_id.n || is_of(entry, "session_id", session_id))) {
        count(line, out);
    }
    json_decref(entry);
}

static void broken(const struct reader *r, uint64_t seq, struct audit_session *out)
{
    out->chain_valid = false;
    out->bad_seq = seq;
    out->bad_line = r->line;
    out->reason = r->why;
    snprintf(out->bad_file, sizeof out->bad_file, "%s", r->file);
}

static enum status too_long(struct error *e)
{
    error_set(e, ERR_TOO_LARGE, "the log is too long to verify here");
    return error_hint(e, "Use `hatidata audit verify` on the log's folder.");
}

static enum status verify_from(struct reader *r, struct str org_id, struct str session_id,
                               uint64_t bytes_max, struct audit_session *out, struct error *e)
{
    enum reader_got got;
    struct str text;
    struct line line;
    uint64_t read = 0;
    while ((got = reader_next(r, &text, &line, e)) == READER_LINE && read <= bytes_max) {
        chain_advance(r->chain, &line);
        count_entry(text, &line, org_id, session_id, out);
        read += text.n;
    }
    if (got == READER_LINE) {
        return too_long(e);
    }
    if (got == READER_BROKEN || got == READER_TORN) {
        broken(r, r->chain->open_start ? 0 : r->chain->seq + 1, out);
    }
    return got == READER_FAILED ? FAIL : OK;
}

enum status audit_verify_session(const char *dir, struct str org_id, struct str session_id,
                                 uint64_t bytes_max, struct audit_session *out, struct error *e)
{
    struct reader r;
    struct chain chain = {.hasher = hasher_new()};
    enum status status = reader_open_folder(&r, dir, e);
    r.growing = true;
    *out = (struct audit_session){.chain_valid = true};
    if (status == OK && r.count > 0) {
        reader_begin(&r, segment_of(&r, uuid_time(session_id)), r.count, &chain);
        status = verify_from(&r, org_id, session_id, bytes_max, out, e);
    }
    hasher_free(chain.hasher);
    reader_close(&r);
    return status;
}

/* ---- changes ---- */

static const char *take_change(struct chain *c, struct str text, struct str org_id,
                               struct audit_session *out)
{
    struct line line;
    const char *why = line_read(text, &line);
    if (why || line.kind != AUDIT_IAM || line.version < LINE_VERSION_AGE) {
        return why;
    }
    why = chain_take_iam(c, text, &line);
    if (!why) {
        count_entry(text, &line, org_id, STR_NULL, out);
    }
    return why;
}

static enum status verify_changes(struct reader *r, struct chain *c, struct str org_id,
                                  uint64_t bytes_max, struct audit_session *out, struct error *e)
{
    enum reader_got got;
    struct str text;
    uint64_t read = 0;
    while ((got = reader_next(r, &text, NULL, e)) == READER_LINE && read <= bytes_max) {
        r->why = take_change(c, text, org_id, out);
        if (r->why) {
            got = READER_BROKEN;
            break;
        }
        read += text.n;
    }
    if (got == READER_LINE) {
        return too_long(e);
    }
    if (got == READER_BROKEN || got == READER_TORN) {
        broken(r, 0, out);
    }
    return got == READER_FAILED ? FAIL : OK;
}

enum status audit_verify_changes(const char *dir, struct str org_id, uint64_t bytes_max,
                                 struct audit_session *out, struct error *e)
{
    struct reader r;
    struct chain chain;
    struct hasher *hasher = hasher_new();
    enum status status = reader_open_folder(&r, dir, e);
    r.growing = true;
    *out = (struct audit_session){.chain_valid = true};
    chain_init(&chain, hasher);
    if (status == OK) {
        chain.open_start = r.count > 0 && r.numbers[0] != 1;
        reader_begin(&r, 0, r.count, NULL);
        status = verify_changes(&r, &chain, org_id, bytes_max, out, e);
    }
    hasher_free(hasher);
    reader_close(&r);
    return status;
}
