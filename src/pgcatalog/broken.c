#include "pgcatalog/broken.h"

#include "pgcatalog/definition.h"

/* The clue without its first word, where it begins with that. */
static bool clue_is(const struct error *e, const char *word, struct str *rest)
{
    struct str clue = str_of(e->clue);
    *rest = STR("");
    if (!str_starts(clue, word)) {
        return false;
    }
    *rest = (struct str){clue.p + strlen(word), clue.n - strlen(word)};
    return true;
}

static bool find_column(const struct table *t, const struct error *e, struct broken *out)
{
    struct str rest;
    for (size_t i = 0; i < t->column_count; i++) {
        if (clue_is(e, "", &rest) && rest.n == t->name.n + 1 + t->columns[i].name.n &&
            rest.p[t->name.n] == '.' && str_eq((struct str){rest.p, t->name.n}, t->name) &&
            str_eq((struct str){rest.p + t->name.n + 1, t->columns[i].name.n},
                   t->columns[i].name)) {
            *out = (struct broken){STR(""), &t->columns[i].name, 1};
            return true;
        }
    }
    return false;
}

static bool is_key(const struct table_constraint *c, const struct error *e)
{
    struct str first;
    if (c->is_primary) {
        /* A row twice in one statement: the engine doesn't say in which key. */
        return clue_is(e, "primary", &first) || (clue_is(e, "unique ", &first) && first.n == 0);
    }
    return clue_is(e, "unique ", &first) &&
           (first.n == 0 || (c->column_count && str_eq(first, c->columns[0])));
}

static bool is_check(const struct table_constraint *c, const struct error *e)
{
    struct str text = str_of(e->clue);
    return c->text.p && text.n && text.n <= c->text.n &&
           str_eq(text, (struct str){c->text.p, text.n}) &&
           (text.n == c->text.n || text.n == sizeof e->clue - 1);
}

static bool is_foreign(const struct table_constraint *c, const struct table *other,
                       const struct error *e)
{
    struct str first;
    if (c->column_count == 0) {
        return false;
    }
    return other ? clue_is(e, "from ", &first) && str_eq(first, c->columns[0]) &&
                       str_ieq(c->other, other->name)
                 : clue_is(e, "to ", &first) && str_eq(first, c->other_columns[0]);
}

static bool is_it(const struct table_constraint *c, const struct table *other,
                  const struct error *e)
{
    switch (c->kind) {
    case CATALOG_UNIQUE:
        return e->code == ERR_UNIQUE && is_key(c, e);
    case CATALOG_CHECK:
        return e->code == ERR_CHECK && is_check(c, e);
    case CATALOG_FOREIGN:
        return e->code == ERR_FOREIGN_KEY && is_foreign(c, other, e);
    }
    return false;
}

/* ---- unique indexes, which are no constraints and have names of their own ---- */

static bool is_index(const struct table *t, const struct table_index *index, const struct error *e)
{
    int column = index->key_count ? index->keys[0].column : -1;
    struct str first;
    return index->is_unique && column >= 0 && clue_is(e, "unique ", &first) &&
           (first.n == 0 || str_eq(first, t->columns[column].name));
}

static struct broken index_found(struct arena *a, const struct table *t,
                                 const struct table_index *index)
{
    struct str *columns = ARENA_ARRAY(a, struct str, index->key_count);
    for (size_t i = 0; i < index->key_count; i++) {
        int column = index->keys[i].column;
        columns[i] = column < 0 ? STR("") : t->columns[column].name;
    }
    return (struct broken){index->name, columns, index->key_count};
}

bool broken_find(struct arena *a, const struct table *t, const struct table *other,
                 const struct error *e, struct broken *out)
{
    size_t found = 0;
    if (e->code == ERR_NOT_NULL) {
        return find_column(t, e, out);
    }
    for (size_t i = 0; i < t->constraint_count; i++) {
        const struct table_constraint *c = &t->constraints[i];
        if (!c->is_index && is_it(c, other, e)) {
            found++;
            *out = (struct broken){constraint_name(a, t, i), c->columns, c->column_count};
        }
    }
    for (size_t i = 0; e->code == ERR_UNIQUE && i < t->index_count; i++) {
        if (is_index(t, &t->indexes[i], e)) {
            found++;
            *out = index_found(a, t, &t->indexes[i]);
        }
    }
    return found == 1;
}
