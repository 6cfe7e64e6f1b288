/* The engine: what runs SQL, behind messages.
 *
 * Every call names its objects by number and gives plain data; no pointer into the engine leaves this
 * folder, and values cross in the Arrow C data layout. So the engine can move into another process
 * without a change above. A session is used by one thread at a time; cancel may come from any.
 *
 * The SQL given here was made by our printer; nothing that a client wrote comes as text. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/arrow.h"
#include "base/error.h"
#include "base/value.h"
#include "catalog/catalog.h"

struct engine;

struct engine_config {
    const char *path;          /* the database file; created when absent */
    const uint8_t *data_key;   /* 32 bytes; NULL is refused: encryption can't be turned off */
    const char *spill_dir;     /* made by the caller, mode 0700 */
    const char *extension_dir; /* holds httpfs.duckdb_extension (encryption needs it), tpch ... */
    size_t memory_limit;       /* bytes */
    int threads;
    bool load_tpch;            /* for the sample data only */
    const char *import_dir;    /* the one folder that engine_import() may read; NULL: none */
};

/* Opens, checks that the database is really encrypted (GCM), locks the engine down. ERR_KEY where the
 * key is wrong, ERR_CORRUPT where the file is damaged; neither changes the file. */
MUST_USE enum status engine_open(const struct engine_config *c, struct engine **out,
                                 struct error *e);
void engine_close(struct engine *g); /* NULL is allowed; checkpoints */
const char *engine_version(const struct engine *g);

MUST_USE enum status engine_session_open(struct engine *g, uint64_t *session, struct error *e);
void engine_session_close(struct engine *g, uint64_t session);

/* All tables and views of the engine's database as this session sees them (its own uncommitted ones
 * too), in the arena. Of a view `definition` is what engine_execute() was given as its comment. */
MUST_USE enum status engine_describe(struct engine *g, uint64_t session, struct arena *a,
                                     struct table_source **tables, size_t *count, struct error *e);

struct engine_column {
    struct str name;
    const struct type *type;
};

/* What the engine says of a statement. A type of kind TYPE_UNKNOWN: it can't tell before values come. */
struct engine_prepared {
    uint64_t statement;
    const struct type **params;
    size_t param_count;
    struct engine_column *columns;
    size_t column_count;
    bool returns_rows; /* false: a count of changed rows */
};

MUST_USE enum status engine_prepare(struct engine *g, uint64_t session, struct str sql,
                                    struct arena *a, struct engine_prepared *out, struct error *e);
void engine_statement_close(struct engine *g, uint64_t session, uint64_t statement);

struct engine_result {
    uint64_t cursor;
    struct engine_column *columns; /* as executed: may differ from prepared after a change of schema */
    size_t column_count;
    bool returns_rows;
    int64_t rows_changed; /* where it returns none */
};

/* Binds all parameters and starts. `deadline_ns` (clock_mono_ns; 0: none) ends it with ERR_TIMEOUT.
 * Rows stream: they are made as engine_next() asks for them. */
MUST_USE enum status engine_execute(struct engine *g, uint64_t session, uint64_t statement,
                                    const struct value *params, size_t param_count,
                                    int64_t deadline_ns, struct arena *a,
                                    struct engine_result *out, struct error *e);

/* The next batch: a struct array with one child a column, in `*batch`, to be released by the caller.
 * batch->release is NULL at the end. The layout of each column follows from its type:
 *   BOOL bitmap; INT1..INT8, UINT*: that width; INT16, UINT16: 16 bytes, little-endian two's
 *   complement; FLOAT4/8; DECIMAL: 16 bytes, little-endian, unscaled; TEXT, JSON, ENUM, BYTES, OTHER,
 *   BIT, TIMETZ and UUID as text or bytes with 64-bit or 32-bit offsets or views (see array.h, which
 *   reads them all); DATE int32 days; TIME, TIMESTAMP, TIMESTAMPTZ int64 microseconds (TIMESTAMP_S,
 *   _MS, _NS in their unit); INTERVAL months, days, nanoseconds; LIST, STRUCT, MAP as Arrow has them. */
MUST_USE enum status engine_next(struct engine *g, uint64_t session, uint64_t cursor,
                                 struct ArrowArray *batch, struct error *e);
void engine_cursor_close(struct engine *g, uint64_t session, uint64_t cursor);

/* Stops what the session runs now, or does nothing; the stopped call gives ERR_CANCELED. Any thread. */
void engine_cancel(struct engine *g, uint64_t session);

/* Runs a statement without parameters or rows: BEGIN, COMMIT, ROLLBACK, DDL. */
MUST_USE enum status engine_run(struct engine *g, uint64_t session, struct str sql,
                                struct error *e);

/* Rows into the engine (COPY FROM STDIN): `sql` is an INSERT ... SELECT from the relation "incoming"
 * whose columns are given here; batches are struct arrays in the layout above. Nothing is visible
 * before engine_append_end() succeeded; it gives the number of rows. */
MUST_USE enum status engine_append_begin(struct engine *g, uint64_t session, struct str sql,
                                         const struct engine_column *columns, size_t column_count,
                                         uint64_t *append, struct error *e);
MUST_USE enum status engine_append_rows(struct engine *g, uint64_t session, uint64_t append,
                                        const struct value *const *rows, size_t row_count,
                                        struct error *e);
MUST_USE enum status engine_append_end(struct engine *g, uint64_t session, uint64_t append,
                                       int64_t *rows, struct error *e);
void engine_append_abort(struct engine *g, uint64_t session, uint64_t append);

/* Second opinion: the tables (engine schema and name) that the engine itself says `sql` touches, for
 * every statement kind that it can explain; `is_complete` is false where it can't tell. */
struct engine_touched {
    struct str schema, name;
};
MUST_USE enum status engine_touches(struct engine *g, uint64_t session, struct str sql,
                                    struct arena *a, struct engine_touched **out, size_t *count,
                                    bool *is_complete, struct error *e);

/* An operator's import: rows of a file (CSV, JSON lines, Parquet by its ending, or `format`) into a
 * new table of `engine_schema`, all or nothing. Only before the engine serves clients: the engine is
 * opened with import_dir for it. `progress` gets rows so far, may be NULL. */
MUST_USE enum status engine_import(struct engine *g, uint64_t session, const char *file,
                                   const char *format, struct str engine_schema, struct str table,
                                   void (*progress)(void *ctx, double fraction, int64_t rows),
                                   void *ctx, int64_t *rows, struct error *e);

/* The TPC-H tables (customer, orders, lineitem, part, supplier, partsupp, nation, region) at `scale`
 * (1: about 1 GB) as new tables of the schema "shared", all or nothing. Customers are spread over the
 * `n` tenants by c_custkey % n in a further column c_tenant; o_tenant follows the order's customer,
 * l_tenant the lineitem's order. Needs config.load_tpch. */
MUST_USE enum status engine_load_tpch(struct engine *g, uint64_t session, double scale,
                                      const struct str *tenants, size_t n, struct error *e);

#endif
