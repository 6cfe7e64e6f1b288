#include "crypto/jwt.h"

static enum status refuse(struct error *e, const char *why)
{
    return error_set(e, ERR_AUTH, "the token %s", why);
}

static bool text_value(const json_t *value, struct str *out)
{
    *out = (struct str){json_string_value(value), json_string_length(value)};
    return json_is_string(value) && out->n > 0 && out->n <= JWT_TEXT_MAX;
}

/* May be absent. */
static bool text_claim(const json_t *claims, const char *name, struct str *out)
{
    const json_t *value = json_object_get(claims, name);

    *out = STR_NULL;
    return !value || text_value(value, out);
}

/* NumericDate (RFC 7519 section 2): seconds, maybe with a fraction. May be absent: 0. */
static bool time_claim(const json_t *claims, const char *name, int64_t *out)
{
    const json_t *value = json_object_get(claims, name);
    double seconds = json_number_value(value);

    *out = 0;
    if (value && json_is_number(value) && seconds >= 0 && seconds < 9e12) {
        *out = (int64_t)seconds;
        return true;
    }
    return !value;
}

static bool audience_claim(const json_t *claims, struct jwt *out)
{
    const json_t *aud = json_object_get(claims, "aud"), *one;
    size_t i;

    if (!json_is_array(aud)) {
        out->aud_count = aud ? 1 : 0;
        return !aud || text_value(aud, &out->aud[0]);
    }
    if (json_array_size(aud) > JWT_AUDIENCES_MAX) {
        return false;
    }
    json_array_foreach(aud, i, one)
    {
        if (!text_value(one, &out->aud[out->aud_count++])) {
            return false;
        }
    }
    return true;
}

/* A sign-out or event token has the same issuer, audience and key, and is no proof of anybody (RFC
 * 8725 section 3.11). */
static bool tells_who(const struct jws *t, const json_t *claims)
{
    return (!t->typ.p || str_iis(t->typ, "JWT") || str_iis(t->typ, "at+jwt")) &&
           !json_object_get(claims, "events");
}

static const char *read_claims(const struct jws *t, struct jwt *out)
{
    const json_t *claims = out->claims;

    if (!json_is_object(claims)) {
        return "has a payload that isn't a JSON object of unique members";
    }
    if (!text_claim(claims, "iss", &out->iss) || !text_claim(claims, "sub", &out->sub) ||
        !text_claim(claims, "azp", &out->azp) || !audience_claim(claims, out)) {
        return "has an iss, sub, azp or aud that isn't a text of fair length";
    }
    if (!time_claim(claims, "exp", &out->exp) || !time_claim(claims, "nbf", &out->nbf) ||
        !time_claim(claims, "iat", &out->iat)) {
        return "has an exp, nbf or iat that isn't a time";
    }
    if (!json_object_get(claims, "exp")) {
        return "has no end";
    }
    return tells_who(t, claims) ? NULL : "is of a type that proves nobody";
}

enum status jwt_read(const struct jws *t, struct jwt *out, struct error *e)
{
    const char *why;

    *out = (struct jwt){.claims =
                            json_loadb(t->payload.p, t->payload.n, JSON_REJECT_DUPLICATES, NULL)};
    why = read_claims(t, out);
    if (why) {
        jwt_fini(out);
        return refuse(e, why);
    }
    return OK;
}

void jwt_fini(struct jwt *c)
{
    json_decref(c->claims);
    *c = (struct jwt){0};
}

static bool is_ours(const struct jwt_expected *x, struct str name)
{
    for (size_t i = 0; i < x->audience_count; i++) {
        if (name.n && str_eq(name, x->audiences[i])) {
            return true;
        }
    }
    return false;
}

static bool meant_for_us(const struct jwt *c, const struct jwt_expected *x)
{
    bool named = false;

    for (size_t i = 0; i < c->aud_count; i++) {
        named = named || is_ours(x, c->aud[i]);
    }
    return named && (c->aud_count == 1 || is_ours(x, c->azp));
}

enum status jwt_check(const struct jwt *c, const struct jwt_expected *x, int64_t now_s,
                      struct error *e)
{
    if (!x->issuer.n || !str_eq(c->iss, x->issuer)) {
        return refuse(e, "is of another issuer");
    }
    if (!meant_for_us(c, x)) {
        return refuse(e, "is for another audience");
    }
    if (now_s >= c->exp + x->leeway_s) {
        return refuse(e, "has expired");
    }
    if (now_s < c->nbf - x->leeway_s || now_s < c->iat - x->leeway_s) {
        return refuse(e, "is not yet valid");
    }
    return OK;
}
