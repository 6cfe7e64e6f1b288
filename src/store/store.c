/* Opening the store, and its version.
 *
 * WAL with synchronous=FULL: a commit is on the disk when it returns, and readers never wait for a
 * writer. The file is made with mode 0600 before SQLite sees it; SQLite gives its -wal and -shm
 * files the same mode. */
#include "store/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "store/db.h"
#include "store/migrate.h"

enum { BUSY_TIMEOUT_MS = 10000 };

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

static enum status open_connection(const char *path, sqlite3 **db, struct error *e)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_NOFOLLOW;

    if (sqlite3_open_v2(path, db, flags, NULL) != SQLITE_OK) {
        return db_failed(*db, "opening", e);
    }
    sqlite3_extended_result_codes(*db, 1);
    sqlite3_busy_timeout(*db, BUSY_TIMEOUT_MS);
    sqlite3_db_config(*db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(*db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    return db_exec(*db,
                   "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
                   "PRAGMA cell_size_check = ON; PRAGMA secure_delete = ON",
                   e);
}

static enum status check_whole(sqlite3 *db, struct error *e)
{
    sqlite3_stmt *stmt = NULL;
    enum status status = OK;

    if (sqlite3_prepare_v2(db, "PRAGMA quick_check(1)", -1, &stmt, NULL) != SQLITE_OK ||
        sqlite3_step(stmt) != SQLITE_ROW) {
        status = db_failed(db, "checking", e);
    } else if (!str_is(str_of((const char *)sqlite3_column_text(stmt, 0)), "ok")) {
        error_set(e, ERR_CORRUPT, "the control store is damaged (%s)",
                  (const char *)sqlite3_column_text(stmt, 0));
        status = error_hint(e, "Restore control.db from a backup.");
    }
    sqlite3_finalize(stmt);
    return status;
}

static enum status open_all(struct store *s, const char *path, struct error *e)
{
    if (prepare_file(path, e) != OK || open_connection(path, &s->db, e) != OK ||
        check_whole(s->db, e) != OK || migrate(s->db, e) != OK ||
        open_connection(path, &s->version_db, e) != OK) {
        return FAIL;
    }
    if (sqlite3_prepare_v3(s->version_db,
                           "SELECT sum(iif(name = 'version', value, 0)), sum(value) FROM meta"
                           " WHERE name IN ('version', 'grants')",
                           -1, SQLITE_PREPARE_PERSISTENT, &s->version_stmt, NULL) != SQLITE_OK) {
        return db_failed(s->version_db, "preparing", e);
    }
    return OK;
}

enum status store_open(const char *path, struct store **out, struct error *e)
{
    struct store *s = mem_alloc(sizeof *s);

    pthread_mutex_init(&s->lock, NULL);
    pthread_mutex_init(&s->version_lock, NULL);
    if (open_all(s, path, e) != OK) {
        store_close(s);
        return FAIL;
    }
    *out = s;
    return OK;
}

void store_close(struct store *s)
{
    if (!s) {
        return;
    }
    sqlite3_finalize(s->version_stmt);
    sqlite3_close(s->version_db);
    sqlite3_close(s->db);
    pthread_mutex_destroy(&s->version_lock);
    pthread_mutex_destroy(&s->lock);
    mem_wipe(s->seal_key, sizeof s->seal_key);
    free(s);
}

/* Maps the head of the WAL index through SQLite's own file interface. NULL where that can't be:
 * then every version is read by a query. */
static const volatile uint32_t *map_commits(sqlite3 *db)
{
    enum { REGION = 32 * 1024 }; /* the size that SQLite maps, too */
    sqlite3_file *file = NULL;
    void volatile *head = NULL;

    if (sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK || !file ||
        !file->pMethods || file->pMethods->iVersion < 2 || !file->pMethods->xShmMap ||
        file->pMethods->xShmMap(file, 0, REGION, 0, &head) != SQLITE_OK) {
        return NULL;
    }
    return head;
}

static void copy_commits(const struct store *s, uint32_t out[STORE_COMMITS_WORDS])
{
    atomic_thread_fence(memory_order_acquire);
    for (int i = 0; i < STORE_COMMITS_WORDS; i++) {
        out[i] = s->commits[i];
    }
    atomic_thread_fence(memory_order_acquire);
}

static enum status read_version(struct store *s, struct error *e)
{
    enum status status = OK;

    if (sqlite3_step(s->version_stmt) == SQLITE_ROW) {
        s->version = (uint64_t)sqlite3_column_int64(s->version_stmt, 0);
        s->rights_version = (uint64_t)sqlite3_column_int64(s->version_stmt, 1);
    } else {
        status = db_failed(s->version_db, "reading the version", e);
    }
    sqlite3_reset(s->version_stmt);
    return status;
}

/* A commit, by whatever process, writes the WAL index's header anew before anybody can see what it
 * changed; so while the header is what it was before the version was read, so is the version. That
 * spares each statement SQLite's file locks. The header is looked at first: a commit between the
 * two reads makes the next call read again. */
static enum status look(struct store *s, struct error *e)
{
    uint32_t now[STORE_COMMITS_WORDS];
    enum status status = OK;

    if (s->commits) {
        copy_commits(s, now);
    }
    if (!s->has_version || !s->commits || memcmp(now, s->commits_seen, sizeof now) != 0) {
        status = read_version(s, e);
        s->has_version = status == OK;
        if (!s->commits) {
            s->commits = map_commits(s->version_db); /* there is an index since the first read */
            s->has_version = false;
        } else {
            memcpy(s->commits_seen, now, sizeof now);
        }
    }
    return status;
}

enum status store_version(struct store *s, uint64_t *out, struct error *e)
{
    enum status status;

    pthread_mutex_lock(&s->version_lock);
    status = look(s, e);
    *out = s->version;
    pthread_mutex_unlock(&s->version_lock);
    return status;
}

enum status store_rights_version(struct store *s, uint64_t *out, struct error *e)
{
    enum status status;

    pthread_mutex_lock(&s->version_lock);
    status = look(s, e);
    *out = s->rights_version;
    pthread_mutex_unlock(&s->version_lock);
    return status;
}
