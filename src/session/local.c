/* Statements that never reach the pipeline: they concern the session alone. */
#include <stdio.h>

#include "session/advisory.h"
#include "session/state.h"
#include "wire/oid.h"

bool local_is(const struct node *stmt)
{
    return stmt->kind == NODE_CALL ? procedure_is(stmt) : sql_is_of_session(stmt);
}

/* ---- SET ---- */

static void put_name(struct buf *out, const struct node_list *parts)
{
    for (uint32_t i = 0; i < parts->n; i++) {
        buf_puts(out, i ? "." : "");
        buf_put_str(out, node_ident_const(parts->at[i])->text);
    }
}

/* A value as text: a literal, a bare word, a number with a sign. */
static enum status put_value(struct buf *out, const struct node *n, struct error *e)
{
    switch ((int)n->kind) {
    case NODE_STAR:
        buf_puts(out, "*");
        return OK;
    case NODE_LITERAL: {
        const struct node_literal *l = node_literal_const(n);
        buf_put_str(out, l->lit == LIT_TRUE    ? STR("on")
                         : l->lit == LIT_FALSE ? STR("off")
                                               : l->text);
        return OK;
    }
    case NODE_IDENT:
        buf_put_str(out, node_ident_const(n)->text);
        return OK;
    case NODE_NAME:
        put_name(out, &node_name_const(n)->parts);
        return OK;
    case NODE_COLUMN_REF:
        put_name(out, &node_column_ref_const(n)->parts);
        return OK;
    case NODE_UNARY:
        if (node_unary_const(n)->op == OP_NEG) {
            buf_puts(out, "-");
            return put_value(out, node_unary_const(n)->operand, e);
        }
        if (node_unary_const(n)->op == OP_PLUS) {
            return put_value(out, node_unary_const(n)->operand, e);
        }
        break;
    default:
        break;
    }
    return error_at(e, ERR_BAD_SETTING, n->offset,
                    "a parameter's value must be a word, a number "
                    "or a string");
}

enum status local_join_values(const struct node_list *values, struct buf *out, struct error *e)
{
    for (uint32_t i = 0; i < values->n; i++) {
        buf_puts(out, i ? ", " : "");
        if (put_value(out, values->at[i], e)) {
            return FAIL;
        }
    }
    return OK;
}

static enum setting find_any(const struct session *s, struct str name)
{
    enum setting i = settings_find(name);
    return i == SETTING_COUNT ? settings_find_custom(s->settings, name) : i;
}

static enum status find(struct session *s, struct str name, const struct node *at,
                        enum setting *out, struct error *e)
{
    *out = find_any(s, name);
    if (*out != SETTING_COUNT) {
        return OK;
    }
    return error_at(e, ERR_UNKNOWN_SETTING, at->offset,
                    "unrecognized configuration parameter \"%.*s\"", name.n > 64 ? 64 : (int)name.n,
                    name.p);
}

enum status local_find_or_make(struct session *s, struct str name, enum setting *out,
                               struct error *e)
{
    *out = settings_find(name);
    return *out == SETTING_COUNT ? settings_make_custom(s->settings, name, out, e) : OK;
}

/* In Snowflake's dialect SET x = value makes a variable, unless a parameter has that name. */
static bool is_variable(const struct session *s, const struct node_set *set)
{
    return s->dialect == DIALECT_SNOWFLAKE && !set->local && !set->to_default &&
           settings_find(set->name) == SETTING_COUNT && !memchr(set->name.p, '.', set->name.n);
}

/* The engine knows other zones than we do: it is asked before the setting changes, for a value that
 * can't be applied later would end the session. */
static enum status take_zone(struct session *s, struct str value, struct error *e)
{
    char clean[SETTING_VALUE_MAX];
    return settings_check(SET_TIMEZONE, value, clean, e) == OK
               ? governor_set_time_zone(s->governor, clean, e)
               : FAIL;
}

enum status local_set(struct session *s, enum setting i, struct str value,
                      enum settings_scope scope, struct error *e)
{
    char clean[SETTING_VALUE_MAX];
    if (i == SET_TIMEZONE && value.p && take_zone(s, value, e)) {
        return FAIL;
    }
    if (i != SET_READ_ONLY) {
        return value.p ? settings_set(s->settings, i, value, scope, e)
                       : settings_reset(s->settings, i, scope, e);
    }
    if (!value.p) {
        value = str_of(settings_get(s->settings, SET_DEFAULT_READ_ONLY));
    }
    return settings_check(i, value, clean, e)
               ? FAIL
               : transaction_set_access(s, strcmp(clean, "on") == 0, e);
}

