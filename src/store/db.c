#include "store/db.h"

#include "base/json.h"
#include "store/rowjson.h"

void store_lock(struct store *s)
{
    pthread_mutex_lock(&s->lock);
}

void store_unlock(struct store *s)
{
    pthread_mutex_unlock(&s->lock);
}

/* SQLite's message names tables and columns of ours, never a value; it is for the operator. */
enum status db_failed(sqlite3 *db, const char *doing, struct error *e)
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

enum status db_exec(sqlite3 *db, const char *sql, struct error *e)
{
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK ? OK
                                                                : db_failed(db, "executing", e);
}

static int bind(sqlite3_stmt *stmt, const char *kinds, va_list args)
{
    int result = SQLITE_OK;

    for (int i = 0; kinds[i] && result == SQLITE_OK; i++) {
        if (kinds[i] == 's') {
            struct str s = va_arg(args, struct str);

            result = sqlite3_bind_text64(stmt, i + 1, s.p ? s.p : "", s.n, SQLITE_TRANSIENT,
                                         SQLITE_UTF8);
        } else {
            result = sqlite3_bind_int64(stmt, i + 1, va_arg(args, int64_t));
        }
    }
    return result;
}

void query_begin_v(struct query *q, struct store *s, struct error *e, const char *sql,
                   const char *kinds, va_list args)
{
    *q = (struct query){.s = s, .e = e, .status = OK};
    if (sqlite3_prepare_v2(s->db, sql, -1, &q->stmt, NULL) != SQLITE_OK) {
        q->status = db_failed(s->db, "preparing", e);
    } else if (bind(q->stmt, kinds, args) != SQLITE_OK) {
        q->status = db_failed(s->db, "binding", e);
    }
}

void query_begin(struct query *q, struct store *s, struct error *e, const char *sql,
                 const char *kinds, ...)
{
    va_list args;

    va_start(args, kinds);
    query_begin_v(q, s, e, sql, kinds, args);
    va_end(args);
}

bool query_next(struct query *q)
{
    int result;

    if (q->status != OK) {
        return false;
    }
    result = sqlite3_step(q->stmt);
    if (result != SQLITE_ROW && result != SQLITE_DONE) {
        q->status = db_failed(q->s->db, "running", q->e);
    }
    return result == SQLITE_ROW;
}

enum status query_end(struct query *q)
{
    sqlite3_finalize(q->stmt);
    q->stmt = NULL;
    return q->status;
}

void read_begin(struct query *q, struct store *s, struct error *e, const char *sql,
                const char *kinds, ...)
{
    va_list args;

    store_lock(s);
    va_start(args, kinds);
    query_begin_v(q, s, e, sql, kinds, args);
    va_end(args);
}

enum status read_end(struct query *q)
{
    enum status status = query_end(q);

    store_unlock(q->s);
    return status;
}

struct str query_text(struct query *q, struct arena *a, int column)
{
    const char *p = (const char *)sqlite3_column_text(q->stmt, column);

    return arena_str(a, (struct str){p ? p : "", (size_t)sqlite3_column_bytes(q->stmt, column)});
}

int64_t query_int(struct query *q, int column)
{
    return sqlite3_column_int64(q->stmt, column);
}

/* What can't be read was not written by us: the row is damage, and the query fails. */
struct store_list query_list(struct query *q, struct arena *a, int column)
{
    struct store_list list = {0};

    if (q->status == OK && !rowjson_list(query_text(q, a, column), a, &list)) {
        q->status = error_set(q->e, ERR_CORRUPT, "the control store holds a list that isn't one");
    }
    return list;
}

struct store_pairs query_pairs(struct query *q, struct arena *a, int column)
{
    struct store_pairs pairs = {0};

    if (q->status == OK && !rowjson_pairs(query_text(q, a, column), a, &pairs)) {
        q->status =
            error_set(q->e, ERR_CORRUPT, "the control store holds attributes that can't be read");
    }
    return pairs;
}

static struct str take(struct arena *a, struct buf *text)
{
    struct str s = arena_str(a, buf_str(text));

    buf_free(text);
    return s;
}

struct str list_json(struct arena *a, struct store_list list)
{
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);

    json_open(&j, '[');
    for (size_t i = 0; i < list.n; i++) {
        json_str(&j, list.at[i]);
    }
    json_close(&j, ']');
    return take(a, &text);
}

struct str pairs_json(struct arena *a, struct store_pairs pairs)
{
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);

    json_open(&j, '{');
    for (size_t i = 0; i < pairs.n; i++) {
        json_kv_str(&j, arena_strdup(a, pairs.at[i].name), pairs.at[i].value);
    }
    json_close(&j, '}');
    return take(a, &text);
}
