/* PostgreSQL, by a few connections that are made when they are needed.
 *
 * Changes go one after another, as SQLite's do: each begins by taking an advisory lock of the
 * schema and reads what is committed (READ COMMITTED takes a new snapshot a statement), so that
 * what a change reads can't be moved by another before it writes. Nothing is ever to be repeated
 * for a serialization failure, and a lock that isn't given in time is an error.
 *
 * The version is watched (watch.c): a node asks for it ten times a second, and a statement here
 * looks into memory. */
#include "store/db_postgres.h"

#include <endian.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "store/link.h"
#include "store/migrate.h"
#include "store/watch.h"

enum { OID_BOOL = 16, OID_INT8 = 20, OID_TEXT = 25, PREPARED_MAX = 256, NAME_SIZE = 16 };

/* What db->own is. */
struct session {
    struct link link;
    bool in_change;
    struct map *prepared; /* on this link: statements' names by their texts */
};

static void forget_prepared(struct session *c)
{
    map_free(c->prepared, free);
    c->prepared = map_new();
}

/* A link that died while nobody used it is replaced; within a change it stays dead. */
static enum status revive(struct db *db, struct error *e)
{
    struct session *c = db->own;

    if (!c->link.is_dead) {
        return OK;
    }
    if (c->in_change) {
        return link_failed(&c->link, NULL, e);
    }
    link_close(&c->link);
    forget_prepared(c);
    return watch_link(db->store->own, &c->link, e);
}

/* A server that was started anew shows itself at the first use: then what is not in a change is
 * tried once more. */
static bool again(const struct session *c, int attempt)
{
    return attempt == 0 && c->link.is_dead && !c->link.is_late && !c->in_change;
}

/* ---- statements ---- */

static PGresult *exec_rows(struct db *db, const char *sql, struct error *e)
{
    struct session *c = db->own;
    PGresult *r = NULL;

    for (int attempt = 0; !r && (attempt == 0 || again(c, attempt - 1)); attempt++) {
        if (revive(db, e) != OK) {
            return NULL;
        }
        r = link_exec(&c->link, sql, LINK_ANSWER_MS, e);
    }
    return r;
}

static enum status exec(struct db *db, const char *sql, struct error *e)
{
    PGresult *r = exec_rows(db, sql, e);

    PQclear(r);
    return r ? OK : FAIL;
}

static void rollback(struct db *db)
{
    struct session *c = db->own;
    struct error ignored = ERROR_INIT;

    if (!c->link.is_dead) {
        PQclear(link_exec(&c->link, "ROLLBACK", LINK_ANSWER_MS, &ignored));
        c->link.is_dead |= PQtransactionStatus(c->link.pg) != PQTRANS_IDLE;
    }
    c->in_change = false;
}

static enum status begin(struct db *db, struct error *e)
{
    struct session *c = db->own;

    if (exec(db,
             "BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;"
             "SELECT pg_advisory_xact_lock(" WATCH_LOCK_OF_CHANGES ")",
             e) != OK) {
        rollback(db);
        return FAIL;
    }
    c->in_change = true;
    return OK;
}

static enum status commit(struct db *db, struct error *e)
{
    struct session *c = db->own;
    struct error why = ERROR_INIT;
    enum status status;

    if (c->link.is_dead || PQtransactionStatus(c->link.pg) != PQTRANS_INTRANS) {
        return link_failed(&c->link, NULL, e);
    }
    status = exec(db, "COMMIT", &why);
    if (status == OK) {
        c->in_change = false;
        watch_read(db->store->own, &c->link); /* this program sees its own change at once */
    } else if (c->link.is_dead) {
        error_set(e, ERR_NOT_READY,
                  "the control store was lost at the end: the change may stand, or not");
        error_hint(e, "Look before trying again.");
    } else {
        *e = why;
    }
    return status;
}

/* ?N as $N. Text compares by bytes, and only ASCII has another case, as in SQLite. */
static char *numbered(const char *sql, const struct db_value *values, int n)
{
    struct buf out = BUF_INIT(0);
    char quote = '\0';
    char *text;

    for (const char *p = sql; *p; p++) {
        if (!quote && *p == '?') {
            int i = (int)strtol(p + 1, (char **)&text, 10);

            buf_printf(&out,
                       i >= 1 && i <= n && values[i - 1].text.p ? "($%d COLLATE \"C\")" : "$%d", i);
            p = text - 1;
            continue;
        }
        if (*p == quote) {
            quote = '\0';
        } else if (!quote && (*p == '\'' || *p == '"')) {
            quote = *p;
        }
        buf_u8(&out, (uint8_t)*p);
    }
    text = mem_strndup((const char *)out.p, out.n);
    buf_free(&out);
    return text;
}

/* What PQsendQueryParams and its like take. In binary: text may hold what it likes, and the server
 * refuses what it can't keep. */
struct parameters {
    int n;
    Oid types[DB_VALUES_MAX];
    const char *at[DB_VALUES_MAX];
    int lengths[DB_VALUES_MAX], formats[DB_VALUES_MAX];
    uint64_t numbers[DB_VALUES_MAX];
};

static void set_parameters(struct parameters *p, const struct db_value *values, int n)
{
    p->n = n;
    for (int i = 0; i < n; i++) {
        bool is_text = values[i].text.p != NULL;

        p->numbers[i] = htobe64((uint64_t)values[i].number);
        p->types[i] = is_text ? OID_TEXT : OID_INT8;
        p->at[i] = is_text ? values[i].text.p : (const char *)&p->numbers[i];
        p->lengths[i] = is_text ? (int)values[i].text.n : (int)sizeof p->numbers[i];
        p->formats[i] = 1;
    }
}

