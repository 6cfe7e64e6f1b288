/* hatidata audit export: JSON lines and OCSF are written here, CSV and Parquet by an engine of the
 * command's own, whose database is empty and gone afterwards. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <libgen.h>
#include <openssl/rand.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/export.h"
#include "audit/source.h"
#include "base/mem.h"
#include "catalog/audit_log.h"
#include "command/admin.h"
#include "command/audit.h"
#include "command/datadir.h"
#include "wire/datetime.h"

struct export
{
    const char *path, *format, *from, *to, *org, *out;
    struct audit_given given;
    struct export_wish wish;
    struct arena *a;
    char *part; /* what is written, until it is whole */
    uint64_t count;
};

/* --- what is wished for --- */

static enum status read_time(const char *option, const char *text, int64_t *us, struct error *e)
{
    struct str s = str_of(text);
    int32_t days;
    if (!text) {
        return OK;
    }
    if (datetime_read_date(s, &days)) {
        *us = (int64_t)days * DAY_US;
        return OK;
    }
    if (datetime_read_zoned(s, NULL, us)) {
        return OK;
    }
    error_set(e, ERR_VALIDATION, "%s: \"%s\" is no time", option, text);
    return error_hint(e, "Write 2026-01-31, or 2026-01-31T12:00:00Z.");
}

static enum status read_wish(struct export *x, struct error *e)
{
    x->wish.org_id = x->org ? str_of(x->org) : STR_NULL;
    for (const char *p = x->org ? x->org : ""; *p; p++) {
        if (!strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", *p)) {
            return error_set(e, ERR_VALIDATION, "--org takes the id of an organization");
        }
    }
    if (read_time("--from", x->from, &x->wish.from_us, e) != OK ||
        read_time("--to", x->to, &x->wish.to_us, e) != OK) {
        return FAIL;
    }
    return audit_given_read(&x->given, x->a, e);
}

static enum status is_whole(const struct audit_report *r, struct error *e)
{
    if (r->valid) {
        return OK;
    }
    error_set(e, ERR_CORRUPT, "the log is broken at entry %" PRIu64 ": %s", r->bad_seq, r->reason);
    return error_hint(e, "Nothing was exported. See `hatidata audit verify`.");
}

/* --- JSON lines, OCSF --- */

static enum status write_lines(struct export *x, enum export_format format, struct error *e)
{
    struct audit_report report;
    FILE *out = x->part ? fopen(x->part, "we") : stdout;
    if (!out) {
        return error_set(e, ERR_IO, "%s can't be written: %s", x->part, strerror(errno));
    }
    enum status status =
        export_write(x->path, &x->given.known, format, &x->wish, out, &report, &x->count, e);
    if (x->part && (fsync(fileno(out)) != 0 || fclose(out) != 0) && status == OK) {
        status = error_set(e, ERR_IO, "%s can't be written: %s", x->part, strerror(errno));
    }
    return status == OK ? is_whole(&report, e) : FAIL;
}

/* --- CSV, Parquet --- */

static void put_quoted(struct buf *sql, const char *text)
{
    buf_u8(sql, '\'');
    for (const char *p = text; *p; p++) {
        buf_puts(sql, *p == '\'' ? "''" : (char[]){*p, '\0'});
    }
    buf_u8(sql, '\'');
}

static void put_copy(const struct export *x, struct buf *sql)
{
    buf_puts(sql, "COPY (SELECT * EXCLUDE (line_segment, line_offset) FROM " CATALOG_ENGINE_SOURCES
                  "." CATALOG_AUDIT_LOG_RELATION "() WHERE true");
    if (x->wish.from_us) {
        buf_printf(sql, " AND \"timestamp\" >= make_timestamptz(%" PRId64 ")", x->wish.from_us);
    }
    if (x->wish.to_us) {
        buf_printf(sql, " AND \"timestamp\" < make_timestamptz(%" PRId64 ")", x->wish.to_us);
    }
    if (x->org) {
        buf_puts(sql, " AND org_id = ");
        put_quoted(sql, x->org);
    }
    buf_puts(sql, ") TO ");
    put_quoted(sql, x->part);
    buf_puts(sql, strcmp(x->format, "csv") == 0 ? " (FORMAT csv, HEADER true)"
                                                : " (FORMAT parquet, COMPRESSION zstd)");
}

static enum status copy(struct export *x, struct engine *g, struct error *e)
{
    struct buf sql = BUF_INIT(0);
    uint64_t session = engine_session_open(g);
    put_copy(x, &sql);
    enum status status = engine_run(g, session, buf_str(&sql), e);
    engine_session_close(g, session);
    buf_free(&sql);
    return status;
}

