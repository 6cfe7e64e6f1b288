/* The extended query protocol: prepared statements and portals. After an error everything up to the
 * next Sync is skipped; Sync ends the implicit transaction. */
#include <stdlib.h>

#include "base/mem.h"
#include "session/calls.h"
#include "sql/session_call.h"
#include "wire/oid.h"
#include "wire/param.h"

/* ---- lifetimes ---- */

void prepared_drop(struct session *s, struct prepared *p)
{
    if (p && --p->holders == 0) {
        s->statement_bytes -= p->bytes;
        plan_free(p->plan);
        arena_free(p->arena);
        free(p);
    }
}

static void portal_free(struct session *s, struct portal *p)
{
    s->statement_bytes -= p->bytes;
    result_fini(&p->result);
    prepared_drop(s, p->of);
    arena_free(p->arena);
    free(p);
}

static void portal_drop(struct session *s, struct portal *p)
{
    if (p && p->running) {
        p->orphan = true;
    } else if (p) {
        portal_free(s, p);
    }
}

/* Takes all entries out of a map. */
static void drain(struct session *s, struct map **m, bool portals)
{
    size_t at = 0;
    struct str key;
    void *value;
    if (map_count(*m) == 0) {
        return;
    }
    while (map_next(*m, &at, &key, &value)) {
        if (portals) {
            portal_drop(s, value);
        } else {
            prepared_drop(s, value);
        }
    }
    map_free(*m, NULL);
    *m = map_new();
}

void extended_drop_portals(struct session *s)
{
    drain(s, &s->portals, true);
}

void extended_drop_portals_since(struct session *s, uint64_t opened)
{
    struct map *kept = map_new();
    size_t at = 0;
    struct str key;
    void *value;
    while (map_next(s->portals, &at, &key, &value)) {
        struct portal *p = value;
        if (p->number <= opened) {
            map_put(kept, key, p);
        } else {
            portal_drop(s, p);
        }
    }
    map_free(s->portals, NULL);
    s->portals = kept;
}

void extended_drop_all(struct session *s)
{
    drain(s, &s->portals, true);
    drain(s, &s->statements, false);
}

void extended_drop_unnamed(struct session *s)
{
    portal_drop(s, map_remove(s->portals, STR("")));
    prepared_drop(s, map_remove(s->statements, STR("")));
}

enum status extended_deallocate(struct session *s, struct str name, struct error *e)
{
    if (name.n == 0) {
        drain(s, &s->statements, false);
        return OK;
    }
    struct prepared *p = map_remove(s->statements, name);
    if (!p) {
        return error_set(e, ERR_UNKNOWN_STATEMENT, "prepared statement \"%.*s\" does not exist",
                         name.n > 64 ? 64 : (int)name.n, name.p);
    }
    prepared_drop(s, p);
    return OK;
}

/* Counts memory that a client can pile up. */
static enum status count_bytes(struct session *s, size_t bytes, struct error *e)
{
    if (s->statement_bytes + bytes > STATEMENT_BYTES_MAX) {
        error_set(e, ERR_TOO_LARGE, "this session's prepared statements and portals pass %d bytes",
                  STATEMENT_BYTES_MAX);
        return error_hint(e, "Close some of them.");
    }
    s->statement_bytes += bytes;
    return OK;
}

static enum status check_room(const struct session *s, const struct map *m, const char *what,
                              struct error *e)
{
    if (map_count(m) < s->env->max_statements) {
        return OK;
    }
    error_set(e, ERR_TOO_LARGE, "this session has %zu %s, the most that is allowed", map_count(m),
              what);
    return error_hint(e, "Close some of them.");
}

static enum status aborted(struct error *e)
{
    return error_set(e, ERR_IN_FAILED_TRANSACTION,
                     "current transaction is aborted, commands ignored until end of transaction "
                     "block");
}

/* ---- Parse ---- */

static enum status parse_one(struct session *s, struct prepared *p, struct error *e)
{
    struct node_list list = {0};
    if (session_parse(s, p->text, p->arena, &list, e)) {
        return FAIL;
    }
    for (uint32_t i = 0; i < list.n; i++) {
        if (list.at[i]->kind == NODE_EMPTY) {
            continue;
        }
        if (p->stmt) {
            return error_at(e, ERR_BAD_SQL, list.at[i]->offset,
                            "cannot insert multiple commands into a prepared statement");
        }
        p->stmt = list.at[i];
    }
    return p->stmt && !transaction_allows(s, p->stmt) ? aborted(e) : OK;
}

