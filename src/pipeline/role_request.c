#include "pipeline/role_request.h"

#include "base/clock.h"
#include "pipeline/statement.h"
#include "store/iam.h"

/* The refusal that is to be told; that the log can't be written is worse news. */
static enum status refused(struct governor *g, struct str text, struct error *e)
{
    struct error unrecorded = ERROR_INIT;
    if (governor_record_failure(g, text, e, &unrecorded) != OK) {
        *e = unrecorded;
    }
    return FAIL;
}

static struct str actor_of(const struct governor *g, struct arena *a)
{
    return str_of(arena_printf(a, "user:%.*s via session %.*s", STR_ARG(g->principal->user_id),
                               STR_ARG(g->session_id)));
}

static enum status check_user(const struct governor *g, struct error *e)
{
    if (g->principal->agent_id.n == 0) {
        return OK;
    }
    return error_set(e, ERR_DENIED, "roles are asked for and decided on by users, not by agents");
}

enum status role_request(struct governor *g, struct str text, struct str role, int64_t minutes,
                         struct str reason, struct arena *a, struct str *id, struct error *e)
{
    const struct pipeline_config *c = &g->pipeline->config;
    struct store_jit r = {.org_id = g->principal->org_id,
                          .user_id = g->principal->user_id,
                          .role = role,
                          .reason = reason,
                          .minutes = minutes};
    if (check_user(g, e) != OK ||
        store_jit_request(c->store, actor_of(g, a), &r, c->jit_minutes_max, clock_wall_us(), a,
                          e) != OK) {
        return refused(g, text, e);
    }
    *id = r.id;
    return OK;
}

/* Deciding is a manager's; who isn't one is in the trail as well as in the log of statements. */
static enum status refuse_decision(const struct governor *g, enum role_verb verb, struct str id,
                                   struct str actor, struct arena *a, struct error *e)
{
    const char *action = verb == ROLE_APPROVE ? "jit.approve" : "jit.deny";
    struct str request = str_of(arena_printf(a, "jit/%.*s", STR_ARG(id)));
    struct error unwritten = ERROR_INIT;
    (void)!error_set(e, ERR_DENIED,
                     "deciding needs the role owner or admin and a key with the scope admin");
    if (store_iam_refuse(g->pipeline->config.store, g->principal->org_id, actor, action, request, e,
                         &unwritten) != OK) {
        *e = unwritten;
    }
    return FAIL;
}

static enum status decide(struct governor *g, enum role_verb verb, struct str id, struct str actor,
                          struct arena *a, struct error *e)
{
    const struct pipeline_config *c = &g->pipeline->config;
    const struct principal *who = g->principal;
    int64_t now = clock_wall_us();
    if (verb == ROLE_REVOKE) {
        return store_jit_revoke(c->store, actor, who->org_id, id, who->user_id, now, e);
    }
    if (!policy_role_may(who, ACTION_MANAGE)) {
        return refuse_decision(g, verb, id, actor, a, e);
    }
    return verb == ROLE_APPROVE
               ? store_jit_approve(c->store, actor, who->org_id, id, who->user_id,
                                   c->jit_minutes_max, now, e)
               : store_jit_deny(c->store, actor, who->org_id, id, who->user_id, now, e);
}

enum status role_decide(struct governor *g, struct str text, enum role_verb verb, struct str id,
                        struct error *e)
{
    struct arena *a = arena_new(0);
    enum status status = check_user(g, e);
    if (status == OK) {
        status = decide(g, verb, id, actor_of(g, a), a, e);
    }
    arena_free(a);
    return status == OK ? OK : refused(g, text, e);
}

enum status role_requests(struct governor *g, struct str text, struct arena *a,
                          struct store_jit **rows, size_t *n, struct error *e)
{
    const struct principal *who = g->principal;
    bool all = policy_role_may(who, ACTION_MANAGE);
    size_t found = 0;
    if (check_user(g, e) != OK ||
        store_jits(g->pipeline->config.store, who->org_id, a, rows, &found, e) != OK) {
        return refused(g, text, e);
    }
    *n = 0;
    for (size_t i = 0; i < found; i++) {
        if (all || str_eq((*rows)[i].user_id, who->user_id)) {
            (*rows)[(*n)++] = (*rows)[i];
        }
    }
    return OK;
}
