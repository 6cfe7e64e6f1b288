/* Decisions as text: tests/policy/NAME.test holds policies, principals and requests with what must
 * come out. A request is the binding itself, so that what is tested is policy alone:
 *
 *     policy NAME [org=ORG] [off]        and the JSON on the lines up to an empty one
 *     forget                             no policies any more
 *     who FIELD=VALUE ...                world.h
 *     ask KIND [TABLE(COLUMNS)] ...      ">TABLE[COLUMNS]" is written to; "@TABLE" is in a view;
 *                                        star uses=T.C,... uses=PLACE:T.C,... out=T.C,...
 *                                        (~T.C: computed from it; max:T.C, sum:T.C, count:T.C: of
 * many;
 *                                        ?: unknown; -: no column)
 * ddl=TABLE view (it makes one) at=MINUTES after Monday 1970-01-05 00:00 UTC expect ok
 * [masks=F,F,...] [filters=N] [tenant=N] [notes=...] expect CODE text that the message holds hint
 * TEXT | hint                   what the last refusal's hint holds, or that it has none */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/buf.h"
#include "sql/lineage.h"
#include "world.h"

struct run {
    struct world world;
    const char *file;
    int line, cases, wrong;
    const struct principal *who;
    struct arena *arena; /* of the last request */
    struct binding binding;
    int64_t now_us;
    struct decision *decision;
    const struct mask **masks;
    enum status status;
    struct error error;
    struct str ask;
};

static void complain(struct run *r, const char *what, struct str got)
{
    r->wrong++;
    fprintf(stderr, "%s:%d: %s; got: %.*s\n  %.*s\n", r->file, r->line, what, STR_ARG(got),
            STR_ARG(r->ask));
}

static bool word_has_prefix(struct str *w, const char *prefix)
{
    if (!str_starts(*w, prefix)) {
        return false;
    }
    w->p += strlen(prefix);
    w->n -= strlen(prefix);
    return true;
}

static const struct table *find(struct run *r, struct str name)
{
    const struct table *t = world_table(&r->world, "acme", name);
    t = t ? t : world_table(&r->world, "rival", name);
    if (!t) {
        fprintf(stderr, "%s:%d: no table %.*s\n", r->file, r->line, STR_ARG(name));
        abort();
    }
    return t;
}

/* "shared.customer.c_name" */
static const struct lineage *column_lineage(struct run *r, struct str text)
{
    struct str rest = text, schema = str_cut(&rest, '.'), name = str_cut(&rest, '.');
    struct str table = {schema.p, schema.n + 1 + name.n};
    const struct table *t = find(r, table);
    int column = table_column(t, rest);
    if (column < 0) {
        fprintf(stderr, "%s:%d: no column %.*s\n", r->file, r->line, STR_ARG(text));
        abort();
    }
    return lineage_column(r->arena, t, column);
}

static struct output_column output(struct run *r, struct str text)
{
    struct output_column o = {.name = text, .type = type_simple(TYPE_TEXT), .is_bare = true};
    if (str_is(text, "?") || str_is(text, "-")) {
        o.is_bare = false;
        o.origins = str_is(text, "?") ? lineage_unknown() : lineage_none();
        return o;
    }
    bool derived = word_has_prefix(&text, "~");
    bool aggregated = word_has_prefix(&text, "max:"), counted = word_has_prefix(&text, "count:");
    bool summed = word_has_prefix(&text, "sum:");
    o.origins = lineage_none();
    while (text.n) { /* a|b: UNION ALL */
        o.origins = lineage_union(r->arena, o.origins, column_lineage(r, str_cut(&text, '|')));
    }
    o.origins = derived      ? lineage_derived(r->arena, o.origins)
                : aggregated ? lineage_aggregated(r->arena, o.origins)
                : counted    ? lineage_counted(r->arena, o.origins)
                : summed     ? lineage_summed(r->arena, o.origins)
                             : o.origins;
    o.is_bare = !derived && !aggregated && !counted && !summed;
    return o;
}

/* Flags of the columns in "a,b)": the last character closes the list. */
static bool *flagged(struct run *r, const struct table *t, struct str list)
{
    bool *flags = ARENA_ARRAY(r->arena, bool, t->column_count);
    list.n = list.n ? list.n - 1 : 0;
    while (list.n) {
        int column = table_column(t, str_cut(&list, ','));
        assert_true(column >= 0);
        flags[column] = true;
    }
    return flags;
}

/* A use at a place, or without one as an expression's. */
static void add_uses(struct run *r, struct str word)
{
    static const struct {
        const char *prefix;
        enum origin_use place;
    } places[] = {{"predicate:", USE_PREDICATE},
                  {"join:", USE_JOIN},
                  {"window:", USE_WINDOW},
                  {"rows:", USE_ROWS},
                  {"write:", USE_WRITE}};
    enum origin_use place = USE_EXPRESSION;
    for (size_t i = 0; i < sizeof places / sizeof *places; i++) {
        place = word_has_prefix(&word, places[i].prefix) ? places[i].place : place;
    }
    r->binding.uses = lineage_add(r->arena, r->binding.uses, output(r, word).origins, place);
}

