/* The audit entry of a statement: who, what, which tables and columns, which policies, what came of
 * it. */
#include "pipeline/statement.h"

#include "audit/parameter.h"
#include "base/clock.h"
#include "metrics/metrics.h"

struct names {
    struct str *at;
    size_t n, cap;
};

static void push(struct arena *a, struct names *names, struct str name)
{
    for (size_t i = 0; i < names->n; i++) {
        if (str_eq(names->at[i], name)) {
            return;
        }
    }
    VEC_PUSH(a, *names, name);
}

static struct str column_name(struct arena *a, const struct table *t, size_t column)
{
    struct str c = t->columns[column].name;
    return str_of(arena_printf(a, "%.*s.%.*s", STR_ARG(t->qualified), STR_ARG(c)));
}

struct gathered {
    struct arena *arena;
    struct names tables, columns, masked;
};

/* A masked column counts as masked where it was read. */
static void gather_tables(struct gathered *g, const struct binding *binding,
                          const struct decision *d)
{
    for (size_t i = 0; i < binding->table_count; i++) {
        const struct bound_table *b = binding->tables[i];
        const struct table_verdict *v = d && i < d->table_count ? &d->tables[i] : NULL;
        push(g->arena, &g->tables, b->table->qualified);
        for (size_t c = 0; c < b->table->column_count; c++) {
            if (!b->columns_used[c]) {
                continue;
            }
            struct str name = column_name(g->arena, b->table, c);
            push(g->arena, &g->columns, name);
            if (v && v->masks && v->masks[c].function != MASK_NONE) {
                push(g->arena, &g->masked, name);
            }
        }
    }
}

/* What row filters read is read, too. */
static void gather(struct arena *a, const struct prepared *now, struct audit_entry *entry)
{
    struct gathered g = {.arena = a};
    gather_tables(&g, now->binding, now->decision);
    for (size_t i = 0; now->decision && i < now->decision->read_count; i++) {
        gather_tables(&g, now->decision->reads[i]->binding, now->decision->reads[i]->decision);
    }
    entry->tables_accessed = g.tables.at;
    entry->table_count = g.tables.n;
    entry->columns_accessed = g.columns.at;
    entry->column_count = g.columns.n;
    entry->columns_masked = g.masked.at;
    entry->masked_count = g.masked.n;
}

static void gather_verdicts(struct arena *a, const struct decision *d, struct audit_entry *entry)
{
    struct audit_verdict *verdicts = ARENA_ARRAY(a, struct audit_verdict, d->note_count);
    for (size_t i = 0; i < d->note_count; i++) {
        verdicts[i] = (struct audit_verdict){d->notes[i].policy_id, d->notes[i].policy_name,
                                             d->notes[i].action, d->notes[i].columns};
    }
    entry->verdicts = verdicts;
    entry->verdict_count = d->note_count;
}

static void name_statement(struct audit_entry *entry, const struct governor *g,
                           enum audit_kind kind, const char *query_id)
{
    const struct principal *who = g->principal;
    entry->kind = kind;
    entry->query_id = str_of(query_id);
    entry->request_id = LABEL_STR(g->request_id);
    entry->parent_request_id = LABEL_STR(g->parent_request_id);
    entry->reasoning_step = LABEL_STR(g->reasoning_step);
    entry->session_id = g->session_id;
    entry->user_id = who->user_id;
    entry->role = str_of(role_name(who->role));
    entry->grant_id = who->grant_id;
    entry->key_id = who->key_id;
    entry->agent_id = who->agent_id;
    entry->agent_framework = who->agent_framework;
    entry->source_ip = who->source_ip;
    entry->org_id = who->org_id;
    entry->environment = who->environment;
}

/* What all entries of a preparation have in common. The row filter adds columns to it: what is
 * gathered before isn't kept. */
static void show(struct arena *a, struct prepared *now, struct audit_entry *entry)
{
    if (now->explained) { /* the names are those of the statement that is told about */
        show(a, &now->explained->now, entry);
        return;
    }
    if (now->shown) {
        *entry = *now->shown;
        return;
    }
    struct arena *home = now->is_rewritten ? now->arena : a;
    if (now->binding) {
        gather(home, now, entry);
    }
    if (now->decision) {
        gather_verdicts(home, now->decision, entry);
    }
    if (now->is_rewritten) {
        now->shown = ARENA_NEW(home, struct audit_entry);
        *now->shown = *entry;
    }
}

