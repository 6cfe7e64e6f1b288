/* Signing in and out, one's password and one's second factor. Who isn't signed in yet proves
 * himself in the body; so does, again, whoever changes what he is proved by. */
#include "control/call.h"
#include "control/resources.h"
#include "identity/factor.h"
#include "identity/identity.h"

static struct signin_proof proof_of(struct call *c)
{
    return (struct signin_proof){.org = given_text(c->body, "organization"),
                                 .user = given_text(c->body, "email"),
                                 .password = given_text(c->body, "password"),
                                 .code = given_text(c->body, "mfa_code"),
                                 .source_ip = c->source_ip};
}

/* A failure with the time after which to try again. */
static enum status failed(struct call *c, const struct error *e)
{
    c->retry_seconds = e->retry_s;
    return FAIL;
}

static enum status done(struct call *c, const char *status)
{
    json_open(&c->json, '{');
    json_kv_str(&c->json, "status", str_of(status));
    json_close(&c->json, '}');
    return OK;
}

static void put_user(struct json *j, const struct store_user *u)
{
    json_key(j, "user");
    json_open(j, '{');
    json_kv_str(j, "id", u->id);
    json_kv_str(j, "email", u->email);
    json_kv_str(j, "role", u->role);
    json_close(j, '}');
}

static enum status login(struct call *c, struct error *e)
{
    const struct signin_proof p = proof_of(c);
    struct json *j = &c->json;
    struct signin s;

    if (signin_start(c->config->identity, &p, given_text(c->body, "environment"), c->arena, &s,
                     e) != OK) {
        return failed(c, e);
    }
    json_open(j, '{');
    json_kv_str(j, "token", s.access_token);
    json_kv_str(j, "refresh_token", s.refresh_token);
    json_kv_str(j, "token_type", STR("Bearer"));
    json_kv_i64(j, "expires_in", s.expires_in);
    put_user(j, &s.user);
    json_key(j, "org");
    json_open(j, '{');
    json_kv_str(j, "id", s.user.org_id);
    json_kv_str(j, "name", s.org_name);
    json_close(j, '}');
    json_kv_str(j, "environment", s.environment);
    json_close(j, '}');
    return OK;
}

static enum status refresh(struct call *c, struct error *e)
{
    struct json *j = &c->json;
    struct signin s;

    if (signin_refresh(c->config->identity, given_text(c->body, "refresh_token"), c->source_ip,
                       c->arena, &s, e) != OK) {
        return FAIL;
    }
    json_open(j, '{');
    json_kv_str(j, "access_token", s.access_token);
    json_kv_str(j, "refresh_token", s.refresh_token);
    json_kv_str(j, "token_type", STR("Bearer"));
    json_kv_i64(j, "expires_in", s.expires_in);
    json_close(j, '}');
    return OK;
}

static enum status logout(struct call *c, struct error *e)
{
    return signin_end(c->config->identity, c->who, e) == OK ? done(c, "signed out") : FAIL;
}

/* Of the credential itself, whatever kind it is. */
static enum status whoami(struct call *c, struct error *e)
{
    static const char *const proofs[] = {[PROOF_KEY] = "key",
                                         [PROOF_SIGN_IN] = "sign-in",
                                         [PROOF_PASSWORD] = "password",
                                         [PROOF_FEDERATED] = "federated"};
    const struct principal *p = c->who;
    bool operates = c->operator_name.n > 0;
    struct json *j = &c->json;

    (void)e;
    json_open(j, '{');
    json_kv_str(j, "organization_id", p->org_id.n ? p->org_id : STR_NULL);
    json_kv_str(j, "organization", p->org_name.n ? p->org_name : STR_NULL);
    json_kv_str(j, "environment", p->environment.n ? p->environment : STR_NULL);
    json_kv_str(j, "user_id", p->user_id.n ? p->user_id : STR_NULL);
    json_kv_str(j, "email", p->user_email.n ? p->user_email : STR_NULL);
    json_kv_str(j, "agent_name", p->agent_id.n ? p->agent_id : STR_NULL);
    json_kv_str(j, "operator", operates ? c->operator_name : STR_NULL);
    json_kv_str(j, "role", str_of(operates ? "operator" : role_name(p->role)));
    json_kv_str(j, "credential", str_of(operates ? "operator-key" : proofs[p->proof]));
    json_close(j, '}');
    return OK;
}

static enum status rotate_keys(struct call *c, struct error *e)
{
    return identity_rotate_keys(c->config->identity, c->actor, e) == OK ? done(c, "rotated") : FAIL;
}

