/* The tables of each dialect, and the index over their names, made once a process. */
#include "dialect/rules.h"

#include <pthread.h>
#include <stdlib.h>

static const struct rule_table snowflake[] = {
    {snowflake_condition_functions, NULL},
    {snowflake_text_functions, NULL},
    {snowflake_regex_functions, snowflake_regex_nodes},
    {NULL, like_any_nodes},
    {snowflake_number_functions, NULL},
    {snowflake_date_functions, NULL},
    {snowflake_convert_functions, NULL},
    {snowflake_context_functions, NULL},
    {NULL, snowflake_type_nodes},
    {snowflake_json_functions, snowflake_json_nodes},
    {snowflake_path_functions, snowflake_path_nodes},
    {snowflake_array_functions, snowflake_array_nodes},
    {NULL, snowflake_flatten_nodes},
    {NULL, snowflake_join_nodes},
    {NULL, snowflake_pivot_nodes},
    {snowflake_generator_functions, NULL},
    {snowflake_aggregate_functions, NULL},
    {NULL, NULL},
};

static const struct rule_table duckdb[] = {
    {duckdb_functions, duckdb_nodes},
    {NULL, NULL},
};

static const struct rule_table postgres[] = {
    {postgres_functions, postgres_nodes},
    {postgres_json_functions, postgres_json_nodes},
    {NULL, postgres_literal_nodes},
    {NULL, postgres_rows_nodes},
    {NULL, postgres_type_nodes},
    {NULL, postgres_temporary_nodes},
    {NULL, like_any_nodes},
    {NULL, NULL},
};

enum { SLOTS = 4096, LONGEST_NAME = 64, DIALECTS = DIALECT_DUCKDB + 1 };

struct rule_index {
    const struct function_rule **rules; /* by name, and of a name in the order of the tables */
    size_t n;
    struct rule_entry *entries; /* the same, with a NULL behind each name */
    const struct rule_entry *slots[SLOTS];
    const struct node_rule **kinds[NODE_KIND_COUNT];
};

static struct rule_index indexes[DIALECTS];
static pthread_once_t made = PTHREAD_ONCE_INIT;
static struct arena *process; /* what lives as long as the process */

static const struct rule_table *tables_of(enum dialect dialect)
{
    switch (dialect) {
    case DIALECT_SNOWFLAKE:
        return snowflake;
    case DIALECT_DUCKDB:
        return duckdb;
    case DIALECT_POSTGRES:
        return postgres;
    }
    return postgres;
}

/* FNV-1a over the lower-case name. */
static size_t slot_of(const char *name, size_t n)
{
    uint32_t h = 2166136261u;
    for (size_t i = 0; i < n; i++) {
        h = (h ^ (unsigned char)name[i]) * 16777619u;
    }
    return (h ^ h >> 16) % SLOTS;
}

struct found {
    const struct function_rule *rule;
    size_t order;
};

static int compare(const void *x, const void *y)
{
    const struct found *a = x, *b = y;
    int d = strcmp(a->rule->name, b->rule->name);
    return d ? d : (a->order > b->order) - (a->order < b->order);
}

static void put(struct rule_index *x, const struct rule_entry *first)
{
    size_t at = slot_of(first->rule->name, strlen(first->rule->name));
    while (x->slots[at]) {
        at = (at + 1) % SLOTS;
    }
    x->slots[at] = first;
}

static void index_functions(struct rule_index *x, const struct rule_table *tables)
{
    VEC_OF(struct found) all = {0};
    for (const struct rule_table *t = tables; t->functions || t->nodes; t++) {
        for (const struct function_rule *f = t->functions; f && f->name; f++) {
            VEC_PUSH(process, all, ((struct found){f, all.n}));
        }
    }
    if (!all.n) {
        return;
    }
    qsort(all.at, all.n, sizeof *all.at, compare);
    x->n = all.n;
    x->rules = ARENA_ARRAY(process, const struct function_rule *, all.n);
    x->entries = ARENA_ARRAY(process, struct rule_entry, 2 * all.n);
    struct rule_entry *next = x->entries, *first = next;
    for (size_t i = 0; i < all.n; i++) {
        const struct function_rule *rule = all.at[i].rule;
        x->rules[i] = rule;
        next->rule = rule;
        next->template = rule->apply ? (struct template){0} : template_parse(process, rule->says);
        next++;
        if (i + 1 == all.n || strcmp(all.at[i + 1].rule->name, rule->name) != 0) {
            put(x, first);
            first = ++next; /* the entry between stays NULL */
        }
    }
}

static void index_nodes(struct rule_index *x, const struct rule_table *tables)
{
    size_t counts[NODE_KIND_COUNT] = {0};
    for (const struct rule_table *t = tables; t->functions || t->nodes; t++) {
        for (const struct node_rule *n = t->nodes; n && n->name; n++) {
            counts[n->kind]++;
        }
    }
    for (size_t kind = 0; kind < NODE_KIND_COUNT; kind++) {
        x->kinds[kind] =
            counts[kind] ? ARENA_ARRAY(process, const struct node_rule *, counts[kind] + 1) : NULL;
        counts[kind] = 0;
    }
    for (const struct rule_table *t = tables; t->functions || t->nodes; t++) {
        for (const struct node_rule *n = t->nodes; n && n->name; n++) {
            x->kinds[n->kind][counts[n->kind]++] = n;
        }
    }
}

static void make_indexes(void)
{
    process = arena_new(0);
    for (int dialect = 0; dialect < DIALECTS; dialect++) {
        const struct rule_table *tables = tables_of((enum dialect)dialect);
        index_functions(&indexes[dialect], tables);
        index_nodes(&indexes[dialect], tables);
    }
}

static const struct rule_index *index_of(enum dialect dialect)
{
    pthread_once(&made, make_indexes);
    return &indexes[dialect];
}

const struct rule_entry *rules_of_call(enum dialect dialect, struct str name)
{
    const struct rule_index *x = index_of(dialect);
    char folded[LONGEST_NAME];
    if (name.n == 0 || name.n >= sizeof folded) {
        return NULL;
    }
    for (size_t i = 0; i < name.n; i++) {
        char c = name.p[i];
        folded[i] = c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    struct str wanted = {folded, name.n};
    for (size_t at = slot_of(folded, name.n); x->slots[at]; at = (at + 1) % SLOTS) {
        if (str_is(wanted, x->slots[at]->rule->name)) {
            return x->slots[at];
        }
    }
    return NULL;
}

const struct node_rule *const *rules_of_kind(enum dialect dialect, enum node_kind kind)
{
    return index_of(dialect)->kinds[kind];
}

bool rules_exist(enum dialect dialect)
{
    const struct rule_table *first = tables_of(dialect);
    return first->functions || first->nodes;
}

const struct function_rule *rules_at(enum dialect dialect, size_t i)
{
    const struct rule_index *x = index_of(dialect);
    return i < x->n ? x->rules[i] : NULL;
}
