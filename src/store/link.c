#include "store/link.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "base/str.h"

enum { CONNECT_MS = 3000, KEYWORDS_MAX = 64 };

struct link_target {
    const char *keywords[KEYWORDS_MAX + 1];
    char *values[KEYWORDS_MAX + 1];
    int n;
};

/* ---- where to ---- */

static void add(struct link_target *t, const char *keyword, const char *value)
{
    if (t->n < KEYWORDS_MAX) {
        t->keywords[t->n] = keyword;
        t->values[t->n++] = mem_strdup(value);
    }
}

static const char *value_of(const PQconninfoOption *options, const char *keyword)
{
    for (const PQconninfoOption *o = options; o->keyword; o++) {
        if (strcmp(o->keyword, keyword) == 0) {
            return o->val && *o->val ? o->val : NULL;
        }
    }
    return NULL;
}

static bool is_local(struct str host)
{
    char text[INET6_ADDRSTRLEN];
    struct in_addr v4;
    struct in6_addr v6;

    if (host.n == 0 || host.p[0] == '/' || host.p[0] == '@' || str_is(host, "localhost")) {
        return true;
    }
    if (host.n >= sizeof text) {
        return false;
    }
    memcpy(text, host.p, host.n);
    text[host.n] = '\0';
    return (inet_pton(AF_INET, text, &v4) == 1 && ntohl(v4.s_addr) >> 24 == 127) ||
           (inet_pton(AF_INET6, text, &v6) == 1 && IN6_IS_ADDR_LOOPBACK(&v6));
}

/* Every one of a list; an address overrides its host, but both must be local. */
static bool all_local(const char *list)
{
    struct str rest = list ? str_of(list) : STR("");

    while (rest.p) {
        if (!is_local(str_cut(&rest, ','))) {
            return false;
        }
    }
    return true;
}

/* A host that is named elsewhere (a service, PGHOST) is taken for another machine. */
static bool stays_here(const PQconninfoOption *options)
{
    const char *host = value_of(options, "host"), *address = value_of(options, "hostaddr");

    return (host || address) && !value_of(options, "service") && all_local(host) &&
           all_local(address);
}

static enum status check(const PQconninfoOption *options, bool local, struct error *e)
{
    const char *mode = value_of(options, "sslmode");

    if (value_of(options, "password")) {
        error_set(e, ERR_CONFIG, "the control store's address holds a password");
        return error_hint(e, "Put it into a file of mode 0600 and name that: passfile=FILE.");
    }
    if (mode && strcmp(mode, "verify-full") != 0 && !local) {
        error_set(e, ERR_CONFIG, "the control store on another machine needs sslmode=verify-full");
        return error_hint(e, "Leave sslmode away; sslrootcert=FILE names the authority.");
    }
    return OK;
}

enum status link_target_read(const char *where, struct link_target **out, struct error *e)
{
    static const char *const always[][2] = {
        {"application_name", "hatidata"}, {"client_encoding", "UTF8"},
        {"gssencmode", "disable"},        {"target_session_attrs", "read-write"},
        {"tcp_user_timeout", "5000"},     {"keepalives_idle", "5"},
        {"keepalives_interval", "2"},     {"keepalives_count", "3"}};
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(where, &why);
    struct link_target *t;
    bool local;

    if (!options) {
        error_set(e, ERR_CONFIG, "the control store's address can't be read"); /* no word of it */
        PQfreemem(why);
        return error_hint(e, "Write postgresql://USER@HOST/DATABASE?passfile=FILE.");
    }
    local = stays_here(options);
    if (check(options, local, e) != OK) {
        PQconninfoFree(options);
        return FAIL;
    }
    t = mem_alloc(sizeof *t);
    for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
        add(t, always[i][0], always[i][1]);
    }
    if (!local) {
        add(t, "sslmode", "verify-full");
    }
    for (const PQconninfoOption *o = options; o->keyword; o++) {
        if (o->val && *o->val && (local || strcmp(o->keyword, "sslmode") != 0)) {
            add(t, o->keyword, o->val); /* the last one of a keyword holds */
        }
    }
    PQconninfoFree(options);
    *out = t;
    return OK;
}

