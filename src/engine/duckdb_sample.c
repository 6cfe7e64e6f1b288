/* The sample data: TPC-H with a tenant on customers, orders and lineitems.
 *
 * The generator can't write into a transaction that also drops, so it writes to the empty in-memory
 * main database; from there all eight tables are copied in one transaction. A crash leaves nothing.
 */
#include "engine/duckdb_internal.h"

#define SCRATCH "memory.tpch_scratch"

static const struct {
    const char *name, *more, *join; /* further columns, and where they come from */
} tables[] = {
    {"region", "", ""},
    {"nation", "", ""},
    {"part", "", ""},
    {"supplier", "", ""},
    {"partsupp", "", ""},
    {"customer", ", %s[1 + CAST(t.c_custkey %% %zu AS INTEGER)] AS c_tenant", ""},
    {"orders", ", %s[1 + CAST(t.o_custkey %% %zu AS INTEGER)] AS o_tenant", ""},
    {"lineitem", ", %s[1 + CAST(o.o_custkey %% %zu AS INTEGER)] AS l_tenant",
     " JOIN " SCRATCH ".orders o ON o.o_orderkey = t.l_orderkey"},
};

enum { TABLE_COUNT = sizeof tables / sizeof *tables };

static enum status run(struct session *s, const char *sql, struct error *e)
{
    return engine_query(s->connection, STAGE_EXECUTE, sql, NULL, e);
}

/* ['a', 'b'] */
static void put_list(struct buf *b, const struct str *items, size_t n)
{
    buf_u8(b, '[');
    for (size_t i = 0; i < n; i++) {
        buf_puts(b, i ? ", " : "");
        put_literal(b, items[i]);
    }
    buf_u8(b, ']');
}

/* `more` with the list and its length in; our own two formats, so no format string is built. */
static void put_more(struct buf *b, const char *more, struct str list, size_t n)
{
    for (const char *p = more; *p; p++) {
        if (p[0] != '%') {
            buf_u8(b, (uint8_t)*p);
        } else if (p[1] == 's') {
            buf_put_str(b, list);
            p++;
        } else if (p[1] == 'z') {
            buf_printf(b, "%zu", n);
            p += 2;
        } else {
            buf_u8(b, '%');
            p++;
        }
    }
}

static enum status copy_table(struct session *s, size_t i, struct str list, size_t n,
                              struct error *e)
{
    struct buf b = BUF_INIT(0);
    buf_printf(&b, "CREATE TABLE " ENGINE_DATABASE "." CATALOG_SHARED_SCHEMA ".%s AS SELECT t.*",
               tables[i].name);
    put_more(&b, tables[i].more, list, n);
    buf_printf(&b, " FROM " SCRATCH ".%s t%s", tables[i].name, tables[i].join);
    enum status st = run(s, buf_cstr(&b), e);
    buf_free(&b);
    return st;
}

static enum status copy_all(struct session *s, const struct str *tenants, size_t n, struct error *e)
{
    struct buf list = BUF_INIT(0);
    put_list(&list, tenants, n);
    enum status st = run(s, "BEGIN", e);
    if (st == OK) {
        for (size_t i = 0; i < TABLE_COUNT && st == OK; i++) {
            st = copy_table(s, i, buf_str(&list), n, e);
        }
        st = st == OK ? run(s, "COMMIT", e) : st;
        if (st != OK) {
            (void)!run(s, "ROLLBACK", NULL);
        }
    }
    buf_free(&list);
    return st;
}

static enum status generate(struct session *s, double scale, struct error *e)
{
    struct buf b = BUF_INIT(0);
    buf_printf(&b, "CALL dbgen(sf = %.6f, catalog = 'memory', schema = 'tpch_scratch')", scale);
    enum status st = run(s, "CREATE SCHEMA " SCRATCH, e);
    st = st == OK ? run(s, buf_cstr(&b), e) : st;
    buf_free(&b);
    return st;
}

enum status engine_load_tpch(struct engine *g, uint64_t session, double scale,
                             const struct str *tenants, size_t n, struct error *e)
{
    struct session *s = session_find(g, session, e);
    if (!s) {
        return FAIL;
    }
    if (!g->has_tpch) {
        return error_set(e, ERR_CONFIG, "The engine was opened without the tpch extension.");
    }
    if (n == 0 || !(scale > 0 && scale <= 1000)) {
        return error_set(e, ERR_VALIDATION,
                         "The sample data needs a tenant, and a scale above 0 and up to 1000.");
    }
    run_begin(s, 0);
    enum status st = generate(s, scale, e);
    st = st == OK ? copy_all(s, tenants, n, e) : st;
    (void)!run(s, "DROP SCHEMA IF EXISTS " SCRATCH " CASCADE", NULL);
    return run_end(s, st, e);
}
