/* Who is told what. Every row is either the caller's own (a name that he wrote, a column that he
 * sees masked, that rows are filtered) or told only to who may read policies. */
#include "pipeline/explanation.h"

#include "base/buf.h"
#include "base/clock.h"
#include "pipeline/statement.h"
#include "policy/attribute.h"
#include "store/jit.h"

const char *const explanation_columns[EXPLANATION_WIDTH] = {"section", "object", "action", "policy",
                                                            "detail"};

void explanation_cells(const struct explanation_row *row, struct str out[EXPLANATION_WIDTH])
{
    out[0] = str_of(row->section);
    out[1] = row->object;
    out[2] = str_of(row->action);
    out[3] = row->policy;
    out[4] = row->detail;
}

struct telling {
    struct plan *plan;
    enum explanation_view view;
    struct explanation *out;
};

static bool tells_all(const struct telling *t)
{
    return t->view != EXPLANATION_OWN;
}

/* Policy's name and text are for who may read policies. */
static void tell(struct telling *t, const char *section, struct str object, const char *action,
                 struct str policy, struct str detail)
{
    struct explanation_row row = {section, object, action, tells_all(t) ? policy : STR_NULL,
                                  detail};
    VEC_PUSH(t->out->arena, *t->out, row);
}

const char *explanation_mask_word(enum mask_function f)
{
    switch (f) {
    case MASK_NONE:
        return "none";
    case MASK_FULL:
        return "full";
    case MASK_PARTIAL:
        return "partial";
    case MASK_HASH:
        return "hash";
    case MASK_NULL:
        return "null";
    }
    return "?";
}

static struct str mask_words(struct telling *t, const struct mask *m)
{
    const char *name = explanation_mask_word(m->function);
    const char *more = m->as_text ? ", as text" : "";
    return str_of(m->function == MASK_PARTIAL
                      ? arena_printf(t->out->arena, "%s, %d shown%s", name, m->visible_chars, more)
                      : arena_printf(t->out->arena, "%s%s", name, more));
}

/* ---- tables ---- */

/* All occurrences of one table: rules speak of the table, so one verdict is as good as another. */
struct occurrences {
    const struct table_verdict *verdict;
    const struct table *table;
    bool read, written;
    bool *columns_used, *columns_written;
};

/* May the caller be told of this occurrence? He wrote its name himself, or may know all. */
static bool is_told(const struct telling *t, const struct bound_table *b)
{
    return tells_all(t) || !b->in_view;
}

static bool is_first(const struct telling *t, size_t at)
{
    const struct binding *b = t->plan->now.binding;
    for (size_t i = 0; i < at; i++) {
        if (b->tables[i]->table == b->tables[at]->table && is_told(t, b->tables[i])) {
            return false;
        }
    }
    return true;
}

static struct occurrences gather(struct telling *t, size_t first)
{
    const struct binding *b = t->plan->now.binding;
    const struct table *table = b->tables[first]->table;
    struct occurrences o = {
        .verdict = &t->plan->now.decision->tables[first],
        .table = table,
        .columns_used = ARENA_ARRAY(t->out->arena, bool, table->column_count),
        .columns_written = ARENA_ARRAY(t->out->arena, bool, table->column_count),
    };
    for (size_t i = first; i < b->table_count; i++) {
        const struct bound_table *one = b->tables[i];
        if (one->table != table || !is_told(t, one)) {
            continue;
        }
        o.read |= !one->written;
        o.written |= one->written;
        for (size_t c = 0; c < table->column_count; c++) {
            o.read |= one->columns_used[c];
            o.columns_used[c] |= one->columns_used[c];
            o.columns_written[c] |= one->columns_written[c];
        }
    }
    return o;
}

static struct str column_list(struct telling *t, const struct table *table, const bool *flags)
{
    struct buf names = BUF_INIT(0);
    for (size_t c = 0; c < table->column_count; c++) {
        if (flags[c]) {
            buf_puts(&names, names.n ? ", " : "");
            buf_put_str(&names, table->columns[c].name);
        }
    }
    struct str out = names.n ? arena_str(t->out->arena, buf_str(&names)) : STR_NULL;
    buf_free(&names);
    return out;
}

