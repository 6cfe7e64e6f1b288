/* The engine: what runs SQL, behind messages.
 *
 * Every call names its objects by number and gives plain data; no pointer into the engine leaves
 * this folder, and values cross in the Arrow C data layout. So the engine can move into another
 * process without a change above. A session is used by one thread at a time; cancel may come from
 * any.
 *
 * The SQL given here was made by our printer; nothing that a client wrote comes as text. */
#ifndef ENGINE_ENGINE_H
#define ENGINE_ENGINE_H

#include "base/arrow.h"
#include "base/error.h"
#include "base/value.h"
#include "catalog/catalog.h"

struct engine;

struct engine_column {
    struct str name;
    const struct type *type;
};

/* A relation whose rows the program makes as they are asked for: a table function without
 * arguments. No client can name it; the printer does, for a table that policy approved.
 *
 * Its rows are numbered by their first column, an INT8, and only ever added. Those that will not
 * change any more may be settled: written as Parquet files, which the engine reads faster and,
 * where a WHERE lets it, not at all. */
enum engine_row { ENGINE_ROW, ENGINE_ROW_END, ENGINE_ROW_FAILED };

struct engine_source {
    const char *relation;    /* CATALOG_ENGINE_SOURCES.relation() has all rows */
    const char *function;    /* function(from, before) those of these numbers, from the program */
    struct str schema, name; /* what engine_touches() calls it */
    const struct engine_column
        *columns; /* BOOL, INT8, FLOAT8, TIMESTAMPTZ, TEXT, JSON, LIST of TEXT */
    size_t column_count;
    const char *settled_dir; /* the folder of settled rows, of this source alone; NULL: none */
    void *ctx;
    /* Begins a reading of the rows with from <= number < before, for one thread of the engine; NULL
     * where it can't. Several may be open. */
    void *(*open)(void *ctx, int64_t from, int64_t before, struct error *e);
    /* The next row: cells[i] of each column that is wanted[i]. They are the reading's, until its
     * next call. */
    enum engine_row (*next)(void *reading, const bool *wanted, struct value *cells);
    void (*close)(void *reading);
};

struct engine_config {
    const char *path;          /* the database file; created when absent */
    const uint8_t *data_key;   /* 32 bytes; NULL is refused: encryption can't be turned off */
    const char *spill_dir;     /* made by the caller, mode 0700 */
    const char *extension_dir; /* holds httpfs.duckdb_extension (encryption needs it), tpch ... */
    size_t memory_limit;       /* bytes */
    int threads;
    bool load_tpch;         /* for the sample data only */
    const char *import_dir; /* the one folder that engine_import() may read; NULL: none */
    const struct engine_source *sources; /* they outlive the engine */
    size_t source_count;
};

/* Opens, checks that the database is really encrypted (GCM), locks the engine down, and tries that
 * the locks hold. Makes the schema "shared". ERR_KEY where the key is wrong or the file isn't
 * encrypted, ERR_CORRUPT where the file is damaged (or, when read later, from any call); neither
 * changes the file. A log left by a crash is replayed up to the first record that is incomplete, as
 * in other databases: that it was cut short on purpose, or that the whole file is an older copy,
 * can't be seen here. ERR_CONFIG where a folder or an extension isn't as it must be. *out is NULL
 * after a failure.
 *
 * Even so the engine may read and write in spill_dir and import_dir, read its own database file,
 * and run ATTACH ':memory:', PRAGMA, CALL and more: only what our printer makes may come to it. */
MUST_USE enum status engine_open(const struct engine_config *c, struct engine **out,
                                 struct error *e);
void engine_close(struct engine *g); /* NULL is allowed; checkpoints */
const char *engine_version(const struct engine *g);

/* Never 0. It costs next to nothing until something is done in it: that can fail with ERR_ENGINE
 * where the engine takes no more sessions. Used by one thread at a time. */
uint64_t engine_session_open(struct engine *g);
void engine_session_close(struct engine *g, uint64_t session);

/* How long engine_prepare() and engine_touches() may take: the engine computes what is constant
 * while it plans. Then ERR_TIMEOUT. 0, as at first: as long as they need. */
void engine_limit_planning(struct engine *g, uint64_t session, int64_t milliseconds);

/* The key of the session's hash masks, DIGEST_SIZE bytes, copied and wiped with the session: what
 * REWRITE_HASH(text) is made with in it (crypto/digest.h). Once, before the first statement;
 * without it a statement that hashes fails. It is in no text, plan or setting of the engine. */
void engine_give_mask_key(struct engine *g, uint64_t session, const uint8_t *key);

/* All schemas, tables, views and types of the engine's database as this session sees them (its own
 * uncommitted ones too), in the arena, by schema and name, types last. The definition and the
 * comment of a view are in what COMMENT ON VIEW ... IS says (catalog_view_text()). A view whose
 * tables are gone has no columns. */
MUST_USE enum status engine_describe(struct engine *g, uint64_t session, struct arena *a,
                                     struct table_source **tables, size_t *count, struct error *e);

