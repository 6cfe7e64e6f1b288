/* The organization of the credential; for the operator of the installation, all of them, and what
 * is his alone: which there are, and how many requests each has paid for. An owner can't raise his
 * own tier: who runs the servers pays for what they do. */
#include "control/call.h"
#include "control/page.h"
#include "control/resources.h"
#include "identity/signin.h"
#include "store/factor.h"
#include "store/org.h"
#include "store/user.h"

#define DEFAULT_TIER "default"

static void write_fields(struct json *j, const struct store_org *o)
{
    json_kv_str(j, "id", o->id);
    json_kv_str(j, "name", o->name);
    json_kv_str(j, "rate_tier", o->rate_tier.n ? o->rate_tier : STR(DEFAULT_TIER));
    call_time(j, "created_at", o->created_us);
}

static void write_org(struct json *j, const void *row)
{
    json_open(j, '{');
    write_fields(j, row);
    json_close(j, '}');
}

static enum status list_all(struct call *c, struct error *e)
{
    struct store_org *rows;
    size_t n = 0;
    if (store_orgs(c->config->store, c->arena, &rows, &n, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, rows, n, struct store_org, id, write_org);
    return OK;
}

static enum status list(struct call *c, struct error *e)
{
    struct store_org org;
    if (c->is_operator) {
        return list_all(c, e);
    }
    if (store_org_find(c->config->store, c->who->org_id, c->arena, &org, e) != OK) {
        return FAIL;
    }
    PAGE_ANSWER(c, &org, 1, struct store_org, id, write_org);
    return OK;
}

static enum status show(struct call *c, struct error *e)
{
    struct store_org org;
    if (store_org_find(c->config->store, c->who->org_id, c->arena, &org, e) != OK) {
        return FAIL;
    }
    write_org(&c->json, &org);
    return OK;
}

static enum status create(struct call *c, struct error *e)
{
    struct store_org org;
    if (store_org_create(c->config->store, c->actor, given_text(c->body, "name"), c->arena, &org,
                         e) != OK) {
        return FAIL;
    }
    write_org(&c->json, &org);
    return OK;
}

/* Of an organization that has nobody yet, so that it is of use to whoever isn't at the server's
 * machine. Where there is somebody, people are his to add: an operator's key is no way in. */
static enum status invite_first_owner(struct call *c, struct error *e)
{
    struct store_user *users, owner;
    struct str invitation;
    size_t n;
    if (store_users(c->config->store, c->who->org_id, c->arena, &users, &n, e) != OK) {
        return FAIL;
    }
    if (n > 0) {
        (void)!error_set(e, ERR_DENIED, "the organization has people already: its owner adds more");
        return call_refused(c, e);
    }
    if (store_user_create(c->config->store, c->actor, c->who->org_id, given_text(c->body, "email"),
                          STR("owner"), (struct store_pairs){0}, c->arena, &owner, e) != OK ||
        signin_invite(c->config->identity, c->actor, c->who->org_id, owner.id, c->arena,
                      &invitation, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "id", owner.id);
    json_kv_str(&c->json, "email", owner.email);
    json_kv_str(&c->json, "invitation", invitation);
    json_close(&c->json, '}');
    return OK;
}

static enum status set_rate_tier(struct call *c, struct error *e)
{
    struct str tier = given_text(c->body, "rate_tier");
    tier = str_is(tier, DEFAULT_TIER) ? STR("") : tier;
    return store_org_set_rate_tier(c->config->store, c->actor, c->who->org_id, tier, e) == OK
               ? show(c, e)
               : FAIL;
}

static enum status require_factor(struct call *c, struct error *e)
{
    bool required = given_bool(c->body, "required", true);
    if (store_factor_require(c->config->store, c->actor, c->who->org_id, required, e) != OK) {
        return FAIL;
    }
    json_open(&c->json, '{');
    json_kv_bool(&c->json, "required", required);
    json_close(&c->json, '}');
    return OK;
}

static const struct field factor_fields[] = {{"required", OF_BOOL, true}, {0}};
#define RATE_TIER                                                                                  \
    {                                                                                              \
        "rate_tier", OF_TEXT, true, 1, 16, DEFAULT_TIER "|free|cloud|growth|enterprise",           \
            .help = "requests a minute of each credential; default: as the server's option says"   \
    }
static const struct field answer[] = {
    {"id", OF_TEXT, true}, {"name", OF_TEXT, true}, RATE_TIER, {"created_at", OF_TIME, true}, {0}};
static const struct field create_body[] = {
    {"name", OF_TEXT, true, 1, STORE_NAME_MAX, .pattern = FIELD_NAME}, {0}};
static const struct field owner_body[] = {{"email", OF_TEXT, true, 3, 254, .pattern = FIELD_EMAIL},
                                          {0}};
static const struct field owner_answer[] = {
    {"id", OF_TEXT, true},
    {"email", OF_TEXT, true},
    {"invitation", OF_TEXT, true, .help = "by which he sets a password, once; shown once"},
    {0}};
static const struct field tier_body[] = {RATE_TIER, {0}};

const struct route organization_routes[] = {
    {"GET", "/v1/organizations", PERMIT_SELF, 200, list, "list_organizations",
     "The organizations of the credential: one; of an operator's key: all", .answer = answer,
     .list = true, .operators = true},
    {"POST", "/v1/organizations", PERMIT_OPERATOR, 201, create, "create_organization",
     "Adds an organization with its default environment", .body = create_body, .answer = answer},
    {"GET", "/v1/organizations/{org}", PERMIT_SELF, 200, show, "get_organization",
     "The organization, by id or name", .answer = answer, .operators = true},
    {"POST", "/v1/organizations/{org}/first-owner", PERMIT_OPERATOR, 201, invite_first_owner,
     "invite_first_owner", "The owner of an organization that has nobody, and a token for him",
     .body = owner_body, .answer = owner_answer},
    {"PUT", "/v1/organizations/{org}/rate-tier", PERMIT_OPERATOR, 200, set_rate_tier,
     "set_rate_tier", "How many requests a minute each of its credentials has", .body = tier_body,
     .answer = answer},
    {"PUT", "/v1/organizations/{org}/second-factor", PERMIT_MANAGE, 200, require_factor,
     "require_second_factor", "Whether its people need a second factor to sign in",
     .body = factor_fields, .answer = factor_fields},
    {0}};
