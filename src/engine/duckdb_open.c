/* Opening, and locking down.
 *
 * The order is fixed by what the engine allows when: extensions need the file system, the settings
 * must come before the configuration is locked, and attaching must come before external access
 * ends. A main database in memory stays empty; the encrypted file is attached beside it. Nothing is
 * taken on trust: after attaching we ask the engine whether the file is encrypted with GCM, and
 * after the lock-down we try what must be impossible. A failed attach is final: tried again without
 * its key, the engine would make a plain database in silence. */
#include "engine/duckdb_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/text.h"

enum { DATA_KEY_SIZE = 32 };

static enum status run_sql(struct engine *g, const char *sql, struct error *e)
{
    return engine_query(g->first_connection, STAGE_EXECUTE, sql, NULL, e);
}

/* `head` and the text as a literal, then `tail`. */
static enum status run_with(struct engine *g, const char *head, const char *text, const char *tail,
                            struct error *e)
{
    struct buf b = BUF_INIT(0);
    buf_puts(&b, head);
    put_literal(&b, str_of(text));
    buf_puts(&b, tail);
    enum status st = run_sql(g, buf_cstr(&b), e);
    buf_free(&b);
    return st;
}

static enum status load_extension(struct engine *g, const char *dir, const char *name,
                                  struct error *e)
{
    struct buf b = BUF_INIT(0);
    struct error why = ERROR_INIT;
    enum status st = OK;
    buf_printf(&b, "%s/%s.duckdb_extension", dir ? dir : "", name);
    if (!dir || dir[0] != '/' || access(buf_cstr(&b), R_OK) != 0) {
        st = error_set(e, ERR_CONFIG, "The engine's extension \"%s\" is not at \"%s\".", name,
                       buf_cstr(&b));
    } else if (run_with(g, "LOAD ", buf_cstr(&b), "", &why) != OK) {
        st = error_set(e, ERR_CONFIG, "The engine refuses the extension at \"%s\".", buf_cstr(&b));
        (void)!error_hint(e, "Use the signed build for engine %s.", duckdb_library_version());
    }
    buf_free(&b);
    return st;
}

static enum status set_option(duckdb_config config, const char *name, const char *value,
                              struct error *e)
{
    if (duckdb_set_config(config, name, value) != DuckDBSuccess) {
        return error_set(e, ERR_CONFIG, "The engine refuses the setting %s.", name);
    }
    return OK;
}

