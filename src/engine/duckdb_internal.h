/* What the files of this folder share. Nothing here leaves src/engine/.
 *
 * Locking: `engine.lock` guards the table of sessions and, in each session, `run`. Everything else
 * of a session belongs to the one thread that uses it now. duckdb_interrupt() is only ever called
 * under the lock and only while `run.is_running`, so it can neither meet a closed connection nor
 * hit the next statement. */
#ifndef ENGINE_DUCKDB_INTERNAL_H
#define ENGINE_DUCKDB_INTERNAL_H

#include <duckdb.h>
#include <pthread.h>

#include "base/buf.h"
#include "crypto/digest.h"
#include "engine/engine.h"

/* Of 1.5.5, not yet in the header that is pinned. */
enum { ENGINE_TYPE_GEOMETRY = 40, ENGINE_TYPE_VARIANT = 41 };

__extension__ typedef __int128 i128;
__extension__ typedef unsigned __int128 u128;

#define ENGINE_DATABASE "hati" /* the name under which the encrypted file is attached */

enum stop_reason { STOP_NONE, STOP_CANCELED, STOP_TIMEOUT };

struct run {
    bool is_running;
    int64_t deadline_ns;      /* 0: none */
    enum stop_reason stopped; /* why the watchdog interrupts it */
    uint64_t cancels;         /* cancellations so far; a cursor keeps the number it started at */
    uint64_t heeded;          /* those that were meant for earlier statements ... */
    bool heeds;               /* ... where somebody says when one begins */
};

struct reader;

enum transaction_step { STEP_NONE, STEP_BEGIN, STEP_END };

struct statement {
    uint64_t number;
    enum transaction_step step;
    duckdb_prepared_statement prepared;
    struct statement *next;
};

struct cursor {
    uint64_t number;
    duckdb_result result;
    struct arena *arena;
    struct reader *readers;
    size_t column_count;
    int64_t deadline_ns;
    uint64_t cancels;
    bool is_streaming, is_done;
    bool is_lost; /* another statement ended its stream */
    struct cursor *next;
};

struct append;

struct session {
    uint64_t number;
    struct engine *engine;
    duckdb_connection connection; /* NULL until its first use */
    idx_t connection_number;      /* the engine's */
    struct run run;
    int64_t planning_ms;  /* 0: no limit */
    uint8_t *mask_key;    /* NULL: none */
    bool in_transaction;  /* opened by a statement */
    uint64_t last_number; /* of statements, cursors, appends */
    struct statement *statements;
    struct cursor *cursors;
    struct append *appends;
    struct session *next; /* in the bucket */
};

enum { ENGINE_BUCKETS = 256 };

struct engine {
    duckdb_database database;
    const struct engine_source *sources;
    size_t source_count;
    char *import_dir; /* real path, or NULL */
    bool has_tpch;
    pthread_mutex_t lock;
    pthread_cond_t wake; /* the watchdog's, on the monotonic clock */
    pthread_t watchdog;
    bool has_watchdog, is_closing;
    int64_t watchdog_wakes_ns; /* when it will look next; INT64_MAX: when told */
    uint64_t last_session;
    struct session *buckets[ENGINE_BUCKETS];
    /* Made before the lock-down, with settings that can't be made later; the first session gets it.
     */
    duckdb_connection first_connection;
};

/* --- duckdb_session.c --- */

MUST_USE enum status watchdog_start(struct engine *g, struct error *e);
void watchdog_stop(struct engine *g);
void sessions_close_all(struct engine *g);

/* Ready for use. NULL, with ERR_INTERNAL in `e`, where there is no such session, with ERR_ENGINE
 * where the engine takes no more. */
struct session *session_find(struct engine *g, uint64_t number, struct error *e);

/* Ends the stream of an open cursor, as the engine does. Between the two the session can be
 * cancelled and is stopped at its deadline. run_end() gives `st`, or FAIL with ERR_CANCELED or
 * ERR_TIMEOUT where it failed because it was stopped. */
void run_begin(struct session *s, int64_t deadline_ns);
enum status run_end(struct session *s, enum status st, struct error *e);

/* As run_end(), but fails whenever it was stopped: for rows, which must never end early unseen. */
enum status run_end_rows(struct session *s, enum status st, struct error *e);

/* As run_begin(), for what may take as long as engine_limit_planning() says. */
void run_begin_planning(struct session *s);

/* As run_begin(); false where the statement of `c` was cancelled or timed out between two batches.
 */
