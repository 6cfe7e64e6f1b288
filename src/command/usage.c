/* hatidata usage: what a data plane tells of its statements, and what the control plane was told.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/admin.h"
#include "command/datadir.h"
#include "crypto/keyfile.h"
#include "meter/tally.h"
#include "store/proxies.h"

/* The bytes themselves: a server writes what it tells before it tells it. */
static enum status print_document(const char *path, struct error *e)
{
    char *text = mem_alloc(TALLY_TEXT_MAX);
    size_t n = 0;
    enum status status = keyfile_read(path, text, TALLY_TEXT_MAX, &n, e);
    if (status == OK) {
        fwrite(text, 1, n, stdout);
        putchar('\n');
    } else if (e->code == ERR_NOT_FOUND) {
        (void)!error_set(e, ERR_NOT_FOUND, "%s isn't there: no server has run on this folder",
                         path);
    }
    free(text);
    return status;
}

static int show(int argc, char **argv)
{
    const char *home = getenv("HATIDATA_DATA_DIR"), *data = home && *home ? home : "data";
    const struct option known[] = {{"--data", OPTION_TEXT, .text = &data}, {NULL}};
    struct error e = ERROR_INIT;
    struct datadir d;
    size_t rest = 0;
    if (!options_parse(argc, argv, known, NULL, 0, &rest)) {
        return EXIT_USAGE;
    }
    struct arena *a = arena_new(0);
    datadir_paths(a, data, &d);
    int code = print_document(d.usage, &e) == OK ? EXIT_DONE : command_fail(&e);
    arena_free(a);
    return code;
}

static int list(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct store_proxy *rows = NULL;
    size_t n = 0;
    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    enum status status = store_proxies(ad.store, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; i < n && status == OK; i++) {
        char at[CLOCK_TEXT_SIZE];
        clock_format(rows[i].usage_us, at);
        if (rows[i].usage.n) {
            printf("%.*s\t%s\t%.*s\n", STR_ARG(rows[i].name), at, STR_ARG(rows[i].usage));
        }
    }
    return admin_end(&ad, status);
}

int command_usage(int argc, char **argv)
{
    static const struct verb verbs[] = {
        {"show", "[--data DIR]   exactly what the server of this folder told last", show},
        {"list", "[--data DIR]   at the control plane: what each proxy told last", list},
        {NULL},
    };
    return verbs_run(argc, argv, verbs);
}
