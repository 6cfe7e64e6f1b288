#include "in_process.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/id.h"

void must(enum status st, const struct error *e)
{
    if (st != OK) {
        fprintf(stderr, "%s\n", e->message);
        exit(1);
    }
}

int by_value(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

void in_process_open(struct in_process *p, const char *extension_dir, const char *folder,
                     const struct engine_source *source)
{
    char path[600], spill[600];
    uint8_t key[32];
    struct error e = ERROR_INIT;
    snprintf(p->folder, sizeof p->folder, "%s/bench-engine-XXXXXX", folder ? folder : "/tmp");
    if (!mkdtemp(p->folder)) {
        perror(p->folder);
        exit(1);
    }
    snprintf(path, sizeof path, "%s/data.db", p->folder);
    snprintf(spill, sizeof spill, "%s/spill", p->folder);
    mkdir(spill, 0700);
    id_random(key, sizeof key);
    struct engine_config c = {.path = path,
                              .data_key = key,
                              .spill_dir = spill,
                              .extension_dir = extension_dir,
                              .memory_limit = (size_t)2 << 30,
                              .sources = source,
                              .source_count = source ? 1 : 0,
                              .threads = 2};
    must(engine_open(&c, &p->engine, &e), &e);
    p->session = engine_session_open(p->engine);
}

void in_process_close(struct in_process *p)
{
    char command[600];
    engine_session_close(p->engine, p->session);
    engine_close(p->engine);
    snprintf(command, sizeof command, "rm -rf '%s'", p->folder);
    if (system(command) != 0) {
        fprintf(stderr, "%s is left behind\n", p->folder);
    }
}
