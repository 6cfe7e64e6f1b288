#include "identity/factor.h"

#include <ctype.h>

#include "base/id.h"
#include "base/mem.h"
#include "crypto/sealed.h"
#include "crypto/totp.h"
#include "identity/identity_priv.h"
#include "identity/signin_priv.h"
#include "store/factor.h"

static const char place[] = "second factor", recovery_kind[] = "recovery code";
enum { RECOVERY_LETTERS = 16 }; /* 80 bits, in base32 */

static struct str actor_of(const struct store_password *who, struct arena *a)
{
    return str_of(arena_printf(a, "user:%.*s", STR_ARG(who->user.id)));
}

enum status factor_enrol(struct identity *i, const struct signin_proof *p, struct arena *a,
                         struct factor_enrolment *out, struct error *e)
{
    uint8_t bytes[TOTP_SECRET_SIZE];
    struct str secret = {(char *)bytes, sizeof bytes}, sealed;
    struct store_password who;
    enum status status;
    bool has_code;

    if (signin_prove(i, p, FACTOR_UNASKED, a, &who, &has_code, e) != OK) {
        return FAIL;
    }
    if (who.has_factor) {
        return error_set(e, ERR_EXISTS, "there is a second factor already");
    }
    id_random(bytes, sizeof bytes);
    status = sealed_write(i->secret_key, place, who.user.id, secret, a, &sealed, e);
    if (status == OK) {
        status = store_factor_enrol(i->store, actor_of(&who, a), who.user.org_id, who.user.id,
                                    sealed, e);
    }
    if (status == OK) {
        out->secret = totp_base32(secret, a);
        out->uri = totp_uri(STR("HatiData"), who.user.email, secret, a);
    }
    mem_wipe(bytes, sizeof bytes);
    return status;
}

/* Is the code that of the sealed secret now? */
static enum status matches(struct identity *i, struct str user_id, struct str sealed,
                           struct str code, bool *right, int64_t *step, struct error *e)
{
    struct arena *a = arena_new(0);
    struct str secret = STR_NULL;
    enum status status = sealed_read(i->secret_key, place, user_id, sealed, a, &secret, e);

    if (status == OK) {
        *right = totp_matches(secret, code, i->wall_us() / 1000000, step);
        mem_wipe((char *)secret.p, secret.n);
    }
    arena_free(a);
    return status;
}

/* ---- recovery codes ---- */

/* As people may write it: capitals, spaces and dashes don't count. */
static struct str plain_code(struct str code, struct arena *a)
{
    char *text = arena_alloc(a, code.n + 1);
    size_t n = 0;

    for (size_t k = 0; k < code.n; k++) {
        if (code.p[k] != '-' && code.p[k] != ' ') {
            text[n++] = (char)tolower((unsigned char)code.p[k]);
        }
    }
    return (struct str){text, n};
}

static struct str make_code(struct arena *a)
{
    uint8_t bytes[RECOVERY_LETTERS * 5 / 8];
    struct str text;

    id_random(bytes, sizeof bytes);
    text = plain_code(totp_base32((struct str){(char *)bytes, sizeof bytes}, a), a);
    return str_of(
        arena_printf(a, "%.4s-%.4s-%.4s-%.4s", text.p, text.p + 4, text.p + 8, text.p + 12));
}

static struct str digest_of(struct identity *i, struct str user_id, struct str code,
                            struct arena *a)
{
    struct str plain = plain_code(code, a);

    return signin_digest(i, recovery_kind,
                         str_of(arena_printf(a, "%.*s %.*s", STR_ARG(user_id), STR_ARG(plain))), a);
}

static struct store_list make_codes(struct identity *i, struct str user_id, struct arena *a,
                                    struct str *codes)
{
    struct str *digests = ARENA_ARRAY(a, struct str, SIGNIN_RECOVERY_CODES);

    for (int k = 0; k < SIGNIN_RECOVERY_CODES; k++) {
        codes[k] = make_code(a);
        digests[k] = digest_of(i, user_id, codes[k], a);
    }
    return (struct store_list){digests, SIGNIN_RECOVERY_CODES};
}

