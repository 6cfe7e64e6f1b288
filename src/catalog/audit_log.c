#include "catalog/audit_log.h"

static const struct {
    const char *name;
    enum type_kind kind;
} columns[] = {
    {"seq", TYPE_INT8},
    {"timestamp", TYPE_TIMESTAMPTZ},
    {"kind", TYPE_TEXT},
    {"entry_id", TYPE_TEXT},
    {"query_id", TYPE_TEXT},
    {"request_id", TYPE_TEXT},
    {"parent_request_id", TYPE_TEXT},
    {"reasoning_step", TYPE_TEXT},
    {"session_id", TYPE_TEXT},
    {"user_id", TYPE_TEXT},
    {"org_id", TYPE_TEXT},
    {"role", TYPE_TEXT},
    {"grant_id", TYPE_TEXT},
    {"key_id", TYPE_TEXT},
    {"environment", TYPE_TEXT},
    {"agent_id", TYPE_TEXT},
    {"agent_framework", TYPE_TEXT},
    {"source_ip", TYPE_TEXT},
    {"actor", TYPE_TEXT},
    {"action", TYPE_TEXT},
    {"resource", TYPE_TEXT},
    {"before", TYPE_TEXT},
    {"after", TYPE_TEXT},
    {"sql_redacted", TYPE_TEXT},
    {"sql_bytes", TYPE_INT8},
    {"sql_fingerprint", TYPE_TEXT},
    {"parameters", TYPE_LIST},
    {"tables_accessed", TYPE_LIST},
    {"columns_accessed", TYPE_LIST},
    {"columns_masked", TYPE_LIST},
    {"policy_verdicts", TYPE_JSON},
    {"rows_returned", TYPE_INT8},
    {"execution_time_ms", TYPE_FLOAT8},
    {"credits_consumed", TYPE_FLOAT8},
    {"cache_hit", TYPE_BOOL},
    {"error_code", TYPE_TEXT},
    {"prev_hash", TYPE_TEXT},
    {"entry_hash", TYPE_TEXT},
};

enum { COLUMNS = sizeof columns / sizeof *columns };

struct table *catalog_audit_log(struct arena *a)
{
    struct table *t = ARENA_NEW(a, struct table);
    *t = (struct table){
        .schema = STR(CATALOG_SYSTEM_SCHEMA),
        .name = STR(CATALOG_AUDIT_LOG),
        .engine_schema = STR(CATALOG_SYSTEM_SCHEMA),
        .qualified = STR(CATALOG_SYSTEM_SCHEMA "." CATALOG_AUDIT_LOG),
        .scope = SCOPE_AUDIT,
        .columns = ARENA_ARRAY(a, struct column, COLUMNS),
        .column_count = COLUMNS,
        .comment =
            STR("What was asked, by whom, and what came of it; what was changed, and by whom"),
    };
    for (size_t i = 0; i < COLUMNS; i++) {
        const struct type *type = columns[i].kind == TYPE_LIST
                                      ? type_list(a, type_simple(TYPE_TEXT))
                                      : type_simple(columns[i].kind);
        t->columns[i] = (struct column){.name = str_of(columns[i].name), .type = type};
    }
    t->tenant_column = table_column(t, STR("org_id"));
    return t;
}
