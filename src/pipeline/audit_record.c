/* The audit entry of a statement: who, what, which tables and columns, which policies, what came of it. */
#include "pipeline/statement.h"

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

/* A masked column counts as masked where it was read. */
static void gather(struct arena *a, const struct prepared *now, struct audit_entry *entry)
{
    struct names tables = {0}, columns = {0}, masked = {0};
    for (size_t i = 0; i < now->binding->table_count; i++) {
        const struct bound_table *b = now->binding->tables[i];
        const struct table_verdict *v =
            now->decision && i < now->decision->table_count ? &now->decision->tables[i] : NULL;
        push(a, &tables, b->table->qualified);
        for (size_t c = 0; c < b->table->column_count; c++) {
            if (!b->columns_used[c]) {
                continue;
            }
            struct str name = column_name(a, b->table, c);
            push(a, &columns, name);
            if (v && v->masks && v->masks[c].function != MASK_NONE) {
                push(a, &masked, name);
            }
        }
    }
    entry->tables_accessed = tables.at;
    entry->table_count = tables.n;
    entry->columns_accessed = columns.at;
    entry->column_count = columns.n;
    entry->columns_masked = masked.at;
    entry->masked_count = masked.n;
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

static struct audit_entry entry_of(const struct governor *g, enum audit_kind kind,
                                   const char *query_id, struct str text)
{
    const struct principal *who = g->principal;
    return (struct audit_entry){
        .kind = kind,
        .query_id = str_of(query_id),
        .request_id = g->request_id,
        .session_id = g->session_id,
        .user_id = who->user_id,
        .role = str_of(role_name(who->role)),
        .agent_id = who->agent_id,
        .agent_framework = who->agent_framework,
        .source_ip = who->source_ip,
        .org_id = who->org_id,
        .environment = who->environment,
        .sql = text,
    };
}

enum status audit_write(struct statement *s, enum audit_kind kind, const struct error *failure,
                        enum audit_wait wait, struct error *e)
{
    const struct governor *g = s->plan->governor;
    const struct prepared *now = &s->plan->now;
    struct audit_entry entry = entry_of(g, kind, s->query_id, s->plan->text);
    if (now->binding) {
        gather(s->arena, now, &entry);
    }
    if (now->decision) {
        gather_verdicts(s->arena, now->decision, &entry);
    }
    if (failure) {
        entry.error_code = str_of(error_info(failure->code)->name);
    }
    if (kind == AUDIT_OUTCOME) {
        entry.rows_returned = failure ? 0 : s->row_count;
        entry.execution_time_us = s->started_ns ? (clock_mono_ns() - s->started_ns) / 1000 : 0;
        entry.credits_consumed = (double)s->used_millicredits / 1000;
    }
    return audit_append(g->pipeline->config.audit, &entry, wait, e);
}

enum status governor_record_failure(struct governor *g, struct str text, const struct error *why,
                                    struct error *e)
{
    char query_id[ID_UUID_SIZE];
    id_uuid(query_id);
    metrics_count_statement(METRICS_OTHER, true);
    metrics_error(why->code);
    struct audit_entry entry = entry_of(g, AUDIT_OUTCOME, query_id, text);
    entry.error_code = str_of(error_info(why->code)->name);
    return audit_append(g->pipeline->config.audit, &entry, AUDIT_DURABLE, e);
}
