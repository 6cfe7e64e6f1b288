#include "identity/operator.h"

#include "base/log.h"
#include "identity/cidr.h"
#include "identity/identity_priv.h"

#define HEAD "hd_oper_"

bool identity_is_operator_key(struct str secret)
{
    return identity_has_shape(secret, HEAD);
}

enum status identity_issue_operator_key(struct identity *i, char key[API_KEY_SIZE],
                                        char hash[API_KEY_HASH_SIZE], struct error *e)
{
    return identity_issue(i, HEAD, key, hash, e);
}

/* NULL: nothing speaks against it. */
static const char *judge(struct identity *i, const struct store_operator_key *k,
                         struct str source_ip)
{
    return k->revoked_us                                 ? "the key is revoked"
           : i->wall_us() >= k->expires_us               ? "the key has expired"
           : !cidr_any_holds(k->ip_allowlist, source_ip) ? "the address is not in the key's list"
                                                         : NULL;
}

enum status identity_verify_operator(struct identity *i, struct str secret, struct str source_ip,
                                     struct arena *a, struct store_operator_key *out,
                                     struct error *e)
{
    struct str prefix = {secret.p, STORE_KEY_PREFIX_LENGTH};
    struct error why = ERROR_INIT;
    bool known = store_operator_key_find(i->store, prefix, a, out, &why) == OK, right;
    if (!known && why.code != ERR_NOT_FOUND) {
        log_error("identity", "no key can be checked: %s", why.message);
        return error_set(e, ERR_NOT_READY, "credentials can't be checked now");
    }
    if (identity_check_secret(i, secret, known ? out->hash : str_of(i->dummy), &right, e) != OK) {
        return FAIL;
    }
    const char *refusal = !known   ? "no such key"
                          : !right ? "the key is wrong"
                                   : judge(i, out, source_ip);
    return refusal ? identity_refuse_key(i, prefix, source_ip, refusal, e) : OK;
}
