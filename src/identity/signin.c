#include "identity/signin.h"

#include <stdio.h>

#include "base/id.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"
#include "crypto/digest.h"
#include "identity/factor.h"
#include "identity/identity_priv.h"
#include "identity/signin_priv.h"
#include "store/org.h"
#include "store/signin.h"

static const int64_t second_us = 1000000;
static const char refresh_head[] = "hd_refresh_", invite_head[] = "hd_invite_";
enum { SELECTOR_LETTERS = 22, SECRET_LETTERS = 43 }; /* 131 and 256 bits of 62 letters */

struct str signin_digest(const struct identity *i, const char *kind, struct str token,
                         struct arena *a)
{
    uint8_t key[DIGEST_SIZE], digest[DIGEST_SIZE];
    char *digits = arena_alloc(a, 2 * DIGEST_SIZE + 1);

    digest_derive(i->secret_key, kind, STR(""), key);
    digest_hmac(key, token, digest);
    mem_wipe(key, sizeof key);
    text_hex(digest, sizeof digest, digits);
    return (struct str){digits, 2 * DIGEST_SIZE};
}

/* ---- proving a password ---- */

/* The operator learns why, the trail of the user's organization too; who asks doesn't. */
static enum status refuse(struct identity *i, const struct signin_proof *p,
                          const struct store_password *who, const char *why, struct error *e)
{
    if (who->user.id.n) {
        refusals_add(i->refusals, who->user.org_id, who->user.id, p->source_ip, why);
    }
    (void)identity_refuse(i, who->user.id.n ? who->user.id : STR("an unknown user"), p->source_ip,
                          why, NULL);
    return error_set(e, ERR_AUTH, "the user, the password or the code is wrong");
}

/* The row, or nobody with the dummy's hash. */
static enum status find(struct identity *i, const struct signin_proof *p, struct arena *a,
                        struct store_password *out, struct error *e)
{
    struct error why = ERROR_INIT;

    if (store_password_find(i->store, p->org, p->user, a, out, &why) == OK) {
        return OK;
    }
    if (why.code != ERR_NOT_FOUND) {
        log_error("identity", "no password can be checked: %s", why.message);
        return error_set(e, ERR_NOT_READY, "credentials can't be checked now");
    }
    *out = (struct store_password){.hash = str_of(i->dummy)};
    return OK;
}

/* The wire has one field: the code is what follows the password. */
static void take_code_off(struct signin_proof *p)
{
    size_t n = p->password.n < 6 ? p->password.n : 6;

    p->password.n -= n;
    p->code = (struct str){p->password.p + p->password.n, n};
}

static enum status check_factor(struct identity *i, const struct signin_proof *p,
                                enum signin_factor factor, const struct store_password *who,
                                bool *has_code, struct error *e)
{
    bool enforced = factor == FACTOR_ENFORCED || factor == FACTOR_APPENDED;

    *has_code = false;
    if (factor == FACTOR_UNASKED) {
        return OK;
    }
    if (!who->has_factor) {
        return enforced && who->factor_required
                   ? error_set(e, ERR_ENROL, "the organization wants a second factor")
                   : OK;
    }
    if (!p->code.n) {
        return error_set(e, ERR_FACTOR, "the code of the second factor is missing");
    }
    *has_code = true;
    if (factor_check(i, who, p->code, p->source_ip, e) == OK) {
        return OK;
    }
    return e->code == ERR_AUTH ? refuse(i, p, who, "the code is wrong or was used", e) : FAIL;
}

static enum status prove(struct identity *i, struct signin_proof p, enum signin_factor factor,
                         struct arena *a, struct store_password *out, bool *has_code,
                         struct error *e)
{
    bool right;

    if (find(i, &p, a, out, e) != OK) {
        return FAIL;
    }
    if (factor == FACTOR_APPENDED && out->has_factor) {
        take_code_off(&p);
    }
    if (p.password.n > SIGNIN_PASSWORD_MAX) {
        p.password.n = SIGNIN_PASSWORD_MAX + 1; /* no password; as much work as one */
    }
    if (identity_argon2(i, p.password, out->hash, &right, e) != OK) {
        return FAIL;
    }
    if (!out->user.id.n || !right) {
        return refuse(i, &p, out, out->user.id.n ? "the password is wrong" : "no such user", e);
    }
    if (!out->user.active) {
        return refuse(i, &p, out, "the user is suspended", e);
    }
    return check_factor(i, &p, factor, out, has_code, e);
}