bool run_resume(struct session *s, const struct cursor *c, struct error *e);

/* As run_begin(), for a statement; false where it was cancelled since engine_heed(), but what
 * begins or ends a transaction runs. *cancels: the number for its cursor. */
bool run_begin_statement(struct session *s, const struct statement *statement, int64_t deadline_ns,
                         uint64_t *cancels, struct error *e);

/* For functions of ours that the engine calls on any of its threads: the session that a connection
 * of the engine's belongs to (0: none), and whether what runs in it now must end. */
uint64_t session_of_connection(struct engine *g, idx_t connection);
bool session_is_stopped(struct engine *g, uint64_t number);

/* A copy of the session's mask key, for the caller to wipe; false where it has none. */
bool session_mask_key(struct engine *g, uint64_t number, uint8_t out[DIGEST_SIZE]);

/* --- duckdb_function.c --- */

/* On the first connection, before the file is attached. */
MUST_USE enum status functions_add(struct engine *g, struct error *e);

/* --- duckdb_source.c --- */

/* `source` must outlive the engine. */
enum status source_register(duckdb_connection c, const struct engine_source *source,
                            struct error *e);

/* --- duckdb_settle.c --- */

/* The source's relation, with no settled rows. */
MUST_USE enum status source_define(duckdb_connection c, const struct engine_source *source,
                                   struct error *e);

/* --- duckdb_error.c --- */

enum error_stage { STAGE_PREPARE, STAGE_EXECUTE };

/* Our error for what the engine said. Text of the engine gets out in STAGE_PREPARE only, and only
 * where it can't carry data. NULL is allowed. */
enum status error_from_engine(struct error *e, enum error_stage stage, const char *message);

/* As above, for what an appender says. */
enum status error_from_data(struct error *e, duckdb_error_data data);

/* --- duckdb_types.c --- */

/* How to read a column of a result: its type, and what the engine's layout needs besides. */
struct reader {
    const struct type *type;
    duckdb_type id;       /* the engine's */
    duckdb_type physical; /* DECIMAL, ENUM: of the stored integer */
    struct str *labels;   /* ENUM */
    uint32_t label_count;
    struct reader *children; /* LIST, ARRAY: 1; MAP: key, value; STRUCT: fields */
    uint32_t child_count;
    bool is_readable; /* false: of kind OTHER (or contains one); must be cast to text by the
                         statement */
};

void reader_init(struct reader *r, struct arena *a, duckdb_logical_type t);

/* NULL where the engine has no such type. Free with duckdb_destroy_logical_type(). */
duckdb_logical_type type_to_engine(const struct type *t);

/* --- duckdb_array.c --- */

/* `n` rows of a vector into an array of the layout that engine.h promises. */
void array_from_vector(struct ArrowArray *out, const struct reader *r, duckdb_vector v, size_t n);
void array_from_chunk(struct ArrowArray *out, const struct reader *readers, size_t count,
                      duckdb_data_chunk chunk);

/* --- duckdb_values.c --- */

/* The engine's value; *out must be destroyed. ERR_BAD_VALUE or ERR_OUT_OF_RANGE for text that isn't
 * of its type; the message has no value in it. */
MUST_USE enum status value_to_engine(const struct value *v, duckdb_value *out, struct error *e);

/* --- duckdb_statement.c --- */

/* Runs one statement to its end on a connection, for this folder's own needs. `rows` may be NULL;
 * otherwise it must be destroyed after OK. */
MUST_USE enum status engine_query(duckdb_connection c, enum error_stage stage, const char *sql,
                                  duckdb_result *rows, struct error *e);

/* Of a statement that changes rows: how many. */
int64_t count_changed(duckdb_result *r);

/* Of a chunk made by such a query. STR_NULL for NULL; valid as long as the chunk. */
struct str chunk_text(duckdb_data_chunk chunk, size_t column, size_t row);

void statements_close_all(struct session *s);
void cursors_close_all(struct session *s);

/* --- duckdb_append.c --- */
void appends_close_all(struct session *s);

/* --- duckdb_target.c --- */

/* The table that an INSERT writes to; false where the text leaves any doubt. */
bool insert_target(struct arena *a, struct str sql, struct engine_touched *out);

/* --- duckdb_quote.c --- */
void put_literal(struct buf *b, struct str s);    /* 'it''s' */
void put_identifier(struct buf *b, struct str s); /* "a""b" */

#endif
