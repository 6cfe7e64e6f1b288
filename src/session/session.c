/* The life of a session: opening, the dispatch of messages, errors, settings that take effect. */
#include "session/session.h"
#include "session/registry.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "identity/identity.h"
#include "session/advisory.h"
#include "session/registry.h"
#include "session/state.h"

/* ---- opening ---- */

static struct str option(const struct startup *start, const char *name)
{
    struct str value = STR_NULL;
    for (size_t i = 0; i < start->options.n; i++) {
        if (str_iis(start->options.at[i].name, name)) {
            value = start->options.at[i].value;
        }
    }
    return value;
}

static enum status verify(struct session *s, const struct startup *start, struct str secret,
                          const char *source_ip, struct error *e)
{
    struct str environment = option(start, "hatidata.environment");
    struct str key = option(start, "hatidata.api_key");
    struct principal *who = NULL;
    struct arena *a = arena_new(0); /* what led to him isn't kept */
    enum status status = identity_verify(s->env->identity, start->user, secret.n ? secret : key,
                                         environment.n ? environment : start->database,
                                         str_of(source_ip), a, &who, e);
    if (status == OK) {
        s->login = login_new();
        s->login->principal = principal_copy(s->login->arena, who);
    }
    arena_free(a);
    return status;
}

static void fix_text(struct session *s, enum setting i, struct str value)
{
    char text[256];
    snprintf(text, sizeof text, "%.*s", STR_ARG(value));
    settings_fix(s->settings, i, text);
}

static const char *const dialects[] = {[DIALECT_SNOWFLAKE] = "snowflake",
                                       [DIALECT_POSTGRES] = "postgres",
                                       [DIALECT_DUCKDB] = "duckdb"};

/* What the server's configuration says of new sessions. */
static enum status take_defaults(struct session *s, struct error *e)
{
    char text[96];
    snprintf(text, sizeof text, "15.0 (HatiData %s)", s->env->version);
    settings_fix(s->settings, SET_SERVER_VERSION, text);
    settings_fix(s->settings, SET_DIALECT, dialects[pipeline_dialect(s->env->pipeline)]);
    snprintf(text, sizeof text, "%lldms", (long long)s->env->idle_in_transaction_ms);
    return settings_start(s->settings, str_of(settings_name(SET_IDLE_TIMEOUT)), str_of(text), e);
}

/* Only now that the client is known is a setting looked at. */
static enum status take_settings(struct session *s, const struct startup *start, struct error *e)
{
    if (take_defaults(s, e)) {
        return FAIL;
    }
    fix_text(s, SET_SESSION_AUTHORIZATION, start->user);
    fix_text(s, SET_ENVIRONMENT, s->login->principal->environment);
    standing_show(s);
    if (option(start, settings_name(SET_TRANSPILE)).n) {
        /* So says the published dbt adapter, whose macros look for names as they are stored. */
        settings_fix(s->settings, SET_CATALOG_NAMES, "stored");
    }
    for (size_t i = 0; i < start->options.n; i++) {
        const struct startup_option *o = &start->options.at[i];
        if (str_iis(o->name, "hatidata.environment") || str_iis(o->name, "hatidata.api_key")) {
            continue;
        }
        if (settings_start(s->settings, o->name, o->value, e)) {
            return FAIL;
        }
    }
    return OK;
}

static size_t sessions_of_user(const void *session, struct arena *a, struct other_session **out)
{
    const struct session *s = session;
    const struct registry_owner owner = {
        .org_id = session_org(s), .user = session_user(s), .environment = session_environment(s)};
    return registry_list(s->env->registry, &owner, a, out);
}

static void tell_facts(struct session *s, const char *source_ip, int32_t pid)
{
    snprintf(s->client_address, sizeof s->client_address, "%s", source_ip);
    s->facts = (struct session_facts){.pid = pid,
                                      .client_address = str_of(s->client_address),
                                      .server_started_us = s->env->started_us,
                                      .setting = local_setting,
                                      .transaction = transaction_id,
                                      .sessions = sessions_of_user,
                                      .session = s};
    governor_set_facts(s->governor, &s->facts);
}

static enum status open_governor(struct session *s, struct error *e)
{
    struct governor_options o = {.session_id = str_of(s->session_id),
                                 .application =
                                     str_of(settings_get(s->settings, SET_APPLICATION_NAME))};
    return governor_open(s->env->pipeline, s->login->principal, &o, &s->governor, e);
}