enum status signin_prove(struct identity *i, const struct signin_proof *p,
                         enum signin_factor factor, struct arena *a, struct store_password *out,
                         bool *has_code, struct error *e)
{
    struct error why = ERROR_INIT;
    enum status status;
    int wait;

    if (!i->tokens) {
        return error_set(e, ERR_CONFIG, "nobody signs in here");
    }
    wait = throttle_begin(i->tries, p->source_ip, p->user);
    if (wait) {
        error_set(e, ERR_THROTTLED, "too many tries; the next one in %d s", wait);
        e->retry_s = wait;
        return FAIL;
    }
    status = prove(i, *p, factor, a, out, has_code, &why);
    throttle_end(i->tries, p->source_ip, p->user,
                 status == OK           ? TRY_RIGHT
                 : why.code == ERR_AUTH ? TRY_WRONG
                                        : TRY_UNDONE);
    if (status != OK) {
        *e = why;
    }
    return status;
}

/* ---- signing in ---- */

static struct str random_token(const char *head, size_t letters, struct arena *a)
{
    size_t n = strlen(head);
    char *text = arena_alloc(a, n + letters + 1);

    memcpy(text, head, n);
    id_alnum(text + n, letters);
    return (struct str){text, n + letters};
}

/* The two halves of a refresh token. */
static bool split_refresh(struct str token, struct str *selector, struct str *secret)
{
    size_t head = sizeof refresh_head - 1;

    if (token.n != head + SELECTOR_LETTERS + SECRET_LETTERS || !str_starts(token, refresh_head)) {
        return false;
    }
    *selector = (struct str){token.p + head, SELECTOR_LETTERS};
    *secret = (struct str){selector->p + SELECTOR_LETTERS, SECRET_LETTERS};
    return true;
}

static struct str join_refresh(struct str selector, struct arena *a, struct str *secret)
{
    struct str token =
        random_token(arena_printf(a, "%s%.*s", refresh_head, STR_ARG(selector)), SECRET_LETTERS, a);

    *secret = (struct str){token.p + token.n - SECRET_LETTERS, SECRET_LETTERS};
    return token;
}