static enum status run_set(struct session *s, const struct node *n, struct error *e)
{
    const struct node_set *set = node_set_const(n);
    enum setting i;
    if (is_variable(s, set)) {
        return variable_set_plain(s, n, e);
    }
    if (local_find_or_make(s, set->name, &i, e)) {
        e->position = n->offset;
        return FAIL;
    }
    enum settings_scope scope = transaction_scope(s);
    if (set->local && s->block != BLOCK_OPEN) {
        session_warn(s, "25P01", "SET LOCAL can only be used in transaction blocks");
        return OK;
    }
    scope = set->local ? SETTINGS_LOCAL : scope;
    struct buf value = BUF_INIT(0);
    enum status status = set->to_default ? OK : local_join_values(&set->values, &value, e);
    if (status == OK) {
        struct str text = value.n ? buf_str(&value) : STR("");
        status = local_set(s, i, set->to_default ? STR_NULL : text, scope, e);
    }
    buf_free(&value);
    if (status && e->position < 0) {
        e->position = n->offset;
    }
    return status;
}

static enum status run_reset(struct session *s, const struct node *n, struct error *e)
{
    struct str name = node_reset_const(n)->name;
    enum setting i;
    if (str_iis(name, "all")) {
        settings_reset_all(s->settings, transaction_scope(s));
        return OK;
    }
    return find(s, name, n, &i, e) || settings_reset(s->settings, i, transaction_scope(s), e) ? FAIL
                                                                                              : OK;
}

static enum status run_discard(struct session *s, const struct node *n, struct result *out,
                               struct error *e)
{
    struct str what = node_discard_const(n)->what;
    bool all = str_iis(what, "all");
    if (str_is(what, "listening")) { /* nothing is: see NOTIFY */
        result_tag(out, "UNLISTEN", -1);
        return OK;
    }
    if (str_is(what, "prepared")) {
        struct str name = node_discard_const(n)->name;
        result_tag(out, name.n ? "DEALLOCATE" : "DEALLOCATE ALL", -1);
        return extended_deallocate(s, name, e);
    }
    if (all && (s->block != BLOCK_NONE || s->implicit)) {
        return error_at(e, ERR_IN_TRANSACTION, n->offset,
                        "DISCARD ALL cannot run inside a transaction block");
    }
    if (all) {
        extended_drop_all(s);
        cursor_drop_all(s);
        if (governor_discard(s->governor, e)) {
            return FAIL;
        }
        settings_reset_all(s->settings, SETTINGS_SESSION);
        advisory_unlock_all(s->locks);
    }
    result_tag(out,
               all                      ? "DISCARD ALL"
               : str_iis(what, "plans") ? "DISCARD PLANS"
               : str_iis(what, "temp")  ? "DISCARD TEMP"
                                        : "DISCARD SEQUENCES",
               -1);
    return str_iis(what, "temp") ? governor_discard_temporary(s->governor, e) : OK;
}

/* ---- USE, ALTER SESSION ---- */

static enum status no_schema(const struct node *n, struct str name, struct error *e)
{
    return error_at(e, ERR_UNKNOWN_SCHEMA, n->offset, "schema \"%.*s\" does not exist",
                    name.n > 64 ? 64 : (int)name.n, name.p);
}

static enum status use(struct session *s, struct str database, struct str schema, struct error *e)
{
    struct str own = str_of(settings_get(s->settings, SET_ENVIRONMENT));
    struct str name = str_ieq(database, own) ? STR("") : database;
    return settings_set(s->settings, SET_DATABASE, name, transaction_scope(s), e) == OK
               ? settings_set(s->settings, SET_SEARCH_PATH, schema, transaction_scope(s), e)
               : FAIL;
}

/* The database that is used already keeps its schema. */
static enum status use_database(struct session *s, const struct node *name, struct error *e)
{
    struct str database = node_ident_const(node_name_const(name)->parts.at[0])->text;
    struct str used = str_of(settings_get(s->settings, SET_DATABASE));
    struct str own = str_of(settings_get(s->settings, SET_ENVIRONMENT));
    return str_ieq(database, used.n ? used : own) ? OK : use(s, database, STR("public"), e);
}

