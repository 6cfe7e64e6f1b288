/* A case goes the way of a client's statement up to the engine's second opinion, by the same
 * functions: what it is compared with is what EXPLAIN POLICY would tell. Over the data folder it is
 * never run. In a file with tables of its own it is, all the way (policy_trial.h), and undone. */
#include "command/policy_test.h"

#include <stdio.h>
#include <sys/stat.h>

#include "command/api.h"
#include "command/offline.h"
#include "command/policy_case.h"
#include "command/policy_files.h"
#include "command/policy_folder.h"
#include "command/policy_rows.h"
#include "command/policy_trial.h"
#include "command/principal.h"
#include "command/source.h"
#include "pipeline/explanation.h"

struct testing {
    struct admin ad;
    const char *policies;    /* of --policies; NULL: those that are stored */
    const char *environment; /* of --env: whose tables are there for who doesn't say another */
    struct pipeline_config config; /* which policies to decide by */
    struct offline folder;         /* open where a file needed it */
    struct pipeline *pipeline;     /* that this file is asked by */
    bool runs;                     /* the file has tables */
    const char *file;
    size_t cases, failed;
};

/* What really came out of a case. */
struct outcome {
    struct arena *a;
    enum status status;
    struct error e;
    struct explanation told;
    bool is_ordered;
    struct policy_rows rows;
};

struct names {
    VEC_OF(struct str) list;
};

/* ---- what came out, in the words of the lists ---- */

/* "partial, 2 shown, as text" is partial:2+text. */
static struct str mask_word(struct arena *a, struct str detail)
{
    struct str rest = detail, function = str_cut(&rest, ',');
    const char *word = arena_strdup(a, function);
    while (rest.p) {
        struct str part = str_trim(str_cut(&rest, ','));
        bool is_shown = part.n > 6 && memcmp(part.p + part.n - 6, " shown", 6) == 0;
        word = is_shown ? arena_printf(a, "%s:%.*s", word, (int)(part.n - 6), part.p)
               : str_is(part, "as text") ? arena_printf(a, "%s+text", word)
                                         : arena_printf(a, "%s %.*s", word, STR_ARG(part));
    }
    return str_of(word);
}

static struct str pair(struct arena *a, struct str name, struct str value)
{
    return str_of(arena_printf(a, "%.*s=%.*s", STR_ARG(name), STR_ARG(value)));
}

/* The row as an item of the list; STR_NULL where it is none of it. */
static struct str item_of(struct arena *a, const struct explanation_row *row, enum case_list which)
{
    struct str action = str_of(row->action), section = str_of(row->section);
    bool is_table = str_is(section, "table") || str_is(section, "view");
    switch (which) {
    case CASE_MASKS:
        if (str_is(section, "column")) {
            return pair(a, row->object,
                        str_is(action, "mask") ? mask_word(a, row->detail) : action);
        }
        return STR_NULL;
    case CASE_FILTERS:
        if (is_table && str_is(action, "tenant")) {
            return pair(a, row->object, STR("(tenant)"));
        }
        return is_table && (str_starts(action, "filter") || str_starts(action, "check"))
                   ? pair(a, row->object, row->policy)
                   : STR_NULL;
    case CASE_READS:
        return is_table && str_is(action, "read") ? row->object : STR_NULL;
    case CASE_WRITES:
        return is_table && (str_is(action, "write") || str_is(action, "delete") ||
                            str_is(action, "ddl"))
                   ? row->object
                   : STR_NULL;
    case CASE_RULES:
        return (str_is(section, "rule") || str_is(section, "shadow")) && row->policy.n
                   ? pair(a, action, row->policy)
                   : STR_NULL;
    case CASE_LIST_COUNT:
        break;
    }
    return STR_NULL;
}

static void gather(struct outcome *o, enum case_list which, struct names *out)
{
    for (size_t i = 0; i < o->told.n; i++) {
        struct str item = item_of(o->a, &o->told.at[i], which);
        bool is_new = item.p != NULL;
        for (size_t k = 0; is_new && k < out->list.n; k++) {
            is_new = !str_eq(out->list.at[k], item);
        }
        if (is_new) {
            VEC_PUSH(o->a, out->list, item);
        }
    }
}

/* ---- compared with what is expected ---- */

/* "phone", "people.phone" and "public.people.phone" name the same. */
static bool names_same(struct str wanted, struct str real)
{
    size_t skip = real.n - wanted.n;
    return wanted.n && wanted.n <= real.n &&
           str_ieq(wanted, (struct str){real.p + skip, wanted.n}) &&
           (skip == 0 || real.p[skip - 1] == '.');
}

static bool item_fits(struct str wanted, struct str real)
{
    struct str wanted_name = str_cut(&wanted, '='), real_name = str_cut(&real, '=');
    bool same = str_eq(str_trim(wanted.p ? wanted : STR("")), real.p ? real : STR(""));
    return names_same(str_trim(wanted_name), real_name) && same;
}

