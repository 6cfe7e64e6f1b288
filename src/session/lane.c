#include "session/lane.h"

#include <stdlib.h>

#include "base/mem.h"
#include "identity/identity.h"
#include "net/loop.h"
#include "net/pool.h"
#include "session/client_state.h"

static struct client *client_of(const struct lane *lane, int32_t pid)
{
    struct client *c = lane->first;
    while (c && (c->pid != pid || c->state != READY)) {
        c = c->next;
    }
    return c;
}

/* ---- the end that another session asks for ---- */

struct ending {
    struct lane *lane;
    int32_t pid;
};

static void end_now(void *ctx)
{
    struct ending *ending = ctx;
    struct client *c = client_of(ending->lane, ending->pid);
    free(ending);
    if (c && c->busy) {
        c->ended = true;
        session_cancel(c->session);
    } else if (c) {
        client_end(c);
        client_pump(c);
    }
}

void lane_end_session(void *ctx, int32_t pid)
{
    struct ending *ending = mem_alloc(sizeof *ending);
    *ending = (struct ending){ctx, pid};
    loop_post(ending->lane->loop, end_now, ending);
}

/* ---- the end of the server ---- */

void lane_stop(struct lane *lane)
{
    lane->stopping = true;
    for (struct client *c = lane->first, *next; c; c = next) {
        next = c->next;
        if (c->state == READY && !c->busy) {
            client_end(c);
            client_pump(c);
        } else if (!c->busy && (c->state < LOGIN || c->state == LINGERING)) {
            client_drop(c);
        }
    }
}

void lane_cancel(struct lane *lane)
{
    for (struct client *c = lane->first, *next; c; c = next) {
        next = c->next;
        if (!c->gone) {
            client_drop(c);
        }
    }
}

/* ---- the check of sessions ---- */

/* Names are taken on the loop, asked about in a worker (it may read the
 * store), and what no longer holds is ended on the loop: an idle session whose credentials are
 * gone, a statement that runs on a role that is over. */
struct check {
    struct lane *lane;
    size_t n;
    struct {
        int32_t pid;
        struct login *login;
        bool revoked, overtaken;
    } at[];
};

static void end_checked(struct client *c, const struct login *l, bool revoked)
{
    struct error e = ERROR_INIT;
    if (c->busy) {
        session_overtake(c->session, l);
    } else if (revoked) {
        error_set(&e, ERR_REVOKED, "the credentials of this session are no longer valid");
        session_fatal(c->session, &e);
        client_pump(c);
    }
}

static void check_done(void *ctx)
{
    struct check *k = ctx;
    k->lane->checking = false;
    for (size_t i = 0; i < k->n; i++) {
        bool ends = k->at[i].revoked || k->at[i].overtaken;
        struct client *c = ends ? client_of(k->lane, k->at[i].pid) : NULL;
        if (c) {
            end_checked(c, k->at[i].login, k->at[i].revoked);
        }
        login_drop(k->at[i].login);
    }
    struct lane *lane = k->lane;
    free(k);
    if (lane->check_again) {
        lane_check(lane);
    }
}

static void check_job(void *ctx)
{
    struct check *k = ctx;
    struct error e = ERROR_INIT;
    for (size_t i = 0; i < k->n; i++) {
        const struct principal *who = k->at[i].login->principal;
        struct standing now = {.role = who->role};
        k->at[i].revoked = identity_still_valid(k->lane->core->env.identity, who, &now, &e) != OK &&
                           e.code != ERR_NOT_READY; /* a statement would be told */
        k->at[i].overtaken = who->grant_id.n > 0 && !standing_holds(&now, who);
    }
    loop_post(k->lane->loop, check_done, k);
}

void lane_check(struct lane *lane)
{
    size_t n = 0;
    for (const struct client *c = lane->first; c; c = c->next) {
        n += c->state == READY;
    }
    lane->check_again = lane->checking;
    if (n == 0 || lane->checking) {
        return;
    }
    struct check *k = mem_alloc(sizeof *k + n * sizeof k->at[0]);
    k->lane = lane;
    for (const struct client *c = lane->first; c; c = c->next) {
        if (c->state == READY) {
            k->at[k->n].pid = c->pid;
            k->at[k->n++].login = session_hold_login(c->session);
        }
    }
    lane->checking = true;
    pool_submit_first(lane->core->logins, check_job, k);
}