/* The one result, all of it; NULL: failed. */
static PGresult *answer(struct link *l, struct error *e)
{
    PGresult *r = link_result(l, LINK_ANSWER_MS), *more;
    ExecStatusType got = PQresultStatus(r);

    while ((more = link_result(l, LINK_ANSWER_MS))) {
        PQclear(more);
    }
    if (l->is_dead || (got != PGRES_TUPLES_OK && got != PGRES_COMMAND_OK)) {
        link_failed(l, got == PGRES_FATAL_ERROR ? r : NULL, e);
        PQclear(r);
        return NULL;
    }
    return r;
}

/* The server plans a text once for each link: that takes longer than running it. NULL: failed. The
 * types go with the text, which says of each parameter whether it is text (numbered()). */
static const char *prepare(struct session *c, const char *sql, const struct parameters *p,
                           struct error *e)
{
    char *name = map_get(c->prepared, str_of(sql));
    PGresult *r;

    if (name) {
        return name;
    }
    name = mem_alloc(NAME_SIZE);
    snprintf(name, NAME_SIZE, "s%zu", map_count(c->prepared));
    if (PQsendPrepare(c->link.pg, name, sql, p->n, p->types) != 1) {
        link_failed(&c->link, NULL, e);
        free(name);
        return NULL;
    }
    r = answer(&c->link, e);
    PQclear(r);
    if (!r) {
        free(name);
        return NULL;
    }
    map_put(c->prepared, str_of(sql), name);
    return name;
}

static PGresult *run_once(struct session *c, const char *sql, const struct parameters *p,
                          struct error *e)
{
    bool keeps = map_count(c->prepared) < PREPARED_MAX || map_get(c->prepared, str_of(sql));
    const char *name = keeps ? prepare(c, sql, p, e) : NULL;
    int sent;

    if (keeps && !name) {
        return NULL;
    }
    sent = keeps ? PQsendQueryPrepared(c->link.pg, name, p->n, p->at, p->lengths, p->formats, 0)
                 : PQsendQueryParams(c->link.pg, sql, p->n, p->types, p->at, p->lengths, p->formats,
                                     0);
    if (sent != 1) {
        link_failed(&c->link, NULL, e);
        return NULL;
    }
    return answer(&c->link, e);
}

static enum status run(struct query *q, const char *sql, const struct db_value *values, int n)
{
    struct session *c = q->db->own;
    char *text = numbered(sql, values, n);
    struct parameters p;

    q->at = -1;
    set_parameters(&p, values, n);
    for (int attempt = 0; !q->rows && (attempt == 0 || again(c, attempt - 1)); attempt++) {
        q->rows = revive(q->db, q->e) == OK ? run_once(c, text, &p, q->e) : NULL;
    }
    free(text);
    return q->rows ? OK : FAIL;
}

static bool next(struct query *q)
{
    return ++q->at < PQntuples(q->rows);
}

static void end(struct query *q)
{
    PQclear(q->rows);
}

static int changed(const struct query *q)
{
    return atoi(PQcmdTuples(q->rows));
}

static const char *name(struct query *q, int column)
{
    return PQfname(q->rows, column);
}

static struct str text(struct query *q, int column)
{
    return PQgetisnull(q->rows, q->at, column)
               ? STR_NULL
               : (struct str){PQgetvalue(q->rows, q->at, column),
                              (size_t)PQgetlength(q->rows, q->at, column)};
}

static int64_t number(struct query *q, int column)
{
    const char *value = PQgetvalue(q->rows, q->at, column);

    return PQftype(q->rows, column) == OID_BOOL ? *value == 't' : strtoll(value, NULL, 10);
}

/* ---- connections ---- */

static void disconnect(struct db *db)
{
    struct session *c = db->own;

    link_close(&c->link);
    map_free(c->prepared, free);
    free(c);
    free(db);
}

static struct db *connect_to(struct store *s, struct error *e)
{
    struct session *c = mem_alloc(sizeof *c);
    struct db *db = mem_alloc(sizeof *db);

    *db = (struct db){.store = s, .kind = s->kind, .own = c};
    forget_prepared(c);
    if (watch_link(s->own, &c->link, e) != OK) {
        disconnect(db);
        return NULL;
    }
    return db;
}

static enum status open_store(struct store *s, const char *where, struct error *e)
{
    struct link_target *target;
    struct db *db;
    enum status status;

    if (link_target_read(where, &target, e) != OK) {
        return FAIL;
    }
    s->own = watch_new(target);
    db = db_borrow(s, e);
    status = db ? migrate(db, e) : FAIL;
    db_return(db);
    return status;
}

static void close_store(struct store *s)
{
    watch_free(s->own);
}

static enum status versions(struct store *s, struct db_versions *out, struct error *e)
{
    struct db *db;
    enum status status = FAIL;

    if (watch_versions(s->own, out)) {
        return OK;
    }
    db = db_borrow(s, e);
    for (int attempt = 0; db && status != OK && (attempt == 0 || again(db->own, attempt - 1));
         attempt++) {
        struct session *c = db->own;

        status = revive(db, e);
        status = status == OK ? watch_ask(s->own, &c->link, out, e) : FAIL;
    }
    db_return(db);
    return status;
}

static bool drains(struct store *s)
{
    return watch_drains(s->own);
}

const struct db_kind db_postgres = {
    .dialect = DB_POSTGRES,
    .open = open_store,
    .close = close_store,
    .versions = versions,
    .drains = drains,
    .connections = DB_CONNECTIONS_MAX,
    .connect = connect_to,
    .disconnect = disconnect,
    .exec = exec,
    .begin = begin,
    .commit = commit,
    .rollback = rollback,
    .run = run,
    .next = next,
    .end = end,
    .changed = changed,
    .name = name,
    .text = text,
    .number = number,
};
