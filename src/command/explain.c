/* hatidata explain: what policy makes of statements for somebody, told to whoever holds the data
 * folder. The statements go through the pipeline that a session's go through, and are never run. */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "command/admin.h"
#include "command/offline.h"
#include "command/source.h"
#include "pipeline/explanation.h"
#include "trial/asker.h"

static const char help_text[] =
    "usage: hatidata explain --org ORG --as PRINCIPAL [--dialect DIALECT] [--json] [--data DIR]\n"
    "                        [--granted ROLE] [--agent ID] [--framework NAME] [--source ADDRESS]\n"
    "                        [--time TIME] [--env NAME] [FILE|-]\n"
    "Reads statements from FILE, or standard input, and tells of each what it would read and\n"
    "write, which rule does what to it, the engine's SQL and the cost; or who refuses it and why.\n"
    "None is run. No server may have the data folder open: ask a running one with EXPLAIN POLICY.\n"
    "  --as PRINCIPAL   a user (e-mail or id), the prefix of a key, or fields such as\n"
    "                   'role=analyst attr.department=sales'\n"
    "  --granted ROLE   as if he had a just-in-time grant of it; a grant that he has counts "
    "anyhow\n"
    "  --env            the environment, whose tables are asked for: hatidata, or the key's\n"
    "  --source, --time what rules about source_ip and time_of_week look at; without them the\n"
    "                   address is unknown, which is deny, and the time is now\n"
    "  --dialect        snowflake (default), postgres or duckdb\n"
    "  --json           an object a line: {\"refused\": ..., \"rows\": [{\"section\": ...}]}\n"
    "The exit code is 0 where all would be executed, 1 where one would be refused.\n";

struct explaining {
    const char *as, *granted, *agent, *framework, *source, *time, *environment, *dialect, *file;
    bool json, help;
    struct admin admin;
    struct asker asker;
    struct offline offline;
    struct governor *governor;
    bool refused;
};

/* The options are more words of the principal. */
static struct str words_of(const struct explaining *x)
{
    const struct {
        const char *field, *value;
    } fields[] = {{"granted", x->granted}, {"agent", x->agent}, {"framework", x->framework},
                  {"ip", x->source},       {"at", x->time},     {"env", x->environment}};
    const char *words = x->as;
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
        if (fields[i].value) {
            words =
                arena_printf(x->admin.a, "%s %s=\"%s\"", words, fields[i].field, fields[i].value);
        }
    }
    return str_of(words);
}

static void put_text(const struct explanation *told)
{
    size_t widths[EXPLANATION_WIDTH] = {0};
    for (size_t i = 0; i < told->n; i++) {
        struct str cells[EXPLANATION_WIDTH];
        explanation_cells(&told->at[i], cells);
        for (size_t c = 0; c + 1 < EXPLANATION_WIDTH; c++) {
            widths[c] = cells[c].n > widths[c] ? cells[c].n : widths[c];
        }
    }
    for (size_t i = 0; i < told->n; i++) {
        struct str cells[EXPLANATION_WIDTH];
        explanation_cells(&told->at[i], cells);
        for (size_t c = 0; c + 1 < EXPLANATION_WIDTH; c++) {
            printf("%-*.*s  ", (int)widths[c], STR_ARG(cells[c]));
        }
        printf("%.*s\n", STR_ARG(cells[EXPLANATION_WIDTH - 1]));
    }
}

static void put_json(const struct explanation *told, bool refused)
{
    struct buf out = BUF_INIT(0);
    struct json j = JSON_INIT(&out);
    json_open(&j, '{');
    json_kv_bool(&j, "refused", refused);
    json_key(&j, "rows");
    json_open(&j, '[');
    for (size_t i = 0; i < told->n; i++) {
        struct str cells[EXPLANATION_WIDTH];
        explanation_cells(&told->at[i], cells);
        json_open(&j, '{');
        for (size_t c = 0; c < EXPLANATION_WIDTH; c++) {
            json_kv_str(&j, explanation_columns[c], cells[c]);
        }
        json_close(&j, '}');
    }
    json_close(&j, ']');
    json_close(&j, '}');
    printf("%.*s\n", STR_ARG(buf_str(&out)));
    buf_free(&out);
}

