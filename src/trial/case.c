#include "trial/case.h"

#include <ctype.h>

const char *const case_list_names[CASE_LIST_COUNT] = {"masks", "filters", "reads", "writes",
                                                      "rules"};

struct reading {
    struct str text;
    size_t at; /* of the line that is read */
    int line;
    struct arena *a;
    struct error *e;
    struct str who;
    int who_line;
    enum dialect dialect;
    VEC_OF(struct policy_case) cases;
    VEC_OF(struct case_table) tables;
    enum { NO_MORE, MORE_STATEMENT, MORE_OF_TABLE, MORE_ROWS } more; /* what an indented line is */
};

static enum status wrong(const struct reading *r, const char *what)
{
    return error_at(r->e, ERR_VALIDATION, r->at, "%s", what);
}

static struct policy_case *last(struct reading *r)
{
    return r->cases.n ? &r->cases.at[r->cases.n - 1] : NULL;
}

/* A case is whole where it says what is expected. */
static enum status end_case(struct reading *r)
{
    const struct policy_case *c = last(r);
    if (c && !c->outcome.n) {
        return wrong(r, "the statement before has no \"expect\"");
    }
    return c && c->has_rows && !c->has_no_rows && !c->rows.n
               ? wrong(r, "no row follows the \"rows\" before; write \"rows none\"")
               : OK;
}

/* One more line of the statement: what the text holds in between belongs to it. */
static void read_more(struct reading *r, struct str line)
{
    struct str *statement = &last(r)->statement;
    *statement = str_of(arena_printf(r->a, "%.*s%s%.*s", STR_ARG(*statement),
                                     statement->n ? "\n" : "", STR_ARG(line)));
}

static bool is_table_name(struct str name)
{
    size_t skip = str_starts(name, "shared.") ? 7 : 0;
    bool good = name.n > skip;
    for (size_t i = skip; good && i < name.n; i++) {
        good = isalnum((unsigned char)name.p[i]) || name.p[i] == '_';
    }
    return good;
}

/* NAME (COLUMNS) [tenant COLUMN] */
static enum status read_table(struct reading *r, struct str rest)
{
    struct case_table t = {.line = r->line, .dialect = r->dialect, .rows = STR("")};
    const char *open = rest.n ? memchr(rest.p, '(', rest.n) : NULL;
    const char *close = open ? memrchr(rest.p, ')', rest.n) : NULL;
    if (r->cases.n) {
        return wrong(r, "table: must stand before the first \"ask\"");
    }
    if (!close || close < open) {
        return wrong(r, "table: must be as in people (name text, phone text)");
    }
    t.name = str_trim((struct str){rest.p, (size_t)(open - rest.p)});
    t.columns = (struct str){open, (size_t)(close - open) + 1};
    struct str more = str_trim((struct str){close + 1, rest.n - (size_t)(close + 1 - rest.p)});
    struct str word = str_cut(&more, ' ');
    t.tenant = str_trim(more.p ? more : STR(""));
    if (!is_table_name(t.name)) {
        return wrong(r, "table: its name may have letters, digits, _ and \"shared.\" before it");
    }
    if (word.n && (!str_is(word, "tenant") || !t.tenant.n || !str_starts(t.name, "shared."))) {
        return wrong(r, "table: only \"tenant COLUMN\" of a shared table may follow its columns");
    }
    VEC_PUSH(r->a, r->tables, t);
    r->more = MORE_OF_TABLE;
    return OK;
}

static enum status read_rows(struct reading *r, struct str rest)
{
    struct policy_case *c = last(r);
    if (!c || !c->outcome.n || c->has_rows) {
        return wrong(r, "rows: must follow an \"expect\", once");
    }
    if (!str_is(c->outcome, "allowed")) {
        return wrong(r, "what is refused has only rules");
    }
    if (!r->tables.n) {
        return wrong(r, "rows: nothing is run where the file gives no \"table\"");
    }
    if (rest.n && !str_is(rest, "none")) {
        return wrong(r, "rows: \"none\", or a row a line, indented");
    }
    c->has_rows = true;
    c->has_no_rows = rest.n != 0;
    r->more = rest.n ? NO_MORE : MORE_ROWS;
    return OK;
}

/* An indented line: more of what stands before. */
static enum status read_indented(struct reading *r, struct str line)
{
    struct policy_row row;
    const char *why = NULL;
    struct case_table *t = r->tables.n ? &r->tables.at[r->tables.n - 1] : NULL;
    if (line.p[0] == '#' && r->more != MORE_STATEMENT) {
        return OK;
    }
    switch (r->more) {
    case MORE_STATEMENT:
        read_more(r, line);
        break;
    case MORE_OF_TABLE:
        why = line.p[0] == '(' ? NULL : "a row must be as in ('ann', 12, NULL)";
        t->rows = str_of(arena_printf(r->a, "%.*s%s%.*s", STR_ARG(t->rows), t->rows.n ? ", " : "",
                                      STR_ARG(line)));
        break;
    case MORE_ROWS:
        why = policy_row_read(line, r->a, &row);
        if (!why) {
            VEC_PUSH(r->a, last(r)->rows, row);
        }
        break;
    case NO_MORE:
        break;
    }
    return why ? wrong(r, why) : OK;
}

