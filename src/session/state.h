/* The inside of a session, shared by the files of this folder that make it up. */
#ifndef SESSION_STATE_H
#define SESSION_STATE_H

#include <pthread.h>

#include "base/map.h"
#include "session/session.h"
#include "session/settings.h"
#include "sql/bind.h"
#include "sql/parse_cache.h"
#include "wire/format.h"
#include "wire/message.h"

enum {
    STATEMENT_BYTES_MAX = 64 << 20, /* of all that a client piles up: see statement_bytes */
    REPLY_BATCH = 1 << 20           /* a job ends when so many bytes of replies wait */
};

enum block { BLOCK_NONE, BLOCK_OPEN, BLOCK_FAILED };

/* The result of one statement, not shown yet. */
struct result {
    struct held *rows; /* messages; NULL: none */
    int64_t count;     /* returned, changed or copied */
    bool returns_rows;
    bool
        waits; /* for a lock: nothing else is filled, and the statement is run again for the rest */
    char tag[64];
    struct arena *arena; /* of the columns */
    struct wire_column *columns;
    size_t column_count;
};
void result_fini(struct result *r);

struct prepared {
    int holders;
    struct arena *arena;
    struct str text;
    struct node *stmt; /* NULL: an empty statement */
    struct plan *plan; /* NULL: the session runs it itself */
    uint32_t *oids;    /* of parameters */
    size_t param_count;
    size_t bytes; /* counted in the session */
};

struct portal {
    struct arena *arena;
    struct prepared *of;
    struct value *params;
    int16_t *formats; /* of results, as Bind gave them */
    size_t format_count;
    bool described;
    bool done, ran;
    uint64_t rules;       /* governor_rules() when it ran */
    bool running, orphan; /* dropped while it runs: freed when it has finished */
    struct result result;
    size_t bytes;
    uint64_t number; /* session.opened when it was bound */
};

struct savepoint; /* savepoint.c */
struct stalled;   /* calls.c: a SELECT whose next lock is held by somebody else */
struct simple;    /* a Query message whose statements aren't all done */
struct copy_from; /* COPY FROM STDIN that takes its data */

struct session {
    const struct session_env *env;
    pthread_mutex_t login_lock; /* over the pointer: others look at it, one thread changes it */
    struct login *login;
    struct governor *governor;
    struct settings *settings;
    struct format_style style; /* of results, by the settings of now */
    struct session_facts facts;
    char client_address[64];
    enum block block;
    bool implicit; /* block NONE, but the engine has a transaction that ends with the message */
    bool read_only;
    bool has_run;                 /* a statement on tables, in the open block */
    struct savepoint *savepoints; /* the newest first */
    size_t savepoint_count;
    bool has_lost_savepoint; /* ROLLBACK TO was refused: COMMIT must say that nothing is kept */
    int64_t transaction_id;  /* 0: nobody asked for it yet */
    uint64_t opened;         /* cursors and portals, ever */
    bool skip_to_sync;
    bool ending;
    bool in_cycle; /* an extended query has begun and its Sync not come */
    struct buf in;
    size_t in_at;
    struct replies replies;
    struct map *statements, *portals; /* "" is the unnamed one */
    struct map *cursors;
    size_t statement_bytes; /* of prepared statements, portals, scrolling cursors, savepoints */
    struct simple *simple;
    struct copy_from *copy;
    struct stalled *stalled;
    struct advisory_holder *locks;
    struct str query; /* the text that positions of errors refer to, or STR_NULL */
    const struct error *refusal;
    enum dialect dialect;
    struct parse_cache parsed;
    atomic_bool cancelled, overtaken; /* the second says why */
    char request_id[160];
    char session_id[40];
};

/* session.c */
void session_error(struct session *s, const struct error *e); /* and what fails with it */
void session_warn(struct session *s, const char *sqlstate, const char *message);
void session_ready(struct session *s);
void session_new_request(struct session *s);
MUST_USE enum status session_apply_settings(struct session *s, struct error *e);
/* Asked before each statement: identity, cancel, refusal, size of the replies. */
MUST_USE enum status session_admit(struct session *s, struct error *e);

