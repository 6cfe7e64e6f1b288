/* Statements made at random from tests/sql/bound.grammar, over tables that are there: what binds
 * must print for the engine as text that the engine's parser takes, and none may crash the binder.
 * (That statements read back from what is printed is tests/unit/sql/random.c.)
 *
 * RANDOM_SEED and RANDOM_COUNT change where it begins and how many a dialect there are;
 * RANDOM_SHOW=1 prints what doesn't parse. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>
#include <duckdb.h>

#include "base/buf.h"
#include "dialect/dialect.h"
#include "schema.h"
#include "sql/bind.h"
#include "sql/print.h"
#include "sql/rewrite.h"

enum { RULES_MAX = 128, ALTERNATIVES_MAX = 64, DEEP = 7, COUNT = 3000 };

struct rule {
    struct str name;
    struct str alternatives[ALTERNATIVES_MAX];
    int n;
};

static struct {
    char *text;
    struct rule rules[RULES_MAX];
    int n;
} grammar;

/* ---- the grammar ---- */

static char *read_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    struct buf b = BUF_INIT(0);
    if (!f) {
        fail_msg("%s is not there", path);
    }
    for (size_t n = 1; n;) {
        n = fread(buf_reserve(&b, 65536), 1, 65536, f);
        b.n += n;
    }
    fclose(f);
    char *text = strdup(buf_cstr(&b));
    buf_free(&b);
    return text;
}

static int read_grammar(void **state)
{
    char path[512];
    snprintf(path, sizeof path, "%s/tests/sql/bound.grammar", getenv("HATIDATA_SOURCE_ROOT"));
    grammar.text = read_file(path);
    struct str rest = str_of(grammar.text);
    while (rest.n) {
        struct str line = str_cut(&rest, '\n');
        bool begins = line.n > 2 && line.p[0] == '[' && line.p[line.n - 1] == ']' &&
                      !memchr(line.p, '{', line.n) && !memchr(line.p, ':', line.n);
        if (!line.n || line.p[0] == '#') {
            continue;
        }
        if (begins) {
            assert_true(grammar.n < RULES_MAX);
            grammar.rules[grammar.n++].name = (struct str){line.p + 1, line.n - 2};
        } else {
            struct rule *r = &grammar.rules[grammar.n - 1];
            assert_true(r->n < ALTERNATIVES_MAX);
            r->alternatives[r->n++] = line;
        }
    }
    return 0;
}

static const struct rule *rule_of(struct str name)
{
    for (int i = 0; i < grammar.n; i++) {
        if (str_eq(grammar.rules[i].name, name)) {
            return &grammar.rules[i];
        }
    }
    return NULL;
}

/* xorshift: the same everywhere for the same seed. */
static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

static void expand(const struct rule *rule, int depth, uint64_t *seed, struct buf *out);

static void expand_text(struct str text, int depth, uint64_t *seed, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        const char *end = text.p[i] == '{' ? memchr(text.p + i, '}', text.n - i) : NULL;
        struct str name = {text.p + i + 1, end ? (size_t)(end - text.p) - i - 1 : 0};
        const struct rule *inner = end ? rule_of(name) : NULL;
        if (inner) {
            expand(inner, depth + 1, seed, out);
            i += name.n + 1;
        } else { /* a brace of SQL's own */
            buf_u8(out, (uint8_t)text.p[i]);
        }
    }
}

static void expand(const struct rule *rule, int depth, uint64_t *seed, struct buf *out)
{
    int k = depth > DEEP ? 0 : (int)(next_random(seed) % (uint64_t)rule->n);
    expand_text(rule->alternatives[k], depth, seed, out);
}

/* A statement: of the rule that all dialects share, or of the dialect's own. */
static void make_statement(const char *dialect, uint64_t *seed, struct buf *out)
{
    char own[64];
    snprintf(own, sizeof own, "statement %s", dialect);
    const struct rule *common = rule_of(STR("statement")), *mine = rule_of(str_of(own));
    assert_non_null(mine);
    buf_clear(out);
    expand(next_random(seed) % 3 ? common : mine, 0, seed, out);
}

