#include "control/rank.h"

static bool is_high(struct str role)
{
    return str_is(role, "owner") || str_is(role, "admin");
}

static enum status refuse(const struct call *c, const char *why, struct error *e)
{
    (void)!error_set(e, ERR_DENIED, "%s", why);
    return call_refused(c, e);
}

enum status rank_may_give(const struct call *c, struct str role, struct error *e)
{
    return is_high(role) && c->who->role != ROLE_OWNER
               ? refuse(c, "only an owner makes an owner or admin", e)
               : OK;
}

enum status rank_may_change(const struct call *c, const struct store_user *user, struct error *e)
{
    if (str_eq(user->id, c->who->user_id)) {
        return refuse(c, "nobody changes his own role or standing", e);
    }
    return is_high(user->role) && c->who->role != ROLE_OWNER
               ? refuse(c, "only an owner changes an owner or admin", e)
               : OK;
}
