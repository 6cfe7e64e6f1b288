/* Every key of the organization, of users and of agents, in whichever environment: to see and to
 * end them all in one place. */
#include "control/key.h"
#include "control/page.h"
#include "control/rank.h"
#include "control/resources.h"

static enum status list(struct call *c, struct error *e)
{
    return key_list(c, KEYS_ALL, STR_NULL, e);
}

static enum status revoke(struct call *c, struct error *e)
{
    struct store_key key;
    return store_key_find(c->config->store, c->who->org_id, c->params[1], c->arena, &key, e) ==
                       OK &&
                   key_may_change_holder(c, &key, e) == OK
               ? key_revoke(c, &key, e)
               : FAIL;
}

static const struct field answer[] = {
    KEY_ANSWER, {"user_id", OF_TEXT, .help = "of a user's key"}, KEY_AGENT_ANSWER(false), {0}};

#define KEYS "/v1/organizations/{org}/keys"
const struct route key_routes[] = {
    {"GET", KEYS, PERMIT_MANAGE, 200, list, "list_keys", "Keys of users and of agents",
     .answer = answer, .list = true, .query = key_query},
    {"DELETE", KEYS "/{key}", PERMIT_MANAGE, 200, revoke, "revoke_key",
     "Ends a key of a user or an agent, by id or prefix", .answer = answer},
    {0}};
