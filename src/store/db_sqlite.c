/* WAL with synchronous=FULL: a commit is on the disk when it returns, and readers never wait for a
 * writer. The file is made with mode 0600 before SQLite sees it; SQLite gives its -wal and -shm
 * files the same mode. */
#include "store/db_sqlite.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/mem.h"
#include "store/migrate.h"
#include "store/sqlite_statements.h"

/* Both copies of the WAL index's header (SQLite, "WAL-mode File Format", 2.1): 2 of 48 bytes. */
enum { COMMITS_WORDS = 24, BUSY_TIMEOUT_MS = 10000 };

struct database {
    char *path;

    /* Versions are read at every statement: by a connection of their own, so that they never wait
     * for a change that is being made durable. */
    pthread_mutex_t lock; /* over what follows */
    sqlite3 *db;
    sqlite3_stmt *stmt;
    const _Atomic uint32_t
        *commits; /* the head of the WAL index, which each commit changes; or NULL */
    uint32_t commits_seen[COMMITS_WORDS]; /* as it was before `versions` was read */
    struct db_versions versions;
    bool has_versions;
};

/* SQLite's message names tables and columns of ours, never a value; it is for the operator. */
static enum status failed(sqlite3 *db, const char *doing, struct error *e)
{
    int code = sqlite3_extended_errcode(db);

    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        error_set(e, ERR_CORRUPT, "the control store is damaged (%s: %s)", doing,
                  sqlite3_errmsg(db));
        return error_hint(e, "Restore control.db from a backup.");
    case SQLITE_FULL:
        return error_set(e, ERR_DISK_FULL, "no disk space for the control store (%s)", doing);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(e, ERR_CONFLICT, "the control store is busy with another program (%s)",
                         doing);
    case SQLITE_CONSTRAINT:
        if (code == SQLITE_CONSTRAINT_UNIQUE || code == SQLITE_CONSTRAINT_PRIMARYKEY) {
            return error_set(e, ERR_EXISTS, "the name is taken");
        }
        return error_set(e, ERR_CONSTRAINT, "the control store refuses the row (%s)", doing);
    case SQLITE_NOMEM:
        return error_set(e, ERR_MEMORY, "no memory for the control store (%s)", doing);
    default:
        return error_set(e, ERR_IO, "the control store can't be used (%s: %s)", doing,
                         sqlite3_errmsg(db));
    }
}

/* ---- statements ---- */

static enum status run_all(sqlite3 *db, const char *sql, struct error *e)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK : failed(db, "executing", e);
}

/* What db->own is. */
static struct sqlite_statements *statements_of(const struct db *db)
{
    return db->own;
}

static sqlite3 *file_of(const struct db *db)
{
    return statements_of(db)->db;
}

static enum status exec(struct db *db, const char *sql, struct error *e)
{
    return run_all(file_of(db), sql, e);
}

static enum status begin(struct db *db, struct error *e)
{
    return exec(db, "BEGIN IMMEDIATE", e);
}

static enum status commit(struct db *db, struct error *e)
{
    return exec(db, "COMMIT", e);
}

static void rollback(struct db *db)
{
    (void)sqlite3_exec(file_of(db), "ROLLBACK", NULL, NULL, NULL);
}

static int bind(sqlite3_stmt *stmt, const struct db_value *values, int n)
{
    int result = SQLITE_OK;

    for (int i = 0; i < n && result == SQLITE_OK; i++) {
        const struct db_value *v = &values[i];

        result = v->text.p ? sqlite3_bind_text64(stmt, i + 1, v->text.p, v->text.n,
                                                 SQLITE_TRANSIENT, SQLITE_UTF8)
                           : sqlite3_bind_int64(stmt, i + 1, v->number);
    }
    return result;
}

static sqlite3_stmt *rows_of(const struct query *q)
{
    return ((struct sqlite_statement *)q->rows)->stmt;
}

static enum status run(struct query *q, const char *sql, const struct db_value *values, int n)
{
    q->rows = sqlite_statement_take(statements_of(q->db), sql);
    if (!q->rows) {
        return failed(file_of(q->db), "preparing", q->e);
    }
    return bind(rows_of(q), values, n) == SQLITE_OK ? OK : failed(file_of(q->db), "binding", q->e);
}

static bool next(struct query *q)
{
    int result = sqlite3_step(rows_of(q));

    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        q->status = failed(file_of(q->db), "running", q->e);
    }
    return result == SQLITE_ROW;
}