/* The refusal is a part of what is told: its code and message, and what the hint says to do. */
static void add_refusal(struct explanation *told, const struct error *e)
{
    struct explanation_row why = {"refused", str_of(error_info(e->code)->name), "error", STR_NULL,
                                  str_of(e->message)};
    struct explanation_row hint = {"refused", str_of(error_info(e->code)->name), "hint", STR_NULL,
                                   str_of(error_advice(e))};
    VEC_PUSH(told->arena, *told, why);
    VEC_PUSH(told->arena, *told, hint);
}

static void explain_one(struct explaining *x, const struct node *stmt, struct str text)
{
    struct arena *a = arena_new(0);
    struct explanation told;
    struct error e = ERROR_INIT;
    bool refused = explanation_make(x->governor, stmt, text, a, &told, &e) != OK;
    if (refused) {
        add_refusal(&told, &e);
    }
    x->refused |= refused;
    if (x->json) {
        put_json(&told, refused);
    } else {
        put_text(&told);
    }
    arena_free(a);
}

/* Gives false, after a message with a caret, where the text is none of SQL. */
static bool explain_all(struct explaining *x, struct str text)
{
    struct error e = ERROR_INIT;
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct node_list list = {0};
    enum dialect dialect = DIALECT_SNOWFLAKE;
    if (!source_dialect(x->dialect, &dialect)) {
        return false;
    }
    governor_set_dialect(x->governor, dialect);
    if (sql_parse(x->admin.a, text, dialect, &limits, &list, &e) != OK) {
        source_fail(x->file, text, &e);
        return false;
    }
    bool first = true;
    for (uint32_t i = 0; i < list.n; i++) {
        const struct node *n = list.at[i];
        if (n->kind == NODE_EMPTY) {
            continue;
        }
        if (!first && !x->json) {
            puts("");
        }
        first = false;
        explain_one(x, n, (struct str){text.p + n->offset, n->length});
    }
    return true;
}

static enum status open_governor(struct explaining *x, struct error *e)
{
    static const char hint[] = "While a server has the folder, ask it in a session: "
                               "EXPLAIN POLICY statement.";
    struct governor_options options = {.session_id = STR("explain"), .at_us = x->asker.at_us};
    return offline_open(&x->admin, hint, &x->offline) == OK
               ? governor_open(x->offline.pipeline, x->asker.principal, &options, &x->governor, e)
               : FAIL;
}

static enum status run(struct explaining *x)
{
    struct admin *ad = &x->admin;
    struct buf text = BUF_INIT(0);
    if (!x->as) {
        error_set(&ad->e, ERR_VALIDATION, "--as PRINCIPAL is needed");
        return error_hint(&ad->e, "See hatidata explain --help.");
    }
    enum status status =
        asker_read(ad->store, &ad->org, STR_NULL, words_of(x), ad->a, &x->asker, &ad->e);
    if (status == OK) {
        status = source_read(x->file, &text, &ad->e);
    }
    if (status == OK) {
        status = open_governor(x, &ad->e);
    }
    if (status == OK && !explain_all(x, buf_str(&text))) {
        x->refused = true;
    }
    governor_close(x->governor);
    offline_close(&x->offline);
    buf_free(&text);
    return status;
}

int command_explain(int argc, char **argv)
{
    struct explaining x = {.dialect = "snowflake", .admin = ADMIN_INIT};
    const struct option known[] = {ADMIN_DATA(x.admin),
                                   ADMIN_ORG(x.admin),
                                   {"--as", OPTION_TEXT, .text = &x.as},
                                   {"--granted", OPTION_TEXT, .text = &x.granted},
                                   {"--agent", OPTION_TEXT, .text = &x.agent},
                                   {"--framework", OPTION_TEXT, .text = &x.framework},
                                   {"--source", OPTION_TEXT, .text = &x.source},
                                   {"--time", OPTION_TEXT, .text = &x.time},
                                   {"--env", OPTION_TEXT, .text = &x.environment},
                                   {"--dialect", OPTION_TEXT, .text = &x.dialect},
                                   {"--json", OPTION_FLAG, .flag = &x.json},
                                   {"--help", OPTION_FLAG, .flag = &x.help},
                                   {NULL}};
    size_t files = 0;
    if (!options_parse(argc, argv, known, &x.file, 1, &files)) {
        return EXIT_USAGE;
    }
    if (x.help) {
        fputs(help_text, stdout);
        return EXIT_DONE;
    }
    if (!admin_begin(&x.admin, argc, argv, known, &x.file, files)) {
        return x.admin.code;
    }
    int code = admin_end(&x.admin, run(&x));
    return code == EXIT_DONE && x.refused ? EXIT_FAILED : code;
}