static enum status not_taken(size_t i, uint32_t oid, struct error *e)
{
    return error_set(e, ERR_UNSUPPORTED, "parameter $%zu: type %u is not supported", i + 1, oid);
}

/* A type that somebody made is an enumeration, whose values are text as its columns are, where the
 * statement wants one. */
static enum status check_made(const struct prepared *p, const struct wire_parse *m, struct error *e)
{
    struct wire_reader said = m->types;
    size_t n;
    const struct type *const *types = plan_params(p->plan, &n);
    for (size_t i = 0; i < m->type_count; i++) {
        uint32_t oid = (uint32_t)wire_read_i32(&said);
        const struct type *t = i < n ? types[i] : NULL;
        bool is_enum = t && (t->kind == TYPE_ENUM || (t->child && t->child->kind == TYPE_ENUM));
        if (oid >= OID_FIRST_MADE && !is_enum) {
            return not_taken(i, oid, e);
        }
    }
    return OK;
}

static enum status take_hints(struct prepared *p, const struct wire_parse *m,
                              const struct type ***hints, struct error *e)
{
    struct wire_reader types = m->types;
    *hints = ARENA_ARRAY(p->arena, const struct type *, m->type_count);
    p->oids = ARENA_ARRAY(p->arena, uint32_t, m->type_count);
    for (size_t i = 0; i < m->type_count; i++) {
        uint32_t oid = (uint32_t)wire_read_i32(&types);
        bool is_open = oid == OID_UNKNOWN || oid >= OID_FIRST_MADE;
        p->oids[i] = is_open ? OID_NONE : oid;
        (*hints)[i] = oid_type(p->oids[i]);
        if (!(*hints)[i]) {
            return not_taken(i, oid, e);
        }
    }
    return OK;
}

/* The oids that the client is told: its own, else what the plan found. */
static void settle_params(struct prepared *p, size_t said)
{
    size_t n;
    const struct type *const *types = plan_params(p->plan, &n);
    uint32_t *oids = ARENA_ARRAY(p->arena, uint32_t, n);
    for (size_t i = 0; i < n; i++) {
        oids[i] = i < said && p->oids[i] ? p->oids[i] : oid_of(types[i]);
    }
    p->oids = oids;
    p->param_count = n;
}

static enum status make_plan(struct session *s, struct prepared *p, const struct wire_parse *m,
                             struct error *e)
{
    const struct type **hints = NULL;
    if (take_hints(p, m, &hints, e)) {
        return FAIL;
    }
    if (!p->stmt || local_is(p->stmt)) {
        return OK;
    }
    struct str text = {p->text.p + p->stmt->offset, p->stmt->length};
    if (p->stmt->offset > p->text.n || p->stmt->length > p->text.n - p->stmt->offset) {
        text = p->text;
    }
    if (sql_plan(s, p->stmt, text, hints, m->type_count, &p->plan, e)) {
        return FAIL;
    }
    settle_params(p, m->type_count);
    return check_made(p, m, e);
}

static enum status name_taken(struct str name, struct error *e)
{
    return error_set(e, ERR_DUPLICATE_STATEMENT, "prepared statement \"%.*s\" already exists",
                     name.n > 64 ? 64 : (int)name.n, name.p);
}

enum status extended_keep(struct session *s, struct str name, struct prepared *p, struct error *e)
{
    if (name.n == 0 || map_get(s->statements, name)) {
        return name_taken(name, e);
    }
    if (check_room(s, s->statements, "prepared statements", e) ||
        count_bytes(s, arena_used(p->arena), e)) {
        return FAIL;
    }
    p->bytes = arena_used(p->arena);
    map_put(s->statements, name, p);
    return OK;
}

static enum status handle_parse(struct session *s, struct str body, struct error *e)
{
    struct wire_parse m;
    if (wire_get_parse(body, &m, e)) {
        return FAIL;
    }
    s->query = m.sql;
    if (m.name.n > 0 && map_get(s->statements, m.name)) {
        return name_taken(m.name, e);
    }
    if (session_admit(s, e) || check_room(s, s->statements, "prepared statements", e)) {
        return FAIL;
    }
    if (m.name.n == 0) {
        prepared_drop(s, map_remove(s->statements, STR("")));
    }
    struct prepared *p = mem_alloc(sizeof *p);
    p->holders = 1;
    p->arena = arena_new(0);
    p->text = arena_str(p->arena, m.sql);
    if (parse_one(s, p, e) || make_plan(s, p, &m, e) || count_bytes(s, arena_used(p->arena), e)) {
        prepared_drop(s, p);
        return FAIL;
    }
    p->bytes = arena_used(p->arena);
    map_put(s->statements, m.name, p);
    wire_put_parse_complete(replies_buf(&s->replies));
    return OK;
}