enum status factor_confirm(struct identity *i, const struct signin_proof *p, struct arena *a,
                           struct str *codes, struct error *e)
{
    struct store_password who;
    struct store_factor f;
    bool has_code, right;
    int64_t step;

    if (signin_prove(i, p, FACTOR_UNASKED, a, &who, &has_code, e) != OK ||
        store_factor_get(i->store, who.user.id, a, &f, e) != OK) {
        return FAIL;
    }
    if (!f.secret.n || f.confirmed) {
        return error_set(e, ERR_CONSTRAINT, "no second factor waits to be confirmed");
    }
    if (matches(i, who.user.id, f.secret, p->code, &right, &step, e) != OK) {
        return FAIL;
    }
    if (!right) {
        return error_set(e, ERR_VALIDATION, "the code isn't that of the new second factor");
    }
    return store_factor_confirm(i->store, actor_of(&who, a), who.user.org_id, who.user.id, f.secret,
                                step, make_codes(i, who.user.id, a, codes), e);
}

enum status factor_recovery(struct identity *i, const struct signin_proof *p, struct arena *a,
                            struct str *codes, struct error *e)
{
    struct store_password who;
    bool has_code;

    if (signin_prove(i, p, FACTOR_OF_HIS, a, &who, &has_code, e) != OK) {
        return FAIL;
    }
    return store_factor_recovery(i->store, actor_of(&who, a), who.user.org_id, who.user.id,
                                 make_codes(i, who.user.id, a, codes), e);
}

enum status factor_disable(struct identity *i, const struct signin_proof *p, struct error *e)
{
    struct arena *a = arena_new(0);
    struct store_password who;
    bool has_code;
    enum status status = signin_prove(i, p, FACTOR_OF_HIS, a, &who, &has_code, e);

    if (status == OK && who.factor_required) {
        status = error_set(e, ERR_DENIED, "the organization wants a second factor");
    }
    if (status == OK) {
        status = store_factor_remove(i->store, actor_of(&who, a), who.user.org_id, who.user.id, e);
    }
    arena_free(a);
    return status;
}

/* ---- asking for a code ---- */

/* Six digits are a code, or nothing; what is longer is a recovery code. Using it up is what
 * decides: of two who come with one code at once, one gets in. */
static enum status use(struct identity *i, const struct store_password *who, struct str code,
                       struct arena *a, bool *fresh, struct error *e)
{
    struct str user_id = who->user.id;
    struct store_factor f;
    bool right = false;
    int64_t step;

    *fresh = false;
    if (code.n != TOTP_DIGITS) {
        return store_factor_recover(i->store, actor_of(who, a), who->user.org_id, user_id,
                                    digest_of(i, user_id, code, a), fresh, e);
    }
    if (store_factor_get(i->store, user_id, a, &f, e) != OK ||
        (f.confirmed && matches(i, user_id, f.secret, code, &right, &step, e) != OK)) {
        return FAIL;
    }
    return right ? store_factor_use(i->store, user_id, step, fresh, e) : OK;
}

enum status factor_check(struct identity *i, const struct store_password *who, struct str code,
                         struct str source_ip, struct error *e)
{
    int wait = throttle_begin(i->codes, STR(""), who->user.id);
    struct arena *a;
    enum status status;
    bool fresh;

    if (wait) {
        refusals_add(i->refusals, who->user.org_id, who->user.id, source_ip,
                     "too many wrong codes");
        error_set(e, ERR_THROTTLED, "too many wrong codes; the next one in %d s", wait);
        e->retry_s = wait;
        return FAIL;
    }
    a = arena_new(0);
    status = use(i, who, code, a, &fresh, e);
    throttle_end(i->codes, STR(""), who->user.id,
                 status != OK ? TRY_UNDONE
                 : fresh      ? TRY_RIGHT
                              : TRY_WRONG);
    arena_free(a);
    return status == OK && !fresh ? error_set(e, ERR_AUTH, "the code is wrong or was used")
                                  : status;
}
