#include "session/server.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "net/loop.h"
#include "net/pool.h"
#include "net/tls.h"
#include "session/admission.h"
#include "session/advisory.h"
#include "session/client.h"
#include "session/lane.h"
#include "session/registry.h"

struct server {
    struct server_core core;
    struct lane *lanes;
    int lane_count, next_lane;
    struct event *accepting; /* on the first loop */
    int fd;
};

/* ---- accepting ---- */

struct arrival {
    struct lane *lane;
    int fd;
    char peer[LISTEN_PEER_SIZE];
};

static void arrive(void *ctx)
{
    struct arrival *a = ctx;
    client_accept(a->lane, a->fd, a->peer);
    free(a);
}

/* Out of descriptors or memory the socket stays readable: look again in a while, don't spin. */
static void pause_accepting(struct server *s, int why)
{
    log_warn("server", "can't accept a connection: %s", strerror(why));
    struct timeval pause = {.tv_usec = 100000};
    event_del(s->accepting);
    event_add(s->accepting, &pause);
}

static void on_accept(evutil_socket_t fd, short what, void *ctx)
{
    struct server *s = ctx;
    event_add(s->accepting, NULL);
    for (int i = 0; i < 64; i++) {
        struct sockaddr_storage from = {0};
        socklen_t n = sizeof from;
        int got = accept4(fd, (struct sockaddr *)&from, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (got < 0) {
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED) {
                pause_accepting(s, errno);
            }
            return;
        }
        struct arrival *a = mem_alloc(sizeof *a);
        a->fd = got;
        a->lane = &s->lanes[s->next_lane++ % s->lane_count];
        s->next_lane %= s->lane_count;
        listen_peer((struct sockaddr *)&from, a->peer);
        loop_post(a->lane->loop, arrive, a);
    }
}

static void recheck(void *lane)
{
    lane_check(lane);
}

void server_recheck(struct server *s)
{
    for (int i = 0; i < s->lane_count; i++) {
        loop_post(s->lanes[i].loop, recheck, &s->lanes[i]);
    }
}

/* ---- start ---- */

static void on_tick(evutil_socket_t fd, short what, void *ctx)
{
    lane_check(ctx);
}

static enum status open_lanes(struct server *s, struct error *e)
{
    int n = s->core.config.loops > 0 ? s->core.config.loops : 1;
    struct timeval second = {.tv_sec = 1};
    s->lanes = mem_calloc((size_t)n, sizeof *s->lanes);
    for (int i = 0; i < n; i++) {
        struct lane *lane = &s->lanes[i];
        lane->core = &s->core;
        if (loop_new(&lane->loop, e)) {
            return FAIL;
        }
        s->lane_count++;
        lane->tick = event_new(loop_base(lane->loop), -1, EV_PERSIST, on_tick, lane);
        event_add(lane->tick, &second);
    }
    s->accepting = event_new(loop_base(s->lanes[0].loop), s->fd, EV_READ, on_accept, s);
    event_add(s->accepting, NULL);
    return OK;
}

static enum status start_lanes(struct server *s, struct error *e)
{
    for (int i = 0; i < s->lane_count; i++) {
        if (loop_start(s->lanes[i].loop, "client-loop", e)) {
            return FAIL;
        }
    }
    return OK;
}

static enum status open_pools(struct server *s, struct error *e)
{
    const struct server_config *c = &s->core.config;
    if (pool_new("statement", c->workers, c->workers, &s->core.workers, e) ||
        pool_new("login", c->login_workers, c->login_queue, &s->core.logins, e)) {
        return FAIL;
    }
    s->core.admission = admission_new(s->core.workers, c->workers, c->queue);
    return OK;
}

static void fill_core(struct server *s, const struct server_config *c)
{
    struct server_core *core = &s->core;
    core->config = *c;
    core->held.dir = c->spill_dir;
    core->held.memory = c->held_memory;
    core->held.memory_of_all = c->held_memory_of_all;
    core->held.total = c->held_total;
    core->env = (struct session_env){.pipeline = c->pipeline,
                                     .identity = c->identity,
                                     .held = &core->held,
                                     .version = c->version,
                                     .started_us = clock_wall_us(),
                                     .max_message = c->max_message,
                                     .idle_in_transaction_ms = c->idle_in_transaction_ms,
                                     .max_statements = c->max_statements};
    core->registry = registry_new();
    core->env.registry = core->registry;
    core->env.locks = advisory_new();
}