static void end(struct query *q)
{
    sqlite_statement_return(q->rows);
}

static int changed(const struct query *q)
{
    return sqlite3_changes(file_of(q->db));
}

static const char *name(struct query *q, int column)
{
    return sqlite3_column_name(rows_of(q), column);
}

static struct str text(struct query *q, int column)
{
    const char *p = (const char *)sqlite3_column_text(rows_of(q), column);

    return (struct str){p, (size_t)sqlite3_column_bytes(rows_of(q), column)};
}

static int64_t number(struct query *q, int column)
{
    return sqlite3_column_int64(rows_of(q), column);
}

/* ---- opening ---- */

static enum status prepare_file(const char *path, struct error *e)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    enum status status = OK;
    struct stat st;

    if (fd < 0 || fstat(fd, &st) != 0) {
        status = error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    } else if (!S_ISREG(st.st_mode)) {
        status = error_set(e, ERR_IO, "%s is not a regular file", path);
    } else if (st.st_mode & 077) {
        log_warn("store", "%s had mode %04o; it is for its owner alone and gets 0600", path,
                 (unsigned)st.st_mode & 07777);
        if (fchmod(fd, 0600) != 0) {
            status = error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
        }
    }
    if (fd >= 0) {
        close(fd);
    }
    return status;
}

/* The first change to WAL wants the file to itself for a moment. SQLite gives up at once where
 * several want that, since its own way of waiting could wait for ever: so they try again. */
static enum status use_wal(sqlite3 *db, struct error *e)
{
    int64_t end = clock_mono_ns() + BUSY_TIMEOUT_MS * INT64_C(1000000);
    int result;

    while (((result = sqlite3_exec(db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL)) & 0xff) ==
               SQLITE_BUSY &&
           clock_mono_ns() < end) {
        sqlite3_sleep(1);
    }
    return result == SQLITE_OK ? OK : failed(db, "changing to WAL", e);
}

static enum status open_file(const char *path, sqlite3 **db, struct error *e)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

    if (sqlite3_open_v2(path, db, flags, NULL) != SQLITE_OK) {
        return failed(*db, "opening", e);
    }
    sqlite3_extended_result_codes(*db, 1);
    sqlite3_busy_timeout(*db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    if (use_wal(*db, e) != OK) {
        return FAIL;
    }
    return run_all(*db,
                   "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                   "PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON",
                   e);
}

static void disconnect(struct db *db)
{
    struct sqlite_statements *kept = statements_of(db);

    sqlite_statements_close(kept);
    sqlite3_close(kept->db);
    free(kept);
    free(db);
}

static struct db *connect_file(struct store *s, struct error *e)
{
    struct database *d = s->own;
    struct db *db = mem_alloc(sizeof *db);
    struct sqlite_statements *kept = mem_alloc(sizeof *kept);
    sqlite3 *file = NULL;
    enum status status = open_file(d->path, &file, e);

    sqlite_statements_open(kept, file);
    *db = (struct db){.store = s, .kind = s->kind, .own = kept};
    if (s->upstream) { /* rows come as they are where triggers and cascades have done their work */
        sqlite3_db_config(file, SQLITE_DBCONFIG_ENABLE_FKEY, 0, NULL);
        sqlite3_db_config(file, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    }
    if (status != OK) {
        disconnect(db);
        return NULL;
    }
    return db;
}

static enum status check_whole(struct db *db, struct error *e)
{
    struct arena *a = arena_new(0);
    struct query q;

    query_begin(&q, db, e, "PRAGMA quick_check(1)", "");
    if (query_next(&q) && !str_is(query_text(&q, a, 0), "ok")) {
        struct str found = query_text(&q, a, 0);

        error_set(e, ERR_CORRUPT, "the control store is damaged (%.*s)", STR_ARG(found));
        q.status = error_hint(e, "Restore control.db from a backup.");
    }
    arena_free(a);
    return query_end(&q);
}

static enum status open_store(struct store *s, const char *where, struct error *e)
{
    struct database *d = mem_alloc(sizeof *d);
    struct db *db;
    enum status status;

