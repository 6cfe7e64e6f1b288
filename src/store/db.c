#include "store/db.h"

#include "base/clock.h"
#include "base/cond.h"
#include "base/json.h"
#include "store/rowjson.h"

enum { WAIT_SECONDS = 10 };

/* A connection, or a place for one; false: the time is over. Under the lock. */
static bool take_place(struct store *s, struct db **db)
{
    int64_t until_ns = clock_mono_ns() + WAIT_SECONDS * INT64_C(1000000000);

    while (s->idle_count == 0 && s->open_count == s->kind->connections &&
           cond_wait_until(&s->returned, &s->lock, until_ns)) {
    }
    if (s->idle_count > 0) {
        *db = s->idle[--s->idle_count];
        return true;
    }
    *db = NULL;
    if (s->open_count == s->kind->connections) {
        return false;
    }
    s->open_count++;
    return true;
}

struct db *db_borrow(struct store *s, struct error *e)
{
    struct db *db;
    bool has_place;

    pthread_mutex_lock(&s->lock);
    has_place = take_place(s, &db);
    pthread_mutex_unlock(&s->lock);
    if (db) {
        return db;
    }
    if (!has_place) {
        error_set(e, ERR_NOT_READY, "the control store has too much to do");
        return NULL;
    }
    db = s->kind->connect(s, e);
    if (!db) {
        pthread_mutex_lock(&s->lock);
        s->open_count--;
        pthread_cond_signal(&s->returned);
        pthread_mutex_unlock(&s->lock);
    }
    return db;
}

void db_return(struct db *db)
{
    struct store *s = db ? db->store : NULL;

    if (s) {
        pthread_mutex_lock(&s->lock);
        s->idle[s->idle_count++] = db;
        pthread_cond_signal(&s->returned);
        pthread_mutex_unlock(&s->lock);
    }
}

enum status db_exec(struct db *db, const char *sql, struct error *e)
{
    return db ? db->kind->exec(db, sql, e) : FAIL;
}

void query_begin_v(struct query *q, struct db *db, struct error *e, const char *sql,
                   const char *kinds, va_list args)
{
    struct db_value values[DB_VALUES_MAX];
    int n = 0;

    *q = (struct query){.db = db, .e = e, .status = db ? OK : FAIL};
    for (; kinds[n] && n < DB_VALUES_MAX; n++) {
        values[n] = (struct db_value){STR_NULL, 0};
        if (kinds[n] == 's') {
            struct str s = va_arg(args, struct str);

            values[n].text = s.p ? s : STR("");
        } else {
            values[n].number = va_arg(args, int64_t);
        }
    }
    if (db) {
        q->status = db->kind->run(q, sql, values, n);
    }
}

void query_begin(struct query *q, struct db *db, struct error *e, const char *sql,
                 const char *kinds, ...)
{
    va_list args;

    va_start(args, kinds);
    query_begin_v(q, db, e, sql, kinds, args);
    va_end(args);
}

bool query_next(struct query *q)
{
    return q->status == OK && q->db->kind->next(q);
}

int query_changed(const struct query *q)
{
    return q->status == OK ? q->db->kind->changed(q) : 0;
}

enum status query_end(struct query *q)
{
    if (q->db) {
        q->db->kind->end(q);
    }
    q->rows = NULL;
    return q->status;
}

void read_begin(struct query *q, struct store *s, struct error *e, const char *sql,
                const char *kinds, ...)
{
    va_list args;

    va_start(args, kinds);
    query_begin_v(q, db_borrow(s, e), e, sql, kinds, args);
    va_end(args);
}

enum status read_end(struct query *q)
{
    enum status status = query_end(q);

    db_return(q->db);
    return status;
}

struct str query_text(struct query *q, struct arena *a, int column)
{
    struct str text = q->db->kind->text(q, column);

    return arena_str(a, text.p ? text : STR(""));
}

int64_t query_int(struct query *q, int column)
{
    return q->db->kind->number(q, column);
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

static void put_field(struct json *j, struct query *q, int column, char kind)
{
    struct str text = q->db->kind->text(q, column);

    json_key(j, q->db->kind->name(q, column));
    if (!text.p || kind == 's') {
        json_str(j, text);
    } else if (kind == 'i') {
        json_i64(j, query_int(q, column));
    } else if (kind == 'b') {
        json_bool(j, query_int(q, column) != 0);
    } else if (!rowjson_put(j, text)) {
        json_str(j, text);
    }
}

struct str query_object(struct query *q, struct arena *a, const char *kinds)
{
    struct buf text = BUF_INIT(0);
    struct json j = JSON_INIT(&text);

    json_open(&j, '{');
    for (int i = 0; kinds[i]; i++) {
        put_field(&j, q, i, kinds[i]);
    }
    json_close(&j, '}');
    return take(a, &text);
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
