/* The log's figures: redaction (of a core), one entry by itself (also with a text that was redacted
 * before, as a plan's is), what a statement waits for, entries that become durable by the number of
 * threads that wait, and verification, beside the machine's SHA-256 over entries of that size; then
 * searching a long log.
 * usage: bench_audit [FOLDER [EXTENSIONS [ENTRIES]]] (a fresh one is made in it; a disk, for the
 * durable figures to mean something). EXTENSIONS is the engine's folder of them, for the search;
 * ENTRIES how many are searched, ten millions where it isn't said: 7 GB. */
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
#include "audit/merkle.h"
#include "audit/redact.h"
#include "audit/verify.h"
#include "audit_search.h"
#include "base/clock.h"

enum { VERIFY_ENTRIES = 400000, WRITERS = 256, SECONDS = 2, SEARCHED = 10000000 };

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
    printf("%-44s %12.1f %s\n", name, value, unit);
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

static void redact_copies(const char *name, const char *of)
{
    enum { COPIES = 4000, ROUNDS = 40 };
    struct buf text = BUF_INIT(0), out = BUF_INIT(0);
    for (int i = 0; i < COPIES; i++) {
        buf_puts(&text, of);
        buf_puts(&text, ";\n");
    }
    double begun = cpu_seconds();
    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&out);
        redact_sql(buf_str(&text), &(struct redact_rules){0}, &out);
    }
    show(name, (double)text.n * ROUNDS / 1e6 / (cpu_seconds() - begun), "MB/s");
    if ((out.n == text.n) != (of == statement)) {
        exit(1);
    }
    buf_free(&text);
    buf_free(&out);
}

/* As the log has them: each by itself, so that what each costs at least shows, too. */
static void redact_singly(void)
{
    enum { ROUNDS = 200000 };
    struct str text = STR(statement);
    struct buf out = BUF_INIT(0);
    double begun = cpu_seconds();
    for (int i = 0; i < ROUNDS; i++) {
        buf_clear(&out);
        redact_sql(text, &(struct redact_rules){0}, &out);
    }
    show("redact, no match, a statement at a time",
         (double)text.n * ROUNDS / 1e6 / (cpu_seconds() - begun), "MB/s");
    buf_free(&out);
}

static void bench_redact(void)
{
    redact_copies("redact, no match", statement);
    redact_singly();
    redact_copies("redact, two matches a statement",
                  "INSERT INTO sales.customer (customer_key, customer_name, mail, phone) VALUES "
                  "(4711, 'Ann Example', 'ann@example.com', '(415) 555-0132') RETURNING 1");
    redact_copies("redact, constants put together",
                  "SELECT c.customer_name FROM sales.customer AS c WHERE c.mail = lower('ANN' || "
                  "chr(64) || 'EXAMPLE.COM') AND c.segment = 'building'");
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

static void bench_group_commit(struct audit *a, int writers)
{
    pthread_t threads[WRITERS];
    char name[64];
    uint64_t total = 0;
    int64_t begun = clock_mono_ns();
    atomic_store(&over, false);
    for (int i = 0; i < writers; i++) {
        pthread_create(&threads[i], NULL, write_until_over, a);
    }
    sleep(SECONDS);
    atomic_store(&over, true);
    for (int i = 0; i < writers; i++) {
        void *n;
        pthread_join(threads[i], &n);
        total += (uintptr_t)n;
    }
    snprintf(name, sizeof name, "durable entries, %d writers", writers);
    show(name, (double)total / seconds_since(begun), "entries/s");
}

/* What a statement waits for: its intent, in the operating system's hands for a read and on the
 * disk for a write, and its outcome on the disk. The text is known, as a plan's is. */
static void bench_statement(struct audit *a, struct str text)
{
    enum { ROUNDS = 500 };
    static const struct {
        const char *name;
        enum audit_wait intent;
    } kinds[] = {{"added to a read", AUDIT_WRITTEN}, {"added to a write", AUDIT_DURABLE}};
    for (int k = 0; k < 2; k++) {
        int64_t begun = clock_mono_ns();
        for (int i = 0; i < ROUNDS; i++) {
            append(a, text, kinds[k].intent);
            append(a, text, AUDIT_DURABLE);
        }
        show(kinds[k].name, seconds_since(begun) / ROUNDS * 1e6, "us");
    }
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
    bench_statement(a, text);
    arena_free(arena);
}

/* The most that verification could do: nothing but the hashes, of entries alone or, `with_tree`,
 * with those of the tree over them: a leaf and, as many, inner nodes. */
static double bench_hash(const char *name, size_t bytes, bool with_tree)
{
    enum { ROUNDS = 400000 };
    static char entry[4096];
    uint8_t hash[HASHER_SIZE];
    struct hasher *h = hasher_new();
    int64_t begun = clock_mono_ns();
    for (int i = 0; i < ROUNDS; i++) {
        line_hash(h, LINE_VERSION, (struct str){entry, bytes < sizeof entry ? bytes : sizeof entry},
                  hash);
        if (with_tree) {
            merkle_leaf(h, (struct str){(const char *)hash, sizeof hash}, hash);
            merkle_node(h, hash, hash, hash);
        }
    }
    double speed = ROUNDS / seconds_since(begun);
    show(name, speed, "entries/s");
    hasher_free(h);
    return speed;
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
    double speed = (double)r.entries / seconds_since(begun);
    show("verify", speed, "entries/s");
    size_t bytes = folder_bytes(dir) / r.entries;
    show("bytes of such an entry", (double)bytes, "bytes");
    double alone = bench_hash("SHA-256 of such entries alone", bytes, false);
    double tree = bench_hash("SHA-256 of them and the tree over them", bytes, true);
    show("verify by SHA-256 alone", 100 * speed / alone, "%");
    show("verify by SHA-256 with the tree's", 100 * speed / tree, "%");
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
    for (int writers = 1; writers <= WRITERS; writers *= 4) {
        bench_group_commit(a, writers);
    }
    bench_verify(a, dir);
    audit_close(a);
    remove_folder(dir);
    if (argc > 2) {
        audit_search_bench(argv[1], argv[2], argc > 3 ? strtoull(argv[3], NULL, 10) : SEARCHED,
                           show);
    }
    return 0;
}