static enum status use_schema(struct session *s, const struct node *name, struct error *e)
{
    const struct node_list *parts = &node_name_const(name)->parts;
    struct str schema = node_ident_const(parts->at[parts->n - 1])->text;
    struct str database = parts->n == 2 ? node_ident_const(parts->at[0])->text
                                        : str_of(settings_get(s->settings, SET_DATABASE));
    bool found = false;
    if (governor_has_schema(s->governor, database, schema, &found, e)) {
        return FAIL;
    }
    return found ? use(s, database, schema, e) : no_schema(name, schema, e);
}

/* USE [DATABASE] d, USE [SCHEMA] s, USE d.s: which database names without one are of, and which
 * schema bare ones are looked for in. */
static enum status run_use(struct session *s, const struct node *n, struct error *e)
{
    const struct node_use *use = node_use_const(n);
    const struct node_list *parts = &node_name_const(use->name)->parts;
    struct str first = node_ident_const(parts->at[0])->text;
    bool names_database = str_is(use->object, "database") || str_is(use->object, "catalog");
    bool is_database = false;
    if (use->object.n && !names_database && !str_is(use->object, "schema")) {
        error_at(e, ERR_UNSUPPORTED, n->offset, "USE %.*s is not supported", STR_ARG(use->object));
        return error_hint(e, "Who the user is, and what runs the statement, isn't chosen in SQL.");
    }
    if (parts->n > 2 || (parts->n == 2 && names_database)) {
        return error_at(e, ERR_BAD_SQL, use->name->offset, "this name has too many parts");
    }
    if (governor_has_database(s->governor, first, &is_database, e)) {
        return FAIL;
    }
    if ((parts->n == 2 || names_database) && !is_database) {
        return error_at(e, ERR_UNKNOWN_SCHEMA, use->name->offset,
                        "database \"%.*s\" does not exist", first.n > 64 ? 64 : (int)first.n,
                        first.p);
    }
    is_database = names_database || (parts->n == 1 && !use->object.n && is_database);
    return is_database ? use_database(s, use->name, e) : use_schema(s, use->name, e);
}

static enum status run_alter_session(struct session *s, const struct node *n, struct error *e)
{
    const struct node_list *settings = &node_alter_session_const(n)->settings;
    for (uint32_t i = 0; i < settings->n; i++) {
        const struct node *one = settings->at[i];
        struct str name =
            one->kind == NODE_SET ? node_set_const(one)->name : node_reset_const(one)->name;
        enum setting ignored;
        if (find(s, name, one, &ignored, e) ||
            (one->kind == NODE_SET ? run_set(s, one, e) : run_reset(s, one, e))) {
            return FAIL;
        }
    }
    return OK;
}

/* ---- SHOW ---- */

static size_t executed_columns(struct session *s, const struct node *stmt, struct arena *a,
                               struct wire_column **out)
{
    const struct prepared *p = sql_prepared_of(s, stmt);
    size_t n = 0;
    const struct engine_column *c = p ? plan_columns(p->plan, &n) : NULL;
    rows_describe(c, n, NULL, 0, a, out);
    return n;
}

size_t local_columns(struct session *s, const struct node *stmt, struct arena *a,
                     struct wire_column **out)
{
    if (stmt->kind == NODE_EXECUTE) {
        return executed_columns(s, stmt, a, out);
    }
    if (stmt->kind == NODE_FETCH) {
        return cursor_columns(s, stmt, a, out);
    }
    if (stmt->kind == NODE_CALL) {
        return procedure_columns(stmt, a, out);
    }
    if (stmt->kind != NODE_SHOW) {
        *out = NULL;
        return 0;
    }
    static const char *const all[] = {"name", "setting", "description"};
    struct str name = node_show_const(stmt)->name;
    enum setting i = settings_find(name); /* those that clients make are called as they are here */
    size_t n = str_iis(name, "all") ? 3 : 1;
    *out = ARENA_ARRAY(a, struct wire_column, n);
    for (size_t k = 0; k < n; k++) {
        struct str title = n == 3               ? str_of(all[k])
                           : i == SETTING_COUNT ? arena_str(a, name)
                                                : str_of(settings_name(i));
        (*out)[k] = (struct wire_column){title, OID_TEXT, -1, -1, 0};
    }
    return n;
}

