#include "command/datadir.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "crypto/cert.h"
#include "store/store.h"

enum { OPERATOR_MEMORY = 1 << 30 };

static const char *store_file(struct arena *a, const char *path)
{
    return arena_printf(a, "%s/control.db", path);
}

void datadir_paths(struct arena *a, const char *path, struct datadir *out)
{
    const char *store = getenv("HATIDATA_STORE");
    *out = (struct datadir){
        .path = arena_strdup(a, str_of(path)),
        .kms_uri = arena_printf(a, "local:%s/master.key", path),
        .keyring = arena_printf(a, "%s/keyring.json", path),
        .store = store && *store ? arena_strdup(a, str_of(store)) : store_file(a, path),
        .replica = arena_printf(a, "%s/replica.db", path),
        .usage = arena_printf(a, "%s/usage.json", path),
        .database = arena_printf(a, "%s/hati.duckdb", path),
        .audit = arena_printf(a, "%s/audit", path),
        .spill = arena_printf(a, "%s/spill", path),
        .certificate = arena_printf(a, "%s/server.pem", path),
        .certificate_key = arena_printf(a, "%s/server.key", path),
    };
}

static enum status make_folder(const char *path, struct error *e)
{
    if (mkdir(path, 0700) != 0 && errno != EEXIST) {
        return error_set(e, ERR_IO, "%s: can't make the folder: %s", path, strerror(errno));
    }
    return OK;
}

static enum status make_keys(const struct datadir *d, struct error *e)
{
    struct kms *kms;
    if (kms_create(d->kms_uri, e) != OK || kms_open(d->kms_uri, &kms, e) != OK) {
        return FAIL;
    }
    enum status status = keyring_create(d->keyring, kms, e);
    kms_close(kms);
    return status;
}

static enum status make_data(const struct datadir *d, struct error *e)
{
    return make_folder(d->path, e) == OK && make_folder(d->audit, e) == OK &&
                   make_folder(d->spill, e) == OK && make_keys(d, e) == OK &&
                   cert_make(d->path, NULL, e) == OK
               ? OK
               : FAIL;
}

enum status datadir_init_proxy(const struct datadir *d, struct error *e)
{
    struct arena *a = arena_new(0);
    bool has_store = access(store_file(a, d->path), F_OK) == 0;
    arena_free(a);
    if (has_store) {
        return error_set(e, ERR_EXISTS, "%s is a control plane's data folder", d->path);
    }
    return access(d->keyring, F_OK) == 0 ? OK : make_data(d, e);
}

enum status datadir_not_proxy(const char *path, struct error *e)
{
    char state[4096];
    snprintf(state, sizeof state, "%s/proxy.json", path);
    if (access(state, F_OK) != 0) {
        return OK;
    }
    error_set(e, ERR_NOT_HERE, "%s is a proxy's data folder: it has no control store", path);
    return error_hint(e, "Do it at the control plane, whose changes reach every proxy.");
}

enum status datadir_init(const struct datadir *d, struct error *e)
{
    struct store *store;
    if (access(d->keyring, F_OK) == 0) {
        return error_set(e, ERR_EXISTS, "%s is a data folder already", d->path);
    }
    if (make_data(d, e) != OK || store_open(d->store, &store, e) != OK) {
        return FAIL;
    }
    store_close(store);
    return OK;
}

static enum status find_store(const struct datadir *d, struct arena *a, struct error *e)
{
    const char *file = store_file(a, d->path);

    if (!store_is_remote(d->store) && access(d->store, F_OK) != 0) {
        error_set(e, ERR_NOT_FOUND, "%s: %s", d->store, strerror(errno));
        return error_hint(e,
                          "Name the data folder with --data, or make one with: hatidata init "
                          "--data %s. A store in PostgreSQL is named by HATIDATA_STORE.",
                          d->path);
    }
    if (store_is_remote(d->store) && access(file, F_OK) == 0) {
        error_set(e, ERR_CONFIG, "the control store is in PostgreSQL, and %s is there, too", file);
        return error_hint(e, "Move the file away, so that no command changes the wrong one.");
    }
    return OK;
}

enum status datadir_store(const struct datadir *d, struct store **out, struct error *e)
{
    struct arena *a = arena_new(0);
    enum status status = find_store(d, a, e);

    arena_free(a);
    return status == OK ? store_open(d->store, out, e) : FAIL;
}

enum status datadir_clear_spill(const char *spill, struct error *e)
{
    if (make_folder(spill, e) != OK) {
        return FAIL;
    }
    DIR *dir = opendir(spill);
    if (!dir) {
        return error_set(e, ERR_IO, "%s: can't read the folder: %s", spill, strerror(errno));
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        if (entry->d_type == DT_REG) {
            unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }
    closedir(dir);
    return OK;
}

enum status datadir_take_mask(const struct datadir *d, const uint8_t mask_key[KMS_KEY_SIZE],
                              struct error *e)
{
    struct kms *kms;
    if (kms_open(d->kms_uri, &kms, e) != OK) {
        return FAIL;
    }
    enum status status = keyring_take_mask(d->keyring, kms, mask_key, e);
    kms_close(kms);
    return status;
}

enum status datadir_keyring(const char *kms_uri, const char *keyring, struct keyring **out,
                            struct error *e)
{
    struct kms *kms;
    if (access(keyring, F_OK) != 0) {
        error_set(e, ERR_NOT_FOUND, "%s: no keyring; this isn't a data folder", keyring);
        return error_hint(e, "Make one with `hatidata init --data DIR`.");
    }
    if (kms_open(kms_uri, &kms, e) != OK) {
        return FAIL;
    }
    enum status status = keyring_open(keyring, kms, out, e);
    kms_close(kms);
    return status;
}

const char *datadir_extensions(struct arena *a)
{
    const char *named = getenv("HATIDATA_EXTENSION_DIR");
    char program[4096];
    ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
    if (named && *named) {
        return arena_strdup(a, str_of(named));
    }
    if (n > 0) {
        program[n] = '\0';
        for (int up = 0; up < 3 && strrchr(program, '/'); up++) { /* build/src/hatidata */
            *strrchr(program, '/') = '\0';
        }
        const char *here = arena_printf(a, "%s/third_party/duckdb/extensions", program);
        if (access(here, F_OK) == 0) {
            return here;
        }
    }
    return "/usr/lib/hatidata/extensions";
}

enum status datadir_engine(const struct datadir *d, const char *import_dir, bool load_tpch,
                           const struct engine_source *source, struct engine **out, struct error *e)
{
    struct keyring *keys;
    if (datadir_keyring(d->kms_uri, d->keyring, &keys, e) != OK) {
        return FAIL;
    }
    struct arena *a = arena_new(0);
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct engine_config config = {
        .path = d->database,
        .data_key = keyring_key(keys, KEY_DATA),
        .spill_dir = d->spill,
        .extension_dir = datadir_extensions(a),
        .memory_limit = OPERATOR_MEMORY,
        .threads = cores > 0 ? (int)cores : 1,
        .load_tpch = load_tpch,
        .import_dir = import_dir,
        .sources = source,
        .source_count = source ? 1 : 0,
    };
    enum status status = datadir_clear_spill(d->spill, e);
    if (status == OK) {
        status = engine_open(&config, out, e);
    }
    arena_free(a);
    keyring_close(keys);
    return status;
}
