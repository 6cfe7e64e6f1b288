/* The log's figures: redaction of text without matches, entries that become durable with many
 * threads waiting, one entry by itself (also with a text that was redacted before, as a plan's is),
 * and verification, beside the machine's SHA-256 over entries of that size. usage: bench_audit
 * [FOLDER] (a fresh one is made in it; a disk, for the durable figures to mean something). */
#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/line.h"
#include "audit/redact.h"
#include "audit/verify.h"
#include "base/clock.h"

enum { VERIFY_ENTRIES = 400000, WRITERS = 256, SECONDS = 2 };

static const char statement[] = "SELECT c.customer_name, sum(o.total) AS total FROM sales.customer "
                                "AS c JOIN sales.orders AS o ON "
                                "o.customer_key = c.customer_key WHERE o.status = 'shipped' AND "
                                "c.segment = 'building' GROUP BY "
                                "c.customer_name ORDER BY total DESC";

static double seconds_since(int64_t begun)
{
    return (double)(clock_mono_ns() - begun) / 1e9;
}

static void show(const char *name, double value, const char *unit)
{
    printf("%-34s %12.1f %s\n", name, value, unit);
    fflush(stdout);
}

static struct audit *open_log(const char *dir)
{
    static const uint8_t key[32];
    struct audit_config c = {.dir = dir, .fingerprint_key = key};
    struct audit *a;
    struct error e = ERROR_INIT;
    if (audit_open(&c, &a, &e) != OK) {
        fprintf(stderr, "%s\n", e.message);
        exit(1);
    }
    return a;
}

static void append(struct audit *a, struct str text, enum audit_wait wait)
{
    static const struct str tables[] = {{"sales.customer", 14}, {"sales.orders", 12}};
    struct audit_entry entry = {.kind = AUDIT_OUTCOME,
                                .query_id = STR("0190-query"),
                                .user_id = STR("u-1"),
                                .org_id = STR("o-1"),
                                .role = STR("analyst"),
                                .sql = {statement, sizeof statement - 1},
                                .text = text,
                                .tables_accessed = tables,
                                .table_count = 2,
                                .rows_returned = 10,
                                .credits_consumed = 1.5};
    struct error e = ERROR_INIT;
    if (audit_append(a, &entry, wait, &e) != OK) {
        fprintf(stderr, "%s\n", e.message);
        exit(1);
    }
}

/* Of this thread: redaction's speed is told for a core of its own. */
static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void bench_redact(void)
{
    enum { COPIES = 4000, ROUNDS = 40 };
    struct buf text = BUF_INIT(0), out = BUF_INIT(0);
    for (int i = 0; i < COPIES; i++) {
        buf_puts(&text, statement);
        buf_puts(&text, ";\n");
    }
    double begun = cpu_seconds();
    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&out);
        redact_sql(buf_str(&text), &(struct redact_rules){0}, &out);
    }
    show("redact, no match", (double)text.n * ROUNDS / 1e6 / (cpu_seconds() - begun), "MB/s");
    if (out.n != text.n) {
        exit(1);
    }
    buf_free(&text);
    buf_free(&out);
}

static atomic_bool over;

static void *write_until_over(void *a)
{
    uintptr_t n = 0;
    while (!atomic_load(&over)) {
        append(a, STR_NULL, AUDIT_DURABLE);
        n++;
    }
    return (void *)n;
}

static void bench_group_commit(struct audit *a)
{
    pthread_t threads[WRITERS];
    uint64_t total = 0;
    int64_t begun = clock_mono_ns();
    for (int i = 0; i < WRITERS; i++) {
        pthread_create(&threads[i], NULL, write_until_over, a);
    }
    sleep(SECONDS);
    atomic_store(&over, true);
    for (int i = 0; i < WRITERS; i++) {
        void *n;
        pthread_join(threads[i], &n);
        total += (uintptr_t)n;
    }
    show("durable entries, 256 writers", (double)total / seconds_since(begun), "entries/s");
}

