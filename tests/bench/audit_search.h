/* Searching a long log: by what a REST route asks for, and by SQL. */
#ifndef BENCH_AUDIT_SEARCH_H
#define BENCH_AUDIT_SEARCH_H

#include <stdint.h>

/* Writes a log of so many entries into a new folder in `folder`, waits for its columns, searches it
 * and removes it. Prints each figure through `show`. Errors end the program. */
void audit_search_bench(const char *folder, const char *extension_dir, uint64_t entries,
                        void (*show)(const char *name, double value, const char *unit));

#endif
