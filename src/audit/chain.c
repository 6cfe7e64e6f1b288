#include "audit/chain.h"

#include <stdio.h>

#include "audit/entry.h"
#include "audit/segment.h"
#include "base/text.h"

void chain_init(struct chain *c, struct hasher *h)
{
    *c = (struct chain){.hasher = h, .version = 1, .whole = true};
    memcpy(c->hash, line_no_hash, sizeof line_no_hash);
    memcpy(c->iam_hash, line_no_hash, sizeof line_no_hash);
}

void chain_open_segment(struct chain *c, unsigned number)
{
    c->opening = true;
    c->segment = number;
}

/* --- the first entry of a segment --- */

struct opening {
    bool creates; /* the log */
    struct str file, before, log, tree;
    struct str age, iam_seq, iam; /* from version 3 on */
};

/* The member that follows; STR_NULL where another one does. */
static struct str next_member(struct str body, const char *name, size_t *at)
{
    size_t end;
    struct str value = line_member(body, *at, name, &end);
    if (value.p) {
        *at = end + 1;
    }
    return value;
}

static const char created[] = "log_created", goes_on[] = "segment";

static bool is_opening(struct str action)
{
    return str_is(action, created) || str_is(action, goes_on);
}

static const char *read_opening(const struct line *line, struct opening *out)
{
    size_t at = 0;
    struct str id = next_member(line->body, "entry_id", &at);
    struct str action = next_member(line->body, "action", &at);
    struct str resource = next_member(line->body, "resource", &at);
    if (line->kind != AUDIT_SYSTEM || !id.p || !is_opening(action) || !resource.p) {
        return "a segment must open with the entry \"segment\", a log with \"log_created\"";
    }
    *out = (struct opening){.creates = str_is(action, created), .file = resource};
    if (out->creates) {
        out->log = resource;
    } else {
        out->before = next_member(line->body, "before", &at);
    }
    if (!out->creates && line->version >= LINE_VERSION_TREE) {
        out->log = next_member(line->body, "log", &at);
        out->tree = next_member(line->body, "tree", &at);
    }
    if (!out->creates && line->version >= LINE_VERSION_AGE) {
        out->age = next_member(line->body, "age", &at);
        out->iam_seq = next_member(line->body, "iam_seq", &at);
        out->iam = next_member(line->body, "iam", &at);
    }
    return at == line->body.n + 1 ? NULL
                                  : "it has other members than a first entry of a segment has";
}

/* The roots of the whole subtrees, the largest first, in hexadecimal digits. */
static void put_tree(const struct merkle *t, struct buf *out)
{
    for (unsigned at = MERKLE_HEIGHT; at-- > 0;) {
        if (t->size >> at & 1) {
            char text[2 * MERKLE_SIZE + 1];
            text_hex(t->peak[at], MERKLE_SIZE, text);
            buf_puts(out, text);
        }
    }
}

static bool is_tree(const struct merkle *t, struct str text)
{
    struct buf mine = BUF_INIT(0);
    put_tree(t, &mine);
    bool same = str_eq(buf_str(&mine), text);
    buf_free(&mine);
    return same;
}

/* Such a text as the tree over so many entries. */
static bool read_tree(struct str text, uint64_t size, struct merkle *out)
{
    size_t at = 0;
    *out = (struct merkle){.size = size};
    for (unsigned height = MERKLE_HEIGHT; height-- > 0;) {
        if (size >> height & 1) {
            if (at + 2 * MERKLE_SIZE > text.n ||
                !text_unhex((struct str){text.p + at, 2 * MERKLE_SIZE}, out->peak[height],
                            MERKLE_SIZE)) {
                return false;
            }
            at += 2 * MERKLE_SIZE;
        }
    }
    return size >> MERKLE_HEIGHT == 0 && is_tree(out, text);
}

static bool read_count(struct str text, uint64_t *out)
{
    enum { DIGITS_MAX = 18 };
    *out = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        *out = *out * 10 + (uint64_t)(text.p[i] - '0');
    }
    return text.n > 0 && text.n <= DIGITS_MAX && (text.n == 1 || text.p[0] != '0');
}

/* What the log grows older by with this line: never more than really passed, but for a restart
 * under a forged clock, which the bound is for. */
static int64_t gap_before(const struct chain *c, const struct line *line)
{
    if (c->version < LINE_VERSION_AGE || line->at_us <= c->at_us ||
        str_is(line_system_action(line, NULL), CHAIN_CLOCK_FORWARD)) {
        return 0;
    }
    int64_t gap = line->at_us - c->at_us;
    return gap < CHAIN_GAP_MAX_US ? gap : CHAIN_GAP_MAX_US;
}

/* What an opening of version 3 must say besides: NULL where it does. */
static const char *check_counts(const struct chain *c, const struct line *line,
                                const struct opening *o)
{
    uint64_t age, seq;
    if (!read_count(o->age, &age) || !read_count(o->iam_seq, &seq) || !line_is_hash(o->iam) ||
        (seq == 0) != str_is(o->iam, line_no_hash)) {
        return "it doesn't tell the log's age and IAM entries";
    }
    if (c->open_start) {
        return NULL;
    }
    if (age != (uint64_t)(c->age_us + gap_before(c, line))) {
        return "its age is not that of the entries before";
    }
    return seq == c->iam_seq && str_is(o->iam, c->iam_hash)
               ? NULL
               : "its IAM entries are not those before";
}

