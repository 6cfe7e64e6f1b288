/* Sessions by number, and the watchdog that stops what runs too long.
 *
 * The engine has no statement time-out, and near the end of a sort it ignores an interrupt. So one
 * thread looks after all sessions: it sleeps until the earliest deadline, and once a session must
 * stop it interrupts it every few milliseconds until the call has returned. */
#include "engine/duckdb_internal.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/cond.h"
#include "base/log.h"
#include "base/mem.h"

enum { INTERRUPT_EVERY_NS = 2 * 1000 * 1000 };

static struct session **bucket_of(struct engine *g, uint64_t number)
{
    return &g->buckets[number % ENGINE_BUCKETS];
}

/* With the lock held. */
static struct session *lookup(struct engine *g, uint64_t number)
{
    struct session *s = *bucket_of(g, number);
    while (s && s->number != number) {
        s = s->next;
    }
    return s;
}

/* The engine's connection is made at the first use: one takes 7 KiB, and many a session only waits.
 */
static enum status open_connection(struct engine *g, duckdb_connection *out, struct error *e)
{
    pthread_mutex_lock(&g->lock);
    *out = g->first_connection;
    g->first_connection = NULL;
    pthread_mutex_unlock(&g->lock);
    if (*out) {
        return OK;
    }
    if (duckdb_connect(g->database, out) != DuckDBSuccess) {
        return error_set(e, ERR_ENGINE, "The engine does not accept another session.");
    }
    if (engine_query(*out, STAGE_EXECUTE, "USE " ENGINE_DATABASE, NULL, e) != OK) {
        duckdb_disconnect(out);
        return FAIL;
    }
    return OK;
}

static idx_t connection_number(duckdb_connection c)
{
    duckdb_client_context context = NULL;
    duckdb_connection_get_client_context(c, &context);
    idx_t number = duckdb_client_context_get_connection_id(context);
    duckdb_destroy_client_context(&context);
    return number;
}

static enum status connect_session(struct session *s, struct error *e)
{
    duckdb_connection connection;
    if (open_connection(s->engine, &connection, e) != OK) {
        return FAIL;
    }
    idx_t number = connection_number(connection);
    pthread_mutex_lock(&s->engine->lock);
    s->connection = connection;
    s->connection_number = number;
    pthread_mutex_unlock(&s->engine->lock);
    return OK;
}

struct session *session_find(struct engine *g, uint64_t number, struct error *e)
{
    pthread_mutex_lock(&g->lock);
    struct session *s = lookup(g, number);
    pthread_mutex_unlock(&g->lock);
    if (!s) {
        (void)!error_set(e, ERR_INTERNAL, "The engine session is closed.");
        return NULL;
    }
    return s->connection || connect_session(s, e) == OK ? s : NULL;
}

uint64_t engine_session_open(struct engine *g)
{
    struct session *s = mem_alloc(sizeof *s);
    s->engine = g;
    pthread_mutex_lock(&g->lock);
    s->number = ++g->last_session;
    struct session **bucket = bucket_of(g, s->number);
    s->next = *bucket;
    *bucket = s;
    pthread_mutex_unlock(&g->lock);
    return s->number;
}

static void drop_mask_key(struct session *s)
{
    if (s->mask_key) {
        mem_wipe(s->mask_key, DIGEST_SIZE);
        free(s->mask_key);
    }
}

static void session_free(struct session *s)
{
    appends_close_all(s);
    cursors_close_all(s);
    statements_close_all(s);
    duckdb_disconnect(&s->connection); /* nothing happens where there is none */
    drop_mask_key(s);
    free(s);
}

void engine_session_close(struct engine *g, uint64_t session)
{
    pthread_mutex_lock(&g->lock);
    struct session **at = bucket_of(g, session);
    while (*at && (*at)->number != session) {
        at = &(*at)->next;
    }
    struct session *s = *at;
    if (s) {
        *at = s->next;
    }
    pthread_mutex_unlock(&g->lock);
    if (s) {
        session_free(s);
    }
}

void sessions_close_all(struct engine *g)
{
    for (size_t i = 0; i < ENGINE_BUCKETS; i++) {
        while (g->buckets[i]) {
            engine_session_close(g, g->buckets[i]->number);
        }
    }
}