static const char *write_word(const struct binding *b)
{
    switch (b->kind) {
    case STATEMENT_DELETE:
        return "delete";
    case STATEMENT_DDL:
        return "ddl";
    default:
        return "write";
    }
}

/* Which attributes of the credential the filter compares with, and what they are. */
static void tell_attributes(struct telling *t, const struct row_filter *f)
{
    for (size_t i = 0; i < f->value_count; i++) {
        const struct str *value = attribute_find(t->plan->governor->principal, f->attributes[i]);
        tell(t, "attribute", f->attributes[i], "value", f->policy_name, value ? *value : STR_NULL);
    }
}

static void tell_filters(struct telling *t, const struct occurrences *o)
{
    const struct table_verdict *v = o->verdict;
    if (v->tenant_scoped) {
        tell(t, "table", o->table->qualified, "tenant", STR_NULL,
             o->table->scope == SCOPE_AUDIT
                 ? STR("entries of your environment and of your organization's administration only")
                 : STR("rows of your organization only"));
    }
    if (verdict_is_filtered(v) && (!tells_all(t) || !v->filter_count)) {
        tell(t, "table", o->table->qualified, "filter", STR_NULL,
             tells_all(t) ? STR("no rule lets a row through") : STR("rows are filtered"));
    }
    for (size_t i = 0; tells_all(t) && i < v->filter_count; i++) {
        const struct row_filter *f = v->filters[i];
        const char *action = arena_printf(t->out->arena, "%s%s", f->is_check ? "check" : "filter",
                                          f->is_any ? " (any)" : "");
        tell(t, "table", o->table->qualified, action, f->policy_name, f->text);
        tell_attributes(t, f);
    }
}

static void tell_columns(struct telling *t, const struct occurrences *o)
{
    for (size_t c = 0; c < o->table->column_count; c++) {
        const struct mask *m = &o->verdict->masks[c];
        const struct usage *u = &o->verdict->usages[c];
        struct str name =
            str_of(arena_printf(t->out->arena, "%.*s.%.*s", STR_ARG(o->table->qualified),
                                STR_ARG(o->table->columns[c].name)));
        if (o->columns_used[c] && m->function != MASK_NONE) {
            tell(t, "column", name, "mask", m->policy_name, mask_words(t, m));
        }
        if (o->columns_used[c] && (u->no_projection || u->groups)) {
            tell(t, "column", name, u->groups ? "min_group" : "no_projection", u->policy_name,
                 STR_NULL);
        }
    }
}

static void tell_table(struct telling *t, size_t first)
{
    const struct binding *b = t->plan->now.binding;
    struct occurrences o = gather(t, first);
    if (o.read) {
        tell(t, "table", o.table->qualified, "read", STR_NULL,
             column_list(t, o.table, o.columns_used));
    }
    if (o.written) {
        tell(t, "table", o.table->qualified, write_word(b), STR_NULL,
             column_list(t, o.table, o.columns_written));
    }
    if (o.written && b->also_deletes) {
        tell(t, "table", o.table->qualified, "delete", STR_NULL, STR_NULL);
    }
    tell_filters(t, &o);
    tell_columns(t, &o);
}

/* What a view is made of stays untold, but not that something is hidden in it. */
static void tell_beneath(struct telling *t)
{
    const struct binding *b = t->plan->now.binding;
    bool filters = false, masks = false;
    for (size_t i = 0; i < b->table_count; i++) {
        const struct table_verdict *v = &t->plan->now.decision->tables[i];
        if (is_told(t, b->tables[i])) {
            continue;
        }
        filters |= verdict_is_filtered(v) || v->tenant_scoped;
        for (size_t c = 0; c < b->tables[i]->table->column_count; c++) {
            masks |= b->tables[i]->columns_used[c] && v->masks[c].function != MASK_NONE;
        }
    }
    if (filters) {
        tell(t, "beneath", STR_NULL, "filter", STR_NULL, STR("rows are filtered"));
    }
    if (masks) {
        tell(t, "beneath", STR_NULL, "mask", STR_NULL, STR("columns are masked"));
    }
}