/* transaction_read_only is the block's own state, the others are settings. */
static struct str shown(const struct session *s, enum setting i)
{
    if (i == SET_READ_ONLY) {
        bool open = s->block == BLOCK_OPEN || s->implicit;
        bool yes = open ? s->read_only : settings_is_on(s->settings, SET_DEFAULT_READ_ONLY);
        return yes ? STR("on") : STR("off");
    }
    return str_of(settings_get(s->settings, i));
}

struct str local_setting(const void *session, struct arena *a, struct str name)
{
    enum setting i = find_any(session, name);
    return i == SETTING_COUNT ? STR_NULL : arena_str(a, shown(session, i));
}

static enum status run_show(struct session *s, const struct node *n, struct result *out,
                            struct error *e)
{
    struct str name = node_show_const(n)->name;
    struct buf rows = BUF_INIT(0);
    enum setting only = SETTING_COUNT;
    if (str_iis(name, "all")) {
        for (int i = 0; i < SETTING_COUNT; i++) {
            struct str row[3] = {str_of(settings_name((enum setting)i)), shown(s, (enum setting)i),
                                 str_of(settings_about((enum setting)i))};
            wire_put_text_row(&rows, row, 3);
        }
        out->count = SETTING_COUNT;
    } else if (find(s, name, n, &only, e)) {
        return FAIL;
    } else {
        struct str value = shown(s, only);
        wire_put_text_row(&rows, &value, 1);
        out->count = 1;
    }
    out->returns_rows = true;
    out->arena = arena_new(0);
    out->column_count = local_columns(s, n, out->arena, &out->columns);
    out->rows = held_new(s->env->held);
    enum status status = held_append(out->rows, rows.p, rows.n, e);
    buf_free(&rows);
    return status;
}

/* Statements that keep something for later ones: prepared statements, cursors, variables. */
static enum status run_kept(struct session *s, const struct node *stmt, const int16_t *formats,
                            size_t format_count, struct result *out, struct error *e)
{
    switch ((int)stmt->kind) {
    case NODE_SET_VARIABLE:
        result_tag(out, "SET", -1);
        return variable_set(s, stmt, e);
    case NODE_UNSET_VARIABLE:
        result_tag(out, "UNSET", -1);
        variable_unset(s, stmt);
        return OK;
    case NODE_PREPARE:
        result_tag(out, "PREPARE", -1);
        return sql_prepare(s, stmt, e);
    case NODE_EXECUTE:
        return sql_execute(s, stmt, formats, format_count, out, e);
    case NODE_DECLARE_CURSOR:
        result_tag(out, "DECLARE CURSOR", -1);
        return cursor_declare(s, stmt, e);
    case NODE_FETCH:
        return cursor_fetch(s, stmt, formats, format_count, out, e);
    case NODE_CLOSE:
        result_tag(out, node_close_cursor_const(stmt)->cursor ? "CLOSE CURSOR" : "CLOSE CURSOR ALL",
                   -1);
        return cursor_close(s, stmt, e);
    case NODE_CALL:
        return procedure_call(s, stmt, out, e);
    default:
        return error_set(e, ERR_INTERNAL, "not a statement of the session");
    }
}

enum status local_run(struct session *s, const struct node *stmt, const int16_t *formats,
                      size_t format_count, struct result *out, struct error *e)
{
    enum status status = FAIL;
    switch ((int)stmt->kind) {
    case NODE_TRANSACTION:
        status = transaction_statement(s, stmt, out, e);
        break;
    case NODE_SET:
        result_tag(out, "SET", -1);
        status = run_set(s, stmt, e);
        break;
    case NODE_RESET:
        result_tag(out, "RESET", -1);
        status = run_reset(s, stmt, e);
        break;
    case NODE_SHOW:
        result_tag(out, "SHOW", -1);
        status = run_show(s, stmt, out, e);
        break;
    case NODE_DISCARD:
        status = run_discard(s, stmt, out, e);
        break;
    case NODE_USE:
        result_tag(out, "USE", -1);
        status = run_use(s, stmt, e);
        break;
    case NODE_LOCK:
        result_tag(out, "LOCK TABLE", -1);
        status = lock_tables(s, stmt, e);
        break;
    case NODE_ALTER_SESSION:
        result_tag(out, "ALTER SESSION", -1);
        status = run_alter_session(s, stmt, e);
        break;
    default:
        return run_kept(s, stmt, formats, format_count, out, e);
    }
    return status == OK ? session_apply_settings(s, e) : FAIL;
}
