/* An anchor, between its kinds. */
#ifndef AUDIT_ANCHOR_PRIV_H
#define AUDIT_ANCHOR_PRIV_H

#include "audit/anchor.h"

struct anchor {
    const struct anchor_kind *kind;
    char *uri;

    int dir_fd; /* of a folder; -1 */

    struct s3 *s3; /* of an object store */
    char *prefix;  /* "" or with a slash at its end */
    int64_t keep_ms;
    bool locking; /* it has said that it locks */

    anchor_keeper *keeper;
    void *ctx;
};

struct anchor_kind {
    const char *scheme;
    enum status (*open)(struct anchor *a, const char *place, const struct anchor_options *o,
                        struct error *e);
    enum status (*put)(struct anchor *a, uint64_t size, struct str note, struct error *e);
    /* NULL where there is nothing to do. */
    enum status (*check)(struct anchor *a, struct error *e);
    enum status (*read)(struct anchor *a, const char *log_id, size_t max, struct arena *arena,
                        struct anchor_kept *out, struct error *e);
    void (*close)(struct anchor *a);
};

extern const struct anchor_kind anchor_s3; /* anchor_s3.c */

/* Is what the anchor has under `name` over the same entries as the note? ERR_CONFLICT. */
enum status anchor_compare(const char *name, struct str kept, struct str note, struct error *e);

#endif
