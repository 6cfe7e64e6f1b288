/* The snapshot: what a data plane must know of the control store, at one moment.
 *
 * A list of tables, each a list of rows, each a list of texts and numbers, in JSON; the columns are
 * fixed by SNAPSHOT_FORMAT. Secrets that a data plane has no use for are left out: hashes of
 * passwords, refresh tokens, second factors, private keys. A table has a digest, so a replica is
 * sent the tables that differ and nothing else, and can prove that it has what was sent. */
#ifndef STORE_SNAPSHOT_H
#define STORE_SNAPSHOT_H

#include <jansson.h>

#include "base/buf.h"
#include "store/store.h"

enum { SNAPSHOT_FORMAT = 1, SNAPSHOT_TABLES = 16, SNAPSHOT_DIGEST_SIZE = 65 };

struct snapshot_table {
    const char *name;
    char digest[SNAPSHOT_DIGEST_SIZE]; /* SHA-256 of `rows` in hexadecimal */
    struct str rows;                   /* JSON */
};

struct snapshot {
    uint64_t position; /* as store_position() */
    struct snapshot_table at[SNAPSHOT_TABLES];
};

/* Of one moment; in the arena. Of a replica, too. */
MUST_USE enum status snapshot_read(struct store *s, struct arena *a, struct snapshot *out,
                                   struct error *e);

/* Does `held` (an object: table to digest; NULL: nothing) have all of it? */
bool snapshot_is_held(const struct snapshot *p, const json_t *held);

/* The document: {"format", "store", "position", "tables": {name: {"digest", "rows"}}}, with the
 * tables that `held` doesn't have. */
void snapshot_write(const struct snapshot *p, struct str store_id, const json_t *held,
                    struct buf *out);

/* Makes the replica what the document says, in one transaction, or leaves it as it was. `store_id`
 * is the store that it is a replica of. ERR_DENIED: of another store, or older than what is held;
 * ERR_VALIDATION: it isn't a snapshot of this format, or the rows aren't those of the digest.
 * `*changed`: it had a table. */
MUST_USE enum status snapshot_apply(struct store *replica, struct str store_id, struct str document,
                                    bool *changed, struct error *e);

#endif