static bool list_fits(struct arena *a, struct str wanted, const struct names *real)
{
    struct store_list items = admin_list(a, arena_strdup(a, wanted));
    bool *met = ARENA_ARRAY(a, bool, real->list.n);
    if (str_is(wanted, "none")) {
        return real->list.n == 0;
    }
    for (size_t i = 0; i < items.n; i++) {
        bool found = false;
        for (size_t k = 0; k < real->list.n; k++) {
            if (item_fits(items.at[i], real->list.at[k])) {
                found = met[k] = true;
            }
        }
        if (!found) {
            return false;
        }
    }
    for (size_t k = 0; k < real->list.n; k++) {
        if (!met[k]) {
            return false;
        }
    }
    return true;
}

static void put_names(const struct names *real)
{
    for (size_t k = 0; k < real->list.n; k++) {
        printf("%s%.*s", k ? ", " : "", STR_ARG(real->list.at[k]));
    }
    fputs(real->list.n ? "" : "none", stdout);
}

static void begin_difference(const struct testing *t, const struct policy_case *c, bool *differs)
{
    if (!*differs) {
        printf("%s:%d: ", t->file, c->line);
    } else {
        fputs("; ", stdout);
    }
    *differs = true;
}

static bool outcome_fits(const struct policy_case *c, const struct outcome *o)
{
    if (o->status == OK || str_is(c->outcome, "allowed")) {
        return o->status == OK && str_is(c->outcome, "allowed");
    }
    const struct error_info *info = error_info(o->e.code);
    bool same = str_is(c->outcome, "denied") ? strcmp(info->sqlstate, "42501") == 0
                                             : str_is(c->outcome, info->name);
    return same && strstr(o->e.message, arena_strdup(o->a, c->says));
}

static void compare(struct testing *t, const struct policy_case *c, struct outcome *o)
{
    bool differs = false;
    if (!outcome_fits(c, o)) {
        begin_difference(t, c, &differs);
        printf("expected %.*s%s%.*s, got ", STR_ARG(c->outcome), c->says.n ? " " : "",
               STR_ARG(c->says));
        if (o->status == OK) {
            fputs("allowed", stdout);
        } else {
            printf("%s: %s", error_info(o->e.code)->name, o->e.message);
        }
    }
    for (int i = 0; i < CASE_LIST_COUNT; i++) {
        struct names real = {0};
        if (!c->lists[i].p) {
            continue;
        }
        gather(o, (enum case_list)i, &real);
        if (!list_fits(o->a, c->lists[i], &real)) {
            begin_difference(t, c, &differs);
            printf("expected %s %.*s, got ", case_list_names[i], STR_ARG(c->lists[i]));
            put_names(&real);
        }
    }
    bool other_rows =
        c->has_rows && o->status == OK && !policy_rows_fit(&c->rows, &o->rows, o->is_ordered);
    if (other_rows) {
        begin_difference(t, c, &differs);
        printf("expected %zu row%s, got %zu", c->rows.n, c->rows.n == 1 ? "" : "s", o->rows.n);
    }
    if (differs) {
        puts("");
    }
    if (other_rows) {
        policy_rows_show(&c->rows, &o->rows);
    }
    t->failed += differs;
}

/* ---- the way there ---- */

static enum status ask(struct testing *t, const struct policy_case *c, const struct asker *who,
                       struct outcome *o)
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct governor_options options = {.session_id = STR("policy test"), .at_us = who->at_us};
    struct node_list list = {0};
    const struct node *stmt = NULL;
    struct governor *g = NULL;
    size_t n = 0;
    if (sql_parse(o->a, c->statement, c->dialect, &limits, &list, &o->e) != OK) {
        return FAIL;
    }
    for (uint32_t i = 0; i < list.n; i++) {
        n += list.at[i]->kind != NODE_EMPTY;
        stmt = list.at[i]->kind != NODE_EMPTY ? list.at[i] : stmt;
    }
    if (n != 1) {
        return error_set(&o->e, ERR_VALIDATION, "a case asks one statement");
    }
    if (governor_open(t->pipeline, who->principal, &options, &g, &o->e) != OK) {
        return FAIL;
    }
    governor_set_dialect(g, c->dialect);
    struct str text = {c->statement.p + stmt->offset, stmt->length};
    enum status status = explanation_make(g, stmt, text, o->a, &o->told, &o->e);
    if (status == OK && t->runs) {
        status = policy_rows_run(g, stmt, text, o->a, &o->rows, &o->e);
    }
    o->is_ordered = stmt->kind == NODE_QUERY &&
                    (node_query_const(stmt)->order.n || node_query_const(stmt)->order_all);
    governor_close(g);
    return status;
}

static void run_case(struct testing *t, const struct policy_case *c)
{
    struct outcome o = {.a = arena_new(0), .e = ERROR_INIT};
    struct str environment = t->environment ? str_of(t->environment) : STR_NULL;
    struct asker who;
    t->cases++;
    if (principal_read(t->ad.store, &t->ad.org, environment, c->who, o.a, &who, &o.e) != OK) {
        printf("%s:%d: %s\n", t->file, c->who_line, o.e.message);
        t->failed++;
    } else {
        o.status = ask(t, c, &who, &o);
        compare(t, c, &o);
    }
    arena_free(o.a);
}