/* The temporary tables and views of this session, which no other session sees; they are gone with
 * it. Their engine schema is "temp". */
MUST_USE enum status engine_describe_temporary(struct engine *g, uint64_t session, struct arena *a,
                                               struct table_source **tables, size_t *count,
                                               struct error *e);

/* What the engine says of a statement. A type of kind TYPE_UNKNOWN: it can't tell before values
 * come. */
struct engine_prepared {
    uint64_t statement;
    const struct type **params;
    size_t param_count;
    struct engine_column *columns;
    size_t column_count;
    bool returns_rows; /* false: a count of changed rows. Before execution a guess where RETURNING
                          gives one BIGINT column called "Count"; the result says for sure. */
};

MUST_USE enum status engine_prepare(struct engine *g, uint64_t session, struct str sql,
                                    struct arena *a, struct engine_prepared *out, struct error *e);
void engine_statement_close(struct engine *g, uint64_t session, uint64_t statement);

struct engine_result {
    uint64_t cursor;
    struct engine_column
        *columns; /* as executed: may differ from prepared after a change of schema */
    size_t column_count;
    bool returns_rows;
    int64_t rows_changed; /* where it returns none */
};

/* Binds all parameters and starts. `deadline_ns` (clock_mono_ns; 0: none) ends it, and the fetching
 * of its rows, with ERR_TIMEOUT. The rows of a SELECT stream: they are made as engine_next() asks
 * for them, and only as long as nothing else is prepared or run in the session: that ends the
 * stream, and engine_next() gives ERR_UNKNOWN_PORTAL, never a short result.
 *
 * What changes anything has done all of it when this returns OK, and nothing when it fails; one
 * that was done before the interrupt came is not reported as stopped. In an open transaction an
 * error here makes the transaction fail: everything but its end gives ERR_IN_FAILED_TRANSACTION,
 * and COMMIT rolls back without an error. An error of engine_prepare() does not; a caller that
 * wants PostgreSQL's rule keeps it himself. */
MUST_USE enum status engine_execute(struct engine *g, uint64_t session, uint64_t statement,
                                    const struct value *params, size_t param_count,
                                    int64_t deadline_ns, struct arena *a, struct engine_result *out,
                                    struct error *e);

/* The next batch: a struct array with one child a column, in `*batch`, to be released by the
 * caller. batch->release is NULL at the end. It owns its memory and outlives cursor and session.
 * `offset` is 0 everywhere; buffers[0] is the validity bitmap (NULL: none is NULL). One layout a
 * type:
 *
 *   BOOL                      buffers[1]: a bit each
 *   INT1..INT8, UINT1..UINT8  that width, native order
 *   INT16, UINT16             16 bytes, little-endian two's complement
 *   FLOAT4, FLOAT8            4, 8 bytes
 *   DECIMAL                   16 bytes, little-endian, unscaled, whatever its width
 *   DATE                      int32 days since 1970; INT32_MIN and INT32_MAX are the infinities
 *   TIME                      int64 microseconds since midnight
 *   TIMESTAMP, TIMESTAMPTZ    int64 microseconds since 1970 (UTC), TIMESTAMP_S, _MS, _NS in their
 *                             unit; INT64_MIN and INT64_MAX are the infinities
 *   INTERVAL                  16 bytes: int32 months, int32 days, int64 microseconds
 *   TEXT, JSON, ENUM, BYTES   buffers[1]: length + 1 int64 offsets; buffers[2]: the bytes
 *   UUID, BIT, TIMETZ         as TEXT: lower-case hex with hyphens; 0 and 1; 10:11:12.5+01:30
 *   LIST                      buffers[1]: length + 1 int64 offsets; children[0]: the elements
 *   MAP                       as LIST, of a struct array of two children: keys, values
 *   ARRAY                     children[0]: length * type->size elements
 *   STRUCT                    a child a field
 *   UNION                     a child of the members' numbers (UINT1), then a child a member
 *   NULL                      all NULL
 *
 * OTHER (BIGNUM, VARIANT, GEOMETRY, TIME_NS), also inside of another type, has none: such a
 * column makes engine_execute() fail with ERR_UNSUPPORTED; the statement must cast it to VARCHAR.
 *
 * A cancel that came since the execution, also between two batches, gives ERR_CANCELED. */
MUST_USE enum status engine_next(struct engine *g, uint64_t session, uint64_t cursor,
                                 struct ArrowArray *batch, struct error *e);
void engine_cursor_close(struct engine *g, uint64_t session, uint64_t cursor);

/* Stops what the session runs now, or does nothing; the stopped call gives ERR_CANCELED. Any
 * thread. */
void engine_cancel(struct engine *g, uint64_t session);

/* A statement begins: a cancel that comes from now on, and before engine_execute() runs it, keeps
 * it from running (ERR_CANCELED); those before were meant for others. Where this is never called, a
 * cancel stops only what runs when it comes. */
void engine_heed(struct engine *g, uint64_t session);

