/* Policies in shadow mode: they are asked where the enforced ones are asked and decide nothing.
 * What they would have done is noted, for the log. */
#include "base/buf.h"
#include "policy/decide_priv.h"

static bool is_noted(const struct deciding *d, const struct verdict_note *n)
{
    for (size_t i = 0; i < d->notes.n; i++) {
        const struct verdict_note *old = &d->notes.at[i];
        if (str_eq(old->policy_id, n->policy_id) && str_eq(old->policy_name, n->policy_name) &&
            str_eq(old->action, n->action) && str_eq(old->table, n->table)) {
            return true;
        }
    }
    return false;
}

/* "public.people.id,public.people.ssn" */
static struct str column_names(struct arena *a, const struct table *t, const bool *used)
{
    struct buf names = BUF_INIT(0);
    for (size_t i = 0; used && i < t->column_count; i++) {
        if (used[i]) {
            buf_printf(&names, "%s%.*s.%.*s", names.n ? "," : "", STR_ARG(t->qualified),
                       STR_ARG(t->columns[i].name));
        }
    }
    struct str out = names.n ? arena_str(a, buf_str(&names)) : STR_NULL;
    buf_free(&names);
    return out;
}

void decide_would(struct deciding *d, struct str id, struct str name, const char *did,
                  const struct table *t, const bool *used)
{
    struct verdict_note n = {.policy_id = id,
                             .policy_name = name,
                             .action = str_of(did),
                             .table = t ? t->qualified : STR_NULL};
    if (!is_noted(d, &n)) {
        decide_note(d, id, name, did, t ? column_names(d->arena, t, used) : STR_NULL, t);
    }
}

static bool differs(const struct mask *m, const struct mask *from)
{
    return m->function != from->function || m->visible_chars != from->visible_chars ||
           m->as_text != from->as_text;
}

/* Is less use left than by the enforced rules? Where both are of groups, a larger or another one is
 * asked for. */
static bool leaves_less(const struct usage *u, const struct usage *enforced)
{
    bool less = u->kind != enforced->kind;
    for (const struct min_group *g = u->groups; g && u->kind == USAGE_MIN_GROUP; g = g->next) {
        bool is_enforced = false;
        for (const struct min_group *e = enforced->groups; e; e = e->next) {
            is_enforced |= e->key == g->key && e->size >= g->size;
        }
        less |= !is_enforced;
    }
    return less;
}

void decide_would_mask(struct deciding *d, const struct table_verdict *v)
{
    const struct table *t = v->table->table;
    bool *of_policy = ARENA_ARRAY(d->arena, bool, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct mask *m = &v->shadow_masks[i];
        if (!v->table->columns_used[i] || !differs(m, &v->masks[i])) {
            continue;
        }
        for (size_t k = 0; k < t->column_count; k++) {
            const struct mask *other = &v->shadow_masks[k];
            of_policy[k] = v->table->columns_used[k] && differs(other, &v->masks[k]) &&
                           str_eq(other->policy_id, m->policy_id) &&
                           str_eq(other->policy_name, m->policy_name);
        }
        decide_would(d, m->policy_id, m->policy_name, "would_mask", t, of_policy);
    }
}

void decide_would_protect(struct deciding *d, const struct table *t,
                          const struct column_rules *enforced, const struct column_rules *shadow)
{
    for (size_t i = 0; i < t->column_count; i++) {
        const struct mask *m = &shadow->masks[i];
        const struct usage *u = &shadow->usages[i];
        if (differs(m, &enforced->masks[i])) {
            decide_would(d, m->policy_id, m->policy_name, "would_deny", t, NULL);
        }
        if (leaves_less(u, &enforced->usages[i])) {
            decide_would(d, u->policy_id, u->policy_name, "would_deny", t, NULL);
        }
    }
}

/* The refusal is that of all column rules together: it is noted of each of shadow mode that is
 * about a column of the statement, or, of what can't be proved, about any of its tables'. */
static bool note_refusal(struct deciding *d, const struct decision *whole, bool of_any)
{
    bool noted = false;
    for (size_t i = 0; i < whole->table_count; i++) {
        const struct table_verdict *v = &whole->tables[i];
        const struct bound_table *b = v->table;
        for (size_t c = 0; v->shadow_masks && c < b->table->column_count; c++) {
            const struct mask *m = &v->shadow_masks[c];
            const struct usage *u = &v->shadow_usages[c];
            bool masks = differs(m, &v->masks[c]), limits = leaves_less(u, &v->usages[c]);
            bool is_about =
                of_any || b->columns_used[c] || (b->columns_written && b->columns_written[c]);
            if (is_about && masks) {
                decide_would(d, m->policy_id, m->policy_name, "would_deny", b->table,
                             b->columns_used);
            }
            if (is_about && limits) {
                decide_would(d, u->policy_id, u->policy_name, "would_deny", b->table,
                             b->columns_used);
            }
            noted |= is_about && (masks || limits);
        }
    }
    return noted;
}

/* What isn't refused of columns that are seen in groups is NULL for small ones. */
static void note_groups(struct deciding *d, const struct table_verdict *v)
{
    const struct table *t = v->table->table;
    for (size_t i = 0; v->shadow_masks && i < t->column_count; i++) {
        const struct usage *u = &v->shadow_usages[i];
        bool *column = ARENA_ARRAY(d->arena, bool, t->column_count);
        column[i] = true;
        if (v->table->columns_used[i] && u->groups && leaves_less(u, &v->usages[i])) {
            decide_would(d, u->policy_id, u->policy_name, "would_mask", t, column);
        }
    }
}

void decide_would_use(struct deciding *d, const struct decision *whole)
{
    struct table_verdict *tables = NULL;
    for (size_t i = 0; i < whole->table_count; i++) {
        const struct table_verdict *v = &whole->tables[i];
        if (v->shadow_masks && !tables) {
            tables = ARENA_ARRAY(d->arena, struct table_verdict, whole->table_count);
            memcpy(tables, whole->tables, whole->table_count * sizeof *tables);
        }
        if (v->shadow_masks) {
            tables[i].masks = v->shadow_masks;
            tables[i].usages = v->shadow_usages;
        }
    }
    if (!tables) {
        return;
    }
    struct decision would = {.tables = tables, .table_count = whole->table_count};
    struct error why = ERROR_INIT;
    const struct usage *by;
    bool ignored;
    if (usage_check(&would, d->binding, &by, &why) != OK ||
        masks_check_uses(&would, d->binding, &ignored, &why) != OK) {
        (void)(note_refusal(d, whole, false) || note_refusal(d, whole, true));
        return;
    }
    for (size_t i = 0; i < whole->table_count; i++) {
        note_groups(d, &whole->tables[i]);
    }
}

bool policy_is_shadow(const struct policy_document *d)
{
    struct arena *a = arena_new(0);
    struct rules rules;
    struct error ignored = ERROR_INIT;
    bool shadow = document_read(d, a, &rules, &ignored) == OK && rules.shadow;
    arena_free(a);
    return shadow;
}
