/* The caller's own session with its settings, and his other ones. */
#include "pgcatalog/definition.h"

/* ---- pg_settings: what SHOW tells, of the names that clients look for ---- */

static const struct {
    const char *name, *category, *type; /* PostgreSQL's */
} settings[] = {
    {"application_name", "Reporting and Logging / What to Log", "string"},
    {"bytea_output", "Client Connection Defaults / Statement Behavior", "enum"},
    {"client_encoding", "Client Connection Defaults / Locale and Formatting", "string"},
    {"client_min_messages", "Client Connection Defaults / Statement Behavior", "enum"},
    {"DateStyle", "Client Connection Defaults / Locale and Formatting", "string"},
    {"default_transaction_isolation", "Client Connection Defaults / Statement Behavior", "enum"},
    {"default_transaction_read_only", "Client Connection Defaults / Statement Behavior", "bool"},
    {"extra_float_digits", "Client Connection Defaults / Locale and Formatting", "integer"},
    {"idle_in_transaction_session_timeout", "Client Connection Defaults / Statement Behavior",
     "integer"},
    {"integer_datetimes", "Preset Options", "bool"},
    {"IntervalStyle", "Client Connection Defaults / Locale and Formatting", "enum"},
    {"lc_collate", "Preset Options", "string"},
    {"lc_ctype", "Preset Options", "string"},
    {"lock_timeout", "Client Connection Defaults / Statement Behavior", "integer"},
    {"max_identifier_length", "Preset Options", "integer"},
    {"max_index_keys", "Preset Options", "integer"},
    {"row_security", "Client Connection Defaults / Statement Behavior", "bool"},
    {"search_path", "Client Connection Defaults / Statement Behavior", "string"},
    {"server_encoding", "Preset Options", "string"},
    {"server_version", "Preset Options", "string"},
    {"server_version_num", "Preset Options", "integer"},
    {"standard_conforming_strings",
     "Version and Platform Compatibility / Previous PostgreSQL Versions", "bool"},
    {"statement_timeout", "Client Connection Defaults / Statement Behavior", "integer"},
    {"TimeZone", "Client Connection Defaults / Locale and Formatting", "string"},
    {"transaction_isolation", "Client Connection Defaults / Statement Behavior", "enum"},
    {"transaction_read_only", "Client Connection Defaults / Statement Behavior", "bool"},
};

static void pg_settings(struct relation *r)
{
    const struct session_facts *facts = r->ctx->facts;
    for (size_t i = 0; facts && i < sizeof settings / sizeof *settings; i++) {
        struct str name = str_of(settings[i].name);
        struct str value = facts->setting(facts->session, r->ctx->arena, name);
        bool is_preset = str_iis(str_of(settings[i].category), "Preset Options");
        if (value.p) {
            relation_null_row(r);
            relation_put_text(r, "name", name);
            relation_put_text(r, "setting", value);
            relation_put_word(r, "category", settings[i].category);
            relation_put_word(r, "context", is_preset ? "internal" : "user");
            relation_put_word(r, "vartype", settings[i].type);
            relation_put_word(r, "source", "session");
            relation_put_bool(r, "pending_restart", false);
        }
    }
}

/* ---- pg_stat_activity ---- */

static void put_session(struct relation *r, const struct other_session *o)
{
    relation_null_row(r);
    relation_put_number(r, "datid", catalog_name_oid("database", r->ctx->database));
    relation_put_text(r, "datname", r->ctx->database);
    relation_put_number(r, "pid", o->pid);
    relation_put_number(r, "usesysid", OID_OF_CALLER);
    relation_put_text(r, "usename", r->ctx->session_user);
    relation_put_text(r, "client_addr", o->address.n ? o->address : STR_NULL);
    relation_put_word(r, "state", o->is_busy ? "active" : "idle");
    relation_put_word(r, "backend_type", "client backend");
}

/* The caller's own sessions; what the others run isn't told, as they may act with other keys. */
static void pg_stat_activity(struct relation *r)
{
    const struct session_facts *facts = r->ctx->facts;
    struct other_session *all = NULL;
    if (!facts) {
        return;
    }
    put_session(r, &(struct other_session){facts->pid, true, facts->client_address});
    relation_put_text(r, "application_name",
                      facts->setting(facts->session, r->ctx->arena, STR("application_name")));
    size_t n = facts->sessions ? facts->sessions(facts->session, r->ctx->arena, &all) : 0;
    for (size_t i = 0; i < n; i++) {
        if (all[i].pid != facts->pid) {
            put_session(r, &all[i]);
        }
    }
}

const struct relation_definition pg_session_relations[] = {
    {"pg_settings",
     "name text, setting text, unit text, category text, short_desc text, extra_desc text, "
     "context text, vartype text, source text, min_val text, max_val text, enumvals _text, "
     "boot_val text, reset_val text, sourcefile text, sourceline int4, pending_restart bool",
     pg_settings, 0},
    {"pg_stat_activity",
     "datid oid, datname name, pid int4, leader_pid int4, usesysid oid, usename name, "
     "application_name text, client_addr text, client_hostname text, client_port int4, "
     "backend_start timestamptz, xact_start timestamptz, query_start timestamptz, "
     "state_change timestamptz, wait_event_type text, wait_event text, state text, "
     "backend_xid xid, backend_xmin xid, query_id int8, query text, backend_type text",
     pg_stat_activity, 0},
    {NULL, NULL, NULL, 0},
};
