/* Aliases that the engine could take for columns. Of [alias, column] it first asks whether a column
 * of the innermost query has the alias's name, whose field is meant then: a structure, or, where
 * two tables there have one, whatever it is. A FROM item whose alias clashes gets another name. */
#include "sql/bind_state.h"

enum { CLASHES = 2 }; /* columns of the name; a structured one counts for both */

static unsigned weight(const struct binder *b, const struct range_column *c)
{
    switch (c->value.type->kind) {
    case TYPE_UNKNOWN:
    case TYPE_OTHER:
    case TYPE_JSON:
    case TYPE_STRUCT:
    case TYPE_MAP:
    case TYPE_UNION:
    case TYPE_LIST:
    case TYPE_ARRAY:
        return CLASHES;
    default:
        return b->has_correlated ? 1 : 0;
    }
}

static void count_column(struct binder *b, struct map *counts, const struct range_column *c)
{
    unsigned n = weight(b, c);
    if (n == 0) {
        return;
    }
    struct str key = bind_fold(b->a, c->name);
    unsigned *count = map_get(counts, key);
    if (!count) {
        count = ARENA_NEW(b->a, unsigned);
        map_put(counts, key, count);
    }
    *count += *count < CLASHES ? n : 0;
}

static bool clashes(struct binder *b, const struct map *counts, struct str name)
{
    const unsigned *count = map_get(counts, bind_fold(b->a, name));
    return count && *count >= CLASHES;
}

/* ---- another name ---- */

struct renaming {
    struct str from;
    struct node *to; /* an IDENT */
    bool is_found;   /* the FROM item of that name */
};

static enum walk rename_item(struct node **n, void *ctx)
{
    struct renaming *r = ctx;
    for (const struct node_member *m = node_members((*n)->kind); m->kind != FIELD_END; m++) {
        bool is_alias = (*n)->kind != NODE_TARGET && m->kind == FIELD_NODE &&
                        str_is(STR("alias"), m->name) && *node_child(*n, m);
        if (is_alias && str_eq(ident_text(*node_child(*n, m)), r->from)) {
            *node_child(*n, m) = r->to;
            r->is_found = true;
        }
    }
    return r->is_found ? WALK_STOP : WALK_ON;
}

static enum walk rename_reference(struct node **n, void *ctx)
{
    struct renaming *r = ctx;
    if ((*n)->kind == NODE_COLUMN_REF) {
        struct node_list *parts = &node_column_ref(*n)->parts;
        if (parts->n > 1 && str_eq(ident_text(parts->at[0]), r->from)) {
            parts->at[0] = r->to;
        }
    }
    return WALK_ON;
}

static struct str free_name(struct binder *b, const struct map *counts, struct str wanted)
{
    struct str name = bind_unique(b, wanted);
    while (clashes(b, counts, name)) {
        name = bind_unique(b, wanted);
    }
    return name;
}

/* What a statement writes to is known to the engine by the name that it has. */
static enum status rename_range(struct binder *b, const struct map *counts, struct range *r,
                                struct node **stmt)
{
    bool is_fixed = (r->table && r->table->written) || !stmt;
    struct renaming renaming = {.from = r->name};
    if (!is_fixed) {
        renaming.to = bind_ident(b, free_name(b, counts, r->name), NULL);
        (void)node_walk(stmt, rename_item, &renaming);
    }
    if (!renaming.is_found) {
        return bind_fail(b, NULL, ERR_DUPLICATE_ALIAS,
                         "the alias \"%.*s\" is also the name of a column of another table: choose "
                         "another alias",
                         STR_ARG(r->name));
    }
    (void)node_walk(stmt, rename_reference, &renaming);
    r->name = ident_text(renaming.to);
    return OK;
}

static struct map *count_columns(struct binder *b)
{
    struct map *counts = map_new();
    for (size_t i = 0; i < b->all_ranges.n; i++) {
        const struct range *r = b->all_ranges.at[i];
        for (size_t k = 0; k < r->n; k++) {
            count_column(b, counts, &r->columns[k]);
        }
    }
    return counts;
}

size_t bind_clashing(struct binder *b, const struct str **out)
{
    VEC_OF(struct str) names = {0};
    struct str name;
    void *count;
    size_t at = 0;
    b->has_correlated = true;
    struct map *counts = count_columns(b);
    while (map_next(counts, &at, &name, &count)) {
        if (*(unsigned *)count >= CLASHES) {
            VEC_PUSH(b->a, names, arena_str(b->a, name));
        }
    }
    map_free(counts, NULL);
    *out = names.at;
    return names.n;
}

enum status bind_settle_aliases(struct binder *b, struct node **stmt)
{
    struct map *counts = count_columns(b);
    enum status status = OK;
    for (size_t i = 0; map_count(counts) && i < b->all_ranges.n && status == OK; i++) {
        struct range *r = b->all_ranges.at[i];
        status = clashes(b, counts, r->name) ? rename_range(b, counts, r, stmt) : OK;
    }
    map_free(counts, NULL);
    return status;
}
