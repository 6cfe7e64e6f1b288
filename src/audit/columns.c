#include "audit/columns.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/hasher.h"
#include "audit/reader.h"
#include "base/buf.h"
#include "base/clock.h"
#include "base/cond.h"
#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

enum { LOOK_SECONDS = 1, AFTER_FAILURE_SECONDS = 60, SHAPE_BYTES = 4 };

struct audit_columns {
    const char *dir;
    struct engine *engine;
    const struct engine_source *source;
    uint64_t session;
    char
        shape[2 * SHAPE_BYTES + 1]; /* in the names of files: another when the columns are others */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t stop;
    bool stopping;

    /* The thread's: the segments whose files are there, rising, the seq behind them, and whether
     * the engine reads them. */
    struct {
        unsigned *at;
        size_t n, cap;
    } made;
    uint64_t next;
    bool is_read;
    bool complained;
};

const char *audit_columns_folder(struct arena *a, const char *dir, struct error *e)
{
    char *path = arena_printf(a, "%s/columns", dir);
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        (void)!error_set(e, ERR_IO, "%s can't be made: %s", path, strerror(errno));
        return NULL;
    }
    char *real = realpath(path, NULL);
    const char *out = real ? arena_strdup(a, str_of(real)) : NULL;
    free(real);
    if (!out) {
        (void)!error_set(e, ERR_IO, "%s can't be opened: %s", path, strerror(errno));
    }
    return out;
}

/* ---- files ---- */

static void shape_of(const struct engine_source *s, char out[2 * SHAPE_BYTES + 1])
{
    uint8_t digest[HASHER_SIZE];
    struct hasher *h = hasher_new();
    struct buf names = BUF_INIT(0);
    for (size_t i = 0; i < s->column_count; i++) {
        buf_printf(&names, "%.*s:%d\n", STR_ARG(s->columns[i].name), (int)s->columns[i].type->kind);
    }
    hasher_digest(h, buf_str(&names), STR(""), digest);
    text_hex(digest, SHAPE_BYTES, out);
    buf_free(&names);
    hasher_free(h);
}

static void put_file(const struct audit_columns *c, unsigned segment, const char *ending,
                     struct buf *out)
{
    buf_clear(out);
    buf_printf(out, "%s/audit-%06u.%s.%s", c->source->settled_dir, segment, c->shape, ending);
}

/* 0: not a name of ours. */
static unsigned segment_of_file(const struct audit_columns *c, const char *name)
{
    char right[64];
    unsigned n = 0;
    if (sscanf(name, "audit-%u.", &n) != 1) {
        return 0;
    }
    snprintf(right, sizeof right, "audit-%06u.%s.parquet", n, c->shape);
    return strcmp(name, right) == 0 ? n : 0;
}

static void remove_file(const struct audit_columns *c, unsigned segment)
{
    struct buf file = BUF_INIT(0);
    put_file(c, segment, "parquet", &file);
    (void)unlink(buf_cstr(&file));
    buf_free(&file);
}

/* Are the file's rows the entries from `first` to before `next`? */
static bool is_right(const struct audit_columns *c, unsigned segment, uint64_t first, uint64_t next)
{
    struct buf file = BUF_INIT(0);
    struct engine_settled rows = {0};
    struct error unread = ERROR_INIT;
    put_file(c, segment, "parquet", &file);
    bool right = access(buf_cstr(&file), F_OK) == 0 &&
                 engine_settled_rows(c->engine, c->session, c->source, buf_cstr(&file), &rows,
                                     &unread) == OK &&
                 (uint64_t)rows.first == first && (uint64_t)rows.last == next - 1 &&
                 (uint64_t)rows.count == next - first;
    buf_free(&file);
    return right;
}

/* What isn't of a segment that is there, or is of other columns, or was never finished. */
static enum status remove_strangers(const struct audit_columns *c, const struct reader *log,
                                    struct error *e)
{
    DIR *d = opendir(c->source->settled_dir);
    if (!d) {
        return error_set(e, ERR_IO, "%s can't be read: %s", c->source->settled_dir,
                         strerror(errno));
    }
    for (const struct dirent *entry; (entry = readdir(d));) {
        unsigned n = segment_of_file(c, entry->d_name);
        bool known = false;
        for (size_t i = 0; n && !known && i + 1 < log->count; i++) {
            known = log->numbers[i] == n;
        }
        if (!known && entry->d_name[0] != '.') {
            (void)unlinkat(dirfd(d), entry->d_name, 0);
        }
    }
    closedir(d);
    return OK;
}

/* ---- the thread ---- */

/* Whether it was told to stop, after at most so long. */
static bool is_stopped(struct audit_columns *c, int seconds)
{
    int64_t until_ns = clock_mono_ns() + seconds * INT64_C(1000000000);
    pthread_mutex_lock(&c->lock);
    while (seconds && !c->stopping && cond_wait_until(&c->stop, &c->lock, until_ns)) {
    }
    bool stopping = c->stopping;
    pthread_mutex_unlock(&c->lock);
    return stopping;
}

static enum status make_file(struct audit_columns *c, unsigned segment, uint64_t first,
                             uint64_t next, struct error *e)
{
    struct buf part = BUF_INIT(0), file = BUF_INIT(0);
    put_file(c, segment, "part", &part);
    put_file(c, segment, "parquet", &file);
    enum status status = engine_settle(c->engine, c->session, c->source, (int64_t)first,
                                       (int64_t)next, buf_cstr(&part), e);
    if (status == OK && rename(buf_cstr(&part), buf_cstr(&file)) != 0) {
        status = error_set(e, ERR_IO, "%s can't be made: %s", buf_cstr(&file), strerror(errno));
    }
    if (status != OK) {
        (void)unlink(buf_cstr(&part));
    }
    buf_free(&part);
    buf_free(&file);
    return status;
}

