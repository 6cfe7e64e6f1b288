/* The compiled policies of all organizations: rules by organization, then by the table, tag, schema
 * or column that they name, so that a decision reads the rules of its own tables and no others.
 * Built once, then only read; the last reference frees it. */
#include <stdatomic.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/map.h"
#include "base/mem.h"
#include "policy/rules.h"

struct policy_snapshot {
    _Atomic int references;
    uint64_t version;
    struct arena *arena;
    struct map *orgs; /* org id to struct org_rules, of the arena */
};

enum { KEY_SIZE = 320 };

/* "t" and the name in lower case; of `stack` or, where it is too small, NULL text: no such bucket
 * can have been made, since names that long are refused there too. */
static struct str bucket_key(char stack[KEY_SIZE], enum bucket_of of, struct str name)
{
    if (name.n + 1 > KEY_SIZE) {
        return STR_NULL;
    }
    stack[0] = (char)of;
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        stack[i + 1] = c >= 'A' && c <= 'Z' ? (char)(c + 32) : c;
    }
    return (struct str){stack, name.n + 1};
}

const struct bucket *bucket_find(const struct org_rules *o, enum bucket_of of, struct str name)
{
    char stack[KEY_SIZE];
    struct str key = bucket_key(stack, of, name);
    return key.n ? map_get(o->index, key) : NULL;
}

void table_rules_find(const struct org_rules *o, const struct table *t, struct arena *a,
                      struct table_rules *out)
{
    *out = (struct table_rules){0};
    if (!o || map_count(o->index) == 0) {
        return;
    }
    out->at = ARENA_ARRAY(a, const struct bucket *, 3 + t->tag_count);
    for (size_t i = 0; i < 3 + t->tag_count; i++) {
        const struct bucket *b = i == 0   ? bucket_find(o, BUCKET_TABLE, t->qualified)
                                 : i == 1 ? bucket_find(o, BUCKET_TABLE, t->name)
                                 : i == 2 ? bucket_find(o, BUCKET_SCHEMA, t->schema)
                                          : bucket_find(o, BUCKET_TABLE_TAG, t->tags[i - 3]);
        if (b) {
            out->at[out->count++] = b;
        }
    }
}

static struct bucket *bucket_make(struct policy_snapshot *s, struct org_rules *o, enum bucket_of of,
                                  struct str name)
{
    char stack[KEY_SIZE];
    struct str key = bucket_key(stack, of, name);
    struct bucket *b = key.n ? map_get(o->index, key) : NULL;
    if (!b) {
        b = ARENA_NEW(s->arena, struct bucket);
        map_put(o->index, key, b);
    }
    return b;
}

static void add_mask(struct policy_snapshot *s, struct org_rules *o, const struct mask_rule *m)
{
    bool by_tag = m->column.kind == SELECT_TAG;
    struct bucket *b;
    if (m->table.kind == SELECT_ANY) {
        b = bucket_make(s, o, by_tag ? BUCKET_COLUMN_TAG : BUCKET_COLUMN, m->column.text);
        o->has_column_tag_masks |= by_tag;
        o->has_any_table_masks |= !by_tag;
    } else {
        b = bucket_make(s, o, m->table.kind == SELECT_TAG ? BUCKET_TABLE_TAG : BUCKET_TABLE,
                        m->table.text);
    }
    VEC_PUSH(s->arena, b->masks, m);
}

static void add_filter(struct policy_snapshot *s, struct org_rules *o, const struct filter_rule *f)
{
    struct bucket *b = bucket_make(
        s, o, f->table.kind == SELECT_TAG ? BUCKET_TABLE_TAG : BUCKET_TABLE, f->table.text);
    VEC_PUSH(s->arena, b->filters, f);
    if (f->old.has_query || f->fresh.has_query) {
        VEC_PUSH(s->arena, o->reading, f);
    }
}

static void add_abac(struct policy_snapshot *s, struct org_rules *o, const struct abac_rule *rule)
{
    for (size_t i = 0; i < rule->resource_count; i++) {
        const struct selector *r = &rule->resources[i];
        struct bucket *b = NULL;
        switch (r->kind) {
        case SELECT_EVERYTHING:
            b = &o->everything;
            break;
        case SELECT_ANY:
            b = &o->any_table;
            break;
        case SELECT_NAME:
            b = bucket_make(s, o, BUCKET_TABLE, r->text);
            break;
        case SELECT_TAG:
            b = bucket_make(s, o, BUCKET_TABLE_TAG, r->text);
            break;
        case SELECT_SCHEMA:
            b = bucket_make(s, o, BUCKET_SCHEMA, r->text);
            break;
        }
        VEC_PUSH(s->arena, b->abac, rule);
    }
}

static struct org_rules *org_make(struct policy_snapshot *s, struct str org_id)
{
    struct org_rules *o = map_get(s->orgs, org_id);
    if (!o) {
        o = ARENA_NEW(s->arena, struct org_rules);
        o->index = map_new();
        map_put(s->orgs, org_id, o);
    }
    return o;
}

static void add_document(struct policy_snapshot *s, const struct policy_document *d)
{
    struct org_rules *o = org_make(s, d->org_id);
    struct rules rules;
    struct error why = ERROR_INIT;
    if (document_read(d, s->arena, &rules, &why) != OK) {
        /* Without the reason: it quotes the document. */
        log_error("policy", "policy %.*s can't be read: its organization is denied everything",
                  STR_ARG(d->id));
        o->is_damaged = true;
        o->damaged_policy = arena_str(s->arena, d->name);
        return;
    }
    if (!rules.enabled) {
        return;
    }
    for (size_t i = 0; i < rules.mask_count; i++) {
        add_mask(s, o, &rules.masks[i]);
    }
    for (size_t i = 0; i < rules.filter_count; i++) {
        add_filter(s, o, &rules.filters[i]);
    }
    if (rules.abac) {
        add_abac(s, o, rules.abac);
    }
}

struct policy_snapshot *policy_compile(const struct policy_document *documents, size_t count,
                                       uint64_t version)
{
    struct policy_snapshot *s = mem_alloc(sizeof *s);
    atomic_init(&s->references, 1);
    s->version = version;
    s->arena = arena_new(0);
    s->orgs = map_new();
    for (size_t i = 0; i < count; i++) {
        if (documents[i].enabled) {
            add_document(s, &documents[i]);
        }
    }
    return s;
}

struct policy_snapshot *policy_ref(struct policy_snapshot *s)
{
    atomic_fetch_add_explicit(&s->references, 1, memory_order_relaxed);
    return s;
}

void policy_unref(struct policy_snapshot *s)
{
    if (!s || atomic_fetch_sub_explicit(&s->references, 1, memory_order_acq_rel) != 1) {
        return;
    }
    size_t at = 0;
    struct str key;
    void *value;
    while (map_next(s->orgs, &at, &key, &value)) {
        map_free(((struct org_rules *)value)->index, NULL);
    }
    map_free(s->orgs, NULL);
    arena_free(s->arena);
    free(s);
}

uint64_t policy_version(const struct policy_snapshot *s)
{
    return s->version;
}

const struct org_rules *snapshot_org(const struct policy_snapshot *s, struct str org_id)
{
    return map_get(s->orgs, org_id);
}