/* ---- what it is asked of ---- */

static enum status open_folder(struct testing *t)
{
    static const char hint[] = "No server may have the data folder open: test on a copy of the "
                               "folder, stop the server, or give the file tables of its own.";
    return offline_open(&t->ad, &t->config, hint, &t->folder);
}

static enum status run_cases(struct testing *t, const struct policy_cases *cases)
{
    if (!t->runs && !t->folder.pipeline && open_folder(t) != OK) {
        return FAIL;
    }
    t->pipeline = t->runs ? t->pipeline : t->folder.pipeline;
    for (size_t i = 0; i < cases->n; i++) {
        run_case(t, &cases->at[i]);
    }
    return OK;
}

/* A table that can't be made is a mistake of the file; all else ends the tests. */
static enum status run_trial(struct testing *t, const struct policy_cases *cases, size_t *mistakes)
{
    struct str environment = t->environment ? str_of(t->environment) : STR_NULL;
    struct error e = ERROR_INIT;
    struct trial *trial = NULL;
    int line;
    if (trial_open(&t->ad, environment, cases, &t->config, &trial, &line, &e) != OK) {
        if (line) {
            printf("%s:%d: %s\n", t->file, line, e.message);
            ++*mistakes;
            return OK;
        }
        t->ad.e = e;
        return FAIL;
    }
    t->pipeline = trial_pipeline(trial);
    enum status status = run_cases(t, cases);
    trial_close(trial);
    return status;
}

static enum status run_file(struct testing *t, const char *path, size_t *mistakes)
{
    struct buf text = BUF_INIT(0);
    struct policy_cases cases;
    struct error e = ERROR_INIT;
    t->file = path;
    enum status status = source_read(path, &text, &t->ad.e);
    if (status == OK && policy_cases_read(buf_str(&text), t->ad.a, &cases, &e) != OK) {
        source_fail(path, buf_str(&text), &e);
        ++*mistakes;
    } else if (status == OK) {
        t->runs = cases.table_count > 0;
        status = t->runs ? run_trial(t, &cases, mistakes) : run_cases(t, &cases);
    }
    buf_free(&text);
    return status;
}

static enum status find_files(struct testing *t, const char *path, const char ***files, size_t *n)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        *files = ARENA_NEW(t->ad.a, const char *);
        **files = path;
        *n = 1;
        return OK;
    }
    if (policy_folder_list(path, ".test", t->ad.a, files, n, &t->ad.e) != OK) {
        return FAIL;
    }
    return *n ? OK : error_set(&t->ad.e, ERR_NOT_FOUND, "%s has no tests: no file NAME.test", path);
}

/* The folder's policies as the organization's, which no other sees; nothing is stored. */
static enum status read_policies(struct testing *t)
{
    struct policy_folder folder;
    size_t mistakes;
    if (!t->policies) {
        return OK;
    }
    if (policy_folder_read(t->policies, t->ad.a, &folder, &mistakes, &t->ad.e) != OK) {
        return FAIL;
    }
    if (mistakes) {
        return error_set(&t->ad.e, ERR_VALIDATION, "%zu mistake%s in %s; nothing is tested",
                         mistakes, mistakes == 1 ? "" : "s", t->policies);
    }
    struct policy_document *documents = ARENA_ARRAY(t->ad.a, struct policy_document, folder.count);
    for (size_t i = 0; i < folder.count; i++) {
        documents[i] = folder.files[i].document;
        documents[i].id = documents[i].name;
        documents[i].org_id = t->ad.org.id;
    }
    t->config.policies = documents;
    t->config.policy_count = folder.count;
    t->config.has_policies = true;
    return OK;
}

static enum status run_all(struct testing *t, const char *path, size_t *mistakes)
{
    const char **files;
    size_t n;
    if (find_files(t, path, &files, &n) != OK || read_policies(t) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        if (run_file(t, files[i], mistakes) != OK) {
            return FAIL;
        }
    }
    printf("%zu case%s, %zu failed\n", t->cases, t->cases == 1 ? "" : "s", t->failed);
    return OK;
}

int policy_test(int argc, char **argv)
{
    struct testing t = {.ad = ADMIN_INIT};
    const struct option known[] = {API_TARGET(t.ad),
                                   ADMIN_ORG(t.ad),
                                   {"--policies", OPTION_TEXT, .text = &t.policies},
                                   {"--env", OPTION_TEXT, .text = &t.environment},
                                   {NULL}};
    const char *path;
    size_t mistakes = 0;
    if (!api_begin_here(&t.ad, argc, argv, known, &path, 1)) {
        return t.ad.code;
    }
    enum status status = run_all(&t, path, &mistakes);
    offline_close(&t.folder);
    int code = admin_end(&t.ad, status);
    return code == EXIT_DONE && (t.failed || mistakes) ? EXIT_FAILED : code;
}
