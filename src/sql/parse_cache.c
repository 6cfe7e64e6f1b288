#include "sql/parse_cache.h"

#include <stdlib.h>

#include "base/mem.h"

enum { TREES_MAX = 32, LONGEST_TEXT = 8192 };

struct parsed {
    struct parsed *next;
    struct arena *arena; /* of the text and the tree */
    struct str text;
    struct node *tree;
    enum dialect dialect;
};

static void drop(struct parse_cache *c, struct parsed **at)
{
    struct parsed *p = *at;
    *at = p->next;
    c->n--;
    arena_free(p->arena);
    free(p);
}

void parse_cache_fini(struct parse_cache *c)
{
    while (c->newest) {
        drop(c, &c->newest);
    }
}

/* The one, moved to the front; NULL: none. */
static const struct parsed *find(struct parse_cache *c, struct str text, enum dialect dialect)
{
    for (struct parsed **at = &c->newest; *at; at = &(*at)->next) {
        struct parsed *p = *at;
        if (p->dialect == dialect && str_eq(p->text, text)) {
            *at = p->next;
            p->next = c->newest;
            return c->newest = p;
        }
    }
    return NULL;
}

static bool is_worth_it(struct str text, const struct node_list *list)
{
    if (text.n > LONGEST_TEXT || list->n != 1) {
        return false;
    }
    switch ((int)list->at[0]->kind) {
    case NODE_QUERY:
    case NODE_INSERT:
    case NODE_UPDATE:
    case NODE_DELETE:
    case NODE_MERGE:
        return true;
    default:
        return false;
    }
}

static void keep(struct parse_cache *c, struct str text, enum dialect dialect,
                 const struct node *tree)
{
    struct parsed *p = mem_alloc(sizeof *p);
    p->arena = arena_new(0);
    p->text = arena_str(p->arena, text);
    p->tree = node_copy(p->arena, tree);
    p->dialect = dialect;
    p->next = c->newest;
    c->newest = p;
    if (++c->n > TREES_MAX) {
        struct parsed **last = &c->newest;
        while ((*last)->next) {
            last = &(*last)->next;
        }
        drop(c, last);
    }
}

enum status parse_cache_parse(struct parse_cache *c, struct arena *a, struct str text,
                              enum dialect dialect, const struct parse_limits *limits,
                              struct node_list *out, struct error *e)
{
    const struct parsed *known = find(c, text, dialect);
    if (known) {
        *out = (struct node_list){0};
        node_push(a, out, node_copy(a, known->tree));
        return OK;
    }
    if (sql_parse(a, text, dialect, limits, out, e) != OK) {
        return FAIL;
    }
    if (is_worth_it(text, out)) {
        keep(c, text, dialect, out->at[0]);
    }
    return OK;
}