enum status session_open(const struct session_env *env, const struct startup *start,
                         struct str secret, const char *source_ip, int32_t pid,
                         const struct cancel_key *key, struct session **out, struct error *e)
{
    struct session *s = mem_alloc(sizeof *s);
    s->env = env;
    pthread_mutex_init(&s->login_lock, NULL);
    s->settings = settings_new();
    s->statements = map_new();
    s->portals = map_new();
    s->cursors = map_new();
    id_uuid(s->session_id);
    if (verify(s, start, secret, source_ip, e) || take_settings(s, start, e) ||
        open_governor(s, e) || session_apply_settings(s, e)) {
        session_close(s);
        return FAIL;
    }
    tell_facts(s, source_ip, pid);
    s->locks =
        advisory_join(env->locks, s->login->principal->org_id, s->login->principal->environment);
    struct buf *b = replies_buf(&s->replies);
    wire_put_auth_ok(b);
    settings_report(s->settings, b);
    wire_put_key_data(b, pid, (struct str){(const char *)key->bytes, key->n});
    wire_put_ready(b, 'I');
    *out = s;
    return OK;
}

void session_close(struct session *s)
{
    if (!s) {
        return;
    }
    copy_drop(s);
    calls_drop_stalled(s);
    savepoints_drop(s);
    simple_drop(s);
    extended_drop_all(s);
    cursor_drop_all(s);
    governor_close(s->governor);
    advisory_leave(s->locks);
    parse_cache_fini(&s->parsed);
    map_free(s->statements, NULL);
    map_free(s->portals, NULL);
    map_free(s->cursors, NULL);
    settings_free(s->settings);
    login_drop(s->login);
    pthread_mutex_destroy(&s->login_lock);
    replies_clear(&s->replies);
    buf_free(&s->in);
    free(s);
}

/* ---- effects of settings ---- */

/* "$user" is nobody's schema here. */
static void apply_path(struct session *s)
{
    struct str rest = str_of(settings_get(s->settings, SET_SEARCH_PATH));
    struct str path[SETTINGS_PATH_MAX];
    size_t n = 0;
    if (rest.n == 0) {
        path[n++] = STR("pg_catalog");
    }
    while (rest.n && n < SETTINGS_PATH_MAX) {
        struct str part = str_trim(str_cut(&rest, ','));
        if (part.n >= 2 && part.p[0] == '"') {
            part = (struct str){part.p + 1, part.n - 2};
        }
        if (part.n && !str_is(part, "$user")) {
            path[n++] = part;
        }
    }
    governor_set_path(s->governor, str_of(settings_get(s->settings, SET_DATABASE)), path, n);
}

static void apply_date_style(struct datetime_style *t, const char *value)
{
    t->date = strncmp(value, "SQL", 3) == 0        ? DATE_SQL
              : strncmp(value, "Postgres", 8) == 0 ? DATE_POSTGRES
              : strncmp(value, "German", 6) == 0   ? DATE_GERMAN
                                                   : DATE_ISO;
    t->day_first = strstr(value, "DMY") != NULL;
}

static void apply_interval_style(struct datetime_style *t, const char *value)
{
    t->interval = strcmp(value, "postgres_verbose") == 0 ? INTERVAL_POSTGRES_VERBOSE
                  : strcmp(value, "sql_standard") == 0   ? INTERVAL_SQL_STANDARD
                  : strcmp(value, "iso_8601") == 0       ? INTERVAL_ISO_8601
                                                         : INTERVAL_POSTGRES;
}

/* The forms of results and the zone. */
static enum status apply_style(struct session *s, struct error *e)
{
    const char *zone = settings_get(s->settings, SET_TIMEZONE);
    if (governor_set_time_zone(s->governor, zone, e)) {
        return FAIL;
    }
    apply_date_style(&s->style.time, settings_get(s->settings, SET_DATESTYLE));
    apply_interval_style(&s->style.time, settings_get(s->settings, SET_INTERVALSTYLE));
    s->style.time.zone = strcmp(zone, "UTC") == 0 ? NULL : zone_find(str_of(zone));
    s->style.bytes_escaped = strcmp(settings_get(s->settings, SET_BYTEA_OUTPUT), "escape") == 0;
    s->style.float_digits = (int)settings_number(s->settings, SET_EXTRA_FLOAT_DIGITS);
    return OK;
}