/* ---- Bind ---- */

static enum status find_prepared(struct session *s, struct str name, struct prepared **out,
                                 struct error *e)
{
    *out = map_get(s->statements, name);
    if (*out) {
        return OK;
    }
    return name.n == 0
               ? error_set(e, ERR_UNKNOWN_STATEMENT, "unnamed prepared statement does not exist")
               : error_set(e, ERR_UNKNOWN_STATEMENT, "prepared statement \"%.*s\" does not exist",
                           name.n > 64 ? 64 : (int)name.n, name.p);
}

static enum status read_values(struct session *s, struct portal *p, const struct wire_bind *m,
                               struct error *e)
{
    struct wire_reader values = m->values;
    size_t wanted = 0;
    if (m->value_count != p->of->param_count) {
        return error_set(
            e, ERR_PROTOCOL,
            "bind message supplies %zu parameters, but prepared statement requires %zu",
            m->value_count, p->of->param_count);
    }
    const struct type *const *types = p->of->plan ? plan_params(p->of->plan, &wanted) : NULL;
    p->params = ARENA_ARRAY(p->arena, struct value, m->value_count);
    for (size_t i = 0; i < m->value_count; i++) {
        int format = wire_format_of(m->formats, m->format_count, i);
        if (param_decode(p->of->oids[i], i < wanted ? types[i] : NULL, format, s->style.time.zone,
                         wire_read_value(&values), p->arena, &p->params[i], e)) {
            return FAIL;
        }
    }
    return OK;
}

static enum status read_formats(struct session *s, struct portal *p, const struct wire_bind *m,
                                struct error *e)
{
    struct wire_reader codes = m->result_formats;
    size_t columns = 0;
    if (p->of->plan && session_calls_in(p->of->stmt)) {
        struct wire_column *unused;
        columns = calls_columns(p->of->stmt, p->of->plan, NULL, 0, p->arena, &unused);
    } else if (p->of->plan) {
        plan_columns(p->of->plan, &columns);
    } else if (p->of->stmt) {
        struct wire_column *unused;
        columns = local_columns(s, p->of->stmt, p->arena, &unused);
    }
    if (m->result_format_count > 1 && m->result_format_count != columns) {
        return error_set(e, ERR_PROTOCOL,
                         "bind message has %zu result formats but query has %zu columns",
                         m->result_format_count, columns);
    }
    p->format_count = m->result_format_count;
    p->formats = ARENA_ARRAY(p->arena, int16_t, p->format_count);
    for (size_t i = 0; i < p->format_count; i++) {
        p->formats[i] = wire_read_i16(&codes);
    }
    return OK;
}

static enum status handle_bind(struct session *s, struct str body, struct error *e)
{
    struct wire_bind m;
    struct prepared *of = NULL;
    if (wire_get_bind(body, &m, e) || find_prepared(s, m.statement, &of, e)) {
        return FAIL;
    }
    s->query = of->text;
    if (of->stmt && !transaction_allows(s, of->stmt)) {
        return aborted(e);
    }
    if (m.portal.n > 0 && map_get(s->portals, m.portal)) {
        return error_set(e, ERR_DUPLICATE_STATEMENT, "portal \"%.*s\" already exists",
                         m.portal.n > 64 ? 64 : (int)m.portal.n, m.portal.p);
    }
    if (check_room(s, s->portals, "portals", e)) {
        return FAIL;
    }
    struct portal *p = mem_alloc(sizeof *p);
    p->arena = arena_new(0);
    p->of = of;
    p->number = ++s->opened;
    of->holders++;
    if (read_values(s, p, &m, e) || read_formats(s, p, &m, e) ||
        count_bytes(s, arena_used(p->arena), e)) {
        portal_drop(s, p);
        return FAIL;
    }
    p->bytes = arena_used(p->arena);
    portal_drop(s, map_put(s->portals, m.portal, p));
    wire_put_bind_complete(replies_buf(&s->replies));
    return OK;
}

/* ---- Describe, Close ---- */

