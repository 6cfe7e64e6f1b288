/* What the log's anchor needs of an object store that speaks S3: objects that nobody can change or
 * delete until a time (object lock, mode COMPLIANCE), and finding them all again. Requests are
 * signed with SigV4 by libcurl, over TLS. Used by one thread at a time; every call blocks, at most
 * for the timeout. */
#ifndef NET_S3_H
#define NET_S3_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"

struct s3;

struct s3_config {
    const char *bucket;
    const char *region;   /* NULL or "": aws_region() */
    const char *endpoint; /* "https://host[:port]", which has the bucket as the first part of the
                             path; NULL or "": AWS's own */
    const char *ca_file;  /* PEM of the authorities; NULL or "": the system's */
    int timeout_ms;
};

/* Copies; asks nothing yet. ERR_CONFIG: the bucket's name, region or endpoint can't be one. */
MUST_USE enum status s3_new(const struct s3_config *c, struct s3 **out, struct error *e);
void s3_free(struct s3 *s); /* NULL is allowed */

/* Errors of what follows: ERR_IO: no answer, or the store is at fault, and it may go better later;
 * ERR_CONFIG: it refuses us (no bucket, no right, a wrong signature), with the store's own word. */

/* Is object lock on for the bucket? */
MUST_USE enum status s3_is_locking(struct s3 *s, bool *out, struct error *e);

/* Writes an object that stays as it is until that time. ERR_EXISTS: there is one of that key, which
 * is left alone. A key is of letters, digits, '.', '_', '-' and '/'. */
MUST_USE enum status s3_put_locked(struct s3 *s, const char *key, struct str body, int64_t until_us,
                                   struct error *e);

/* Appends the object (out->max must be set); `version` NULL: the current one. ERR_NOT_FOUND. */
MUST_USE enum status s3_get(struct s3 *s, const char *key, const char *version, struct buf *out,
                            struct error *e);

/* Every version of every object whose key begins with the prefix, also those that were written over
 * or hidden by a deletion, at most `max` (ERR_TOO_LARGE). In the arena. */
struct s3_version {
    const char *key, *version;
};
struct s3_versions {
    struct s3_version *at;
    size_t n;
};
MUST_USE enum status s3_list_versions(struct s3 *s, const char *prefix, size_t max, struct arena *a,
                                      struct s3_versions *out, struct error *e);

/* Is the text a key, or a prefix of keys, as above? */
bool s3_is_key(const char *text);

#endif
