/* The table of providers, and what holds for all of them: a provider's blob carries its name, and
 * only that provider is asked to unwrap it. */
#include "crypto/kms.h"

#include <stdlib.h>

#include "base/mem.h"

struct kms {
    const struct kms_provider *provider;
    void *self;
};

static const struct {
    const char *scheme;
    enum status (*open)(const char *rest, const struct kms_provider **, void **, struct error *);
    enum status (*create)(const char *rest, struct error *);
} schemes[] = {
    {"local:", kms_local_open, kms_local_create},
};

enum { SCHEME_COUNT = sizeof schemes / sizeof *schemes };

/* The scheme's index and what follows it in the URI. */
static enum status find_scheme(const char *uri, size_t *at, const char **rest, struct error *e)
{
    for (*at = 0; *at < SCHEME_COUNT; (*at)++) {
        size_t n = strlen(schemes[*at].scheme);

        if (strncmp(uri, schemes[*at].scheme, n) == 0 && uri[n]) {
            *rest = uri + n;
            return OK;
        }
    }
    error_set(e, ERR_CONFIG, "unknown key-management provider in \"%s\"", uri);
    return error_hint(e, "Use local:/path/of/master.key");
}

enum status kms_open(const char *uri, struct kms **out, struct error *e)
{
    const struct kms_provider *provider;
    const char *rest = NULL;
    void *self;
    size_t at = 0;

    if (find_scheme(uri, &at, &rest, e) != OK ||
        schemes[at].open(rest, &provider, &self, e) != OK) {
        return FAIL;
    }
    *out = mem_alloc(sizeof **out);
    (*out)->provider = provider;
    (*out)->self = self;
    return OK;
}

enum status kms_create(const char *uri, struct error *e)
{
    const char *rest = NULL;
    size_t at = 0;

    if (find_scheme(uri, &at, &rest, e) != OK) {
        return FAIL;
    }
    return schemes[at].create(rest, e);
}

void kms_close(struct kms *k)
{
    if (k) {
        k->provider->close(k->self);
        free(k);
    }
}

enum status kms_wrap(struct kms *k, struct str context, const uint8_t key[KMS_KEY_SIZE],
                     struct kms_blob *out, struct error *e)
{
    *out = (struct kms_blob){0};
    return k->provider->wrap(k->self, context, key, out, e);
}

enum status kms_unwrap(struct kms *k, struct str context, const struct kms_blob *blob,
                       uint8_t key[KMS_KEY_SIZE], struct error *e)
{
    if (strcmp(blob->provider, k->provider->name) != 0) {
        return error_set(e, ERR_KEY, "the key was wrapped by \"%s\", not by \"%s\"", blob->provider,
                         k->provider->name);
    }
    return k->provider->unwrap(k->self, context, blob, key, e);
}
