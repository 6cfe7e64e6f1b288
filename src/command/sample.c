/* hatidata sample tpch: the TPC-H tables from the engine's own generator, as shared tables whose
 * customers, orders and line items belong to the organizations named. */
#include <stdio.h>
#include <stdlib.h>

#include "catalog/catalog.h"
#include "command/admin.h"
#include "command/datadir.h"
#include "command/options.h"
#include "store/org.h"
#include "store/tables.h"

enum { MOST_TENANTS = 64 };

static const struct {
    const char *table, *tenant_column;
} tpch_tables[] = {
    {"customer", "c_tenant"}, {"orders", "o_tenant"}, {"lineitem", "l_tenant"}, {"part", ""},
    {"supplier", ""},         {"partsupp", ""},       {"nation", ""},           {"region", ""},
};

struct tenants {
    struct str ids[MOST_TENANTS];
    size_t n;
};

static enum status find_tenants(struct store *store, const char *names, struct arena *a,
                                struct tenants *out, struct error *e)
{
    struct str rest = str_of(names);
    while (rest.n) {
        struct store_org org;
        if (out->n == MOST_TENANTS) {
            return error_set(e, ERR_VALIDATION, "--orgs names more than %d organizations",
                             MOST_TENANTS);
        }
        if (store_org_find(store, str_trim(str_cut(&rest, ',')), a, &org, e) != OK) {
            return FAIL;
        }
        out->ids[out->n++] = org.id;
    }
    return out->n ? OK : error_set(e, ERR_VALIDATION, "--orgs names no organization");
}

static enum status generate(const struct datadir *d, double scale, const struct tenants *tenants,
                            struct error *e)
{
    struct engine *engine;
    if (datadir_engine(d, NULL, true, NULL, &engine, e) != OK) {
        return FAIL;
    }
    uint64_t session = engine_session_open(engine);
    enum status status = engine_load_tpch(engine, session, scale, tenants->ids, tenants->n, e);
    engine_session_close(engine, session);
    engine_close(engine);
    return status;
}

static enum status register_tables(struct store *store, struct arena *a, struct error *e)
{
    for (size_t i = 0; i < sizeof tpch_tables / sizeof *tpch_tables; i++) {
        if (store_table_register(store, command_actor(a), str_of(tpch_tables[i].table),
                                 str_of(tpch_tables[i].tenant_column), e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status run(const char *data, const char *orgs, double scale, struct arena *a,
                       struct error *e)
{
    struct datadir d;
    struct store *store;
    struct tenants tenants = {0};
    datadir_paths(a, data && *data ? data : "data", &d);
    if (datadir_store(&d, &store, e) != OK) {
        return FAIL;
    }
    enum status status = FAIL;
    if (find_tenants(store, orgs, a, &tenants, e) == OK && generate(&d, scale, &tenants, e) == OK) {
        status = register_tables(store, a, e);
    }
    store_close(store);
    return status;
}

int command_sample(int argc, char **argv)
{
    const char *data = getenv("HATIDATA_DATA_DIR"), *orgs = NULL, *scale_text = "0.1", *what = NULL;
    bool help = false;
    const struct option options[] = {{"--orgs", OPTION_TEXT, .text = &orgs},
                                     {"--scale", OPTION_TEXT, .text = &scale_text},
                                     {"--data", OPTION_TEXT, .text = &data},
                                     {"--help", OPTION_FLAG, .flag = &help},
                                     {NULL}};
    size_t rest = 0;
    double scale;
    if (!options_parse(argc, argv, options, &what, 1, &rest)) {
        return EXIT_USAGE;
    }
    bool good = what && str_is(str_of(what), "tpch") && orgs &&
                str_to_f64(str_of(scale_text), &scale) && scale > 0 && scale <= 100;
    if (help || !good) {
        fputs("usage: hatidata sample tpch --orgs ORG[,ORG...] [--scale 0.1] [--data DIR]\n"
              "Makes the TPC-H tables in the shared schema; scale is from above 0 to 100.\n",
              help ? stdout : stderr);
        return help ? EXIT_DONE : EXIT_USAGE;
    }
    struct error e = ERROR_INIT;
    struct arena *a = arena_new(0);
    int code = EXIT_DONE;
    if (run(data, orgs, scale, a, &e) != OK) {
        code = command_fail(&e);
    } else {
        printf("TPC-H at scale %g for %s\n", scale, orgs);
    }
    arena_free(a);
    return code;
}
