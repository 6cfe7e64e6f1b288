#include "audit/prove.h"

#include <jansson.h>

#include "base/json.h"
#include "base/text.h"

enum { PROOF_JSON_MAX = 16 * 1024 * 1024 };

/* --- what is proven --- */

struct search {
    const struct prove_entry *which; /* NULL: no entry */
    struct buf entry, note;          /* its line; the last checkpoint */
    uint64_t seq, first;
    struct audit_report report;
};

static bool is_wanted(const struct prove_entry *which, const struct line *line)
{
    if (!which || which->seq) {
        return which && which->seq == line->seq;
    }
    return str_eq(line_member(line->body, 0, "entry_id", NULL), which->id);
}

static void look(void *ctx, const struct line *line)
{
    struct search *s = ctx;
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    s->first = s->first ? s->first : line->seq;
    if (is_wanted(s->which, line)) {
        buf_put_str(&s->entry, line_text(line));
        s->seq = line->seq;
    }
    if (checkpoint_in_line(line, "checkpoint", &note)) {
        buf_clear(&s->note);
        buf_put_str(&s->note, buf_str(&note));
    }
    buf_free(&note);
}

static enum status read_log(const char *path, const struct audit_known *known, audit_visit *visit,
                            void *ctx, struct audit_report *report, struct error *e)
{
    if (audit_visit_log(path, known, visit, ctx, report, e) != OK) {
        return FAIL;
    }
    return report->valid ? OK
                         : error_set(e, ERR_CORRUPT, "the log is broken at entry %llu: %s",
                                     (unsigned long long)report->bad_seq, report->reason);
}

static enum status say_expired(const struct search *s, const char *what, struct error *e)
{
    const struct audit_report *r = &s->report;
    return r->expired
               ? error_set(e, ERR_NOT_FOUND, "%s; entries 1 to %llu expired under retention on %s",
                           what, (unsigned long long)r->expired, r->expired_on)
               : error_set(e, ERR_NOT_FOUND, "%s", what);
}

/* The log's last checkpoint, which must have at least so many entries. */
static enum status take_last(const struct search *s, uint64_t least, struct checkpoint *out,
                             struct error *e)
{
    if (s->first != s->report.expired + 1) {
        return error_set(e, ERR_NOT_FOUND, "a proof needs the log's whole folder");
    }
    if (s->note.n == 0) {
        return error_set(e, ERR_NOT_FOUND, "there is no checkpoint in this log");
    }
    if (checkpoint_open(buf_str(&s->note), NULL, 0, out, e) != OK) {
        return FAIL;
    }
    if (out->size < least) {
        error_set(e, ERR_NOT_FOUND, "the last checkpoint has %llu entries, not yet this one",
                  (unsigned long long)out->size);
        return error_hint(e, "Try again after the next one (audit_checkpoint_interval).");
    }
    return OK;
}

/* --- its hashes --- */

struct gathered {
    struct merkle_gathering at;
    struct hasher *hasher;
    bool begun;
};

/* The entries that expired are in the tree as the whole subtrees that the first line tells of. */
static void gather_expired(struct gathered *g, const struct line *first)
{
    struct chain before;
    chain_init(&before, g->hasher);
    before.open_start = first->seq > 1;
    chain_trust(&before, first);
    for (unsigned height = MERKLE_HEIGHT; before.open_start && height-- > 0;) {
        if (before.tree.size >> height & 1) {
            merkle_gather(&g->at, g->hasher, height, before.tree.peak[height]);
        }
    }
}

static void gather(void *ctx, const struct line *line)
{
    struct gathered *g = ctx;
    uint8_t leaf[MERKLE_SIZE];
    if (!g->begun) {
        gather_expired(g, line);
        g->begun = true;
    }
    merkle_leaf(g->hasher, (struct str){(const char *)line->hash, sizeof line->hash}, leaf);
    merkle_gather(&g->at, g->hasher, 0, leaf);
}