void link_target_free(struct link_target *t)
{
    for (int i = 0; t && i < t->n; i++) {
        mem_wipe(t->values[i], strlen(t->values[i]));
        free(t->values[i]);
    }
    free(t);
}

/* ---- waiting ---- */

static int64_t from_now(int ms)
{
    return clock_mono_ns() + (int64_t)ms * 1000000;
}

/* True when the socket is ready for `events` before the time is over. */
static bool wait_for(const PGconn *pg, int events, int64_t until_ns)
{
    struct pollfd p = {.fd = PQsocket(pg), .events = (short)events};
    int got;

    do {
        int64_t left = until_ns - clock_mono_ns();

        got = poll(&p, 1, left > 0 ? (int)(left / 1000000) + 1 : 0);
    } while (got < 0 && errno == EINTR);
    return got > 0;
}

/* Until what was sent is out and a result is whole. What is late makes the link useless: the answer
 * would be taken for the next statement's. */
static bool arrive(struct link *l, int64_t until_ns)
{
    int unsent = PQflush(l->pg);

    while (unsent > 0 || (unsent == 0 && PQisBusy(l->pg))) {
        l->is_late = !wait_for(l->pg, POLLIN | (unsent > 0 ? POLLOUT : 0), until_ns);
        if (l->is_late || !PQconsumeInput(l->pg)) {
            return false;
        }
        unsent = PQflush(l->pg);
    }
    return unsent == 0;
}

PGresult *link_result(struct link *l, int wait_ms)
{
    PGresult *r;

    if (l->is_dead || !arrive(l, from_now(wait_ms))) {
        l->is_dead = true;
        return NULL;
    }
    r = PQgetResult(l->pg);
    l->is_dead = PQstatus(l->pg) != CONNECTION_OK;
    return r;
}

PGresult *link_exec(struct link *l, const char *sql, int wait_ms, struct error *e)
{
    PGresult *last = NULL, *r;
    bool good = PQsendQuery(l->pg, sql) == 1;

    if (!good) {
        l->is_dead = true;
        link_failed(l, NULL, e);
        return NULL;
    }
    while ((r = link_result(l, wait_ms))) {
        ExecStatusType got = PQresultStatus(r);

        if (good && got != PGRES_COMMAND_OK && got != PGRES_TUPLES_OK) {
            good = false;
            link_failed(l, r, e);
        }
        PQclear(last);
        last = r;
    }
    if (good && (l->is_dead || !last)) {
        good = false;
        link_failed(l, NULL, e);
    }
    if (!good) {
        PQclear(last);
        return NULL;
    }
    return last;
}

/* ---- errors ---- */

static bool is_class(const char *state, const char *classes)
{
    for (; *classes; classes += 2) {
        if (strncmp(state, classes, 2) == 0) {
            return true;
        }
    }
    return false;
}

static enum status unreachable(struct error *e, const char *why)
{
    error_set(e, ERR_NOT_READY, "the control store can't be reached (%s)", why);
    return error_hint(e, "Try again shortly; the store's PostgreSQL must be up and reachable.");
}

/* The primary message names tables and columns of ours; values would be in the detail. */
enum status link_failed(struct link *l, const PGresult *r, struct error *e)
{
    const char *state = r ? PQresultErrorField(r, PG_DIAG_SQLSTATE) : NULL;
    const char *message = r ? PQresultErrorField(r, PG_DIAG_MESSAGE_PRIMARY) : NULL;