static enum status change_password(struct call *c, struct error *e)
{
    const struct signin_proof p = proof_of(c);

    return signin_change_password(c->config->identity, &p, given_text(c->body, "new_password"),
                                  e) == OK
               ? done(c, "changed")
               : failed(c, e);
}

static enum status accept_invitation(struct call *c, struct error *e)
{
    return signin_accept(c->config->identity, given_text(c->body, "invitation"),
                         given_text(c->body, "new_password"), e) == OK
               ? done(c, "changed")
               : FAIL;
}

static enum status enrol(struct call *c, struct error *e)
{
    const struct signin_proof p = proof_of(c);
    struct factor_enrolment f;

    if (factor_enrol(c->config->identity, &p, c->arena, &f, e) != OK) {
        return failed(c, e);
    }
    json_open(&c->json, '{');
    json_kv_str(&c->json, "secret", f.secret);
    json_kv_str(&c->json, "otpauth_uri", f.uri);
    json_close(&c->json, '}');
    return OK;
}

/* Ten codes, shown this once. */
static enum status show_codes(struct call *c,
                              enum status (*make)(struct identity *, const struct signin_proof *,
                                                  struct arena *, struct str *, struct error *),
                              struct error *e)
{
    const struct signin_proof p = proof_of(c);
    struct str codes[SIGNIN_RECOVERY_CODES];

    if (make(c->config->identity, &p, c->arena, codes, e) != OK) {
        return failed(c, e);
    }
    json_open(&c->json, '{');
    json_key(&c->json, "recovery_codes");
    json_open(&c->json, '[');
    for (int i = 0; i < SIGNIN_RECOVERY_CODES; i++) {
        json_str(&c->json, codes[i]);
    }
    json_close(&c->json, ']');
    json_close(&c->json, '}');
    return OK;
}

static enum status confirm(struct call *c, struct error *e)
{
    return show_codes(c, factor_confirm, e);
}

static enum status recovery(struct call *c, struct error *e)
{
    return show_codes(c, factor_recovery, e);
}

static enum status disable(struct call *c, struct error *e)
{
    const struct signin_proof p = proof_of(c);

    return factor_disable(c->config->identity, &p, e) == OK ? done(c, "disabled") : failed(c, e);
}

static enum status key_set(struct call *c, struct error *e)
{
    buf_put_str(&c->answer, identity_key_set(c->config->identity, c->arena));
    return OK;
}

#define PROOF                                                                                      \
    {"email", OF_TEXT, true, 1, 254, .help = "e-mail or user id"},                                 \
        {"password", OF_TEXT, true, 1, 256},                                                       \
    {                                                                                              \
        "organization", OF_TEXT,                                                                   \
            .least = 1, .most = 64,                                                                \
            .help = "id or name; without it the oldest account of the address"                     \
    }
#define CODE                                                                                       \
    {                                                                                              \
        "mfa_code", OF_TEXT, .least = 6, .most = 32,                                               \
                             .help = "of the authenticator, or a recovery code"                    \
    }
#define NEW_PASSWORD                                                                               \
    {                                                                                              \
        "new_password", OF_TEXT, true, SIGNIN_PASSWORD_MIN, SIGNIN_PASSWORD_MAX                    \
    }

static const struct field login_body[] = {
    PROOF, CODE, {"environment", OF_TEXT, .least = 1, .most = 64}, {0}};
static const struct field refresh_body[] = {{"refresh_token", OF_TEXT, true, 1, 256}, {0}};
static const struct field password_body[] = {PROOF, CODE, NEW_PASSWORD, {0}};
static const struct field accept_body[] = {
    {"invitation", OF_TEXT, true, 1, 256}, NEW_PASSWORD, {0}};
static const struct field enrol_body[] = {PROOF, {0}};
static const struct field confirm_body[] = {
    PROOF, {"mfa_code", OF_TEXT, true, 6, 6, .help = "of the new secret"}, {0}};
static const struct field factor_body[] = {PROOF, CODE, {0}};

static const struct field user_answer[] = {
    {"id", OF_TEXT, true}, {"email", OF_TEXT, true}, {"role", OF_TEXT, true}, {0}};
