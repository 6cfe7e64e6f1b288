/* Inside the store: the connection, and statements that are run on it.
 *
 * A query fails once and is checked once: after a failure its other functions do nothing, and
 * query_end gives the status. Everything here wants the store's lock held (store_lock). */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdarg.h>

#include "store/history.h"
#include "store/row.h"
#include "store/store.h"

/* Both copies of the WAL index's header (SQLite, "WAL-mode File Format", 2.1): 2 of 48 bytes. */
enum { STORE_COMMITS_WORDS = 24 };

struct store {
    pthread_mutex_t lock; /* over db */
    sqlite3 *db;

    /* Versions are read at every statement: by a connection of their own, so that they never wait
     * for a change that is being made durable. */
    pthread_mutex_t version_lock;
    sqlite3 *version_db;
    sqlite3_stmt *version_stmt;
    const volatile uint32_t
        *commits; /* the head of the WAL index, which each commit changes; or NULL */
    uint32_t commits_seen[STORE_COMMITS_WORDS]; /* as it was before `version` was read */
    uint64_t version, rights_version;
    bool has_version;

    uint8_t seal_key[STORE_SEAL_KEY_SIZE]; /* under `lock`, as is has_seal_key */
    bool has_seal_key;
};

void store_lock(struct store *s);
void store_unlock(struct store *s);

/* The connection's last failure as one of our errors; `doing` is shown. Returns FAIL. */
enum status db_failed(sqlite3 *db, const char *doing, struct error *e);

/* Runs statements that take no parameters and give no rows. */
MUST_USE enum status db_exec(sqlite3 *db, const char *sql, struct error *e);

struct query {
    struct store *s;
    sqlite3_stmt *stmt;
    struct error *e;
    enum status status;
};

/* Prepares `sql` and binds ?1, ?2 ... as `kinds` says: 's' a struct str, 'i' an int64_t. */
void query_begin(struct query *q, struct store *s, struct error *e, const char *sql,
                 const char *kinds, ...);
void query_begin_v(struct query *q, struct store *s, struct error *e, const char *sql,
                   const char *kinds, va_list args);
bool query_next(struct query *q); /* true: there is a row */
MUST_USE enum status query_end(struct query *q);

/* The same for a read that is one query: takes the store's lock, and gives it back. */
void read_begin(struct query *q, struct store *s, struct error *e, const char *sql,
                const char *kinds, ...);
MUST_USE enum status read_end(struct query *q);

/* Columns of the row, from 0; text is copied into the arena, and NULL is empty. */
struct str query_text(struct query *q, struct arena *a, int column);
int64_t query_int(struct query *q, int column);
struct store_list query_list(struct query *q, struct arena *a, int column);
struct store_pairs query_pairs(struct query *q, struct arena *a, int column);

/* A list or pairs as the JSON that the database keeps, in the arena. */
struct str list_json(struct arena *a, struct store_list list);
struct str pairs_json(struct arena *a, struct store_pairs pairs);

#endif
