/* Who the session's user is now: the same all the time, but with the role of a just-in-time grant
 * while that runs. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "identity/identity.h"
#include "session/state.h"

struct login *login_new(void)
{
    struct login *l = mem_alloc(sizeof *l);
    atomic_init(&l->holders, 1);
    l->arena = arena_new_small(PRINCIPAL_BYTES);
    return l;
}

struct login *login_hold(struct login *l)
{
    atomic_fetch_add(&l->holders, 1);
    return l;
}

void login_drop(struct login *l)
{
    if (l && atomic_fetch_sub(&l->holders, 1) == 1) {
        arena_free(l->arena);
        free(l);
    }
}

struct login *session_hold_login(struct session *s)
{
    pthread_mutex_lock(&s->login_lock);
    struct login *l = login_hold(s->login);
    pthread_mutex_unlock(&s->login_lock);
    return l;
}

void session_overtake(struct session *s, const struct login *l)
{
    pthread_mutex_lock(&s->login_lock);
    if (s->login == l) {
        atomic_store(&s->overtaken, true);
        session_cancel(s);
    }
    pthread_mutex_unlock(&s->login_lock);
}

/* A cancel of what ran before goes with the old login: it must not stop what comes now. */
static void change_login(struct session *s, const struct standing *now)
{
    struct login *l = login_new(), *old;
    struct principal *who = principal_copy(l->arena, s->login->principal);
    who->role = now->role;
    who->grant_id = arena_str(l->arena, str_of(now->grant_id));
    l->principal = who;
    pthread_mutex_lock(&s->login_lock);
    old = s->login;
    s->login = l;
    if (atomic_exchange(&s->overtaken, false)) {
        atomic_store(&s->cancelled, false);
    }
    pthread_mutex_unlock(&s->login_lock);
    login_drop(old);
}

void standing_show(struct session *s)
{
    char grant[ID_UUID_SIZE];
    const struct principal *who = s->login->principal;
    snprintf(grant, sizeof grant, "%.*s", STR_ARG(who->grant_id));
    settings_fix(s->settings, SET_ROLE, role_name(who->role));
    settings_fix(s->settings, SET_GRANT, grant);
}

enum status standing_refresh(struct session *s, struct error *e)
{
    struct standing now;
    if (identity_still_valid(s->env->identity, s->login->principal, &now, e)) {
        if (e->code != ERR_NOT_READY) { /* a data plane without news: the session may have it yet */
            session_fatal(s, e);
        }
        return FAIL;
    }
    if (standing_holds(&now, s->login->principal)) {
        return OK;
    }
    change_login(s, &now);
    standing_show(s);
    return governor_set_role(s->governor, now.role, str_of(now.grant_id), e);
}
