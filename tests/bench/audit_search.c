/* The log is written by the real writer, with as many threads as share its batches. Its entries are
 * of 10,000 people of one organization, in no order, with one rare one; a tenth is of another
 * organization. So no segment can be left out for its people: what makes a search fast must be the
 * columns. Each figure is the median of several, with the files in the system's cache. */
#include "audit_search.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/columns.h"
#include "audit/search.h"
#include "audit/source.h"
#include "base/array.h"
#include "base/clock.h"
#include "base/id.h"
#include "catalog/audit_log.h"
#include "in_process.h"

enum { WRITERS = 64, PEOPLE = 10000, RARE_EVERY = 2000000, ROUNDS = 5, PAGE = 50 };

struct world {
    char dir[512];
    uint64_t entries;
    struct audit *log;
    struct in_process engine;
    void (*show)(const char *name, double value, const char *unit);
};

static double seconds_since(int64_t begun)
{
    return (double)(clock_mono_ns() - begun) / 1e9;
}

/* ---- writing ---- */

struct writer {
    struct world *world;
    uint64_t from, to;
};

static const char *const statements[] = {
    ("SELECT c.customer_name, sum(o.total) AS total FROM sales.customer AS c JOIN sales.orders AS "
     "o "
     "ON o.customer_key = c.customer_key WHERE o.status = 'shipped' GROUP BY c.customer_name"),
    "SELECT count(*) FROM sales.orders WHERE ordered_at >= DATE '2026-01-01'",
    "INSERT INTO sales.notes (customer_key, note) VALUES (4711, 'called back')",
    "UPDATE sales.orders SET status = 'paid' WHERE order_key = 815"};

static void write_one(struct audit *log, uint64_t i, const struct str *texts)
{
    static const struct str tables[] = {{"sales.customer", 14}, {"sales.orders", 12}};
    char user[32], query[ID_UUID_SIZE], ip[32];
    uint64_t mixed = i * 0x9E3779B97F4A7C15ULL;
    bool is_rare = i % RARE_EVERY == RARE_EVERY / 2 + 1; /* an outcome */
    snprintf(user, sizeof user, is_rare ? "u-rare" : "u-%llu",
             (unsigned long long)((mixed >> 32) % PEOPLE));
    id_uuid(query);
    snprintf(ip, sizeof ip, "10.0.%u.%u", (unsigned)(mixed >> 40) & 255,
             (unsigned)(mixed >> 48) & 255);
    struct audit_entry entry = {.kind = i % 2 ? AUDIT_OUTCOME : AUDIT_INTENT,
                                .query_id = str_of(query),
                                .user_id = str_of(user),
                                .org_id = i % 10 == 7 ? STR("o-2") : STR("o-1"),
                                .role = STR("analyst"),
                                .environment = STR("production"),
                                .source_ip = str_of(ip),
                                .text = texts[(mixed >> 20) % 4],
                                .tables_accessed = tables,
                                .table_count = 1 + (mixed >> 21) % 2,
                                .rows_returned = (int64_t)(mixed >> 50),
                                .execution_time_us = (int64_t)(mixed >> 44),
                                .credits_consumed = 1.5};
    struct error e = ERROR_INIT;
    must(audit_append(log, &entry, AUDIT_WRITTEN, &e), &e);
}

static void *write_part(void *writer)
{
    const struct writer *w = writer;
    struct arena *a = arena_new(0);
    struct str texts[4];
    for (int i = 0; i < 4; i++) {
        texts[i] =
            audit_text(w->world->log, &(struct audit_entry){.sql = str_of(statements[i])}, a);
    }
    for (uint64_t i = w->from; i < w->to; i += WRITERS) {
        write_one(w->world->log, i, texts);
    }
    arena_free(a);
    return NULL;
}

