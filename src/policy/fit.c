/* Row filters against the tables that are there: what policy_validate() can't know. */
#include <stdio.h>

#include "policy/rules.h"
#include "sql/bind.h"

struct fitting {
    const struct policy_document *document;
    const struct catalog *catalog;
    struct space space;
    struct arena *arena;
    struct error *error;
};

static bool is_named(const struct selector *s, const struct table *t)
{
    if (s->kind == SELECT_NAME) {
        return str_ieq(s->text, t->qualified) || str_ieq(s->text, t->name);
    }
    for (size_t i = 0; s->kind == SELECT_TAG && i < t->tag_count; i++) {
        if (str_ieq(s->text, t->tags[i])) {
            return true;
        }
    }
    return false;
}

static enum status misfit(const struct fitting *f, size_t rule, const char *field,
                          const struct table *t, const char *why, const char *advice)
{
    error_set(f->error, ERR_VALIDATION, "rules[%zu].%s: on %.*s: %s", rule, field,
              STR_ARG(t->qualified), why);
    f->error->position = policy_place(f->document->json, f->error->message);
    return error_hint(f->error, "%s", advice);
}

/* Bound as every statement will bind it, by somebody who may see all tables. */
static enum status fit_condition(const struct fitting *f, size_t rule, const char *field,
                                 const struct filter_condition *c, const struct table *t)
{
    struct bind_context ctx = {.arena = f->arena,
                               .catalog = f->catalog,
                               .space = f->space,
                               .dialect = DIALECT_POSTGRES,
                               .database = f->space.environment};
    struct node *tree = c->tree ? node_copy(f->arena, c->tree) : NULL;
    struct bound_filter bound;
    struct error why = ERROR_INIT;
    if (!tree) {
        return OK;
    }
    if (sql_bind_filter(&ctx, t, 0, &tree, &bound, &why) != OK) {
        return misfit(f, rule, field, t, why.message, error_advice(&why));
    }
    enum type_kind kind = tree->type ? tree->type->kind : TYPE_UNKNOWN;
    return kind == TYPE_BOOL || kind == TYPE_UNKNOWN
               ? OK
               : misfit(f, rule, field, t, "it is no condition", "Compare it with something.");
}

static enum status fit_rule(const struct fitting *f, size_t i, const struct filter_rule *rule)
{
    const struct table **tables;
    size_t n = catalog_list(f->catalog, f->space, f->arena, &tables);
    for (size_t k = 0; k < n; k++) {
        if (is_named(&rule->table, tables[k]) &&
            (fit_condition(f, i, "filter", &rule->old, tables[k]) != OK ||
             fit_condition(f, i, "check", &rule->fresh, tables[k]) != OK)) {
            return FAIL;
        }
    }
    return OK;
}

enum status policy_fits(const struct policy_document *d, const struct catalog *catalog,
                        struct space space, struct error *e)
{
    struct fitting f = {d, catalog, space, arena_new(0), e};
    struct rules rules;
    enum status status = document_read(d, f.arena, &rules, e);
    for (size_t i = 0; status == OK && i < rules.filter_count; i++) {
        status = fit_rule(&f, i, &rules.filters[i]);
    }
    arena_free(f.arena);
    return status;
}
