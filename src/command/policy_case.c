#include "command/policy_case.h"

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
    bool is_asking; /* the line before was an ask, or more of it */
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
    return c && !c->outcome.n ? wrong(r, "the statement before has no \"expect\"") : OK;
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
    r->is_asking = true;
    return OK;
}

/* One more line of the statement: what the text holds in between belongs to it. */
static void read_more(struct reading *r, struct str line)
{
    struct str *statement = &last(r)->statement;
    *statement = str_of(arena_printf(r->a, "%.*s%s%.*s", STR_ARG(*statement),
                                     statement->n ? "\n" : "", STR_ARG(line)));
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
    if (is_more && r->is_asking && rest.n) {
        read_more(r, rest);
        return OK;
    }
    if (!rest.n || rest.p[0] == '#') {
        return OK;
    }
    struct str verb = str_cut(&rest, ' ');
    rest = str_trim(rest.p ? rest : STR(""));
    r->is_asking = false;
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
    for (int i = 0; i < CASE_LIST_COUNT; i++) {
        if (str_is(verb, case_list_names[i])) {
            return read_list(r, (enum case_list)i, rest);
        }
    }
    (void)wrong(r, "not a line of a test");
    return error_hint(r->e, "A line begins with who, dialect, ask, expect, masks, filters, reads, "
                            "writes, rules or #; more of a statement is indented.");
}

enum status policy_cases_read(struct str text, struct arena *a, struct policy_case **out,
                              size_t *count, struct error *e)
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
    *out = r.cases.at;
    *count = r.cases.n;
    return status;
}