void engine_cancel(struct engine *g, uint64_t session)
{
    pthread_mutex_lock(&g->lock);
    struct session *s = lookup(g, session);
    if (s) {
        s->run.cancels++;
        if (s->run.is_running) {
            s->run.stopped = STOP_CANCELED;
            duckdb_interrupt(s->connection);
            pthread_cond_signal(&g->wake);
        }
    }
    pthread_mutex_unlock(&g->lock);
}

/* With the lock held. */
static void start(struct session *s, int64_t deadline_ns)
{
    s->run.is_running = true;
    s->run.deadline_ns = deadline_ns;
    s->run.stopped = STOP_NONE;
    if (deadline_ns && deadline_ns < s->engine->watchdog_wakes_ns) {
        pthread_cond_signal(&s->engine->wake);
    }
}

static void lose_streams(struct session *s)
{
    for (struct cursor *c = s->cursors; c; c = c->next) {
        c->is_lost = c->is_lost || (c->is_streaming && !c->is_done);
    }
}

void run_begin(struct session *s, int64_t deadline_ns)
{
    lose_streams(s);
    pthread_mutex_lock(&s->engine->lock);
    start(s, deadline_ns);
    pthread_mutex_unlock(&s->engine->lock);
}

void run_begin_planning(struct session *s)
{
    run_begin(s, s->planning_ms ? clock_mono_ns() + s->planning_ms * 1000000 : 0);
}

void engine_limit_planning(struct engine *g, uint64_t session, int64_t milliseconds)
{
    pthread_mutex_lock(&g->lock);
    struct session *s = lookup(g, session);
    if (s) {
        s->planning_ms = milliseconds;
    }
    pthread_mutex_unlock(&g->lock);
}

static enum status set_stopped(enum stop_reason reason, struct error *e)
{
    return reason == STOP_TIMEOUT
               ? error_set(e, ERR_TIMEOUT, "The statement ran longer than it may.")
               : error_set(e, ERR_CANCELED, "The statement was cancelled.");
}

static enum stop_reason finish(struct session *s)
{
    pthread_mutex_lock(&s->engine->lock);
    enum stop_reason reason = s->run.stopped;
    s->run.is_running = false;
    s->run.deadline_ns = 0;
    s->run.stopped = STOP_NONE;
    pthread_mutex_unlock(&s->engine->lock);
    return reason;
}

/* The engine interrupts its own threads when one of them fails; nobody asked for that, so it must
 * not look like a cancel. */
static enum status own_fault(enum status st, struct error *e)
{
    if (st != OK && e && e->code == ERR_CANCELED) {
        log_warn("engine", "a statement was interrupted that nobody stopped");
        return error_set(e, ERR_ENGINE, "The statement failed in one of the engine's threads.");
    }
    return st;
}

enum status run_end(struct session *s, enum status st, struct error *e)
{
    enum stop_reason reason = finish(s);
    return st != OK && reason != STOP_NONE ? set_stopped(reason, e) : own_fault(st, e);
}

enum status run_end_rows(struct session *s, enum status st, struct error *e)
{
    enum stop_reason reason = finish(s);
    return reason != STOP_NONE ? set_stopped(reason, e) : own_fault(st, e);
}

bool run_resume(struct session *s, const struct cursor *c, struct error *e)
{
    enum stop_reason reason = STOP_NONE;
    pthread_mutex_lock(&s->engine->lock);
    if (s->run.cancels != c->cancels) {
        reason = STOP_CANCELED;
    } else if (c->deadline_ns && clock_mono_ns() >= c->deadline_ns) {
        reason = STOP_TIMEOUT;
    } else {
        start(s, c->deadline_ns);
    }
    pthread_mutex_unlock(&s->engine->lock);
    if (reason != STOP_NONE) {
        (void)!set_stopped(reason, e);
    }
    return reason == STOP_NONE;
}

void engine_heed(struct engine *g, uint64_t session)
{
    pthread_mutex_lock(&g->lock);
    struct session *s = lookup(g, session);
    if (s) {
        s->run.heeded = s->run.cancels;
        s->run.heeds = true;
    }
    pthread_mutex_unlock(&g->lock);
}