/* The statements of the text, in the session's dialect. A text that can't be parsed is in the audit
 * log when this fails. */
MUST_USE enum status session_parse(struct session *s, struct str text, struct arena *a,
                                   struct node_list *out, struct error *e);

/* standing.c: the role that the session's user acts with now. FAIL with `e` where a statement can't
 * go on; the session is ending where its credentials hold no more. */
MUST_USE enum status standing_refresh(struct session *s, struct error *e);
void standing_show(struct session *s); /* in the settings that SHOW tells */

/* transaction.c */
MUST_USE enum status transaction_implicit(struct session *s, struct error *e);
MUST_USE enum status transaction_end_implicit(struct session *s, struct error *e);
void transaction_fail(struct session *s);
MUST_USE enum status transaction_statement(struct session *s, const struct node *n,
                                           struct result *out, struct error *e);
/* False where the state is failed and the statement doesn't end it. */
bool transaction_allows(const struct session *s, const struct node *stmt);
/* SET TRANSACTION READ ONLY and its like, for what is left of the block. */
MUST_USE enum status transaction_set_access(struct session *s, bool read_only, struct error *e);
enum settings_scope transaction_scope(const struct session *s);

/* The number of the open transaction, or of a statement alone; given when first asked for, or when
 * it has written, else 0 where `assign` is false. */
int64_t transaction_id(const void *session, bool assign);

/* savepoint.c: for a block; the names are compared as they are. */
MUST_USE enum status savepoint_set(struct session *s, struct str name, struct error *e);
MUST_USE enum status savepoint_release(struct session *s, struct str name, struct error *e);
MUST_USE enum status savepoint_rollback(struct session *s, struct str name, struct error *e);
void savepoints_drop(struct session *s);
/* local.c: the parameter of that name, made where it isn't one of the table's. */
MUST_USE enum status local_find_or_make(struct session *s, struct str name, enum setting *out,
                                        struct error *e);
/* SET; STR_NULL: to its default. What follows of it session_apply_settings() does. */
MUST_USE enum status local_set(struct session *s, enum setting i, struct str value,
                               enum settings_scope scope, struct error *e);
/* local.c: what SHOW tells of a parameter, or STR_NULL */
struct str local_setting(const void *session, struct arena *a, struct str name);

/* local.c: SET, SHOW, RESET, DISCARD and the transaction statements. */
bool local_is(const struct node *stmt);
MUST_USE enum status local_run(struct session *s, const struct node *stmt, const int16_t *formats,
                               size_t format_count, struct result *out, struct error *e);
/* The columns that it returns: 0 for all but SHOW, EXECUTE, FETCH and CALL. Text is of the arena.
 */
size_t local_columns(struct session *s, const struct node *stmt, struct arena *a,
                     struct wire_column **out);

/* sql_prepared.c */
MUST_USE enum status sql_prepare(struct session *s, const struct node *stmt, struct error *e);
MUST_USE enum status sql_execute(struct session *s, const struct node *stmt, const int16_t *formats,
                                 size_t format_count, struct result *out, struct error *e);
/* As plan_make(); of EXPLAIN POLICY EXECUTE the plan explains the prepared statement, whatever its
 * arguments. */
MUST_USE enum status sql_plan(struct session *s, const struct node *stmt, struct str text,
                              const struct type *const *hints, size_t hint_count, struct plan **out,
                              struct error *e);
struct prepared *sql_prepared_of(struct session *s, const struct node *stmt); /* or NULL */

/* cursor.c */
MUST_USE enum status cursor_declare(struct session *s, const struct node *stmt, struct error *e);
MUST_USE enum status cursor_fetch(struct session *s, const struct node *stmt,
                                  const int16_t *formats, size_t format_count, struct result *out,
                                  struct error *e);