static void put_columns(struct session *s, const struct prepared *of, const int16_t *formats,
                        size_t format_count)
{
    struct arena *a = arena_new(0);
    struct buf *b = replies_buf(&s->replies);
    struct wire_column *columns = NULL;
    size_t n = 0;
    bool rows = false;
    if (of->plan && session_calls_in(of->stmt)) {
        n = calls_columns(of->stmt, of->plan, formats, format_count, a, &columns);
        rows = true;
    } else if (of->plan && plan_returns_rows(of->plan) && !copy_is(of->stmt)) {
        const struct engine_column *c = plan_columns(of->plan, &n);
        rows_describe(c, n, formats, format_count, a, &columns);
        rows = true;
    } else if (of->stmt && !of->plan) {
        n = local_columns(s, of->stmt, a, &columns);
        for (size_t i = 0; i < n && of->stmt->kind == NODE_EXECUTE; i++) {
            columns[i].format = rows_format(formats, format_count, i);
        }
        rows = n > 0;
    }
    if (rows) {
        wire_put_row_description(b, columns, n);
    } else {
        wire_put_no_data(b);
    }
    arena_free(a);
}

static enum status find_portal(struct session *s, struct str name, struct portal **out,
                               struct error *e)
{
    *out = map_get(s->portals, name);
    return *out ? OK
                : error_set(e, ERR_UNKNOWN_PORTAL, "portal \"%.*s\" does not exist",
                            name.n > 64 ? 64 : (int)name.n, name.p);
}

static void describe_cursor(struct session *s, struct str name)
{
    struct arena *a = arena_new(0);
    struct wire_column *columns;
    size_t n = cursor_named_columns(s, name, a, &columns);
    wire_put_row_description(replies_buf(&s->replies), columns, n);
    arena_free(a);
}

static const struct node *described(struct session *s, const struct wire_target *m)
{
    if (m->kind == 'S') {
        const struct prepared *p = map_get(s->statements, m->name);
        return p ? p->stmt : NULL;
    }
    const struct portal *p = map_get(s->portals, m->name);
    return p ? p->of->stmt : NULL;
}

static enum status handle_describe(struct session *s, struct str body, struct error *e)
{
    struct wire_target m;
    if (wire_get_target(body, &m, e)) {
        return FAIL;
    }
    if (!transaction_allows(s, described(s, &m))) {
        return aborted(e);
    }
    if (m.kind == 'S') {
        struct prepared *p;
        if (find_prepared(s, m.name, &p, e)) {
            return FAIL;
        }
        wire_put_parameter_description(replies_buf(&s->replies), p->oids, p->param_count);
        put_columns(s, p, NULL, 0);
        return OK;
    }
    struct portal *p;
    if (!map_get(s->portals, m.name) && map_get(s->cursors, m.name)) {
        describe_cursor(s, m.name); /* one that DECLARE made is a portal too */
        return OK;
    }
    if (find_portal(s, m.name, &p, e)) {
        return FAIL;
    }
    p->described = true;
    put_columns(s, p->of, p->formats, p->format_count);
    return OK;
}

static enum status handle_close(struct session *s, struct str body, struct error *e)
{
    struct wire_target m;
    if (wire_get_target(body, &m, e)) {
        return FAIL;
    }
    if (m.kind == 'S') {
        prepared_drop(s, map_remove(s->statements, m.name));
    } else if (map_get(s->portals, m.name)) {
        portal_drop(s, map_remove(s->portals, m.name));
    } else {
        cursor_drop(s, m.name);
    }
    wire_put_close_complete(replies_buf(&s->replies));
    return OK;
}

/* ---- Execute ---- */

/* Runs the portal's statement for the first time. *waits: it takes COPY data first. */
static enum status run_portal(struct session *s, struct portal *p, bool *waits, struct error *e)
{
    struct prepared *of = p->of;
    if (!transaction_allows(s, of->stmt)) {
        return aborted(e);
    }
    if (session_admit(s, e) || governor_rules(s->governor, &p->rules, e)) {
        return FAIL;
    }
    /* One Execute between Syncs is a transaction of its own already. */
    bool alone = session_sync_is_next(s) && !settings_is_on(s->settings, SET_DEFAULT_READ_ONLY);
    if (of->stmt->kind != NODE_TRANSACTION && of->stmt->kind != NODE_DISCARD && !alone &&
        transaction_implicit(s, e)) {
        return FAIL;
    }
    if (!of->plan) {
        return local_run(s, of->stmt, p->formats, p->format_count, &p->result, e);
    }
    if (copy_is(of->stmt)) {
        bool out = node_copy_stmt_const(of->stmt)->to;
        *waits = !out;
        return out ? copy_out(s, of->plan, of->stmt, &p->result, e)
                   : copy_begin(s, of->plan, of, of->stmt, e);
    }
    if (session_calls_in(of->stmt)) {
        return calls_run(s, of->stmt, of->plan, p->params, of->param_count, p->formats,
                         p->format_count, &p->result, e);
    }
    return rows_run(s, of->plan, p->params, of->param_count, p->formats, p->format_count,
                    plan_returns_rows(of->plan) ? of : NULL, &p->result, e);
}