/* Runs one statement without parameters or rows: BEGIN, COMMIT, ROLLBACK, DDL. */
MUST_USE enum status engine_run(struct engine *g, uint64_t session, struct str sql,
                                struct error *e);

/* Rows into the engine (COPY FROM STDIN): `sql` is an INSERT ... SELECT from the relation
 * "incoming" whose columns are given here; a row is an array of column_count values. Nothing is
 * visible before engine_append_end() succeeded; it gives the number of rows, and closes the append
 * also where it fails. After any failure, and by engine_append_abort(), all of it is undone; inside
 * of a transaction that means that the transaction has failed. A mistake in `sql` may show as late
 * as at the end. */
MUST_USE enum status engine_append_begin(struct engine *g, uint64_t session, struct str sql,
                                         const struct engine_column *columns, size_t column_count,
                                         uint64_t *append, struct error *e);
MUST_USE enum status engine_append_rows(struct engine *g, uint64_t session, uint64_t append,
                                        const struct value *const *rows, size_t row_count,
                                        struct error *e);
MUST_USE enum status engine_append_end(struct engine *g, uint64_t session, uint64_t append,
                                       int64_t *rows, struct error *e);
void engine_append_abort(struct engine *g, uint64_t session, uint64_t append);

/* Second opinion: the tables (engine schema and name, without duplicates) that the engine itself
 * says `sql` touches, from its unoptimized plan. Parameters may stand in it. Views are opened:
 * their tables are listed, not they. A CTE that nothing reads isn't looked into. A temporary table
 * of the session has the schema "temp"; a table of another database one of the form
 * "database.schema".
 *
 * `is_complete` true: SELECT, UPDATE, DELETE, MERGE, INSERT; all that is read and changed is in the
 * list. The target of a plain INSERT isn't in any plan: it is read from the text itself, by a scan
 * of its own, and must be written schema.table.
 *
 * false: CREATE TABLE AS (what it reads is listed), CREATE VIEW, DROP, ALTER and others, a table
 * function that is not on the list of harmless ones, and whatever can't be explained.
 *
 * What is listed is touched; a table in it that policy did not approve is a fault in either case.
 */
struct engine_touched {
    struct str schema, name;
};
MUST_USE enum status engine_touches(struct engine *g, uint64_t session, struct str sql,
                                    struct arena *a, struct engine_touched **out, size_t *count,
                                    bool *is_complete, struct error *e);

/* An operator's import: rows of a file (CSV, JSON lines, Parquet by its ending, or `format`: "csv",
 * "jsonl", "parquet") into a new table of `engine_schema` (made when absent), all or nothing.
 * `needs` is a column that the file must have, ERR_UNKNOWN_COLUMN where it doesn't; empty: none.
 * Only before the engine serves clients: the engine is opened with import_dir for it, and not in a
 * transaction. `progress` gets the fraction done and rows so far, may be NULL; only the engine's
 * first session gets more than the last report. ERR_EXISTS, ERR_DENIED for a file that is really
 * elsewhere, ERR_BAD_VALUE with the line where the engine knows it. */
MUST_USE enum status engine_import(struct engine *g, uint64_t session, const char *file,
                                   const char *format, struct str engine_schema, struct str table,
                                   struct str needs,
                                   void (*progress)(void *ctx, double fraction, int64_t rows),
                                   void *ctx, int64_t *rows, struct error *e);

/* Settled rows of a source. Files are named by the caller, within its settled_dir, which it has
 * made with a mode of 0700; they end in ".parquet". `s` is one of the engine's sources. */

/* Writes the rows with from <= number < before, which must be there and never change, to a file,
 * and syncs it. Nobody reads it yet. */
MUST_USE enum status engine_settle(struct engine *g, uint64_t session,
                                   const struct engine_source *s, int64_t from, int64_t before,
                                   const char *file, struct error *e);

struct engine_settled {
    int64_t first, last, count; /* all 0 where there are no rows */
};

/* What numbers a file has. ERR_CORRUPT where it isn't one of engine_settle() for these columns. */
MUST_USE enum status engine_settled_rows(struct engine *g, uint64_t session,
                                         const struct engine_source *s, const char *file,
                                         struct engine_settled *out, struct error *e);

/* From now on the relation reads rows with a number below `before` from these files, which must
 * have all of them and last; 0: from none, as at first. Statements that began before, and prepared
 * ones, go on as they were. One that needs a file that is gone fails. */
MUST_USE enum status engine_read_settled(struct engine *g, uint64_t session,
                                         const struct engine_source *s, const struct str *files,
                                         size_t count, int64_t before, struct error *e);

/* The TPC-H tables (customer, orders, lineitem, part, supplier, partsupp, nation, region) at
 * `scale` (1: about 1 GB) as new tables of the schema "shared", all or nothing. Customers are
 * spread over the `n` tenants by c_custkey % n in a further column c_tenant; o_tenant follows the
 * order's customer, l_tenant the lineitem's order. Needs config.load_tpch. */
MUST_USE enum status engine_load_tpch(struct engine *g, uint64_t session, double scale,
                                      const struct str *tenants, size_t n, struct error *e);

#endif