static const char *check_state(const struct chain *c, const struct line *line,
                               const struct opening *o)
{
    struct merkle tree;
    if (!id_is_uuid(o->log)) {
        return "it doesn't name its log";
    }
    if (c->log_id[0] && !str_is(o->log, c->log_id)) {
        return "it is of another log";
    }
    bool right = c->open_start || !c->whole ? read_tree(o->tree, line->seq - 1, &tree)
                                            : is_tree(&c->tree, o->tree);
    if (!right) {
        return "its tree is not that of the entries before";
    }
    return line->version >= LINE_VERSION_AGE ? check_counts(c, line, o) : NULL;
}

/* Any, where the file's own name doesn't tell which. */
static bool names_segment_before(const struct chain *c, struct str file)
{
    char name[SEGMENT_NAME_SIZE] = "";
    if (file.n < sizeof name) {
        memcpy(name, file.p, file.n);
    }
    unsigned number = segment_number(name);
    return number > 0 && (c->segment == 0 || number == c->segment - 1);
}

static const char *check_opening(const struct chain *c, const struct line *line)
{
    struct opening o;
    const char *why = read_opening(line, &o);
    if (why) {
        return why;
    }
    if (o.creates || c->segment == 1) {
        bool first = o.creates && c->segment <= 1 && line->seq == 1 &&
                     memcmp(line->prev_hash.p, line_no_hash, LINE_HASH_TEXT) == 0;
        if (!first) {
            return "the log must open with log_created as seq 1";
        }
        return id_is_uuid(o.log) ? NULL : "it doesn't name its log";
    }
    if (!names_segment_before(c, o.file)) {
        return "it names another segment than the one before";
    }
    if (!str_eq(o.before, line->prev_hash) || !line_is_hash(o.before)) {
        return "it names another hash than that of the entry before";
    }
    return line->version >= LINE_VERSION_TREE ? check_state(c, line, &o) : NULL;
}

/* What the first entry of a segment tells of the entries before. */
static void take_opening(struct chain *c, const struct line *line)
{
    struct opening o;
    uint64_t age;
    if (read_opening(line, &o)) {
        return;
    }
    if (o.log.n > 0 && o.log.n < sizeof c->log_id) {
        memcpy(c->log_id, o.log.p, o.log.n);
        c->log_id[o.log.n] = '\0';
    }
    if (c->open_start || !c->whole) {
        c->whole = o.creates || (line->version >= LINE_VERSION_TREE &&
                                 read_tree(o.tree, line->seq - 1, &c->tree));
    }
    if (c->open_start && !o.creates && line->version >= LINE_VERSION_AGE &&
        read_count(o.age, &age) && read_count(o.iam_seq, &c->iam_seq)) {
        c->age_us = (int64_t)age;
        memcpy(c->iam_hash, o.iam.p, LINE_HASH_TEXT);
    }
}

void chain_trust(struct chain *c, const struct line *opening)
{
    take_opening(c, opening);
    c->seq = opening->seq - 1;
}

/* --- going on --- */

/* Its place among the IAM entries stands right after its id. */
static const char *check_iam(const struct chain *c, const struct line *line)
{
    uint64_t number;
    size_t at = 0;
    if (line->version < LINE_VERSION_AGE) {
        return NULL;
    }
    struct str id = next_member(line->body, "entry_id", &at);
    struct str seq = next_member(line->body, "iam_seq", &at);
    struct str prev = next_member(line->body, "prev_iam", &at);
    if (!id.p || !read_count(seq, &number) || number != c->iam_seq + 1) {
        return "its iam_seq is not one more than that of the IAM entry before";
    }
    return str_is(prev, c->iam_hash) ? NULL : "prev_iam is not the hash of the IAM entry before";
}

static const char *check_hash(const struct chain *c, struct str text, struct line *out)
{
    char hash[LINE_HASH_TEXT + 1];
    const char *why = line_read(text, out);
    if (why) {
        return why;
    }
    out->at_us = line_time(out->timestamp);
    if (out->at_us == 0) {
        return "its timestamp is not a time";
    }
    if (str_has_control(text)) {
        return "it has a byte below 0x20";
    }
    line_hash(c->hasher, out->version, out->covered, out->hash);
    text_hex(out->hash, sizeof out->hash, hash);
    return memcmp(hash, out->entry_hash.p, LINE_HASH_TEXT) == 0
               ? NULL
               : "entry_hash does not match its bytes";
}

static void count_iam(struct chain *c, const struct line *line)
{
    if (line->kind == AUDIT_IAM && line->version >= LINE_VERSION_AGE) {
        c->iam_seq++;
        text_hex(line->hash, sizeof line->hash, c->iam_hash);
    }
}

