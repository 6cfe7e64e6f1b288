/* The identity of a data plane: what it can't judge, the control plane does. */
#include "base/log.h"
#include "identity/identity_priv.h"

enum status identity_current(struct identity *i, struct error *e)
{
    const struct identity_remote *remote = i->config.remote;

    return remote ? remote->current(remote->ctx, e) : OK;
}

/* The control plane has judged the proof; whether the credential may be used here and now is judged
 * by the replica's row, as at each statement afterwards. */
enum status identity_verify_remote(struct identity *i, struct str user, struct str secret,
                                   struct str environment, struct str source_ip, struct arena *a,
                                   struct principal **out, struct error *e)
{
    const struct identity_remote *remote = i->config.remote;
    struct error why = ERROR_INIT;
    struct store_credential c;
    struct principal proved;

    if (remote->prove(remote->ctx, user, secret, environment, source_ip, a, &proved, e) != OK) {
        return FAIL;
    }
    if (standing_credential(i, &proved, a, &c, &why) != OK) {
        if (why.code == ERR_NOT_FOUND) {
            return identity_refuse(i, proved.user_id, source_ip, "it is no more", e);
        }
        log_error("identity", "no login can be checked: %s", why.message);
        return error_set(e, ERR_NOT_READY, "credentials can't be checked now");
    }
    c.key.expires_us = proved.expires_us;
    if (identity_admit(i, &c, user, environment, source_ip, a, out, e) != OK) {
        return FAIL;
    }
    (*out)->proof = proved.proof;
    (*out)->provider_id = proved.provider_id;
    (*out)->expires_us = proved.expires_us;
    (*out)->second_factor = proved.second_factor;
    return OK;
}