enum status session_apply_settings(struct session *s, struct error *e)
{
    const char *dialect = settings_get(s->settings, SET_DIALECT);
    for (size_t i = 0; i < sizeof dialects / sizeof dialects[0]; i++) {
        if (strcmp(dialect, dialects[i]) == 0) {
            s->dialect = (enum dialect)i;
        }
    }
    governor_set_dialect(s->governor, s->dialect);
    governor_show_stored_names(s->governor,
                               strcmp(settings_get(s->settings, SET_CATALOG_NAMES), "stored") == 0);
    apply_path(s);
    governor_set_timeout(s->governor, settings_number(s->settings, SET_STATEMENT_TIMEOUT));
    governor_set_row_security(s->governor, settings_is_on(s->settings, SET_ROW_SECURITY));
    return apply_style(s, e);
}

/* The client's own name for its request, or one that we make. */
void session_new_request(struct session *s)
{
    const char *given = settings_get(s->settings, SET_REQUEST_ID);
    if (*given) {
        snprintf(s->request_id, sizeof s->request_id, "%s", given);
    } else {
        id_uuid(s->request_id);
    }
    governor_set_request_id(s->governor, str_of(s->request_id));
    governor_set_reasoning(s->governor, str_of(settings_get(s->settings, SET_PARENT_REQUEST_ID)),
                           str_of(settings_get(s->settings, SET_REASONING_STEP)));
}

/* ---- errors, notices, the end of a cycle ---- */

void session_error(struct session *s, const struct error *e)
{
    calls_drop_stalled(s);
    struct error overtaken = ERROR_INIT;
    if (e->code == ERR_CANCELED) {
        atomic_store(&s->cancelled, false); /* it was meant for this statement alone */
        if (atomic_exchange(&s->overtaken, false)) {
            error_set(&overtaken, ERR_CANCELED,
                      "canceling statement: what its user may do was taken away meanwhile");
            e = &overtaken;
        }
    }
    if (!s->ending) {
        wire_put_error(replies_buf(&s->replies), "ERROR", e, s->query, s->request_id);
    }
    transaction_fail(s);
}

void session_warn(struct session *s, const char *sqlstate, const char *message)
{
    if (strcmp(settings_get(s->settings, SET_CLIENT_MIN_MESSAGES), "error") == 0) {
        return;
    }
    struct wire_report r = {.severity = "WARNING", .sqlstate = sqlstate, .message = message};
    wire_put_report(replies_buf(&s->replies), true, &r);
}

void session_ready(struct session *s)
{
    struct buf *b = replies_buf(&s->replies);
    if (s->ending) {
        return;
    }
    settings_report(s->settings, b);
    wire_put_ready(b, s->block == BLOCK_NONE ? 'I' : s->block == BLOCK_OPEN ? 'T' : 'E');
}

void session_fatal(struct session *s, const struct error *why)
{
    if (!s->ending) {
        wire_put_error(replies_buf(&s->replies), "FATAL", why, STR_NULL, NULL);
        s->ending = true;
    }
}

enum status session_admit(struct session *s, struct error *e)
{
    if (standing_refresh(s, e)) {
        return FAIL;
    }
    if (s->refusal) {
        *e = *s->refusal;
        return FAIL;
    }
    governor_heed(s->governor); /* first: a cancel is seen by the one or by the other */
    if (atomic_exchange(&s->cancelled, false)) {
        return error_set(e, ERR_CANCELED, "canceling statement due to user request");
    }
    if (s->replies.bytes > s->env->held->total) {
        return error_set(e, ERR_TOO_LARGE, "the results of one message pass %llu bytes",
                         (unsigned long long)s->env->held->total);
    }
    return OK;
}

enum status session_parse(struct session *s, struct str text, struct arena *a,
                          struct node_list *out, struct error *e)
{
    struct error unrecorded = ERROR_INIT;
    if (parse_cache_parse(&s->parsed, a, text, s->dialect, pipeline_parse_limits(s->env->pipeline),
                          out, e) == OK) {
        return OK;
    }
    if (governor_record_failure(s->governor, text, e, &unrecorded)) {
        *e = unrecorded;
    }
    return FAIL;
}

/* ---- messages ---- */

static void unexpected(struct session *s, char type)
{
    struct error e = ERROR_INIT;
    error_set(&e, ERR_PROTOCOL, "message type '%c' is not allowed here", type);
    session_fatal(s, &e);
}

/* The protocol's old way to call a function by its number, which no policy could read. */
static void function_call(struct session *s)
{
    struct error e = ERROR_INIT;
    session_new_request(s);
    error_set(&e, ERR_UNSUPPORTED, "the function call message is not supported");
    error_hint(&e, "Call the function in a SELECT.");
    session_error(s, &e);
    session_ready(s);
}