static enum status read_who(struct reading *r, struct str words)
{
    if (end_case(r) != OK) {
        return FAIL;
    }
    r->who = words;
    r->who_line = r->line;
    return words.n ? OK : wrong(r, "who: a principal must follow, such as role=analyst");
}

static enum status read_dialect(struct reading *r, struct str name)
{
    static const char *const names[] = {"snowflake", "postgres", "duckdb"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_is(name, names[i])) {
            r->dialect = (enum dialect)i;
            return end_case(r);
        }
    }
    return wrong(r, "dialect: may be snowflake, postgres or duckdb");
}

static enum status read_ask(struct reading *r, struct str statement)
{
    if (end_case(r) != OK) {
        return FAIL;
    }
    if (!r->who.n) {
        return wrong(r, "ask: nobody asks; \"who\" must come before");
    }
    struct policy_case c = {.line = r->line,
                            .who = r->who,
                            .who_line = r->who_line,
                            .dialect = r->dialect,
                            .statement = statement};
    VEC_PUSH(r->a, r->cases, c);
    r->more = MORE_STATEMENT;
    return OK;
}

static enum status read_expect(struct reading *r, struct str rest)
{
    struct policy_case *c = last(r);
    if (!c || c->outcome.n) {
        return wrong(r, "expect: must follow an \"ask\", once");
    }
    if (!c->statement.n) {
        return wrong(r, "expect: the \"ask\" before has no statement");
    }
    c->outcome = str_cut(&rest, ' ');
    c->says = str_trim(rest.p ? rest : STR(""));
    if (!str_is(c->outcome, "allowed") && !str_is(c->outcome, "denied") &&
        !str_starts(c->outcome, "HATI_ERR_")) {
        return wrong(r, "expect: may be allowed, denied or a code such as HATI_ERR_404_TABLE");
    }
    return str_is(c->outcome, "allowed") && c->says.n
               ? wrong(r, "expect allowed: nothing may follow on its line")
               : OK;
}

static enum status read_list(struct reading *r, enum case_list which, struct str items)
{
    struct policy_case *c = last(r);
    if (!c || !c->outcome.n || c->lists[which].p) {
        return wrong(r, "must follow an \"expect\", once");
    }
    if (!items.n) {
        return wrong(r, "is empty; write none where nothing is expected");
    }
    if (which != CASE_RULES && !str_is(c->outcome, "allowed")) {
        return wrong(r, "what is refused has only rules");
    }
    c->lists[which] = items;
    return OK;
}

static enum status read_line(struct reading *r, struct str line)
{
    bool is_more = line.n && (line.p[0] == ' ' || line.p[0] == '\t');
    struct str rest = str_trim(line);
    if (is_more && r->more != NO_MORE && rest.n) {
        return read_indented(r, rest);
    }
    if (!rest.n || rest.p[0] == '#') {
        return OK;
    }
    struct str verb = str_cut(&rest, ' ');
    rest = str_trim(rest.p ? rest : STR(""));
    r->more = NO_MORE;
    if (str_is(verb, "who")) {
        return read_who(r, rest);
    }
    if (str_is(verb, "dialect")) {
        return read_dialect(r, rest);
    }
    if (str_is(verb, "ask")) {
        return read_ask(r, rest);
    }
    if (str_is(verb, "expect")) {
        return read_expect(r, rest);
    }
    if (str_is(verb, "table")) {
        return read_table(r, rest);
    }
    if (str_is(verb, "rows")) {
        return read_rows(r, rest);
    }
    for (int i = 0; i < CASE_LIST_COUNT; i++) {
        if (str_is(verb, case_list_names[i])) {
            return read_list(r, (enum case_list)i, rest);
        }
    }
    (void)wrong(r, "not a line of a test");
    return error_hint(r->e, "A line begins with table, who, dialect, ask, expect, masks, filters, "
                            "reads, writes, rules, rows or #; more of it is indented.");
}

enum status policy_cases_read(struct str text, struct arena *a, struct policy_cases *out,
                              struct error *e)
{
    struct reading r = {.text = text, .a = a, .e = e, .dialect = DIALECT_SNOWFLAKE};
    enum status status = OK;
    for (struct str rest = text; status == OK && rest.p && rest.n;) {
        r.at = (size_t)(rest.p - text.p);
        r.line++;
        status = read_line(&r, str_cut(&rest, '\n'));
    }
    if (status == OK) {
        r.at = text.n;
        status = r.cases.n ? end_case(&r) : wrong(&r, "the file has no case: no \"ask\"");
    }
    *out = (struct policy_cases){r.tables.at, r.tables.n, r.cases.at, r.cases.n};
    return status;
}