/* ---- the checks ---- */

static const struct parse_limits limits = PARSE_LIMITS_DEFAULT;

struct figures {
    int made, parsed, bound;
};

/* The engine's parser alone: whether it has the functions and types is another test. */
static void check_engine_text(const char *text, const char *sql)
{
    static duckdb_database db;
    static duckdb_connection con;
    duckdb_extracted_statements statements = NULL;
    if (!con) {
        assert_int_equal(duckdb_open(NULL, &db), DuckDBSuccess);
        assert_int_equal(duckdb_connect(db, &con), DuckDBSuccess);
    }
    if (duckdb_extract_statements(con, text, &statements) != 1) {
        fail_msg("the engine can't parse: %s\n%s\n%s", duckdb_extract_statements_error(statements),
                 sql, text);
    }
    duckdb_destroy_extracted(&statements);
}

static bool check_bound(struct arena *a, const struct catalog *catalog, enum dialect dialect,
                        struct node **n, const char *sql)
{
    struct error e = ERROR_INIT;
    struct binding *b = NULL;
    struct buf text = BUF_INIT(0);
    struct bind_context ctx = {
        .arena = a, .catalog = catalog, .space.org_id = STR(ORG), .dialect = dialect};
    bool bound = dialect_normalize(a, dialect, n, NULL, &e) == OK &&
                 sql_bind(&ctx, n, &b, &e) == OK && sql_rewrite(a, n, &e) == OK &&
                 sql_print(*n, PRINT_DUCKDB, &text, &e) == OK;
    if (bound && (b->kind == STATEMENT_QUERY || b->kind == STATEMENT_INSERT ||
                  b->kind == STATEMENT_UPDATE || b->kind == STATEMENT_DELETE)) {
        check_engine_text(buf_cstr(&text), sql);
    }
    buf_free(&text);
    return bound;
}

static void check(const struct catalog *catalog, enum dialect dialect, const char *sql,
                  struct figures *f)
{
    struct arena *a = arena_new(64 << 20);
    struct error e = ERROR_INIT;
    struct node_list list = {0};
    f->made++;
    if (sql_parse(a, str_of(sql), dialect, &limits, &list, &e) == OK) {
        f->parsed++;
        for (uint32_t i = 0; i < list.n; i++) {
            f->bound += check_bound(a, catalog, dialect, &list.at[i], sql);
        }
    } else if (getenv("RANDOM_SHOW")) {
        printf("%s @%d\t%s\n", e.message, (int)e.position, sql);
    }
    arena_free(a);
}

static int64_t setting(const char *name, int64_t otherwise)
{
    const char *text = getenv(name);
    return text ? atoll(text) : otherwise;
}

static void run(const char *name, enum dialect dialect, int least_parsed, int least_bound)
{
    struct catalog *catalog = schema_build();
    struct figures f = {0};
    struct buf sql = BUF_INIT(0);
    uint64_t seed = (uint64_t)setting("RANDOM_SEED", 20241126) * 2654435761u + 1;
    int64_t count = setting("RANDOM_COUNT", COUNT);
    for (int64_t i = 0; i < count; i++) {
        make_statement(name, &seed, &sql);
        check(catalog, dialect, buf_cstr(&sql), &f);
    }
    print_message("%s: %d made, %d parsed, %d bound\n", name, f.made, f.parsed, f.bound);
    assert_true(f.parsed * 100 >= f.made * least_parsed);
    assert_true(f.bound * 100 >= f.made * least_bound);
    buf_free(&sql);
    catalog_unref(catalog);
}

static void snowflake(void **state)
{
    run("snowflake", DIALECT_SNOWFLAKE, 75, 5);
}

static void postgres(void **state)
{
    run("postgres", DIALECT_POSTGRES, 75, 5);
}

static void duckdb(void **state)
{
    run("duckdb", DIALECT_DUCKDB, 75, 5);
}

static int free_grammar(void **state)
{
    free(grammar.text);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(snowflake),
        cmocka_unit_test(postgres),
        cmocka_unit_test(duckdb),
    };
    return cmocka_run_group_tests(tests, read_grammar, free_grammar);
}