bool run_begin_statement(struct session *s, const struct statement *statement, int64_t deadline_ns,
                         uint64_t *cancels, struct error *e)
{
    lose_streams(s);
    pthread_mutex_lock(&s->engine->lock);
    bool cancelled =
        statement->step == STEP_NONE && s->run.heeds && s->run.cancels != s->run.heeded;
    *cancels = s->run.cancels;
    if (!cancelled) {
        start(s, deadline_ns);
    }
    pthread_mutex_unlock(&s->engine->lock);
    if (cancelled) {
        (void)!set_stopped(STOP_CANCELED, e);
    }
    return !cancelled;
}

uint64_t session_of_connection(struct engine *g, idx_t connection)
{
    uint64_t number = 0;
    pthread_mutex_lock(&g->lock);
    for (size_t i = 0; i < ENGINE_BUCKETS; i++) {
        for (struct session *s = g->buckets[i]; s; s = s->next) {
            number = s->connection_number == connection ? s->number : number;
        }
    }
    pthread_mutex_unlock(&g->lock);
    return number;
}

bool session_is_stopped(struct engine *g, uint64_t number)
{
    pthread_mutex_lock(&g->lock);
    struct session *s = lookup(g, number);
    bool stopped = s && s->run.stopped != STOP_NONE;
    pthread_mutex_unlock(&g->lock);
    return stopped;
}

void engine_give_mask_key(struct engine *g, uint64_t session, const uint8_t *key)
{
    pthread_mutex_lock(&g->lock);
    struct session *s = lookup(g, session);
    if (s && !s->mask_key) {
        s->mask_key = mem_alloc(DIGEST_SIZE);
        memcpy(s->mask_key, key, DIGEST_SIZE);
    }
    pthread_mutex_unlock(&g->lock);
}

bool session_mask_key(struct engine *g, uint64_t number, uint8_t out[DIGEST_SIZE])
{
    pthread_mutex_lock(&g->lock);
    struct session *s = lookup(g, number);
    bool has_one = s && s->mask_key;
    if (has_one) {
        memcpy(out, s->mask_key, DIGEST_SIZE);
    }
    pthread_mutex_unlock(&g->lock);
    return has_one;
}

/* Interrupts a session that must stop. Gives when to look at it again. */
static int64_t look_after(struct session *s, int64_t now)
{
    struct run *r = &s->run;
    if (!r->is_running) {
        return INT64_MAX;
    }
    if (r->stopped == STOP_NONE && r->deadline_ns && now >= r->deadline_ns) {
        r->stopped = STOP_TIMEOUT;
    }
    if (r->stopped != STOP_NONE) {
        duckdb_interrupt(s->connection);
        return now + INTERRUPT_EVERY_NS;
    }
    return r->deadline_ns ? r->deadline_ns : INT64_MAX;
}

static int64_t look_after_all(struct engine *g)
{
    int64_t now = clock_mono_ns(), wake = INT64_MAX;
    for (size_t i = 0; i < ENGINE_BUCKETS; i++) {
        for (struct session *s = g->buckets[i]; s; s = s->next) {
            int64_t next = look_after(s, now);
            wake = next < wake ? next : wake;
        }
    }
    return wake;
}

static void *watchdog_main(void *ctx)
{
    struct engine *g = ctx;
    pthread_mutex_lock(&g->lock);
    while (!g->is_closing) {
        int64_t wake = g->watchdog_wakes_ns = look_after_all(g);
        if (wake == INT64_MAX) {
            pthread_cond_wait(&g->wake, &g->lock);
        } else {
            (void)cond_wait_until(&g->wake, &g->lock, wake);
        }
    }
    pthread_mutex_unlock(&g->lock);
    return NULL;
}

enum status watchdog_start(struct engine *g, struct error *e)
{
    pthread_mutex_init(&g->lock, NULL);
    cond_init(&g->wake);
    if (pthread_create(&g->watchdog, NULL, watchdog_main, g) != 0) {
        return error_set(e, ERR_INTERNAL, "The engine's watchdog can't start.");
    }
    g->has_watchdog = true;
    return OK;
}

void watchdog_stop(struct engine *g)
{
    if (g->has_watchdog) {
        pthread_mutex_lock(&g->lock);
        g->is_closing = true;
        pthread_cond_signal(&g->wake);
        pthread_mutex_unlock(&g->lock);
        pthread_join(g->watchdog, NULL);
    }
    pthread_cond_destroy(&g->wake);
    pthread_mutex_destroy(&g->lock);
}
