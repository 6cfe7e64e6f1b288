/* An engine in this process on a new encrypted database of its own, for benchmarks of what is done
 * with its rows. Errors end the program. */
#ifndef BENCH_IN_PROCESS_H
#define BENCH_IN_PROCESS_H

#include "engine/engine.h"

struct in_process {
    struct engine *engine;
    uint64_t session;
    char folder[512];
};

/* `folder`: where the database is made, in a new folder; NULL: /tmp. `source`: NULL: none. */
void in_process_open(struct in_process *p, const char *extension_dir, const char *folder,
                     const struct engine_source *source);
void in_process_close(struct in_process *p); /* removes the folder */

/* Ends the program with the error's message where `st` is not OK. */
void must(enum status st, const struct error *e);

/* Milliseconds or whatever else, from the smallest. */
int by_value(const void *a, const void *b); /* of int64_t */

#endif
