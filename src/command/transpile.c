/* hatidata transpile: statements of one dialect in another's words. hatidata parse: their trees.
 * Both know no catalog: names stand as written, and what needs a column's type is said for the type
 * that the text alone tells. */
#include "command/source.h"

#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "command/options.h"
#include "dialect/dialect.h"
#include "sql/print.h"
#include "sql/spell.h"

enum target { TO_DUCKDB, TO_CANONICAL };

struct transpiling {
    enum dialect from;
    enum target to;
    bool explains;
    struct arena *a;
    struct error e;
};

static int usage(const char *command)
{
    fprintf(
        stderr,
        strcmp(command, "parse") == 0
            ? "usage: hatidata parse [--from DIALECT] [--tree] [FILE]\n"
              "Reads FILE, or standard input, and says that it is understood; --tree prints the\n"
              "tree of each statement. DIALECT is snowflake (default), postgres or duckdb.\n"
            : "usage: hatidata transpile [--from DIALECT] [--to TARGET] [--explain] [FILE]\n"
              "Reads FILE, or standard input. DIALECT is snowflake (default), postgres or duckdb;\n"
              "TARGET is duckdb (default) or hatidata, our own SQL. --explain lists the rules "
              "that\n"
              "were applied.\n");
    return EXIT_USAGE;
}

static void put_trace(const struct dialect_trace *trace)
{
    for (size_t i = 0; i < trace->n; i++) {
        printf("-- %s: %s\n", trace->at[i].name, trace->at[i].says);
    }
}

static enum status show(struct transpiling *t, struct node *n, struct buf *out)
{
    if (t->to == TO_CANONICAL) {
        return sql_print(n, PRINT_CANONICAL, out, &t->e);
    }
    struct shown_sql shown = {BUF_INIT(0)};
    enum status status = sql_spell(t->a, &n, &t->e);
    if (status == OK) {
        status = sql_show(n, &shown, &t->e);
    }
    buf_put_str(out, buf_str(&shown.text));
    buf_free(&shown.text);
    return status;
}

static enum status transpile(struct transpiling *t, struct node *n)
{
    struct dialect_trace trace = {0};
    struct buf out = BUF_INIT(0);
    bool is_same = t->from == DIALECT_DUCKDB && t->to == TO_DUCKDB;
    enum status status = OK;
    if (!is_same) {
        status = dialect_normalize(t->a, t->from, &n, t->explains ? &trace : NULL, &t->e);
    }
    if (status == OK) {
        status = show(t, n, &out);
    }
    if (status == OK) {
        put_trace(&trace);
        printf("%.*s;\n", STR_ARG(buf_str(&out)));
    }
    buf_free(&out);
    return status;
}

static int run(struct transpiling *t, const char *path,
               enum status (*each)(struct transpiling *t, struct node *n))
{
    struct parse_limits limits = PARSE_LIMITS_DEFAULT;
    struct buf text = BUF_INIT(0);
    struct node_list list = {0};
    t->a = arena_new(0);
    t->e = (struct error)ERROR_INIT;
    limits.text = 64 << 20;
    enum status status = source_read(path, &text, &t->e);
    if (status == OK) {
        status = sql_parse(t->a, buf_str(&text), t->from, &limits, &list, &t->e);
    }
    for (uint32_t i = 0; i < list.n && status == OK; i++) {
        status = list.at[i]->kind == NODE_EMPTY ? OK : each(t, list.at[i]);
    }
    int code = status == OK ? EXIT_DONE : source_fail(path, buf_str(&text), &t->e);
    buf_free(&text);
    arena_free(t->a);
    return code;
}

int command_transpile(int argc, char **argv)
{
    const char *from = "snowflake", *to = "duckdb", *path = NULL;
    bool explains = false, help = false;
    size_t paths = 0;
    const struct option known[] = {{"--from", OPTION_TEXT, &from, NULL, NULL},
                                   {"--to", OPTION_TEXT, &to, NULL, NULL},
                                   {"--explain", OPTION_FLAG, NULL, &explains, NULL},
                                   {"--help", OPTION_FLAG, NULL, &help, NULL},
                                   {NULL}};
    struct transpiling t = {.to = TO_DUCKDB};
    if (!options_parse(argc, argv, known, &path, 1, &paths) || help) {
        return usage("transpile");
    }
    if (!source_dialect(from, &t.from)) {
        return EXIT_USAGE;
    }
    if (strcmp(to, "hatidata") == 0) {
        t.to = TO_CANONICAL;
    } else if (strcmp(to, "duckdb") != 0) {
        fprintf(stderr, "hatidata: transpiling to '%s' is not supported: use duckdb or hatidata\n",
                to);
        return EXIT_USAGE;
    }
    t.explains = explains;
    return run(&t, paths ? path : NULL, transpile);
}

static enum status put_tree(struct transpiling *t, struct node *n)
{
    struct buf out = BUF_INIT(0);
    if (t->explains) {
        node_dump(n, &out);
        printf("%.*s\n", STR_ARG(buf_str(&out)));
    }
    buf_free(&out);
    return OK;
}

int command_parse(int argc, char **argv)
{
    const char *from = "snowflake", *path = NULL;
    bool tree = false, help = false;
    size_t paths = 0;
    const struct option known[] = {{"--from", OPTION_TEXT, &from, NULL, NULL},
                                   {"--tree", OPTION_FLAG, NULL, &tree, NULL},
                                   {"--help", OPTION_FLAG, NULL, &help, NULL},
                                   {NULL}};
    struct transpiling t = {.to = TO_CANONICAL};
    if (!options_parse(argc, argv, known, &path, 1, &paths) || help) {
        return usage("parse");
    }
    if (!source_dialect(from, &t.from)) {
        return EXIT_USAGE;
    }
    t.explains = tree;
    return run(&t, paths ? path : NULL, put_tree);
}
