#include "command/audit.h"

#include <stdio.h>
#include <string.h>

#include "audit/audit.h"
#include "base/clock.h"
#include "base/json.h"

enum { INTACT = 0, BROKEN = 1, USAGE = 2 };

static int usage(void)
{
    fputs("usage: hatidata audit verify PATH [--json]\n"
          "PATH is the folder of an audit log, or one of its files.\n",
          stderr);
    return USAGE;
}

/* The members of the API's answer to a verification. */
static void print_json(const struct audit_report *r)
{
    struct buf out = BUF_INIT(0);
    struct json j = JSON_INIT(&out);
    char when[CLOCK_TEXT_SIZE];
    clock_format(clock_wall_us(), when);
    json_open(&j, '{');
    json_kv_i64(&j, "entry_count", (int64_t)r->entries);
    json_kv_bool(&j, "chain_valid", r->valid);
    json_kv_str(&j, "first_entry_hash", str_of(r->first_hash));
    json_kv_str(&j, "last_entry_hash", str_of(r->last_hash));
    json_kv_str(&j, "verified_at", str_of(when));
    if (!r->valid) {
        json_key(&j, "broken_at");
        json_open(&j, '{');
        json_kv_i64(&j, "seq", (int64_t)r->bad_seq);
        json_kv_str(&j, "file", str_of(r->bad_file));
        json_kv_i64(&j, "line", (int64_t)r->bad_line);
        json_kv_str(&j, "reason", str_of(r->reason));
        json_close(&j, '}');
    }
    json_close(&j, '}');
    printf("%.*s\n", STR_ARG(buf_str(&out)));
    buf_free(&out);
}

static void print_text(const struct audit_report *r)
{
    if (r->valid) {
        printf("audit log: %llu entries, chain intact, first %s last %s\n",
               (unsigned long long)r->entries, r->first_hash, r->last_hash);
    } else {
        printf("audit log BROKEN at entry %llu (%s line %llu): %s\n",
               (unsigned long long)r->bad_seq, r->bad_file, (unsigned long long)r->bad_line,
               r->reason);
    }
}

static int verify(const char *path, bool json)
{
    struct audit_report report;
    struct error e = ERROR_INIT;
    if (audit_verify(path, &report, &e) != OK) {
        fprintf(stderr, "hatidata audit verify: %s\n", e.message);
        return BROKEN;
    }
    if (json) {
        print_json(&report);
    } else {
        print_text(&report);
    }
    return report.valid ? INTACT : BROKEN;
}

int command_audit(int argc, char **argv)
{
    const char *path = NULL;
    bool json = false;
    if (argc < 2 || strcmp(argv[1], "verify") != 0) {
        return usage();
    }
    for (int i = 2; i < argc; i++) {
        if (strcmp(argv[i], "--json") == 0) {
            json = true;
        } else if (argv[i][0] == '-' || path) {
            return usage();
        } else {
            path = argv[i];
        }
    }
    return path ? verify(path, json) : usage();
}