/* What row filters read, each table once a filter: for who may read the filters. */
static void tell_reads(struct telling *t, const struct filter_reads *r)
{
    for (size_t i = 0; i < r->binding->table_count; i++) {
        const struct bound_table *b = r->binding->tables[i];
        const struct occurrences o = {
            .verdict = &r->decision->tables[i],
            .table = b->table,
            .read = true,
            .columns_used = b->columns_used,
        };
        tell(t, "beneath", b->table->qualified, "read", STR_NULL,
             column_list(t, b->table, b->columns_used));
        tell_filters(t, &o);
        tell_columns(t, &o);
    }
}

static void tell_tables(struct telling *t)
{
    const struct binding *b = t->plan->now.binding;
    for (size_t i = 0; i < b->view_count; i++) {
        if (tells_all(t) || !b->views[i].is_beneath) {
            tell(t, "view", b->views[i].table->qualified, "read", STR_NULL, STR_NULL);
        }
    }
    for (size_t i = 0; i < b->ddl_table_count; i++) {
        tell(t, "table", b->ddl_tables[i]->qualified, "ddl", STR_NULL, STR_NULL);
    }
    for (size_t i = 0; i < b->table_count; i++) {
        if (is_told(t, b->tables[i]) && is_first(t, i)) {
            tell_table(t, i);
        }
    }
    tell_beneath(t);
    for (size_t i = 0; tells_all(t) && i < t->plan->now.decision->read_count; i++) {
        tell_reads(t, t->plan->now.decision->reads[i]);
    }
}

/* ---- the rest ---- */

/* Rules that spoke and changed nothing that a table or a column shows: those that allow, those of
 * shadow mode, and, of a refusal, those that deny. */
static void tell_rules(struct telling *t)
{
    const struct decision *d = t->plan->now.decision;
    for (size_t i = 0; tells_all(t) && d && i < d->note_count; i++) {
        const struct verdict_note *n = &d->notes[i];
        bool is_told =
            str_is(n->action, "mask") || str_is(n->action, "filter") || str_is(n->action, "limit");
        if (!is_told) {
            const char *section = str_starts(n->action, "would_") ? "shadow" : "rule";
            tell(t, section, n->table.n ? n->table : STR_NULL,
                 arena_strdup(t->out->arena, n->action), n->policy_name,
                 n->columns.n ? n->columns : STR_NULL);
        }
    }
}

static void tell_outputs(struct telling *t)
{
    const struct prepared *now = &t->plan->now;
    if (now->decision->masks_at_reference) {
        tell(t, "masks", STR_NULL, "at reference", STR_NULL,
             STR("whatever uses a masked column sees its mask"));
    }
    for (size_t i = 0; now->masks && i < now->binding->output_count; i++) {
        if (now->masks[i]->function != MASK_NONE) {
            tell(t, "output", now->binding->outputs[i].name, "mask", now->masks[i]->policy_name,
                 mask_words(t, now->masks[i]));
        }
    }
}

/* How many rows a table has tells of those that the caller may not see. */
static bool hides_rows(const struct decision *d)
{
    for (size_t i = 0; i < d->table_count; i++) {
        if (d->tables[i].tenant_scoped || verdict_is_filtered(&d->tables[i])) {
            return true;
        }
    }
    return false;
}

static void tell_cost(struct telling *t)
{
    struct statement s = {.plan = t->plan, .arena = t->out->arena};
    struct error ignored = ERROR_INIT;
    if (cost_estimate(&s, &ignored) != OK) {
        return;
    }
    bool exact = t->view == EXPLANATION_OPERATOR || !hides_rows(t->plan->now.decision);
    if (!exact) {
        s.cost.rows = 0;
    }
    tell(t, "cost", STR("credits"), exact ? "estimate" : "at least", STR_NULL,
         str_of(arena_printf(t->out->arena, "%.1f", (double)cost_millicredits(&s.cost) / 1000)));
}

