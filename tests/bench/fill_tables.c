/* Makes many tables in an environment of a data folder that no server has open: one by one through
 * a server, each of ten thousand would have the catalog of those before it read again.
 *
 * usage: fill_tables DATA EXTENSIONS ORG-ID ENVIRONMENT FIRST END */
#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "catalog/catalog.h"
#include "command/datadir.h"
#include "crypto/datakey.h"
#include "in_process.h"

int main(int argc, char **argv)
{
    struct arena *a = arena_new(0);
    struct datadir dir;
    struct keyring *keys = NULL;
    struct engine *engine = NULL;
    struct error e = ERROR_INIT;
    if (argc != 7) {
        fprintf(stderr, "usage: fill_tables DATA EXTENSIONS ORG-ID ENVIRONMENT FIRST END\n");
        return 2;
    }
    datadir_paths(a, argv[1], &dir);
    must(datadir_keyring(dir.kms_uri, dir.keyring, &keys, &e), &e);
    const struct engine_config config = {.path = dir.database,
                                         .data_key = keyring_key(keys, KEY_DATA),
                                         .spill_dir = dir.spill,
                                         .extension_dir = argv[2],
                                         .memory_limit = (size_t)2 << 30,
                                         .threads = 2};
    must(engine_open(&config, &engine, &e), &e);
    struct str schema = catalog_engine_schema(a, (struct space){str_of(argv[3]), str_of(argv[4])});
    uint64_t session = engine_session_open(engine);
    must(engine_run(engine, session, STR("BEGIN"), &e), &e);
    for (int i = atoi(argv[5]); i < atoi(argv[6]); i++) {
        const char *sql = arena_printf(a,
                                       "CREATE TABLE \"%.*s\".t%d (id BIGINT, name VARCHAR, "
                                       "made TIMESTAMP, amount DECIMAL(12,2))",
                                       STR_ARG(schema), i);
        must(engine_run(engine, session, str_of(sql), &e), &e);
    }
    must(engine_run(engine, session, STR("COMMIT"), &e), &e);
    engine_session_close(engine, session);
    engine_close(engine);
    keyring_close(keys);
    arena_free(a);
    return 0;
}