static enum status find_hashes(const char *path, struct merkle_proof *proof, struct error *e)
{
    struct gathered g = {.hasher = hasher_new()};
    struct audit_report report;
    merkle_gather_begin(&g.at, proof);
    enum status status = read_log(path, NULL, gather, &g, &report, e);
    hasher_free(g.hasher);
    return status;
}

/* --- the proof as JSON --- */

static void put_hashes(struct json *j, const struct merkle_proof *proof)
{
    json_key(j, "proof");
    json_open(j, '[');
    for (size_t i = 0; i < proof->count; i++) {
        char text[TEXT_BASE64_SIZE(MERKLE_SIZE) + 1];
        text_base64(proof->span[i].hash, MERKLE_SIZE, text);
        json_str(j, str_of(text));
    }
    json_close(j, ']');
}

static void put_proof(struct buf *out, const char *type, const char *of, struct str subject,
                      struct str note, const struct merkle_proof *proof)
{
    struct json j = JSON_INIT(out);
    json_open(&j, '{');
    json_kv_i64(&j, "version", 1);
    json_kv_str(&j, "type", str_of(type));
    json_kv_str(&j, of, subject);
    json_kv_str(&j, "checkpoint", note);
    put_hashes(&j, proof);
    json_close(&j, '}');
}

enum status prove_inclusion(const char *path, const struct prove_entry *which, struct buf *out,
                            struct error *e)
{
    struct search s = {.which = which};
    struct checkpoint last;
    struct merkle_proof proof;
    enum status status = read_log(path, NULL, look, &s, &s.report, e);
    if (status == OK && s.seq == 0) {
        status = say_expired(&s, "there is no such entry in this log", e);
    }
    if (status == OK) {
        status = take_last(&s, s.seq, &last, e);
    }
    if (status == OK) {
        merkle_inclusion(s.seq - 1, last.size, &proof);
        status = find_hashes(path, &proof, e);
    }
    if (status == OK) {
        put_proof(out, "inclusion", "entry", buf_str(&s.entry), buf_str(&s.note), &proof);
    }
    buf_free(&s.entry);
    buf_free(&s.note);
    return status;
}

enum status prove_consistency(const char *path, struct str old, struct buf *out, struct error *e)
{
    struct search s = {0};
    struct audit_witness witness = {.name = "the checkpoint"};
    struct audit_known known = {.witnesses = &witness, .witness_count = 1};
    struct checkpoint last;
    struct merkle_proof proof;
    enum status status = checkpoint_open(old, NULL, 0, &witness.checkpoint, e);
    if (status == OK) {
        status = read_log(path, &known, look, &s, &s.report, e);
    }
    if (status == OK && s.report.unheard) {
        status = say_expired(&s, "the log can't be proven to go on from this checkpoint", e);
    }
    if (status == OK) {
        status = take_last(&s, witness.checkpoint.size, &last, e);
    }
    if (status == OK) {
        merkle_consistency(witness.checkpoint.size, last.size, &proof);
        status = find_hashes(path, &proof, e);
    }
    if (status == OK) {
        put_proof(out, "consistency", "from", old, buf_str(&s.note), &proof);
    }
    buf_free(&s.entry);
    buf_free(&s.note);
    return status;
}

/* --- checking --- */

static enum status not_proven(struct error *e, const char *why)
{
    error_set(e, ERR_CORRUPT, "%s", why);
    return error_hint(e, "Don't believe it; ask for another proof.");
}

static struct str text_of(const json_t *j, const char *name)
{
    const json_t *v = json_object_get(j, name);
    return json_is_string(v) ? (struct str){json_string_value(v), json_string_length(v)} : STR_NULL;
}