static void add_table(struct run *r, struct str word)
{
    bool written = word_has_prefix(&word, ">"), in_view = word_has_prefix(&word, "@");
    struct str assigned = word, used = str_cut(&assigned, '['), name = str_cut(&used, '(');
    struct bound_table *b = ARENA_NEW(r->arena, struct bound_table);
    b->table = find(r, name);
    b->id = (uint32_t)r->binding.table_count;
    b->written = written;
    b->in_view = in_view;
    b->columns_used = flagged(r, b->table, used);
    b->columns_written = flagged(r, b->table, assigned);
    r->binding.tables[r->binding.table_count++] = b;
}

static enum statement_kind kind_of(struct str s)
{
    static const char *const names[] = {"query", "insert",  "update",  "delete",  "merge",
                                        "ddl",   "explain", "copy_in", "copy_out"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_is(s, names[i])) {
            return (enum statement_kind)i;
        }
    }
    abort();
}

static void read_request(struct run *r, struct str text)
{
    struct str rest = text;
    r->binding = (struct binding){.kind = kind_of(str_cut(&rest, ' ')), .uses = lineage_none()};
    r->binding.tables = ARENA_ARRAY(r->arena, struct bound_table *, 8);
    r->binding.outputs = ARENA_ARRAY(r->arena, struct output_column, 8);
    r->now_us = 0;
    while (rest.n) {
        struct str word = str_cut(&rest, ' ');
        if (word_has_prefix(&word, "uses=")) {
            add_uses(r, word);
        } else if (word_has_prefix(&word, "out=")) {
            while (word.n) {
                r->binding.outputs[r->binding.output_count++] = output(r, str_cut(&word, ','));
            }
        } else if (word_has_prefix(&word, "ddl=")) {
            r->binding.ddl_tables = ARENA_NEW(r->arena, const struct table *);
            r->binding.ddl_tables[0] = find(r, word);
            r->binding.ddl_table_count = r->binding.ddl_tables[0] != NULL;
        } else if (str_is(word, "deletes")) {
            r->binding.also_deletes = true;
        } else if (str_is(word, "numbers")) {
            r->binding.takes_numbers = true;
        } else if (str_is(word, "star")) {
            r->binding.selects_star = true;
        } else if (str_is(word, "view")) {
            r->binding.view_definition = STR("SELECT 1");
        } else if (word_has_prefix(&word, "at=")) {
            int64_t minutes;
            assert_true(str_to_i64(word, &minutes));
            r->now_us = (4 * 1440 + minutes) * 60000000;
        } else if (word.n) {
            add_table(r, word);
        }
    }
}

static void ask(struct run *r, struct str text)
{
    arena_free(r->arena);
    r->arena = arena_new(0);
    r->ask = text;
    read_request(r, text);
    struct policy_request request = {r->who, &r->binding, r->world.catalog, r->now_us};
    r->error = (struct error)ERROR_INIT;
    r->masks = NULL;
    r->status =
        policy_decide(world_snapshot(&r->world), &request, r->arena, &r->decision, &r->error);
    if (r->status == OK) {
        r->status = policy_output_masks(r->decision, &r->binding, r->arena, &r->masks, &r->error);
    }
    if (!r->decision || (r->status != OK && r->decision->note_count == 0)) {
        complain(r, "a refusal without a note", STR(""));
    }
}

static void describe_masks(struct run *r, struct buf *b)
{
    static const char *const names[] = {"-", "partial", "hash", "full", "null"};
    buf_puts(b, r->decision->masks_at_reference ? "reference:" : "");
    for (size_t i = 0; i < r->binding.output_count; i++) {
        const struct mask *m = r->masks[i];
        buf_printf(b, "%s%s", i ? "," : "", names[m->function]);
        if (m->function == MASK_PARTIAL) {
            buf_printf(b, ":%d", m->visible_chars);
        }
        buf_puts(b, m->as_text ? "+text" : "");
    }
}

static void describe_notes(struct run *r, struct buf *b)
{
    for (size_t i = 0; i < r->decision->note_count; i++) {
        const struct verdict_note *n = &r->decision->notes[i];
        buf_printf(b, "%s%.*s:%.*s%s%.*s", i ? ";" : "", STR_ARG(n->action),
                   STR_ARG(n->policy_name), n->columns.n ? ":" : "", STR_ARG(n->columns));
    }
}

/* What really came out, for one word of an expectation such as "filters=1". */
static void describe(struct run *r, struct str key, struct buf *b)
{
    size_t filters = 0, tenant = 0;
    for (size_t i = 0; i < r->decision->table_count; i++) {
        filters += r->decision->tables[i].filter_count;
        tenant += r->decision->tables[i].tenant_scoped;
    }
    if (str_is(key, "masks")) {
        describe_masks(r, b);
    } else if (str_is(key, "notes")) {
        describe_notes(r, b);
    } else {
        buf_printf(b, "%zu", str_is(key, "filters") ? filters : tenant);
    }
}

