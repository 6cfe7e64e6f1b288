/* hatidata init: makes a data folder. */
#include <stdio.h>
#include <stdlib.h>

#include "command/command.h"
#include "command/datadir.h"
#include "command/options.h"

int command_init(int argc, char **argv)
{
    const char *data = getenv("HATIDATA_DATA_DIR");
    bool help = false;
    const struct option options[] = {
        {"--data", OPTION_TEXT, .text = &data}, {"--help", OPTION_FLAG, .flag = &help}, {NULL}};
    size_t rest = 0;
    if (!options_parse(argc, argv, options, NULL, 0, &rest)) {
        return EXIT_USAGE;
    }
    if (help) {
        puts("usage: hatidata init [--data DIR]\n"
             "Makes DIR (default: data) with a master key, a keyring, certificates and a control "
             "store.");
        return EXIT_DONE;
    }
    struct arena *a = arena_new(0);
    struct datadir d;
    struct error e = ERROR_INIT;
    datadir_paths(a, data && *data ? data : "data", &d);
    int code = EXIT_DONE;
    if (datadir_init(&d, &e) != OK) {
        code = command_fail(&e);
    } else {
        printf("%s is ready. Keep %s/master.key safe: without it the data can't be read.\n", d.path,
               d.path);
    }
    arena_free(a);
    return code;
}