static bool read_hashes(const json_t *j, uint8_t (*out)[MERKLE_SIZE], size_t *count)
{
    const json_t *list = json_object_get(j, "proof"), *item;
    size_t i;
    *count = json_array_size(list);
    if (!json_is_array(list) || *count > MERKLE_PROOF_MAX) {
        return false;
    }
    json_array_foreach(list, i, item)
    {
        if (!json_is_string(item) ||
            !text_unbase64((struct str){json_string_value(item), json_string_length(item)}, out[i],
                           MERKLE_SIZE)) {
            return false;
        }
    }
    return true;
}

struct reading {
    const json_t *json;
    struct hasher *hasher;
    const struct note_key *keys;
    size_t key_count;
    uint8_t hashes[MERKLE_PROOF_MAX][MERKLE_SIZE];
    size_t count;
};

static enum status check_inclusion(struct reading *r, struct arena *a, struct proof_shown *out,
                                   struct error *e)
{
    struct str text = text_of(r->json, "entry");
    struct chain alone;
    struct line line;
    uint8_t leaf[MERKLE_SIZE];
    chain_init(&alone, r->hasher);
    alone.open_start = true;
    const char *why = text.p ? chain_check(&alone, text, &line) : "there is none";
    if (why) {
        error_set(e, ERR_CORRUPT, "the entry in the proof is not one: %s", why);
        return error_hint(e, "Don't believe it; ask for another proof.");
    }
    merkle_leaf(r->hasher, (struct str){(const char *)line.hash, sizeof line.hash}, leaf);
    if (line.seq > out->checkpoint.size ||
        !merkle_is_included(r->hasher, line.seq - 1, out->checkpoint.size, leaf,
                            (const uint8_t(*)[MERKLE_SIZE])r->hashes, r->count,
                            out->checkpoint.root)) {
        return not_proven(e, "the proof doesn't show that this entry is in the log");
    }
    out->is_inclusion = true;
    out->seq = line.seq;
    out->entry = arena_str(a, text);
    return OK;
}

static enum status check_consistency(struct reading *r, struct proof_shown *out, struct error *e)
{
    struct str note = text_of(r->json, "from");
    if (checkpoint_open(note, r->keys, r->key_count, &out->from, e) != OK) {
        return FAIL;
    }
    if (strcmp(out->from.origin, out->checkpoint.origin) != 0 ||
        !merkle_is_consistent(r->hasher, out->from.size, out->checkpoint.size,
                              (const uint8_t(*)[MERKLE_SIZE])r->hashes, r->count, out->from.root,
                              out->checkpoint.root)) {
        return not_proven(e, "the proof doesn't show that the log begins with the older one");
    }
    return OK;
}

static enum status check(struct reading *r, struct arena *a, struct proof_shown *out,
                         struct error *e)
{
    struct str type = text_of(r->json, "type");
    if (!json_is_integer(json_object_get(r->json, "version")) ||
        json_integer_value(json_object_get(r->json, "version")) != 1 ||
        !read_hashes(r->json, r->hashes, &r->count)) {
        return not_proven(e, "this is not a proof of version 1");
    }
    if (checkpoint_open(text_of(r->json, "checkpoint"), r->keys, r->key_count, &out->checkpoint,
                        e) != OK) {
        return FAIL;
    }
    if (str_is(type, "inclusion")) {
        return check_inclusion(r, a, out, e);
    }
    return str_is(type, "consistency") ? check_consistency(r, out, e)
                                       : not_proven(e, "the proof is of no known type");
}

enum status proof_check(struct str json, const struct note_key *keys, size_t count, struct arena *a,
                        struct proof_shown *out, struct error *e)
{
    *out = (struct proof_shown){0};
    if (count == 0) {
        return error_set(e, ERR_KEY, "a proof needs the public key that signs the log");
    }
    json_t *tree =
        json.n <= PROOF_JSON_MAX ? json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL) : NULL;
    struct reading r = {.json = tree, .hasher = hasher_new(), .keys = keys, .key_count = count};
    enum status status =
        json_is_object(tree) ? check(&r, a, out, e) : not_proven(e, "this is not a proof");
    hasher_free(r.hasher);
    json_decref(tree);
    return status;
}