static void write_log(struct world *w)
{
    static const uint8_t key[32];
    struct audit_config c = {.dir = w->dir, .fingerprint_key = key};
    struct error e = ERROR_INIT;
    pthread_t threads[WRITERS];
    struct writer writers[WRITERS];
    int64_t begun = clock_mono_ns();
    must(audit_open(&c, &w->log, &e), &e);
    for (unsigned i = 0; i < WRITERS; i++) {
        writers[i] = (struct writer){w, i, w->entries};
        pthread_create(&threads[i], NULL, write_part, &writers[i]);
    }
    for (unsigned i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    w->show("writing the log to search", (double)w->entries / seconds_since(begun), "entries/s");
}

/* ---- columns ---- */

static size_t files(const char *dir, const char *ending)
{
    size_t n = 0, len = strlen(ending);
    DIR *d = opendir(dir);
    for (const struct dirent *f; d && (f = readdir(d));) {
        size_t name = strlen(f->d_name);
        n += name > len && strcmp(f->d_name + name - len, ending) == 0;
    }
    if (d) {
        closedir(d);
    }
    return n;
}

static void make_columns(struct world *w, const char *columns_dir)
{
    int64_t begun = clock_mono_ns();
    while (files(columns_dir, ".parquet") + 1 < files(w->dir, ".jsonl")) {
        usleep(20000);
    }
    sleep(2); /* the engine reads the last, too */
    w->show("making its columns", (double)w->entries / seconds_since(begun), "entries/s");
}

/* ---- searching ---- */

struct found {
    size_t n;
};

static void take(void *ctx, const struct line *line, struct str text, const json_t *entry)
{
    (void)line;
    (void)text;
    (void)entry;
    ((struct found *)ctx)->n++;
}

static bool enough(void *ctx)
{
    return ((struct found *)ctx)->n >= PAGE;
}

static void show_median(struct world *w, const char *name, int64_t *ns, size_t rows)
{
    char text[96];
    qsort(ns, ROUNDS, sizeof *ns, by_value);
    snprintf(text, sizeof text, "%s (%zu)", name, rows);
    w->show(text, (double)ns[ROUNDS / 2] / 1e6, "ms");
}

/* A page of GET /v1/.../audit/queries. */
static void find(struct world *w, const char *name, const char *user, int64_t from_us,
                 int64_t to_us)
{
    int64_t ns[ROUNDS];
    struct found found;
    for (int i = 0; i < ROUNDS; i++) {
        struct error e = ERROR_INIT;
        uint64_t left_off;
        found = (struct found){0};
        struct audit_search s = {.org_id = STR("o-1"),
                                 .kind = AUDIT_OUTCOME,
                                 .from_us = from_us,
                                 .to_us = to_us,
                                 .bytes_max = (uint64_t)64 << 20,
                                 .engine = w->engine.engine,
                                 .same = {{"user_id", str_of(user)}},
                                 .same_count = user ? 1 : 0,
                                 .take = take,
                                 .enough = enough,
                                 .ctx = &found};
        int64_t begun = clock_mono_ns();
        must(audit_search(w->dir, &s, &left_off, &e), &e);
        ns[i] = clock_mono_ns() - begun;
    }
    show_median(w, name, ns, found.n);
}

static int64_t run(struct world *w, const char *sql, size_t *rows)
{
    struct error e = ERROR_INIT;
    struct arena *a = arena_new(0);
    struct engine_prepared prepared;
    struct engine_result result;
    int64_t first = 0;
    *rows = 0;
    must(engine_prepare(w->engine.engine, w->engine.session, str_of(sql), a, &prepared, &e), &e);
    must(engine_execute(w->engine.engine, w->engine.session, prepared.statement, NULL, 0, 0, a,
                        &result, &e),
         &e);
    for (;;) {
        struct ArrowArray batch = {0};
        must(engine_next(w->engine.engine, w->engine.session, result.cursor, &batch, &e), &e);
        if (!batch.release) {
            break;
        }
        first = batch.length && !*rows ? array_i64(batch.children[0], 0) : first;
        *rows += (size_t)batch.length;
        batch.release(&batch);
    }
    engine_statement_close(w->engine.engine, w->engine.session, prepared.statement);
    arena_free(a);
    return first;
}

static void query(struct world *w, const char *name, const char *sql)
{
    int64_t ns[ROUNDS];
    size_t rows = 0;
    for (int i = 0; i < ROUNDS; i++) {
        int64_t begun = clock_mono_ns();
        (void)run(w, sql, &rows);
        ns[i] = clock_mono_ns() - begun;
    }
    show_median(w, name, ns, rows);
}

#define LOG  CATALOG_ENGINE_SOURCES "." CATALOG_AUDIT_LOG_RELATION "() WHERE org_id = 'o-1'"
#define TIME "epoch_us(\"timestamp\")"

static void search(struct world *w)
{
    char sql[512];
    size_t rows;
    int64_t first = run(w, "SELECT min(" TIME ") FROM " LOG, &rows);
    int64_t last = run(w, "SELECT max(" TIME ") FROM " LOG, &rows);
    int64_t from = first + (last - first) * 45 / 100, to = first + (last - first) * 55 / 100;
    find(w, "find: the newest", NULL, 0, 0);
    find(w, "find: of a user", "u-4711", 0, 0);
    find(w, "find: of a user, a tenth of the time", "u-4711", from, to);
    find(w, "find: of a rare user", "u-rare", 0, 0);
    find(w, "find: of none", "u-none", 0, 0);
    snprintf(sql, sizeof sql,
             "SELECT seq, sql_redacted FROM " LOG " AND user_id = 'u-4711' AND \"timestamp\" >= "
             "make_timestamptz(%lld) AND \"timestamp\" < make_timestamptz(%lld)",
             (long long)from, (long long)to);
    query(w, "SQL: of a user, a tenth of the time", sql);
    query(w, "SQL: of a user", "SELECT seq, sql_redacted FROM " LOG " AND user_id = 'u-4711'");
    query(w, "SQL: of a rare user", "SELECT seq, sql_redacted FROM " LOG " AND user_id = 'u-rare'");
    snprintf(sql, sizeof sql,
             "SELECT seq, sql_redacted FROM " LOG " AND query_id = (SELECT min(query_id) FROM " LOG
             " AND seq BETWEEN %llu AND %llu)",
             (unsigned long long)w->entries / 2, (unsigned long long)w->entries / 2 + 20);
    query(w, "SQL: one entry by its query_id", sql);
    query(w, "SQL: rows by user",
          "SELECT count(*), user_id, sum(rows_returned) FROM " LOG " GROUP BY user_id");
    query(w, "SQL: text in a statement",
          "SELECT count(*) FROM " LOG " AND contains(sql_redacted, 'order_key')");
}

void audit_search_bench(const char *folder, const char *extension_dir, uint64_t entries,
                        void (*show)(const char *name, double value, const char *unit))
{
    struct world w = {.entries = entries, .show = show};
    struct error e = ERROR_INIT;
    struct arena *a = arena_new(0);
    struct audit_columns *columns;
    char command[600];
    snprintf(w.dir, sizeof w.dir, "%s/hatidata-bench-XXXXXX", folder);
    if (!mkdtemp(w.dir)) {
        perror(w.dir);
        exit(1);
    }
    write_log(&w);
    const char *columns_dir = audit_columns_folder(a, w.dir, &e);
    must(columns_dir ? OK : FAIL, &e);
    const struct engine_source *source = audit_source(a, w.dir, columns_dir);
    in_process_open(&w.engine, extension_dir, folder, source);
    must(audit_columns_start(w.dir, w.engine.engine, source, &columns, &e), &e);
    make_columns(&w, columns_dir);
    search(&w);
    audit_columns_stop(columns);
    in_process_close(&w.engine);
    audit_close(w.log);
    arena_free(a);
    snprintf(command, sizeof command, "rm -rf '%s'", w.dir);
    if (system(command) != 0) {
        fprintf(stderr, "%s is left behind\n", w.dir);
    }
}