    if (!state) {
        l->is_dead = true;
        return unreachable(e, "no answer in time, or the connection was lost");
    }
    if (strcmp(state, "23505") == 0) {
        return error_set(e, ERR_EXISTS, "the name is taken");
    }
    if (is_class(state, "23") || strcmp(state, "P0001") == 0) {
        return error_set(e, ERR_CONSTRAINT, "the control store refuses the row (running)");
    }
    if (is_class(state, "4055") || strcmp(state, "57014") == 0) {
        return error_set(e, ERR_CONFLICT, "the control store is busy with another program");
    }
    if (is_class(state, "0857") || strcmp(state, "53300") == 0 || strcmp(state, "25006") == 0) {
        l->is_dead = true;
        return unreachable(e, message ? message : state);
    }
    if (strcmp(state, "0A000") == 0 || strcmp(state, "26000") == 0) {
        l->is_dead = true; /* what was prepared on it is of another schema, or gone */
        return error_set(e, ERR_CONFLICT, "the control store's schema was changed meanwhile");
    }
    if (strcmp(state, "22021") == 0) {
        return error_set(e, ERR_VALIDATION, "the text isn't UTF-8 without NUL");
    }
    if (is_class(state, "53")) {
        return error_set(e, ERR_DISK_FULL, "the control store's server is out of space or memory");
    }
    return error_set(e, ERR_IO, "the control store can't be used (%s: %s)", state,
                     message ? message : "");
}

/* ---- opening ---- */

static bool connect_by(PGconn *pg, int64_t until_ns)
{
    PostgresPollingStatusType want = PGRES_POLLING_WRITING;

    while (PQstatus(pg) != CONNECTION_BAD && want != PGRES_POLLING_OK) {
        if (want == PGRES_POLLING_FAILED ||
            !wait_for(pg, want == PGRES_POLLING_READING ? POLLIN : POLLOUT, until_ns)) {
            return false;
        }
        want = PQconnectPoll(pg);
    }
    return PQstatus(pg) == CONNECTION_OK;
}

/* Nobody else's schema is searched: not for our tables, nor for what their names could hide. */
static enum status set_up(struct link *l, struct error *e)
{
    static const char sql[] =
        "SET statement_timeout = '4s'; SET lock_timeout = '3500ms';"
        "SET idle_in_transaction_session_timeout = '10s'; SET timezone = 'UTC';"
        "SET synchronous_commit = on;"
        "SELECT current_schema(), set_config('search_path', quote_ident(current_schema())"
        " || ', pg_temp', false)";
    PGresult *r = link_exec(l, sql, LINK_ANSWER_MS, e);
    bool has_schema = r && PQntuples(r) == 1 && !PQgetisnull(r, 0, 0);

    PQclear(r);
    if (r && !has_schema) {
        error_set(e, ERR_CONFIG, "the control store's database has no schema to be in");
        return error_hint(e, "Make one, and name it by options=-csearch_path=NAME.");
    }
    return has_schema ? OK : FAIL;
}

/* The first line of libpq's message; it names host, user and database. */
static enum status refused(const PGconn *pg, struct error *e)
{
    struct str rest = str_of(PQerrorMessage(pg)), line = str_cut(&rest, '\n');
    char text[256];

    snprintf(text, sizeof text, "%.*s", STR_ARG(line));
    unreachable(e, line.n ? text : "no answer in time");
    return strstr(text, "SSL") || strstr(text, "certificate")
               ? error_hint(e, "The server must prove its name: host=NAME is the one in its "
                               "certificate, sslrootcert=FILE the authority that signed it.")
               : FAIL;
}

enum status link_open(const struct link_target *t, struct link *out, struct error *e)
{
    *out =
        (struct link){.pg = PQconnectStartParams(t->keywords, (const char *const *)t->values, 0)};
    if (!connect_by(out->pg, from_now(CONNECT_MS))) {
        refused(out->pg, e);
    } else if (PQsetnonblocking(out->pg, 1) == 0 && set_up(out, e) == OK) {
        return OK;
    }
    link_close(out);
    return FAIL;
}

void link_close(struct link *l)
{
    PQfinish(l->pg);
    *l = (struct link){.is_dead = true};
}