static enum status make_config(const struct engine_config *c, duckdb_config config, struct error *e)
{
    char threads[16], memory[32];
    snprintf(threads, sizeof threads, "%d", c->threads > 0 ? c->threads : 1);
    snprintf(memory, sizeof memory, "%zuB", c->memory_limit);
    const char *options[][2] = {
        {"threads", threads},
        {"memory_limit", memory},
        {"autoinstall_known_extensions", "false"},
        {"autoload_known_extensions", "false"},
        {"allow_community_extensions", "false"},
        {"allow_unsigned_extensions", "false"},
        {"allow_persistent_secrets", "false"},
        /* string_agg(x, ',' ORDER BY 'a'): such an order is none, and no mistake */
        {"order_by_non_integer_literal", "true"},
    };
    for (size_t i = 0; i < sizeof options / sizeof *options; i++) {
        if (c->memory_limit == 0 && options[i][1] == memory) {
            continue;
        }
        if (set_option(config, options[i][0], options[i][1], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status open_memory(const struct engine_config *c, struct engine *g, struct error *e)
{
    duckdb_config config = NULL;
    if (duckdb_create_config(&config) != DuckDBSuccess) {
        return error_set(e, ERR_ENGINE, "The engine can't be configured.");
    }
    enum status st = make_config(c, config, e);
    if (st == OK && (duckdb_open_ext(NULL, &g->database, config, NULL) != DuckDBSuccess ||
                     duckdb_connect(g->database, &g->first_connection) != DuckDBSuccess)) {
        st = error_set(e, ERR_ENGINE, "The engine can't start.");
    }
    duckdb_destroy_config(&config);
    return st;
}

/* A log beside the file: the last run did not close it. The engine replays it and, as databases do,
 * takes the first record that is incomplete for the end; so an operator should know. */
static void warn_of_recovery(const char *path)
{
    struct buf b = BUF_INIT(0);
    struct stat st;
    buf_printf(&b, "%s.wal", path);
    if (stat(buf_cstr(&b), &st) == 0 && st.st_size > 0) {
        log_warn("engine", "the database was not closed cleanly: replaying a log of %lld bytes",
                 (long long)st.st_size);
    }
    buf_free(&b);
}

/* An attach that fails with anything else than a known reason has met bytes that make no sense. */
static enum status attach_failed(struct error *e)
{
    if (e && e->code != ERR_KEY && e->code != ERR_CORRUPT && e->code != ERR_IO &&
        e->code != ERR_DISK_FULL && e->code != ERR_MEMORY) {
        return error_set(e, ERR_CORRUPT, "The database file or its log is damaged.");
    }
    return FAIL;
}

/* The engine's own text of a failed ATTACH is dropped: it can quote the statement, thus the key. */
static enum status attach(struct engine *g, const struct engine_config *c, struct error *e)
{
    char key[2 * DATA_KEY_SIZE + 1];
    struct buf b = BUF_INIT(0);
    text_hex(c->data_key, DATA_KEY_SIZE, key);
    buf_reserve(&b, strlen(c->path) * 2 + 256); /* no copy of the key is left by growing */
    buf_puts(&b, "ATTACH ");
    put_literal(&b, str_of(c->path));
    buf_printf(&b, " AS " ENGINE_DATABASE " (ENCRYPTION_KEY '%s', ENCRYPTION_CIPHER 'GCM')", key);
    warn_of_recovery(c->path);
    enum status st = run_sql(g, buf_cstr(&b), e);
    mem_wipe(key, sizeof key);
    mem_wipe(b.p, b.cap);
    buf_free(&b);
    return st == OK ? OK : attach_failed(e);
}

static enum status check_encrypted(struct engine *g, struct error *e)
{
    duckdb_result r;
    if (engine_query(g->first_connection, STAGE_EXECUTE,
                     "SELECT CAST(encrypted AS VARCHAR), cipher FROM duckdb_databases() "
                     "WHERE database_name = '" ENGINE_DATABASE "'",
                     &r, e) != OK) {
        return FAIL;
    }
    duckdb_data_chunk chunk = duckdb_fetch_chunk(r);
    bool good = chunk && duckdb_data_chunk_get_size(chunk) == 1 &&
                str_is(chunk_text(chunk, 0, 0), "true") && str_is(chunk_text(chunk, 1, 0), "GCM");
    duckdb_destroy_data_chunk(&chunk);
    duckdb_destroy_result(&r);
    return good ? OK : error_set(e, ERR_KEY, "The database file is not encrypted with AES-GCM.");
}

/* The only folders whose files the locked engine may read and write, besides its own. */
static enum status allow_folders(struct engine *g, const struct engine_config *c, struct error *e)
{
    struct buf b = BUF_INIT(0);
    const char *separator = "SET allowed_directories = [";
    if (c->import_dir) {
        g->import_dir = realpath(c->import_dir, NULL);
        if (!g->import_dir) {
            return error_set(e, ERR_CONFIG, "The import folder \"%s\" can't be read.",
                             c->import_dir);
        }
        buf_puts(&b, separator);
        put_literal(&b, str_of(g->import_dir));
        separator = ", ";
    }
    for (size_t i = 0; i < c->source_count; i++) {
        if (c->sources[i].settled_dir) {
            buf_puts(&b, separator);
            put_literal(&b, str_of(c->sources[i].settled_dir));
            separator = ", ";
        }
    }
    buf_puts(&b, "]");
    enum status st = separator[0] == ',' ? run_sql(g, buf_cstr(&b), e) : OK;
    buf_free(&b);
    return st;
}

static enum status configure(const struct engine_config *c, struct engine *g, struct error *e)
{
    static const char *const settings[] = {
        "SET temp_file_encryption = true",
        "SET GLOBAL TimeZone = 'UTC'",
        "SET GLOBAL explain_output = 'all'", /* engine_touches() reads the unoptimized plan */
        "SET enable_progress_bar = true",    /* this connection only: engine_import() */
        "SET enable_progress_bar_print = false",
        "SET allowed_configs = ['TimeZone']", /* of each session, in spite of the lock */
    };
    if (run_with(g, "SET temp_directory = ", c->spill_dir, "", e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++) {
        if (run_sql(g, settings[i], e) != OK) {
            return FAIL;
        }
    }
    return allow_folders(g, c, e);
}

static enum status lock_down(struct engine *g, struct error *e)
{
    static const char *const steps[] = {
        "USE " ENGINE_DATABASE,
        "CREATE SCHEMA IF NOT EXISTS \"" CATALOG_SHARED_SCHEMA "\"",
        "SET enable_external_access = false",
        "SET lock_configuration = true",
    };
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        if (run_sql(g, steps[i], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* What must be refused now. Each would succeed on an engine that isn't locked. */
static enum status check_locked(struct engine *g, struct error *e)
{
    static const char *const attacks[] = {
        "SELECT * FROM read_blob('/proc/self/status')",
        "SELECT * FROM read_text('/proc/self/status')",
        "SELECT * FROM glob('/*')",
        "COPY (SELECT 1) TO '/dev/null' (FORMAT csv)",
        "ATTACH '/dev/shm/.hatidata-lock-probe' AS probe",
        "SET threads = 1",
        "SET enable_external_access = true",
        "SET lock_configuration = false",
        "RESET memory_limit",
        "LOAD '/proc/self/exe'",
    };
    for (size_t i = 0; i < sizeof attacks / sizeof *attacks; i++) {
        if (run_sql(g, attacks[i], NULL) == OK) {
            return error_set(e, ERR_ENGINE,
                             "The engine's lock-down does not hold (check %zu); it is not opened.",
                             i + 1);
        }
    }
    return OK;
}

static enum status check_config(const struct engine_config *c, struct error *e)
{
    if (!c->data_key) {
        return error_set(e, ERR_KEY, "The engine needs a data key: it never stores plain data.");
    }
    if (!c->path || !c->path[0] || !c->spill_dir || !c->spill_dir[0]) {
        return error_set(e, ERR_CONFIG, "The engine needs a database file and a spill folder.");
    }
    struct stat st;
    if (stat(c->spill_dir, &st) != 0 || !S_ISDIR(st.st_mode) || (st.st_mode & 077) != 0) {
        return error_set(e, ERR_CONFIG,
                         "The engine's spill folder \"%s\" must exist, for its owner only (0700).",
                         c->spill_dir);
    }
    return OK;
}

static enum status register_sources(const struct engine_config *c, struct engine *g,
                                    struct error *e)
{
    g->sources = c->sources;
    g->source_count = c->source_count;
    for (size_t i = 0; i < c->source_count; i++) {
        if (source_register(g->first_connection, &c->sources[i], e) != OK ||
            source_define(g->first_connection, &c->sources[i], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

static enum status open_steps(const struct engine_config *c, struct engine *g, struct error *e)
{
    if (check_config(c, e) != OK || open_memory(c, g, e) != OK || functions_add(g, e) != OK ||
        load_extension(g, c->extension_dir, "httpfs", e) != OK ||
        (c->load_tpch && load_extension(g, c->extension_dir, "tpch", e) != OK) ||
        configure(c, g, e) != OK || attach(g, c, e) != OK || check_encrypted(g, e) != OK ||
        lock_down(g, e) != OK) {
        return FAIL;
    }
    g->has_tpch = c->load_tpch;
    return check_locked(g, e) == OK ? register_sources(c, g, e) : FAIL;
}

enum status engine_open(const struct engine_config *c, struct engine **out, struct error *e)
{
    struct engine *g = mem_alloc(sizeof *g);
    *out = NULL;
    if (watchdog_start(g, e) != OK || open_steps(c, g, e) != OK) {
        engine_close(g);
        return FAIL;
    }
    *out = g;
    return OK;
}

void engine_close(struct engine *g)
{
    if (!g) {
        return;
    }
    watchdog_stop(g);
    sessions_close_all(g);
    if (g->first_connection) {
        duckdb_disconnect(&g->first_connection);
    }
    if (g->database) {
        duckdb_close(&g->database); /* checkpoints what is attached */
    }
    free(g->import_dir);
    free(g);
}

const char *engine_version(const struct engine *g)
{
    return duckdb_library_version();
}
