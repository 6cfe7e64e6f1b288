/* Every key of the organization, of users and of agents, in whichever environment: to see, to
 * rotate and to end them all in one place. */
#include "control/key.h"
#include "control/page.h"
#include "control/rank.h"
#include "control/resources.h"

static enum status list(struct call *c, struct error *e)
{
    return key_list(c, KEYS_ALL, STR_NULL, e);
}

static enum status find(struct call *c, struct store_key *out, struct error *e)
{
    return store_key_find(c->config->store, c->who->org_id, c->params[1], c->arena, out, e);
}

static enum status rotate(struct call *c, struct error *e)
{
    struct store_key key;
    return find(c, &key, e) == OK ? key_rotate(c, &key, "key", e) : FAIL;
}

static enum status revoke(struct call *c, struct error *e)
{
    struct store_key key;
    return find(c, &key, e) == OK && key_may_change_holder(c, &key, e) == OK
               ? key_revoke(c, &key, e)
               : FAIL;
}

#define ANSWER KEY_ANSWER, {"user_id", OF_TEXT, .help = "of a user's key"}, KEY_AGENT_ANSWER(false)
static const struct field answer[] = {ANSWER, {0}};
static const struct field created[] = {
    {"key", OF_TEXT, true, .help = "the key itself, shown this once"}, ANSWER, {0}};
static const struct field rotated[] = {KEY_ROTATED(created), {0}};

#define KEYS "/v1/organizations/{org}/keys"
const struct route key_routes[] = {
    {"GET", KEYS, PERMIT_MANAGE, 200, list, "list_keys", "Keys of users and of agents",
     .answer = answer, .list = true, .query = key_query},
    {"POST", KEYS "/{key}/rotate", PERMIT_MANAGE, 200, rotate, "rotate_key",
     "A new secret for a key of a user or an agent, by id or prefix; the old one works for a while",
     .body = key_rotate_body, .answer = rotated},
    {"DELETE", KEYS "/{key}", PERMIT_MANAGE, 200, revoke, "revoke_key",
     "Ends a key of a user or an agent, by id or prefix", .answer = answer},
    {0}};