/* Up to `max` rows (0: all) of what is held, then CommandComplete or PortalSuspended. */
static enum status send_rows(struct session *s, struct portal *p, int32_t max, struct error *e)
{
    struct result *r = &p->result;
    int64_t sent = 0;
    if (r->rows && r->returns_rows && max > 0) {
        struct held *part = held_new(s->env->held);
        if (held_move_messages(r->rows, part, max, &sent, e)) {
            held_free(part);
            return FAIL;
        }
        if (replies_held(&s->replies, part, e)) {
            return FAIL;
        }
        r->count -= sent;
        if (sent == max) {
            wire_put_suspended(replies_buf(&s->replies));
            return OK;
        }
    } else if (r->rows) {
        struct held *all = r->rows;
        r->rows = NULL;
        sent = r->count;
        r->count = 0;
        if (replies_held(&s->replies, all, e)) {
            return FAIL;
        }
    }
    p->done = true;
    if (p->of->plan && r->returns_rows && strncmp(r->tag, "SELECT ", 7) == 0) {
        result_tag(r, "SELECT", sent);
    }
    wire_put_complete(replies_buf(&s->replies), r->tag);
    return OK;
}

/* Rows that a portal kept back were taken under the policies and the role of then. */
static enum status check_rules(struct session *s, const struct portal *p, struct error *e)
{
    uint64_t now;
    if (governor_rules(s->governor, &now, e)) {
        return FAIL;
    }
    if (now != p->rules) {
        error_set(e, ERR_DENIED, "policies have changed, or the role, since the portal was run");
        return error_hint(e, "Bind and execute it again.");
    }
    return OK;
}

static enum status execute(struct session *s, struct portal *p, int32_t max, struct error *e)
{
    if (!p->of->stmt) {
        wire_put_empty_query(replies_buf(&s->replies));
        return OK;
    }
    if (p->done && !p->result.returns_rows) {
        return error_set(e, ERR_UNKNOWN_PORTAL, "portal cannot be run a second time");
    }
    if (!p->ran) {
        bool waits = false;
        p->ran = true;
        if (run_portal(s, p, &waits, e)) {
            p->done = true;
            return FAIL;
        }
        if (waits) {
            p->done = true;
            return OK;
        }
        if (p->result.waits) {
            p->ran = false;
            return OK;
        }
    } else if (session_admit(s, e) || check_rules(s, p, e)) {
        return FAIL;
    }
    return send_rows(s, p, max, e);
}

static enum status handle_execute(struct session *s, struct str body, struct error *e)
{
    struct wire_execute m;
    struct portal *p = NULL;
    if (wire_get_execute(body, &m, e) || find_portal(s, m.portal, &p, e)) {
        return FAIL;
    }
    s->query = p->of->text;
    p->running = true;
    enum status status = execute(s, p, m.max_rows, e);
    s->query = STR_NULL;
    if (status) {
        /* The position refers to the text, which may go with the portal. */
        session_error(s, e);
        e->code = ERR_NONE;
    }
    p->running = false;
    if (p->orphan) {
        portal_free(s, p);
    }
    return status;
}

/* ---- all of them ---- */

void extended_message(struct session *s, const struct wire_message *m)
{
    struct error e = ERROR_INIT;
    enum status status = FAIL;
    if (!s->in_cycle) {
        session_new_request(s);
        s->in_cycle = true;
    }
    switch (m->type) {
    case 'P':
        status = handle_parse(s, m->body, &e);
        break;
    case 'B':
        status = handle_bind(s, m->body, &e);
        break;
    case 'D':
        status = handle_describe(s, m->body, &e);
        break;
    case 'E':
        status = handle_execute(s, m->body, &e);
        break;
    case 'C':
        status = handle_close(s, m->body, &e);
        break;
    default:
        error_set(&e, ERR_INTERNAL, "not an extended query message");
    }
    if (status) {
        if (e.code != ERR_NONE) {
            session_error(s, &e);
        }
        s->skip_to_sync = true;
    }
    s->query = STR_NULL;
}

void extended_sync(struct session *s)
{
    struct error e = ERROR_INIT;
    s->skip_to_sync = false;
    s->in_cycle = false;
    if (transaction_end_implicit(s, &e)) {
        session_error(s, &e);
    }
    if (s->block == BLOCK_NONE) {
        extended_drop_portals(s);
    }
    session_ready(s);
}