MUST_USE enum status cursor_close(struct session *s, const struct node *stmt, struct error *e);
size_t cursor_columns(struct session *s, const struct node *stmt, struct arena *a,
                      struct wire_column **out);
size_t cursor_named_columns(struct session *s, struct str name, struct arena *a,
                            struct wire_column **out);
void cursor_drop(struct session *s, struct str name); /* nothing happens where there is none */
void cursor_drop_since(struct session *s, uint64_t opened); /* by session.opened */
void cursor_end_transaction(struct session *s, bool committed);
void cursor_drop_all(struct session *s);

/* procedure.c: CALL of the server's own procedures. */
bool procedure_is(const struct node *stmt);
size_t procedure_columns(const struct node *stmt, struct arena *a, struct wire_column **out);
MUST_USE enum status procedure_call(struct session *s, const struct node *stmt, struct result *out,
                                    struct error *e);

/* lock.c: LOCK TABLE, of one that the caller may read; 25P01 outside of a transaction. */
MUST_USE enum status lock_tables(struct session *s, const struct node *stmt, struct error *e);

/* variable.c */
MUST_USE enum status variable_set(struct session *s, const struct node *stmt, struct error *e);
/* SET x = value, where x is no parameter. */
MUST_USE enum status variable_set_plain(struct session *s, const struct node *stmt,
                                        struct error *e);
void variable_unset(struct session *s, const struct node *stmt);

/* A list of words, numbers and strings as one text, ", " between. */
MUST_USE enum status local_join_values(const struct node_list *values, struct buf *out,
                                       struct error *e);

/* rows.c */
MUST_USE enum status rows_run(struct session *s, struct plan *p, const struct value *params,
                              size_t param_count, const int16_t *formats, size_t format_count,
                              const struct prepared *described, struct result *out,
                              struct error *e);
void rows_describe(const struct engine_column *columns, size_t n, const int16_t *formats,
                   size_t format_count, struct arena *a, struct wire_column **out);
int16_t rows_format(const int16_t *formats, size_t count,
                    size_t i); /* of column i, as Bind has it */
void result_tag(struct result *r, const char *verb, int64_t count);

/* simple.c */
void simple_query(struct session *s, struct str body);
void simple_drop(struct session *s);
void simple_go_on(struct session *s); /* what waited for a lock */
/* The COPY that the message waited for is done, or has failed with `e`. */
void simple_copied(struct session *s, struct result *r, const struct error *e);

/* extended.c */
void extended_message(struct session *s, const struct wire_message *m);
void extended_sync(struct session *s);
void extended_drop_portals_since(struct session *s, uint64_t opened); /* by session.opened */
void extended_drop_portals(struct session *s);
void extended_drop_unnamed(struct session *s);
void extended_drop_all(struct session *s);
/* DEALLOCATE: one prepared statement by its name; all where it is empty. */
MUST_USE enum status extended_deallocate(struct session *s, struct str name, struct error *e);
void prepared_drop(struct session *s, struct prepared *p);
/* Puts a new statement under its name, which must be free; it is the caller's still where this
 * fails. */
MUST_USE enum status extended_keep(struct session *s, struct str name, struct prepared *p,
                                   struct error *e);
/* Whether the message after the one being handled is a Sync. */
bool session_sync_is_next(const struct session *s);

/* calls.c: gives up the wait, and the lock if it came. */
void calls_drop_stalled(struct session *s);

/* copy.c */
bool copy_is(const struct node *stmt);
/* Has the client send its data. Takes the plan over, or, where it belongs to a prepared statement,
 * holds that. */
MUST_USE enum status copy_begin(struct session *s, struct plan *p, struct prepared *of,
                                const struct node *stmt, struct error *e);
MUST_USE enum status copy_out(struct session *s, struct plan *p, const struct node *stmt,
                              struct result *out, struct error *e);
/* CopyData, CopyDone, CopyFail. */
void copy_message(struct session *s, const struct wire_message *m);
void copy_drop(struct session *s);

#endif