/* Has the engine read what is made by now, but for the first `from`. */
static enum status read_made(struct audit_columns *c, size_t from, struct error *e)
{
    struct arena *a = arena_new(0);
    struct str *files = ARENA_ARRAY(a, struct str, c->made.n + 1);
    struct buf file = BUF_INIT(0);
    size_t n = 0;
    for (size_t i = from; i < c->made.n; i++) {
        put_file(c, c->made.at[i], "parquet", &file);
        files[n++] = arena_str(a, buf_str(&file));
    }
    enum status status = engine_read_settled(c->engine, c->session, c->source, files, n,
                                             n ? (int64_t)c->next : 0, e);
    c->is_read = status == OK;
    buf_free(&file);
    arena_free(a);
    return status;
}

/* Sees to the file of the next closed segment. `*done`: there is none. */
static enum status settle_next(struct audit_columns *c, struct reader *log, bool *done,
                               struct error *e)
{
    size_t i = 0;
    uint64_t first, next;
    int64_t at_us;
    while (i < log->count && c->made.n && log->numbers[i] <= c->made.at[c->made.n - 1]) {
        i++;
    }
    *done = i + 1 >= log->count;
    if (*done) {
        return OK;
    }
    if (!reader_first(log, i, &first, &at_us) || !reader_first(log, i + 1, &next, &at_us) ||
        next <= first) {
        return error_set(e, ERR_CORRUPT, "segment %u of the log can't be read", log->numbers[i]);
    }
    bool was_there = is_right(c, log->numbers[i], first, next);
    if (!was_there && make_file(c, log->numbers[i], first, next, e) != OK) {
        return FAIL;
    }
    if (c->made.n == c->made.cap) {
        c->made.cap = c->made.cap ? 2 * c->made.cap : 64;
        c->made.at = mem_realloc(c->made.at, c->made.cap * sizeof *c->made.at);
    }
    c->made.at[c->made.n++] = log->numbers[i];
    c->next = next;
    c->is_read = false;
    return was_there ? OK : read_made(c, 0, e);
}

/* What was deleted from the log is deleted here, too: once no statement begins to read it. */
static enum status follow_deletion(struct audit_columns *c, const struct reader *log,
                                   struct error *e)
{
    unsigned first = log->count ? log->numbers[0] : 0;
    size_t gone = 0;
    while (gone < c->made.n && c->made.at[gone] < first) {
        gone++;
    }
    if (!gone) {
        return OK;
    }
    if (read_made(c, gone, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < gone; i++) {
        remove_file(c, c->made.at[i]);
    }
    c->made.n -= gone;
    memmove(c->made.at, c->made.at + gone, c->made.n * sizeof *c->made.at);
    return OK;
}

static enum status follow(struct audit_columns *c, struct error *e)
{
    struct reader log;
    bool done = false;
    enum status status = reader_open_folder(&log, c->dir, e);
    if (status == OK && !c->made.n) {
        status = remove_strangers(c, &log, e);
    }
    if (status == OK) {
        status = follow_deletion(c, &log, e);
    }
    while (status == OK && !done && !is_stopped(c, 0)) {
        status = settle_next(c, &log, &done, e);
    }
    if (status == OK && !c->is_read) {
        status = read_made(c, 0, e);
    }
    reader_close(&log);
    return status;
}

static void *work(void *columns)
{
    struct audit_columns *c = columns;
    int wait = 0;
    while (!is_stopped(c, wait)) {
        struct error e = ERROR_INIT;
        bool good = follow(c, &e) == OK || is_stopped(c, 0);
        if (!good && !c->complained) {
            log_error("audit", "columns for searching the log: %s; it is read line by line",
                      e.message);
        }
        c->complained = !good;
        wait = good ? LOOK_SECONDS : AFTER_FAILURE_SECONDS;
    }
    return NULL;
}

/* ---- starting and stopping ---- */

static void columns_free(struct audit_columns *c)
{
    pthread_cond_destroy(&c->stop);
    pthread_mutex_destroy(&c->lock);
    free(c->made.at);
    free(c);
}

enum status audit_columns_start(const char *dir, struct engine *g,
                                const struct engine_source *source, struct audit_columns **out,
                                struct error *e)
{
    struct audit_columns *c = mem_calloc(1, sizeof *c);
    c->dir = dir;
    c->engine = g;
    c->source = source;
    shape_of(source, c->shape);
    pthread_mutex_init(&c->lock, NULL);
    cond_init(&c->stop);
    *out = NULL;
    c->session = engine_session_open(g);
    if (pthread_create(&c->thread, NULL, work, c) != 0) {
        engine_session_close(g, c->session);
        columns_free(c);
        return error_set(e, ERR_INTERNAL, "the thread of the audit log's columns can't start");
    }
    *out = c;
    return OK;
}

void audit_columns_stop(struct audit_columns *c)
{
    if (!c) {
        return;
    }
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_signal(&c->stop);
    pthread_mutex_unlock(&c->lock);
    engine_cancel(c->engine, c->session);
    pthread_join(c->thread, NULL);
    engine_session_close(c->engine, c->session);
    columns_free(c);
}