/* EXPLAIN is given no values; a wrong number of them is refused later. */
static void show_parameters(struct statement *s, struct audit_entry *entry)
{
    const struct plan *p = s->plan;
    size_t n = s->param_count < p->param_count ? s->param_count : p->param_count;
    if (!s->params || plan_explains(p)) {
        return;
    }
    if (!s->parameters_shown) {
        s->parameters_shown = ARENA_ARRAY(s->arena, struct str, n);
        for (size_t i = 0; i < n; i++) {
            s->parameters_shown[i] = parameter_shown(s->arena, p->params[i], &s->params[i]);
        }
    }
    entry->parameters = s->parameters_shown;
    entry->parameter_count = n;
}

static const struct table *written_table(const struct binding *b)
{
    for (size_t i = 0; i < b->table_count; i++) {
        if (b->tables[i]->written) {
            return b->tables[i]->table;
        }
    }
    return NULL;
}

/* The columns that the statement fills where it names none. */
static void name_insert_columns(struct arena *a, const struct binding *b, struct audit_entry *entry)
{
    const struct table *t = b ? written_table(b) : NULL;
    if (!t) {
        return;
    }
    struct str *names = ARENA_ARRAY(a, struct str, t->column_count);
    for (size_t i = 0; i < t->column_count; i++) {
        if (!t->columns[i].generated.p) {
            names[entry->insert_column_count++] = t->columns[i].name;
        }
    }
    entry->insert_columns = names;
}

/* The plan's text as entries show it: made once, and again with other patterns (and as
 * plan_forget() has it). */
static struct str shown_text(struct statement *s)
{
    const struct governor *g = s->plan->governor;
    struct plan *p = s->plan;
    struct audit *log = g->pipeline->config.audit;
    const struct prepared *now = p->now.explained ? &p->now.explained->now : &p->now;
    uint64_t version = audit_patterns_version(log);
    if (p->audit_text.n == 0 || p->audit_text_version != version) {
        struct audit_entry about = {.sql = p->text,
                                    .org_id = g->principal->org_id,
                                    .is_snowflake = p->dialect == DIALECT_SNOWFLAKE,
                                    .is_unbound = !now->binding};
        name_insert_columns(s->arena, now->binding, &about);
        p->audit_text_version = version;
        p->audit_text = audit_text(log, &about, p->arena);
    }
    return p->audit_text;
}

enum status audit_write(struct statement *s, enum audit_kind kind, const struct error *failure,
                        enum audit_wait wait, struct error *e)
{
    const struct governor *g = s->plan->governor;
    struct plan *p = s->plan;
    struct audit *log = g->pipeline->config.audit;
    struct audit_entry entry = {0};
    show(s->arena, &p->now, &entry);
    if (s->decided) { /* rules about the time may have spoken otherwise than at first */
        gather_verdicts(s->arena, s->decided, &entry);
    }
    name_statement(&entry, g, kind, s->query_id);
    entry.text = shown_text(s);
    show_parameters(s, &entry);
    if (failure) {
        entry.error_code = str_of(error_info(failure->code)->name);
    }
    if (kind == AUDIT_OUTCOME) {
        entry.rows_returned = failure ? 0 : s->row_count;
        entry.rows_delivered = s->result.returns_rows ? entry.rows_returned : 0;
        entry.bytes_delivered = entry.rows_delivered ? (int64_t)s->sink->bytes : 0;
        entry.execution_time_us = s->started_ns ? (clock_mono_ns() - s->started_ns) / 1000 : 0;
        entry.credits_consumed = (double)s->used_millicredits / 1000;
    }
    return audit_append(log, &entry, wait, e);
}

enum status audit_write_bare(const struct governor *g, enum audit_kind kind, const char *query_id,
                             struct str text, const struct error *failure, struct error *e)
{
    struct audit_entry entry = {
        .sql = text, .is_snowflake = g->dialect == DIALECT_SNOWFLAKE, .is_unbound = true};
    name_statement(&entry, g, kind, query_id);
    if (failure) {
        entry.error_code = str_of(error_info(failure->code)->name);
    }
    return audit_append(g->pipeline->config.audit, &entry, AUDIT_DURABLE, e);
}

enum status governor_record_failure(struct governor *g, struct str text, const struct error *why,
                                    struct error *e)
{
    char query_id[ID_UUID_SIZE];
    struct snapshot newest; /* what is taken brings the newest patterns */
    if (snapshot_take(g, &newest, e) != OK) {
        return FAIL;
    }
    snapshot_release(&newest);
    id_uuid(query_id);
    count_refused(g);
    metrics_error(why->code);
    return audit_write_bare(g, AUDIT_OUTCOME, query_id, text, why, e);
}
