/* Any bytes as a token, and what follows a line's end as a key set. Nobody has signed such a token,
 * so none may be accepted unless the set's own key did. */
#include <stdlib.h>

#include "crypto/jwt.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check_set(struct str json, const struct jws *t)
{
    struct error e = ERROR_INIT;
    struct jwk_set *keys;

    if (jwk_set_read(json, &keys, &e) != OK) {
        if (e.code != ERR_VALIDATION) {
            abort();
        }
        return;
    }
    for (size_t i = 0; i < jwk_set_count(keys); i++) {
        if (!jwk_set_at(keys, i)->algorithms || !jwk_set_at(keys, i)->key) {
            abort();
        }
    }
    if (t && jws_verify(t, keys, &e) != OK && e.code != ERR_AUTH && e.code != ERR_NOT_FOUND) {
        abort();
    }
    jwk_set_free(keys);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new(0);
    struct str rest = arena_str(a, (struct str){(const char *)data, n}),
               token = str_cut(&rest, '\n');
    struct error e = ERROR_INIT;
    struct jws t;
    struct jwt c;
    bool read = jws_read(token, a, &t, &e) == OK;

    if (!read && e.code != ERR_AUTH) {
        abort();
    }
    if (read && jwt_read(&t, &c, &e) == OK) {
        struct jwt_expected x = {
            .issuer = c.iss, .audiences = c.aud, .audience_count = c.aud_count};

        if (jwt_check(&c, &x, c.exp, &e) == OK) { /* it has always ended then */
            abort();
        }
        jwt_fini(&c);
    }
    if (rest.p) {
        check_set(rest, read ? &t : NULL);
    }
    arena_free(a);
    return 0;
}