    *d = (struct database){.path = mem_strdup(where)};
    pthread_mutex_init(&d->lock, NULL);
    s->own = d;
    if (prepare_file(where, e) != OK) {
        return FAIL;
    }
    db = db_borrow(s, e);
    status =
        db && check_whole(db, e) == OK && migrate(db, e) == OK && open_file(where, &d->db, e) == OK
            ? OK
            : FAIL;
    db_return(db);
    if (status == OK &&
        sqlite3_prepare_v3(d->db,
                           "SELECT sum(iif(name = 'version', value, 0)),"
                           " sum(iif(name <> 'snapshot', value, 0)), sum(value) FROM meta"
                           " WHERE name IN ('version', 'grants', 'snapshot')",
                           -1, SQLITE_PREPARE_PERSISTENT, &d->stmt, NULL) != SQLITE_OK) {
        status = failed(d->db, "preparing", e);
    }
    return status;
}

static void close_store(struct store *s)
{
    struct database *d = s->own;

    sqlite3_finalize(d->stmt);
    sqlite3_close(d->db);
    pthread_mutex_destroy(&d->lock);
    free(d->path);
    free(d);
}

/* ---- versions ---- */

/* Maps the head of the WAL index through SQLite's own file interface. NULL where that can't be:
 * then every version is read by a query. */
static const _Atomic uint32_t *map_commits(sqlite3 *db)
{
    enum { REGION = 32 * 1024 }; /* the size that SQLite maps, too */
    sqlite3_file *file = NULL;
    void volatile *head = NULL;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file ||
        !file->pMethods || file->pMethods->iVersion < 2 || !file->pMethods->xShmMap ||
        file->pMethods->xShmMap(file, 0, REGION, 0, &head) != SQLITE_OK) {
        return NULL;
    }
    return (const _Atomic uint32_t *)head;
}

static void copy_commits(const struct database *d, uint32_t out[COMMITS_WORDS])
{
    for (int i = 0; i < COMMITS_WORDS; i++) {
        out[i] = atomic_load_explicit(&d->commits[i], memory_order_acquire);
    }
}

static enum status read_versions(struct database *d, struct error *e)
{
    enum status status = OK;

    if (sqlite3_step(d->stmt) == SQLITE_ROW) {
        d->versions = (struct db_versions){(uint64_t)sqlite3_column_int64(d->stmt, 0),
                                           (uint64_t)sqlite3_column_int64(d->stmt, 1),
                                           (uint64_t)sqlite3_column_int64(d->stmt, 2)};
    } else {
        status = failed(d->db, "reading the version", e);
    }
    sqlite3_reset(d->stmt);
    return status;
}

/* A commit, by whatever process, writes the WAL index's header anew before anybody can see what it
 * changed; so while the header is what it was before the version was read, so is the version. That
 * spares each statement SQLite's file locks. The header is looked at first: a commit between the
 * two reads makes the next call read again. */
static enum status look(struct database *d, struct error *e)
{
    uint32_t now[COMMITS_WORDS];
    enum status status = OK;

    if (d->commits) {
        copy_commits(d, now);
    }
    if (!d->has_versions || !d->commits || memcmp(now, d->commits_seen, sizeof now) != 0) {
        status = read_versions(d, e);
        d->has_versions = status == OK;
        if (!d->commits) {
            d->commits = map_commits(d->db); /* there is an index since the first read */
            d->has_versions = false;
        } else {
            memcpy(d->commits_seen, now, sizeof now);
        }
    }
    return status;
}

static enum status versions(struct store *s, struct db_versions *out, struct error *e)
{
    struct database *d = s->own;
    enum status status;

    pthread_mutex_lock(&d->lock);
    status = look(d, e);
    *out = d->versions;
    pthread_mutex_unlock(&d->lock);
    return status;
}

/* Beside a server with its audit log there are but short commands, which don't ask. */
static bool drains(struct store *s)
{
    (void)s;
    return true;
}

/* One connection: SQLite has one writer in any case, and its readers are quick. */
static enum status copy(struct db *db, const char *path, struct error *e)
{
    char *sql = sqlite3_mprintf("VACUUM INTO %Q", path);
    enum status status = sql ? exec(db, sql, e) : error_set(e, ERR_MEMORY, "no memory");

    sqlite3_free(sql);
    return status;
}

const struct db_kind db_sqlite = {
    .dialect = DB_SQLITE,
    .open = open_store,
    .close = close_store,
    .versions = versions,
    .drains = drains,
    .connections = 1,
    .connect = connect_file,
    .disconnect = disconnect,
    .exec = exec,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .copy = copy,
    .run = run,
    .next = next,
    .end = end,
    .changed = changed,
    .name = name,
    .text = text,
    .number = number,
};
