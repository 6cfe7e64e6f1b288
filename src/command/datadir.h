/* The data folder: where everything of one installation lies.
 *
 *     master.key       the local key-management provider's key (mode 0600)
 *     keyring.json     our keys, wrapped by the master key
 *     ca.pem server.pem ca.key server.key
 *     control.db       the control store, unless it is in PostgreSQL; or, of a proxy:
 *     proxy.json proxy.pem replica.db
 *     usage.json       what a server counted of statements (meter/tally.h)
 *     hati.duckdb      the engine's database, encrypted
 *     audit/           the audit log
 *     spill/           what doesn't fit into memory, encrypted; emptied at start */
#ifndef COMMAND_DATADIR_H
#define COMMAND_DATADIR_H

#include "base/arena.h"
#include "base/error.h"
#include "crypto/datakey.h"
#include "engine/engine.h"

struct store;

struct datadir {
    const char *path;
    const char *kms_uri, *keyring, *store, *replica, *database, *audit, *spill, *usage;
    const char *certificate, *certificate_key;
};

/* The paths below `path`, in the arena; touches no file. The store is where $HATIDATA_STORE says,
 * else in the folder. */
void datadir_paths(struct arena *a, const char *path, struct datadir *out);

/* Makes the folder (0700) and what belongs in it but the database. ERR_EXISTS where there is a
 * keyring: keys are never overwritten. */
MUST_USE enum status datadir_init(const struct datadir *d, struct error *e);

/* The same without a control store, where the folder isn't made yet: a proxy's. */
MUST_USE enum status datadir_init_proxy(const struct datadir *d, struct error *e);

/* ERR_NOT_HERE where the folder is a proxy's, and what is asked for is the control plane's. */
MUST_USE enum status datadir_not_proxy(const char *path, struct error *e);

/* Opens the control store, which must be there: a mistyped folder doesn't look like an empty
 * installation (ERR_NOT_FOUND). ERR_CONFIG where it is in PostgreSQL and the folder has another:
 * who changes that one would think he had changed this. */
MUST_USE enum status datadir_store(const struct datadir *d, struct store **out, struct error *e);

/* Empties the spill folder, making it when absent: what lies there belongs to
 * no running process. */
MUST_USE enum status datadir_clear_spill(const char *spill, struct error *e);

/* Has the folder's keyring mask as that of `mask_key` does (keyring_take_mask). */
MUST_USE enum status datadir_take_mask(const struct datadir *d,
                                       const uint8_t mask_key[KMS_KEY_SIZE], struct error *e);

/* The keyring under its provider. ERR_NOT_FOUND where the folder was never made. */
MUST_USE enum status datadir_keyring(const char *kms_uri, const char *keyring, struct keyring **out,
                                     struct error *e);

/* The folder of the engine's extensions: $HATIDATA_EXTENSION_DIR, else beside the program
 * (third_party/duckdb/extensions of a source tree, or /usr/lib/hatidata). In the arena. */
const char *datadir_extensions(struct arena *a);

/* The engine for an operator's own work (load, sample, explain) while no server runs. `import_dir`
 * and `load_tpch` as in engine_config; `source`, which must outlive the engine, is a relation that
 * the program gives the rows of: needed where statements of clients are prepared, else NULL. */
MUST_USE enum status datadir_engine(const struct datadir *d, const char *import_dir, bool load_tpch,
                                    const struct engine_source *source, struct engine **out,
                                    struct error *e);

#endif