static void expect_ok(struct run *r, struct str rest)
{
    if (r->status != OK) {
        complain(r, "expected ok", str_of(r->error.message));
        return;
    }
    while (rest.n) {
        struct str value = str_cut(&rest, ' ');
        struct str key = str_cut(&value, '=');
        struct buf got = BUF_INIT(4096);
        describe(r, key, &got);
        struct str text = buf_str(&got);
        if (!str_eq(text, value.p ? value : STR(""))) {
            complain(r, "expected otherwise", text);
        }
        buf_free(&got);
    }
}

static void expect_refusal(struct run *r, struct str code, struct str text)
{
    static const struct {
        const char *name;
        enum error_code code;
    } codes[] = {
        {"denied", ERR_DENIED}, {"masked", ERR_MASKED_USE}, {"unknown", ERR_UNKNOWN_TABLE}};
    if (r->status == OK) {
        complain(r, "expected a refusal", STR("ok"));
        return;
    }
    bool same = false;
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
        same |= str_is(code, codes[i].name) && r->error.code == codes[i].code;
    }
    char *wanted = arena_strdup(r->arena, text);
    if (!same || !strstr(r->error.message, wanted)) {
        complain(r, "expected another refusal", str_of(r->error.message));
    }
}

static void expect(struct run *r, struct str rest)
{
    struct str first = str_cut(&rest, ' ');
    r->cases++;
    if (str_is(first, "ok")) {
        expect_ok(r, rest);
    } else {
        expect_refusal(r, first, rest);
    }
}

static void expect_hint(struct run *r, struct str text)
{
    char *wanted = arena_strdup(r->arena, text);
    bool good = text.n ? strstr(r->error.hint, wanted) != NULL : r->error.hint[0] == 0;
    if (!good) {
        complain(r, "expected another hint", str_of(r->error.hint));
    }
}

static struct str next_line(struct run *r, struct str *text)
{
    r->line++;
    return str_trim(str_cut(text, '\n'));
}

static void read_policy(struct run *r, struct str options, struct str *text)
{
    struct buf json = BUF_INIT(0);
    for (struct str line; text->n && (line = next_line(r, text)).n;) {
        buf_put_str(&json, line);
        buf_puts(&json, "\n");
    }
    world_policy(&r->world, options, buf_str(&json));
    buf_free(&json);
}

static void run_line(struct run *r, struct str line, struct str *text)
{
    struct str rest = line, verb = str_cut(&rest, ' ');
    if (str_is(verb, "policy")) {
        read_policy(r, rest, text);
    } else if (str_is(verb, "forget")) {
        world_forget(&r->world);
    } else if (str_is(verb, "who")) {
        r->who = world_principal(&r->world, rest);
    } else if (str_is(verb, "ask")) {
        ask(r, rest);
    } else if (str_is(verb, "expect")) {
        expect(r, rest);
    } else if (str_is(verb, "hint")) {
        expect_hint(r, rest.p ? rest : STR(""));
    } else {
        complain(r, "unknown line", line);
    }
}

static struct str read_all(struct arena *a, const char *path)
{
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    char *p = arena_alloc(a, 1 << 20);
    size_t n = fread(p, 1, 1 << 20, f);
    fclose(f);
    return (struct str){p, n};
}

static void run_file(const char *name, int least)
{
    struct run r = {.file = name};
    world_init(&r.world);
    const char *root = getenv("HATIDATA_SOURCE_ROOT");
    char *path = arena_printf(r.world.arena, "%s/tests/policy/%s", root ? root : ".", name);
    struct str text = read_all(r.world.arena, path);
    while (text.n) {
        struct str line = next_line(&r, &text);
        if (line.n && line.p[0] != '#') {
            run_line(&r, line, &text);
        }
    }
    arena_free(r.arena);
    world_fini(&r.world);
    assert_int_equal(r.wrong, 0);
    assert_true(r.cases >= least);
}

#define TABLE(test, file, least)                                                                   \
    static void test(void **state)                                                                 \
    {                                                                                              \
        (void)state;                                                                               \
        run_file(file, least);                                                                     \
    }
TABLE(test_roles, "roles.test", 30)
TABLE(test_tables, "tables.test", 15)
TABLE(test_abac, "abac.test", 40)
TABLE(test_masks, "masks.test", 40)
TABLE(test_usage, "usage.test", 45)
TABLE(test_filters, "filters.test", 15)
TABLE(test_shadow, "shadow.test", 30)
TABLE(test_environments, "environments.test", 9)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_roles),  cmocka_unit_test(test_tables),
        cmocka_unit_test(test_abac),   cmocka_unit_test(test_masks),
        cmocka_unit_test(test_usage),  cmocka_unit_test(test_filters),
        cmocka_unit_test(test_shadow), cmocka_unit_test(test_environments)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