static const struct field org_answer[] = {{"id", OF_TEXT, true}, {"name", OF_TEXT, true}, {0}};
static const struct field login_answer[] = {{"token", OF_TEXT, true},
                                            {"refresh_token", OF_TEXT, true},
                                            {"token_type", OF_TEXT, true},
                                            {"expires_in", OF_INT, true, .help = "seconds"},
                                            {"user", OF_OBJECT, true, .of = user_answer},
                                            {"org", OF_OBJECT, true, .of = org_answer},
                                            {"environment", OF_TEXT, true},
                                            {0}};
static const struct field refresh_answer[] = {{"access_token", OF_TEXT, true},
                                              {"refresh_token", OF_TEXT, true},
                                              {"token_type", OF_TEXT, true},
                                              {"expires_in", OF_INT, true, .help = "seconds"},
                                              {0}};
static const struct field whoami_answer[] = {
    {"organization_id", OF_TEXT, .help = "null: an operator's key"},
    {"organization", OF_TEXT, .help = "null: an operator's key"},
    {"environment", OF_TEXT, .help = "null: an operator's key"},
    {"user_id", OF_TEXT, .help = "null: an agent"},
    {"email", OF_TEXT, .help = "null: an agent"},
    {"agent_name", OF_TEXT, .help = "null: a person"},
    {"operator", OF_TEXT, .help = "name of an operator's key; else null"},
    {"role", OF_TEXT, true, .help = "acted with now"},
    {"credential", OF_TEXT, true, .words = "key|sign-in|password|federated|operator-key"},
    {0}};
static const struct field done_answer[] = {{"status", OF_TEXT, true}, {0}};
static const struct field enrol_answer[] = {
    {"secret", OF_TEXT, true, .help = "base32"}, {"otpauth_uri", OF_TEXT, true}, {0}};
static const struct field codes_answer[] = {
    {"recovery_codes", OF_TEXTS, true, .help = "each good once; shown once"}, {0}};
static const struct field key_set_answer[] = {{"keys", OF_ARRAY, true}, {0}};

#define AUTH "/v1/auth"
const struct route auth_routes[] = {
    {"POST", AUTH "/login", PERMIT_ANYBODY, 200, login, "login", "Signs in", .body = login_body,
     .answer = login_answer, .faults = {401, 403, 404}},
    {"POST", AUTH "/refresh", PERMIT_ANYBODY, 200, refresh, "refresh_token",
     "New tokens for a refresh token, which is used up", .body = refresh_body,
     .answer = refresh_answer, .faults = {401, 404}},
    {"POST", AUTH "/logout", PERMIT_SELF, 200, logout, "logout", "Ends the sign-in",
     .answer = done_answer},
    {"GET", AUTH "/whoami", PERMIT_SELF, 200, whoami, "whoami", "Whose the credential is",
     .answer = whoami_answer, .operators = true},
    {"POST", AUTH "/password", PERMIT_ANYBODY, 200, change_password, "change_password",
     "Sets another password; sign-ins end", .body = password_body, .answer = done_answer,
     .faults = {401, 403, 404}},
    {"POST", AUTH "/invitation", PERMIT_ANYBODY, 200, accept_invitation, "accept_invitation",
     "Sets a password by an invitation", .body = accept_body, .answer = done_answer,
     .faults = {401, 403, 404}},
    {"POST", AUTH "/mfa/enrol", PERMIT_ANYBODY, 200, enrol, "enrol_mfa",
     "A secret for a second factor, which a code of it confirms", .body = enrol_body,
     .answer = enrol_answer, .faults = {401, 403, 404}},
    {"POST", AUTH "/mfa/confirm", PERMIT_ANYBODY, 200, confirm, "confirm_mfa",
     "Makes the second factor count", .body = confirm_body, .answer = codes_answer,
     .faults = {401, 403, 404}},
    {"POST", AUTH "/mfa/recovery-codes", PERMIT_ANYBODY, 200, recovery, "renew_recovery_codes",
     "New recovery codes in place of the old", .body = factor_body, .answer = codes_answer,
     .faults = {401, 403, 404}},
    {"POST", AUTH "/mfa/disable", PERMIT_ANYBODY, 200, disable, "disable_mfa",
     "Takes the second factor away", .body = factor_body, .answer = done_answer,
     .faults = {401, 403, 404}},
    {"POST", AUTH "/signing-keys/rotate", PERMIT_OPERATOR, 200, rotate_keys, "rotate_signing_key",
     "Has a new key sign access tokens, without a gap", .answer = done_answer},
    {"GET", "/.well-known/jwks.json", PERMIT_ANYBODY, 200, key_set, "jwks",
     "The keys that verify access tokens", .answer = key_set_answer},
    {0}};