static enum status with_engine(struct export *x, const char *folder, struct error *e)
{
    uint8_t key[KMS_KEY_SIZE];
    struct engine *g;
    char *copy_of_part = arena_strdup(x->a, str_of(x->part));
    struct engine_config c = {
        .path = arena_printf(x->a, "%s/export.duckdb", folder),
        .data_key = key,
        .spill_dir = folder,
        .extension_dir = datadir_extensions(x->a),
        .memory_limit = (size_t)1 << 30,
        .threads = (int)sysconf(_SC_NPROCESSORS_ONLN),
        .import_dir = dirname(copy_of_part),
        .sources = audit_source(x->a, x->path, NULL),
        .source_count = 1,
    };
    if (RAND_bytes(key, sizeof key) != 1) {
        return error_set(e, ERR_KEY, "there are no random numbers");
    }
    enum status status = engine_open(&c, &g, e);
    mem_wipe(key, sizeof key);
    if (status == OK) {
        status = copy(x, g, e);
        engine_close(g);
    }
    return status;
}

/* The log is verified before: what the engine reads then is the same or longer. */
static enum status write_table(struct export *x, struct error *e)
{
    const char *tmp = getenv("TMPDIR");
    char *folder = arena_printf(x->a, "%s/hatidata-export-XXXXXX", tmp && *tmp ? tmp : "/tmp");
    struct audit_report report;
    if (!x->part) {
        error_set(e, ERR_VALIDATION, "%s needs a file", x->format);
        return error_hint(e, "Give --out FILE.");
    }
    if (audit_verify(x->path, &x->given.known, &report, e) != OK || is_whole(&report, e) != OK) {
        return FAIL;
    }
    if (!mkdtemp(folder)) {
        return error_set(e, ERR_IO, "%s can't be made: %s", folder, strerror(errno));
    }
    enum status status = with_engine(x, folder, e);
    (void)unlink(arena_printf(x->a, "%s/export.duckdb", folder));
    (void)unlink(arena_printf(x->a, "%s/export.duckdb.wal", folder));
    (void)rmdir(folder);
    return status;
}

/* --- */

static enum status write_format(struct export *x, struct error *e)
{
    if (strcmp(x->format, "jsonl") == 0) {
        return write_lines(x, EXPORT_JSONL, e);
    }
    if (strcmp(x->format, "ocsf") == 0) {
        return write_lines(x, EXPORT_OCSF, e);
    }
    if (strcmp(x->format, "csv") == 0 || strcmp(x->format, "parquet") == 0) {
        return write_table(x, e);
    }
    error_set(e, ERR_VALIDATION, "--format: \"%s\" is no format", x->format);
    return error_hint(e, "Choose jsonl, csv, parquet or ocsf.");
}

/* The file appears whole or not at all. */
static enum status run(struct export *x, struct error *e)
{
    if (read_wish(x, e) != OK) {
        return FAIL;
    }
    if (x->out && access(x->out, F_OK) == 0) {
        return error_set(e, ERR_EXISTS, "%s is there already", x->out);
    }
    if (x->out) {
        const char *folder = *x->out == '/' ? "" : "./";
        x->part = arena_printf(x->a, "%s%s.part", folder, x->out);
    }
    umask(077);
    enum status status = write_format(x, e);
    if (x->part && status == OK && rename(x->part, x->out) != 0) {
        status = error_set(e, ERR_IO, "%s can't be written: %s", x->out, strerror(errno));
    }
    if (x->part && status != OK) {
        (void)unlink(x->part);
    }
    return status;
}

int audit_command_export(int argc, char **argv)
{
    struct export x = {.format = "jsonl"};
    const struct option known[] = {{"--format", OPTION_TEXT, .text = &x.format},
                                   {"--from", OPTION_TEXT, .text = &x.from},
                                   {"--to", OPTION_TEXT, .text = &x.to},
                                   {"--org", OPTION_TEXT, .text = &x.org},
                                   {"--out", OPTION_TEXT, .text = &x.out},
                                   {"--key", OPTION_MANY, .many = &x.given.keys},
                                   {"--checkpoint", OPTION_MANY, .many = &x.given.checkpoints},
                                   {NULL}};
    size_t n = 0;
    if (!options_parse(argc, argv, known, &x.path, 1, &n)) {
        return EXIT_USAGE;
    }
    if (n != 1) {
        fputs("hatidata audit export: which log? Give its folder.\n", stderr);
        return EXIT_USAGE;
    }
    struct error e = ERROR_INIT;
    x.a = arena_new(0);
    enum status status = run(&x, &e);
    arena_free(x.a);
    return status == OK ? EXIT_DONE : command_fail(&e);
}
