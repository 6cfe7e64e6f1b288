/* Inside the store: connections to the database, and statements that are run on them.
 *
 * All files of the store speak SQL that both databases take, through this. What the two do
 * differently stands in db_sqlite.c, db_postgres.c and the texts of migrate.c; so no statement
 * uses a function that only one has, "boolean" columns are 0 or 1 and are compared with it, and
 * JSON is made and read here in C.
 *
 * A query fails once and is checked once: after a failure its other functions do nothing, and
 * query_end gives the status. So does one on a connection that could not be had. */
#ifndef STORE_DB_H
#define STORE_DB_H

#include <pthread.h>
#include <stdarg.h>

#include "store/history.h"
#include "store/row.h"
#include "store/store.h"

struct query;

/* The counters of store_version(), store_rights_version() and store_position(). */
struct db_versions {
    uint64_t version, rights, position;
};

struct db_value {
    struct str text; /* .p is NULL: it is the number */
    int64_t number;
};
enum { DB_VALUES_MAX = 24 };

enum db_dialect { DB_SQLITE, DB_POSTGRES };
enum { DB_DIALECTS = 2 };

/* A database. Functions that can fail set the error. */
struct db_kind {
    enum db_dialect dialect; /* of the schema's texts */
    /* Sets s->own, and brings the schema up to date. Where it fails, `close` is called. */
    enum status (*open)(struct store *s, const char *where, struct error *e);
    void (*close)(struct store *s); /* after the last connection is gone */
    enum status (*versions)(struct store *s, struct db_versions *out, struct error *e);
    bool (*drains)(struct store *s); /* is the IAM trail's outbox this program's? */
    int connections;                 /* that may be open at once */
    struct db *(*connect)(struct store *s, struct error *e); /* NULL: failed */
    void (*disconnect)(struct db *db);

    /* One or more statements that take no parameters and give no rows. */
    enum status (*exec)(struct db *db, const char *sql, struct error *e);
    /* A transaction in which no other program's changes begin before this one's end. */
    enum status (*begin)(struct db *db, struct error *e);
    enum status (*commit)(struct db *db, struct error *e);
    void (*rollback)(struct db *db);
    /* The whole database into a new file; NULL: it is in no file. */
    enum status (*copy)(struct db *db, const char *path, struct error *e);

    enum status (*run)(struct query *q, const char *sql, const struct db_value *values, int n);
    bool (*next)(struct query *q);
    void (*end)(struct query *q);
    int (*changed)(const struct query *q);            /* rows; after the last next */
    const char *(*name)(struct query *q, int column); /* as the SQL names it */
    struct str (*text)(struct query *q, int column);  /* STR_NULL: NULL; until the next row */
    int64_t (*number)(struct query *q, int column);   /* of an integer or a truth; NULL: 0 */
};

/* A connection; `own` is its kind's. */
struct db {
    struct store *store;
    const struct db_kind *kind;
    void *own;
};

enum { DB_CONNECTIONS_MAX = 8 };

struct store {
    const struct db_kind *kind;
    void *own;

    pthread_mutex_t lock; /* over what follows */
    pthread_cond_t returned;
    struct db *idle[DB_CONNECTIONS_MAX];
    int idle_count, open_count;

    uint8_t seal_key[STORE_SEAL_KEY_SIZE]; /* written once, before the first change */
    bool has_seal_key;

    const struct store_upstream *upstream; /* of a replica; else NULL */
};

/* A connection for the caller alone, to be given back by db_return. Waits for one, ten seconds at
 * most; NULL where there is none to be had, which the other functions here take for a failure. */
struct db *db_borrow(struct store *s, struct error *e);
void db_return(struct db *db); /* NULL is allowed */

MUST_USE enum status db_exec(struct db *db, const char *sql, struct error *e);

struct query {
    struct db *db;
    struct error *e;
    enum status status;
    void *rows; /* the kind's */
    int at;     /* the kind's, too */
};

/* Runs `sql` with ?1, ?2 ... as `kinds` says: 's' a struct str, 'i' an int64_t. */
void query_begin(struct query *q, struct db *db, struct error *e, const char *sql,
                 const char *kinds, ...);
void query_begin_v(struct query *q, struct db *db, struct error *e, const char *sql,
                   const char *kinds, va_list args);
bool query_next(struct query *q); /* true: there is a row */
int query_changed(const struct query *q);
MUST_USE enum status query_end(struct query *q);

/* The same for a read that is one query, on a connection of its own. */
void read_begin(struct query *q, struct store *s, struct error *e, const char *sql,
                const char *kinds, ...);
MUST_USE enum status read_end(struct query *q);

/* Columns of the row, from 0; text is copied into the arena, and NULL is empty. */
struct str query_text(struct query *q, struct arena *a, int column);
int64_t query_int(struct query *q, int column);
struct store_list query_list(struct query *q, struct arena *a, int column);
struct store_pairs query_pairs(struct query *q, struct arena *a, int column);

/* The row as a JSON object in the arena: a field a column, by the column's name, as `kinds` says:
 * 's' text, 'i' a number, 'b' true or false, 'j' JSON. What should be JSON and is damaged becomes
 * a string, so that it can still be shown, revoked or removed. NULL is null. */
struct str query_object(struct query *q, struct arena *a, const char *kinds);

/* A list or pairs as the JSON that the database keeps, in the arena. */
struct str list_json(struct arena *a, struct store_list list);
struct str pairs_json(struct arena *a, struct store_pairs pairs);

#endif
