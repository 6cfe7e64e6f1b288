/* hatidata load: a file into a new table, all or nothing, while no server has the database. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "catalog/catalog.h"
#include "command/admin.h"
#include "command/datadir.h"
#include "command/options.h"
#include "store/org.h"
#include "store/tables.h"

static const char help_text[] =
    "usage: hatidata load FILE --table NAME (--org ORG [--env NAME] | --common |\n"
    "                     --tenant-column COLUMN) [--format csv|jsonl|parquet] [--data DIR]\n"
    "Loads FILE (CSV with a header, JSON lines, Parquet) into a new table, all or nothing.\n"
    "The table is\n"
    "  --org ORG               that organization's own: public.NAME, in its environment of --env\n"
    "                          (hatidata where none is named)\n"
    "  --common                shared.NAME, which every organization may read\n"
    "  --tenant-column COLUMN  shared.NAME; COLUMN holds the organization's id\n";

struct load {
    const char *file, *table, *org, *environment, *format, *tenant_column, *data;
    bool common, help;
};

/* One line that is drawn over on a terminal; at the end of a pipe only the last stands. */
static void show_progress(void *ctx, double fraction, int64_t rows)
{
    (void)ctx;
    if (isatty(STDERR_FILENO)) {
        fprintf(stderr, "\rloading %5.1f%%  %lld rows ", fraction * 100, (long long)rows);
    }
}

static bool is_format(const char *name)
{
    return !strcmp(name, "csv") || !strcmp(name, "jsonl") || !strcmp(name, "parquet");
}

static enum status check(const struct load *l, struct error *e)
{
    int targets = (l->org != NULL) + l->common + (l->tenant_column != NULL);
    if (!l->file || !l->table) {
        return error_set(e, ERR_VALIDATION,
                         "FILE and --table are needed; see hatidata load --help");
    }
    if (l->format && !is_format(l->format)) {
        return error_set(e, ERR_VALIDATION, "--format is csv, jsonl or parquet, not \"%s\"",
                         l->format);
    }
    if (targets != 1) {
        return error_set(e, ERR_VALIDATION,
                         "say whose table it is: exactly one of --org, --common, --tenant-column");
    }
    if (l->environment && !l->org) {
        return error_set(e, ERR_VALIDATION,
                         "--env is for --org: shared tables are there in every environment");
    }
    return OK;
}

/* The engine's schema for the table. */
static enum status find_schema(struct store *store, const struct load *l, struct arena *a,
                               struct str *schema, struct error *e)
{
    struct store_org org;
    if (!l->org) {
        *schema = STR(CATALOG_SHARED_SCHEMA);
        return OK;
    }
    struct str environment = str_of(l->environment ? l->environment : STORE_DEFAULT_ENVIRONMENT);
    if (store_org_find(store, str_of(l->org), a, &org, e) != OK ||
        store_environment_check(store, org.id, environment, e) != OK) {
        return FAIL;
    }
    *schema = catalog_engine_schema(a, (struct space){org.id, environment});
    return OK;
}

static enum status import(struct engine *g, const struct load *l, const char *file,
                          struct str schema, int64_t *rows, struct error *e)
{
    uint64_t session = engine_session_open(g);
    enum status status = engine_import(g, session, file, l->format, schema, str_of(l->table),
                                       str_of(l->tenant_column), show_progress, NULL, rows, e);
    engine_session_close(g, session);
    if (isatty(STDERR_FILENO)) {
        fputs("\r\033[K", stderr);
    }
    if (status != OK) {
        struct error why = *e;
        error_set(e, why.code, "%s: %s", l->file, why.message);
        error_hint(e, "%s",
                   why.code == ERR_UNSUPPORTED ? "Name the format: --format csv, jsonl or parquet."
                                               : "Nothing was loaded. Correct the file, or choose "
                                                 "another name with --table.");
    }
    return status;
}

/* Until it is registered a shared table is seen by nobody: a failure here loses no secret. */
static enum status make_visible(struct store *store, struct arena *a, const struct load *l,
                                struct error *e)
{
    return l->org ? OK
                  : store_table_register(store, command_actor(a), str_of(l->table),
                                         str_of(l->tenant_column ? l->tenant_column : ""), e);
}

static enum status run(const struct load *l, struct arena *a, int64_t *rows, struct error *e)
{
    struct datadir d;
    struct store *store = NULL;
    struct engine *engine = NULL;
    struct str schema;
    char file[PATH_MAX];
    datadir_paths(a, l->data && *l->data ? l->data : "data", &d);
    if (!realpath(l->file, file)) {
        return error_set(e, ERR_NOT_FOUND, "%s: %s", l->file, strerror(errno));
    }
    const char *slash = strrchr(file, '/');
    const char *folder =
        arena_strdup(a, (struct str){file, slash == file ? 1 : (size_t)(slash - file)});
    enum status status = FAIL;
    if (datadir_store(&d, &store, e) == OK && find_schema(store, l, a, &schema, e) == OK &&
        datadir_engine(&d, folder, false, NULL, &engine, e) == OK &&
        import(engine, l, file, schema, rows, e) == OK) {
        status = make_visible(store, a, l, e);
    }
    engine_close(engine);
    store_close(store);
    return status;
}

int command_load(int argc, char **argv)
{
    struct load l = {.data = getenv("HATIDATA_DATA_DIR")};
    const struct option options[] = {{"--table", OPTION_TEXT, .text = &l.table},
                                     {"--org", OPTION_TEXT, .text = &l.org},
                                     {"--env", OPTION_TEXT, .text = &l.environment},
                                     {"--common", OPTION_FLAG, .flag = &l.common},
                                     {"--tenant-column", OPTION_TEXT, .text = &l.tenant_column},
                                     {"--format", OPTION_TEXT, .text = &l.format},
                                     {"--data", OPTION_TEXT, .text = &l.data},
                                     {"--help", OPTION_FLAG, .flag = &l.help},
                                     {NULL}};
    size_t rest = 0;
    if (!options_parse(argc, argv, options, &l.file, 1, &rest)) {
        return EXIT_USAGE;
    }
    if (l.help) {
        fputs(help_text, stdout);
        return EXIT_DONE;
    }
    struct error e = ERROR_INIT;
    struct arena *a = arena_new(0);
    int64_t rows = 0;
    int code = EXIT_DONE;
    if (check(&l, &e) != OK) {
        command_fail(&e);
        code = EXIT_USAGE;
    } else if (run(&l, a, &rows, &e) != OK) {
        code = command_fail(&e);
    } else {
        printf("%s: %lld rows into %s.%s\n", l.file, (long long)rows,
               l.org ? CATALOG_PUBLIC_SCHEMA : CATALOG_SHARED_SCHEMA, l.table);
    }
    arena_free(a);
    return code;
}