/* What an IAM entry itself says of those before it. */
static void trust_iam(struct chain *c, const struct line *line)
{
    uint64_t number;
    size_t at = 0;
    (void)next_member(line->body, "entry_id", &at);
    struct str seq = next_member(line->body, "iam_seq", &at);
    struct str prev = next_member(line->body, "prev_iam", &at);
    if (read_count(seq, &number) && number > 1 && line_is_hash(prev)) {
        c->iam_seq = number - 1;
        memcpy(c->iam_hash, prev.p, LINE_HASH_TEXT);
    }
}

const char *chain_take_iam(struct chain *c, struct str text, struct line *out)
{
    const char *why = check_hash(c, text, out);
    if (why) {
        return why;
    }
    if (out->kind != AUDIT_IAM || out->version < c->version) {
        return "it is no IAM entry, or of an older version than the one before";
    }
    c->version = out->version;
    if (c->open_start && out->version >= LINE_VERSION_AGE) {
        trust_iam(c, out);
        c->open_start = false;
    }
    why = check_iam(c, out);
    if (!why) {
        count_iam(c, out);
    }
    return why;
}

const char *chain_check(const struct chain *c, struct str text, struct line *out)
{
    const char *why = check_hash(c, text, out);
    if (why) {
        return why;
    }
    if (!c->open_start && out->seq != c->seq + 1) {
        return "its seq is not one more than that of the entry before";
    }
    if (!c->open_start && memcmp(out->prev_hash.p, c->hash, LINE_HASH_TEXT) != 0) {
        return "prev_hash is not the hash of the entry before";
    }
    if (out->version < c->version || (out->version > c->version && !c->opening && !c->open_start)) {
        return "the version changes where it can't";
    }
    if (c->opening) {
        return check_opening(c, out);
    }
    if (c->open_start) {
        return NULL;
    }
    if (is_opening(line_system_action(out, NULL))) {
        return "only the first entry of a segment can be one of this action";
    }
    return out->kind == AUDIT_IAM ? check_iam(c, out) : NULL;
}

void chain_advance(struct chain *c, const struct line *line)
{
    uint8_t leaf[MERKLE_SIZE];
    bool trusting = c->open_start;
    if (c->opening) {
        take_opening(c, line);
    }
    c->age_us += trusting ? 0 : gap_before(c, line);
    c->opening = c->open_start = false;
    c->version = line->version;
    c->seq = line->seq;
    c->at_us = line->at_us;
    text_hex(line->hash, sizeof line->hash, c->hash);
    count_iam(c, line);
    if (c->whole) {
        merkle_leaf(c->hasher, (struct str){(const char *)line->hash, sizeof line->hash}, leaf);
        merkle_push(&c->tree, c->hasher, 0, leaf);
    }
}

/* The members of an IAM entry, with its place among them after its id. */
static void put_iam(const struct chain *c, struct str body, struct buf *out)
{
    size_t at = 0;
    (void)line_member(body, 0, "entry_id", &at);
    buf_put_str(out, (struct str){body.p, at});
    buf_printf(out, ",\"iam_seq\":\"%llu\",\"prev_iam\":\"%s\"", (unsigned long long)c->iam_seq + 1,
               c->iam_hash);
    buf_put_str(out, (struct str){body.p + at, body.n - at});
}

void chain_write(struct chain *c, struct buf *out, int64_t wall_us, enum audit_kind kind,
                 struct str body)
{
    struct line line = {
        .version = LINE_VERSION, .seq = c->seq + 1, .kind = kind, .at_us = wall_us, .body = body};
    struct buf iam = BUF_INIT(0);
    if (kind == AUDIT_IAM) {
        put_iam(c, body, &iam);
        line.body = buf_str(&iam);
    }
    line_write(out, c->hasher, line.seq, wall_us, kind, line.body, c->hash, line.hash);
    c->opening = false;
    chain_advance(c, &line);
    buf_free(&iam);
}

void chain_write_opening(const struct chain *c, int64_t wall_us, struct buf *body)
{
    const struct line now = {.version = LINE_VERSION, .kind = AUDIT_SYSTEM, .at_us = wall_us};
    char file[SEGMENT_NAME_SIZE], age[24], iam_seq[24];
    struct buf tree = BUF_INIT(0);
    struct entry_system entry = {.action = created, .resource = str_of(c->log_id)};
    if (c->segment > 1) {
        segment_name(c->segment - 1, file);
        snprintf(age, sizeof age, "%lld", (long long)(c->age_us + gap_before(c, &now)));
        snprintf(iam_seq, sizeof iam_seq, "%llu", (unsigned long long)c->iam_seq);
        put_tree(&c->tree, &tree);
        entry = (struct entry_system){.action = goes_on,
                                      .resource = str_of(file),
                                      .before = str_of(c->hash),
                                      .log = str_of(c->log_id),
                                      .tree = buf_str(&tree),
                                      .age = str_of(age),
                                      .iam_seq = str_of(iam_seq),
                                      .iam = str_of(c->iam_hash)};
    }
    entry_write_system(body, &entry);
    buf_free(&tree);
}