static void dispatch(struct session *s, const struct wire_message *m)
{
    if (s->skip_to_sync && m->type != 'S' && m->type != 'X') {
        return;
    }
    if (s->copy && m->type != 'X') {
        copy_message(s, m);
        return;
    }
    switch (m->type) {
    case 'Q':
        simple_query(s, m->body);
        break;
    case 'P':
    case 'B':
    case 'D':
    case 'E':
    case 'C':
        extended_message(s, m);
        break;
    case 'S':
        extended_sync(s);
        break;
    case 'F':
        function_call(s);
        break;
    case 'H': /* Flush: replies are sent when the job ends, so nothing is left to do */
    case 'd': /* the rest of a COPY that has failed */
    case 'c':
    case 'f':
        break;
    case 'X':
        s->ending = true;
        break;
    default:
        unexpected(s, m->type);
    }
}

static enum wire_frame next_message(const struct session *s, size_t at, struct wire_message *m,
                                    size_t *size)
{
    return wire_frame((struct str){(const char *)s->in.p + at, s->in.n - at}, s->env->max_message,
                      m, size);
}

bool session_sync_is_next(const struct session *s)
{
    struct wire_message m;
    size_t size;
    return s->in.n > s->in_at && next_message(s, s->in_at, &m, &size) == FRAME_WHOLE &&
           m.type == 'S';
}

static size_t replies_waiting(const struct session *s)
{
    return (size_t)s->replies.bytes + (s->replies.last ? replies_buf((void *)&s->replies)->n : 0);
}

void session_run(struct session *s)
{
    if (s->stalled && s->simple) {
        simple_go_on(s);
    }
    while (!(s->stalled && s->simple) && s->in_at < s->in.n && !s->ending &&
           replies_waiting(s) < REPLY_BATCH) {
        struct wire_message m;
        size_t size;
        if (next_message(s, s->in_at, &m, &size) != FRAME_WHOLE) {
            unexpected(s, (char)s->in.p[s->in_at]);
            break;
        }
        s->in_at += size;
        dispatch(s, &m);
        if (s->stalled && !s->simple) {
            s->in_at -= size; /* its Execute comes again */
            break;
        }
    }
    if (s->in_at == s->in.n || s->ending) {
        /* What a client sent can be secret, and large: an idle session keeps none of it. */
        mem_wipe(s->in.p, s->in.n);
        buf_free(&s->in);
        s->in_at = 0;
    }
}

void session_refuse(struct session *s, const struct error *why)
{
    s->refusal = why;
    session_run(s);
    s->refusal = NULL;
}

struct buf *session_input(struct session *s)
{
    return &s->in;
}

bool session_has_input(const struct session *s)
{
    return s->in_at < s->in.n;
}

struct replies *session_replies(struct session *s)
{
    return &s->replies;
}

struct str session_org(const struct session *s)
{
    return s->login->principal->org_id;
}

struct str session_environment(const struct session *s)
{
    return s->login->principal->environment;
}

struct str session_user(const struct session *s)
{
    const struct principal *p = s->login->principal;
    return p->user_id.n ? p->user_id : p->key_id;
}

const char *session_priority(const struct session *s)
{
    return settings_get(s->settings, SET_PRIORITY);
}

int64_t session_concurrency(const struct session *s)
{
    return governor_concurrency(s->governor);
}

bool session_is_ending(const struct session *s)
{
    return s->ending;
}

int64_t session_idle_ms(const struct session *s)
{
    return settings_number(s->settings,
                           s->block == BLOCK_NONE ? SET_IDLE_SESSION_TIMEOUT : SET_IDLE_TIMEOUT);
}

void session_idle_expired(struct session *s)
{
    bool in_block = s->block != BLOCK_NONE;
    struct wire_report r = {
        .severity = "FATAL",
        .sqlstate = in_block ? "25P03" : "57P05",
        .message = in_block ? "terminating connection due to idle-in-transaction timeout"
                            : "terminating connection due to idle-session timeout",
        .detail = error_info(ERR_TIMEOUT)->name};
    wire_put_report(replies_buf(&s->replies), false, &r);
    s->ending = true;
}

void session_forget_cancel(struct session *s)
{
    atomic_store(&s->overtaken, false);
    atomic_store(&s->cancelled, false);
}

void session_cancel(struct session *s)
{
    atomic_store(&s->cancelled, true);
    governor_cancel(s->governor);
    advisory_poke(s->locks);
}
