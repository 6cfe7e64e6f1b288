/* Any bytes as the control plane's snapshot. What is refused leaves the replica as it was; what is
 * taken gives the digests that it came with, and no counter goes back. */
#include <stdlib.h>
#include <unistd.h>

#include "store/snapshot.h"
#include "store/upstream.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static struct store *replica;
static char folder[] = "/tmp/hatidata-fuzz-XXXXXX";

static void remove_replica(void)
{
    static const char *const names[] = {"replica.db", "replica.db-wal", "replica.db-shm"};
    store_close(replica);
    for (int i = 0; i < 3; i++) {
        char path[64];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

static void open_replica(void)
{
    static const struct store_upstream nobody;
    struct error e = ERROR_INIT;
    char path[64];
    if (!mkdtemp(folder)) {
        abort();
    }
    snprintf(path, sizeof path, "%s/replica.db", folder);
    if (store_open_replica(path, &nobody, &replica, &e) != OK) {
        abort();
    }
    atexit(remove_replica);
}

static bool same(const struct snapshot *a, const struct snapshot *b)
{
    for (int i = 0; i < SNAPSHOT_TABLES; i++) {
        if (strcmp(a->at[i].digest, b->at[i].digest) != 0) {
            return false;
        }
    }
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct snapshot before, after;
    bool changed = false;
    if (!replica) {
        open_replica();
    }
    if (snapshot_read(replica, a, &before, &e) != OK) {
        abort();
    }
    bool taken = snapshot_apply(replica, STR("store"), (struct str){(const char *)data, n},
                                &changed, &e) == OK;
    if (snapshot_read(replica, a, &after, &e) != OK || after.position < before.position ||
        ((!taken || !changed) && !same(&before, &after))) {
        abort();
    }
    arena_free(a);
    return 0;
}