void server_free(struct server *s)
{
    if (!s) {
        return;
    }
    for (int i = 0; i < s->lane_count; i++) {
        loop_stop(s->lanes[i].loop);
    }
    pool_free(s->core.workers);
    admission_free(s->core.admission);
    pool_free(s->core.logins);
    if (s->accepting) {
        event_free(s->accepting);
    }
    for (int i = 0; i < s->lane_count; i++) {
        event_free(s->lanes[i].tick);
        loop_free(s->lanes[i].loop);
    }
    if (s->fd >= 0) {
        close(s->fd);
    }
    tls_free(s->core.tls);
    registry_free(s->core.registry);
    advisory_free(s->core.env.locks);
    free(s->lanes);
    free(s);
}

enum status server_start(const struct server_config *c, struct server **out, struct error *e)
{
    struct server *s = mem_alloc(sizeof *s);
    struct tls_config tls = {c->certificate_file, c->key_file, "postgresql"};
    s->fd = -1;
    fill_core(s, c);
    if (tls_server_new(&tls, &s->core.tls, e) ||
        listen_open(c->address, c->port, 1024, &s->fd, e) || open_pools(s, e) || open_lanes(s, e) ||
        start_lanes(s, e)) {
        server_free(s);
        return FAIL;
    }
    log_info("server", "listening on %s port %u", c->address, (unsigned)server_port(s));
    *out = s;
    return OK;
}

/* ---- stop ---- */

static void stop_accepting(void *ctx)
{
    struct server *s = ctx;
    event_del(s->accepting);
    close(s->fd);
    s->fd = -1;
}

static void stop_lane(void *ctx)
{
    lane_stop(ctx);
}

static void cancel_lane(void *ctx)
{
    lane_cancel(ctx);
}

/* True when every connection is closed before the deadline. */
static bool wait_for_clients(struct server *s, int64_t seconds)
{
    int64_t deadline = clock_mono_ns() + seconds * 1000000000;
    while (atomic_load(&s->core.connections) > 0) {
        if (seconds >= 0 && clock_mono_ns() >= deadline) {
            return false;
        }
        usleep(5000);
    }
    return true;
}

void server_stop(struct server *s)
{
    if (!s) {
        return;
    }
    loop_post(s->lanes[0].loop, stop_accepting, s);
    for (int i = 0; i < s->lane_count; i++) {
        loop_post(s->lanes[i].loop, stop_lane, &s->lanes[i]);
    }
    if (!wait_for_clients(s, s->core.config.shutdown_seconds)) {
        log_warn("server", "cancelling what still runs");
        for (int i = 0; i < s->lane_count; i++) {
            loop_post(s->lanes[i].loop, cancel_lane, &s->lanes[i]);
        }
        wait_for_clients(s, -1);
    }
}

struct admission *server_admission(struct server *s)
{
    return s->core.admission;
}

uint16_t server_port(const struct server *s)
{
    return listen_port(s->fd);
}

void server_counters(struct server *s, struct server_counters *out)
{
    struct server_core *c = &s->core;
    *out = (struct server_counters){
        .connections = atomic_load(&c->connections),
        .unauthenticated = atomic_load(&c->unauthenticated),
        .connections_total = atomic_load(&c->connections_total),
        .refused_total = atomic_load(&c->refused),
        .tls_failures_total = atomic_load(&c->tls_failures),
        .auth_failures_total = atomic_load(&c->auth_failures),
        .cancels_total = atomic_load(&c->cancels),
        .statements_running = pool_running(c->workers),
        .statements_waiting = admission_waiting(c->admission),
        .statements_refused_total = atomic_load(&c->statements_refused),
        .held_memory_bytes = (int64_t)atomic_load(&c->held.in_memory),
        .held_spilled_bytes_total = (int64_t)atomic_load(&c->held.spilled),
    };
}