static int64_t least(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* No token outlives its sign-in. */
static enum status issue(struct identity *i, const struct store_sign_in *row, struct str role,
                         int64_t now_us, struct arena *a, struct signin *out, struct error *e)
{
    struct token_claims claims = {.sign_in = row->id,
                                  .user_id = row->user_id,
                                  .org_id = row->org_id,
                                  .role = role,
                                  .environment = row->environment};

    claims.expires_s = least(now_us / second_us + TOKEN_SECONDS, row->ends_us / second_us);
    out->expires_in = claims.expires_s - now_us / second_us;
    out->environment = row->environment;
    return tokens_issue(i->tokens, &claims, now_us, a, &out->access_token, e);
}

static enum status start(struct identity *i, const struct store_password *who, bool has_code,
                         struct str environment, struct str source_ip, struct arena *a,
                         struct signin *out, struct error *e)
{
    struct str selector = random_token("", SELECTOR_LETTERS, a), secret;
    int64_t now = i->wall_us();
    struct store_sign_in row = {
        .org_id = who->user.org_id,
        .user_id = who->user.id,
        .password_id = who->id,
        .environment = environment.n ? environment : STR(STORE_DEFAULT_ENVIRONMENT),
        .second_factor = has_code,
        .created_us = now,
        .refresh_us = now + SIGNIN_REFRESH_SECONDS * second_us,
        .ends_us = now + SIGNIN_SESSION_SECONDS * second_us,
    };

    out->refresh_token = join_refresh(selector, a, &secret);
    row.selector = signin_digest(i, "refresh selector", selector, a);
    row.secret = signin_digest(i, "refresh secret", secret, a);
    if (store_sign_in_start(i->store, source_ip, &row, a, e) != OK) {
        return FAIL;
    }
    return issue(i, &row, who->user.role, now, a, out, e);
}

enum status signin_start(struct identity *i, const struct signin_proof *p, struct str environment,
                         struct arena *a, struct signin *out, struct error *e)
{
    struct store_password who;
    bool has_code;

    *out = (struct signin){0};
    if (signin_prove(i, p, FACTOR_ENFORCED, a, &who, &has_code, e) != OK) {
        return FAIL;
    }
    if (start(i, &who, has_code, environment, p->source_ip, a, out, e) != OK) {
        return e->code == ERR_CONSTRAINT
                   ? error_set(e, ERR_NOT_FOUND, "the organization has no such environment")
                   : FAIL;
    }
    out->user = who.user;
    out->org_name = who.org_name;
    log_info("identity", "user %.*s signed in from %.*s", STR_ARG(who.user.id),
             STR_ARG(p->source_ip));
    return OK;
}

enum status signin_refresh(struct identity *i, struct str token, struct str source_ip,
                           struct arena *a, struct signin *out, struct error *e)
{
    struct str selector, secret, fresh;
    struct error why = ERROR_INIT;
    int64_t now = i->wall_us();
    struct store_sign_in row;

    *out = (struct signin){0};
    if (!i->tokens || !split_refresh(token, &selector, &secret)) {
        (void)identity_refuse(i, STR("a refresh token"), source_ip, "it is none", NULL);
        return error_set(e, ERR_AUTH, "the refresh token is wrong, used, or over");
    }
    out->refresh_token = join_refresh(selector, a, &fresh);
    if (store_sign_in_refresh(i->store, signin_digest(i, "refresh selector", selector, a),
                              signin_digest(i, "refresh secret", secret, a),
                              signin_digest(i, "refresh secret", fresh, a), now,
                              now + SIGNIN_REFRESH_SECONDS * second_us, a, &row, &why) != OK) {
        if (why.code != ERR_NOT_FOUND && why.code != ERR_REVOKED) {
            *e = why;
            return FAIL;
        }
        (void)identity_refuse(i, STR("a refresh token"), source_ip, why.message, NULL);
        return error_set(e, ERR_AUTH, "the refresh token is wrong, used, or over");
    }
    out->user = (struct store_user){.id = row.user_id, .org_id = row.org_id, .role = row.role};
    return issue(i, &row, row.role, now, a, out, e);
}

enum status signin_end(struct identity *i, const struct principal *p, struct error *e)
{
    struct arena *a;
    enum status status;

    if (p->proof != PROOF_SIGN_IN) {
        return error_set(e, ERR_VALIDATION, "only a sign-in can be signed out");
    }
    a = arena_new(0);
    status = store_sign_in_end(i->store, str_of(arena_printf(a, "user:%.*s", STR_ARG(p->user_id))),
                               p->key_id, e);
    arena_free(a);
    return status;
}

/* ---- as credentials ---- */

/* What a token says must be what the store says now: a role that was changed ends it. */
static const char *token_differs(const struct token_claims *t, const struct store_credential *c)
{
    if (!str_eq(t->user_id, c->key.user_id) || !str_eq(t->org_id, c->key.org_id) ||
        !str_eq(t->environment, c->key.environment)) {
        return "the token isn't its sign-in's";
    }
    return str_eq(t->role, c->user.role) ? NULL : "the role is another by now";
}

enum status signin_verify_token(struct identity *i, struct str user, struct str token,
                                struct str environment, struct str source_ip, struct arena *a,
                                struct principal **out, struct error *e)
{
    struct error why = ERROR_INIT;
    struct store_credential c;
    struct token_claims claims;
    const char *differs;

    if (tokens_verify(i->tokens, token, i->wall_us(), a, &claims, &why) != OK) {
        return identity_refuse(i, STR("a token"), source_ip, why.message, e);
    }
    if (store_sign_in_credential(i->store, claims.sign_in, a, &c, &why) != OK) {
        if (why.code == ERR_NOT_FOUND) {
            return identity_refuse(i, claims.user_id, source_ip, "the sign-in is over", e);
        }
        log_error("identity", "no token can be checked: %s", why.message);
        return error_set(e, ERR_NOT_READY, "credentials can't be checked now");
    }
    differs = token_differs(&claims, &c);
    if (differs) {
        return identity_refuse(i, claims.user_id, source_ip, differs, e);
    }
    if (identity_admit(i, &c, user, environment, source_ip, a, out, e) != OK) {
        return FAIL;
    }
    (*out)->proof = PROOF_SIGN_IN;
    (*out)->expires_us = claims.expires_s * second_us;
    return OK;
}

enum status signin_verify_password(struct identity *i, struct str user, struct str password,
                                   struct str environment, struct str source_ip, struct arena *a,
                                   struct principal **out, struct error *e)
{
    const struct signin_proof p = {
        .org = STR(""), .user = user, .password = password, .source_ip = source_ip};
    struct store_credential c;
    struct store_password who;
    bool has_code;

    if (signin_prove(i, &p, FACTOR_APPENDED, a, &who, &has_code, e) != OK) {
        /* The same text as of a key: what was sent may have been meant as one. */
        return e->code == ERR_AUTH
                   ? error_set(e, ERR_AUTH, "the user, the API key or the database is wrong")
                   : FAIL;
    }
    environment = environment.n ? environment : STR(STORE_DEFAULT_ENVIRONMENT);
    if (store_password_credential(i->store, who.id, environment, a, &c, e) != OK) {
        return e->code == ERR_NOT_FOUND
                   ? identity_refuse(i, who.user.id, source_ip, "there is no such environment", e)
                   : FAIL;
    }
    if (identity_admit(i, &c, user, environment, source_ip, a, out, e) != OK) {
        return FAIL;
    }
    (*out)->proof = PROOF_PASSWORD;
    (*out)->second_factor = has_code;
    return OK;
}

/* ---- setting passwords ---- */

enum status signin_check_password(struct str password, struct str email, struct error *e)
{
    if (str_chars(password) < SIGNIN_PASSWORD_MIN || password.n > SIGNIN_PASSWORD_MAX) {
        return error_set(e, ERR_VALIDATION,
                         "a password has at least %d characters and at most %d bytes",
                         SIGNIN_PASSWORD_MIN, SIGNIN_PASSWORD_MAX);
    }
    if (!str_is_utf8(password)) {
        return error_set(e, ERR_VALIDATION, "a password is UTF-8 without NUL");
    }
    return str_ieq(password, email)
               ? error_set(e, ERR_VALIDATION, "a password isn't the user's address")
               : OK;
}

static enum status checked_hash(struct identity *i, struct str password, struct str email,
                                char hash[API_KEY_HASH_SIZE], struct error *e)
{
    return signin_check_password(password, email, e) == OK ? identity_hash(i, password, hash, e)
                                                           : FAIL;
}

enum status signin_set_password(struct identity *i, struct str actor, struct str org_id,
                                struct str user, struct str password, struct error *e)
{
    struct arena *a = arena_new(0);
    char hash[API_KEY_HASH_SIZE];
    struct store_user found;
    enum status status = store_user_find(i->store, org_id, user, a, &found, e);

    if (status == OK) {
        status = checked_hash(i, password, found.email, hash, e);
    }
    if (status == OK) {
        status = store_password_set(i->store, actor, org_id, found.id, str_of(hash), e);
    }
    arena_free(a);
    return status;
}

enum status signin_change_password(struct identity *i, const struct signin_proof *p,
                                   struct str password, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_password who;
    bool has_code;
    enum status status = signin_check_password(password, p->user, e);

    if (status == OK) {
        status = signin_prove(i, p, FACTOR_OF_HIS, a, &who, &has_code, e);
    }
    if (status == OK) {
        status = signin_set_password(i, str_of(arena_printf(a, "user:%.*s", STR_ARG(who.user.id))),
                                     who.user.org_id, who.user.id, password, e);
    }
    arena_free(a);
    return status;
}

enum status signin_invite(struct identity *i, struct str actor, struct str org_id, struct str user,
                          struct arena *a, struct str *token, struct error *e)
{
    *token = random_token(invite_head, SECRET_LETTERS, a);
    return store_invitation_set(i->store, actor, org_id, user,
                                signin_digest(i, "invitation", *token, a),
                                i->wall_us() + SIGNIN_INVITATION_SECONDS * second_us, e);
}

/* The invitation is looked at before the hash is made, or anybody could have hashes made. */
enum status signin_accept(struct identity *i, struct str invitation, struct str password,
                          struct error *e)
{
    struct arena *a = arena_new(0);
    struct str digest = signin_digest(i, "invitation", invitation, a);
    char hash[API_KEY_HASH_SIZE];
    struct store_user user;
    enum status status = store_invitation_find(i->store, digest, i->wall_us(), a, &user, e);

    if (status == OK) {
        status = checked_hash(i, password, user.email, hash, e);
    }
    if (status == OK) {
        status = store_invitation_accept(i->store, digest, str_of(hash), i->wall_us(), e);
    }
    arena_free(a);
    return status;
}
