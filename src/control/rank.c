#include "control/rank.h"

static bool is_high(struct str role)
{
    return str_is(role, "owner") || str_is(role, "admin");
}

enum status rank_may_give(const struct call *c, struct str role, struct error *e)
{
    return is_high(role) && c->who->role != ROLE_OWNER
               ? error_set(e, ERR_DENIED, "only an owner makes an owner or admin")
               : OK;
}

enum status rank_may_change(const struct call *c, const struct store_user *user, struct error *e)
{
    if (str_eq(user->id, c->who->user_id)) {
        return error_set(e, ERR_DENIED, "nobody changes his own role or standing");
    }
    return is_high(user->role) && c->who->role != ROLE_OWNER
               ? error_set(e, ERR_DENIED, "only an owner changes an owner or admin")
               : OK;
}