static void bench_single(struct audit *a)
{
    enum { ROUNDS = 1000 };
    int64_t begun = clock_mono_ns();
    for (int i = 0; i < ROUNDS; i++) {
        append(a, STR_NULL, AUDIT_DURABLE);
    }
    show("one durable entry", seconds_since(begun) / ROUNDS * 1e6, "us");
    begun = clock_mono_ns();
    for (int i = 0; i < ROUNDS * 10; i++) {
        append(a, STR_NULL, AUDIT_WRITTEN);
    }
    show("one written entry", seconds_since(begun) / ROUNDS / 10 * 1e6, "us");
    struct arena *arena = arena_new(0);
    struct str text =
        audit_text(a, &(struct audit_entry){.sql = {statement, sizeof statement - 1}}, arena);
    begun = clock_mono_ns();
    for (int i = 0; i < ROUNDS * 10; i++) {
        append(a, text, AUDIT_WRITTEN);
    }
    show("one written entry, text known", seconds_since(begun) / ROUNDS / 10 * 1e6, "us");
    arena_free(arena);
}

/* The most that verification could do: nothing but the hashes. */
static void bench_hash(size_t bytes)
{
    enum { ROUNDS = 400000 };
    static char entry[4096];
    uint8_t hash[HASHER_SIZE];
    struct hasher *h = hasher_new();
    int64_t begun = clock_mono_ns();
    for (int i = 0; i < ROUNDS; i++) {
        line_hash(h, LINE_VERSION, (struct str){entry, bytes < sizeof entry ? bytes : sizeof entry},
                  hash);
    }
    show("SHA-256 of such entries alone", ROUNDS / seconds_since(begun), "entries/s");
    hasher_free(h);
}

static uint64_t folder_bytes(const char *dir)
{
    uint64_t bytes = 0;
    DIR *d = opendir(dir);
    for (struct dirent *f; d && (f = readdir(d));) {
        struct stat st;
        bytes += fstatat(dirfd(d), f->d_name, &st, 0) == 0 && S_ISREG(st.st_mode)
                     ? (uint64_t)st.st_size
                     : 0;
    }
    closedir(d);
    return bytes;
}

static void *write_many(void *a)
{
    for (int i = 0; i < VERIFY_ENTRIES / WRITERS; i++) {
        append(a, STR_NULL, AUDIT_WRITTEN);
    }
    return NULL;
}

static void bench_verify(struct audit *a, const char *dir)
{
    pthread_t threads[WRITERS];
    for (int i = 0; i < WRITERS; i++) {
        pthread_create(&threads[i], NULL, write_many, a);
    }
    for (int i = 0; i < WRITERS; i++) {
        pthread_join(threads[i], NULL);
    }
    struct audit_report r;
    struct error e = ERROR_INIT;
    int64_t begun = clock_mono_ns();
    if (audit_verify(dir, NULL, &r, &e) != OK || !r.valid) {
        fprintf(stderr, "verify: %s%s\n", e.message, r.reason);
        exit(1);
    }
    show("verify", (double)r.entries / seconds_since(begun), "entries/s");
    bench_hash(folder_bytes(dir) / r.entries);
}

static void remove_folder(const char *dir)
{
    char path[1024];
    DIR *d = opendir(dir);
    for (struct dirent *f; d && (f = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
        unlink(path);
    }
    closedir(d);
    rmdir(dir);
}

int main(int argc, char **argv)
{
    char dir[512];
    snprintf(dir, sizeof dir, "%s/hatidata-bench-XXXXXX", argc > 1 ? argv[1] : "/tmp");
    if (!mkdtemp(dir)) {
        perror(dir);
        return 1;
    }
    bench_redact();
    struct audit *a = open_log(dir);
    bench_single(a);
    bench_group_commit(a);
    bench_verify(a, dir);
    audit_close(a);
    remove_folder(dir);
    return 0;
}