static void tell_each_sql(struct telling *t, const struct str *sql, size_t n, const char *action)
{
    for (size_t i = 0; i < n; i++) {
        tell(t, "sql", STR_NULL, action, STR_NULL, sql[i]);
    }
}

static void tell_sql(struct telling *t)
{
    const struct prepared *now = &t->plan->now;
    if (!tells_all(t)) {
        return;
    }
    if (now->binding->may_fail && hides_rows(now->decision)) {
        tell(t, "rule", STR_NULL, "barrier", STR_NULL,
             STR("an expression can fail: row filters stand behind a barrier"));
    }
    tell_each_sql(t, now->before_sql, now->binding->before.n, "before");
    tell_each_sql(t, &now->engine_sql, 1, "run");
    tell_each_sql(t, now->after_sql, now->binding->after.n, "after");
}

/* The role is not his own: what gives it, and how long. A grant that the store doesn't know any
 * more is told without its end. */
static void tell_grant(struct telling *t)
{
    const struct governor *g = t->plan->governor;
    const struct principal *who = g->principal;
    struct error unread = ERROR_INIT;
    struct store_jit grant = {0};
    char until[CLOCK_TEXT_SIZE] = "";
    if (who->role == who->base_role) {
        return;
    }
    if (who->grant_id.n && store_jit_find(g->pipeline->config.store, who->org_id, who->grant_id,
                                          t->out->arena, &grant, &unread) == OK) {
        clock_format(grant.expires_us, until);
    }
    tell(t, "grant", who->grant_id.n ? who->grant_id : STR_NULL, "gives", STR_NULL,
         str_of(arena_printf(t->out->arena, "role %s instead of %s%s%s", role_name(who->role),
                             role_name(who->base_role), *until ? " until " : "",
                             who->grant_id.n ? until : ", as if granted")));
}

void explanation_tell(struct plan *p, enum explanation_view view, struct explanation *out)
{
    struct telling t = {p, view, out};
    struct str role = str_of(role_name(p->governor->principal->role));
    bool makes_table = p->source->kind == NODE_CREATE_TABLE; /* AS: its tag is SELECT */
    struct str tag = makes_table ? STR("CREATE TABLE") : str_of(plan_tag(p));
    tell(&t, "statement", tag, action_name(policy_main_action(p->now.binding)), STR_NULL,
         str_of(arena_printf(out->arena, "role %.*s", STR_ARG(role))));
    tell_grant(&t);
    tell_tables(&t);
    tell_outputs(&t);
    tell_rules(&t);
    tell_cost(&t);
    tell_sql(&t);
}

enum status explanation_plan(struct plan *p, struct error *e)
{
    bool fits = plan_bind(p, e) == OK && plan_check_session(p, e) == OK &&
                plan_rewrite(p, e) == OK && plan_transpile(p, e) == OK;
    return fits ? OK : FAIL;
}

static struct str keep(struct arena *a, struct str s)
{
    return s.p ? arena_str(a, s) : STR_NULL;
}

enum status explanation_make(struct governor *g, const struct node *stmt, struct str text,
                             struct arena *a, struct explanation *out, struct error *e)
{
    struct plan *p = plan_new(g, stmt, text, NULL, 0);
    struct explanation here = {.arena = p->arena};
    enum status status = explanation_plan(p, e);
    if (status == OK) {
        explanation_tell(p, EXPLANATION_OPERATOR, &here);
    } else {
        struct telling t = {p, EXPLANATION_OPERATOR, &here};
        tell_grant(&t);
        tell_rules(&t);
    }
    *out = (struct explanation){.arena = a};
    for (size_t i = 0; i < here.n; i++) { /* out of what dies with the plan */
        struct explanation_row row = {
            .section = here.at[i].section,
            .object = keep(a, here.at[i].object),
            .action = arena_strdup(a, str_of(here.at[i].action)),
            .policy = keep(a, here.at[i].policy),
            .detail = keep(a, here.at[i].detail),
        };
        VEC_PUSH(a, *out, row);
    }
    plan_destroy(p);
    return status;
}
