/* hatidata audit verify, key; audit_prove.c has prove and check, audit_export.c export. */
#include "command/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/mem.h"
#include "command/command.h"
#include "command/datadir.h"

enum { INTACT = 0, BROKEN = 1, USAGE = 2 };

static int usage(FILE *out)
{
    fputs(
        "usage:\n"
        "  hatidata audit verify PATH [--json] [--key KEY]... [--checkpoint WHERE]...\n"
        "                        [--anchor s3://BUCKET/PREFIX|control]... [--region R]\n"
        "                        [--endpoint URL] [--ca-file FILE]\n"
        "  hatidata audit prove PATH --entry SEQ|ID    that the log has this entry\n"
        "  hatidata audit prove PATH --since FILE      that it goes on from this checkpoint\n"
        "  hatidata audit check PROOF --key KEY [--checkpoint FILE]...\n"
        "  hatidata audit key [--data DIR]             the public key of the checkpoints\n"
        "  hatidata audit export PATH --format jsonl|csv|parquet|ocsf [--kind KIND] [--org ID]\n"
        "                        [--from TIME] [--to TIME] [--out FILE]\n"
        "  hatidata audit verify FILE --iam            IAM entries that were exported alone\n"
        "  hatidata audit retention --org ORG [--days N]   how long entries are kept\n"
        "  hatidata audit holds --org ORG              the legal holds that stand\n"
        "  hatidata audit hold --org ORG --reason TEXT     nothing is deleted from now on\n"
        "  hatidata audit lift HOLD --org ORG --reason TEXT\n"
        "PATH is the folder of an audit log (verify: or one of its files). KEY is a public key or\n"
        "a file of them; WHERE a checkpoint's file, or the folder of an anchor. An object store "
        "is\n"
        "asked with the credentials of AWS_ACCESS_KEY_ID and the like, the control plane of a\n"
        "proxy (control) as whoever signed in with hatidata login.\n",
        out);
    return out == stdout ? INTACT : USAGE;
}

/* The members of the API's answer to a verification. */
static void print_json(const struct audit_report *r)
{
    struct buf out = BUF_INIT(0);
    struct json j = JSON_INIT(&out);
    char when[CLOCK_TEXT_SIZE];
    clock_format(clock_wall_us(), when);
    json_open(&j, '{');
    json_kv_str(&j, "log_id", r->log_id[0] ? str_of(r->log_id) : STR_NULL);
    json_kv_i64(&j, "entry_count", (int64_t)r->entries);
    json_kv_bool(&j, "chain_valid", r->valid);
    json_kv_str(&j, "first_entry_hash", str_of(r->first_hash));
    json_kv_str(&j, "last_entry_hash", str_of(r->last_hash));
    json_kv_i64(&j, "checkpoints", (int64_t)r->checkpoints);
    json_kv_i64(&j, "checkpointed_entries", (int64_t)r->checked_size);
    json_kv_i64(&j, "anchored_checkpoints", (int64_t)r->witnesses);
    json_kv_i64(&j, "expired_entries", (int64_t)r->expired);
    json_kv_str(&j, "expired_on", r->expired ? str_of(r->expired_on) : STR_NULL);
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

static void print_broken(const struct audit_report *r)
{
    printf("audit log BROKEN at entry %" PRIu64, r->bad_seq);
    if (r->bad_line) {
        printf(" (%s line %" PRIu64 ")", r->bad_file, r->bad_line);
    }
    printf(": %s\n", r->reason);
}

static void print_text(const struct audit_report *r, const struct audit_known *known)
{
    if (!r->valid) {
        print_broken(r);
        return;
    }
    printf("audit log: %" PRIu64 " entries, chain intact, first %s last %s\n", r->entries,
           r->first_hash, r->last_hash);
    if (r->checkpoints) {
        printf("checkpoints: %" PRIu64 ", the last over %" PRIu64 " entries, %s\n", r->checkpoints,
               r->checked_size,
               known->key_count ? "signed by the key given" : "signatures not checked: give --key");
    }
    if (r->expired) {
        printf("entries 1..%" PRIu64
               " expired under retention (%u days) on %s, checkpoint checked%s\n",
               r->expired, r->expired_days, r->expired_on,
               known->key_count ? "" : "; its signature isn't: give --key");
    }
    if (known->witness_count && !r->unheard) {
        printf("anchors: the log agrees with all %zu checkpoints given\n", known->witness_count);
    } else if (known->witness_count) {
        printf("anchors: the log agrees with %" PRIu64 " of the %zu checkpoints given; %" PRIu64
               " are of expired entries\n",
               r->witnesses, known->witness_count, r->unheard);
    }
}

static int verify(int argc, char **argv)
{
    struct audit_given given = {0};
    bool json = false, iam = false;
    const char *path;
    const struct option known[] = {{"--json", OPTION_FLAG, .flag = &json},
                                   {"--iam", OPTION_FLAG, .flag = &iam},
                                   {"--key", OPTION_MANY, .many = &given.keys},
                                   {"--checkpoint", OPTION_MANY, .many = &given.checkpoints},
                                   {"--anchor", OPTION_MANY, .many = &given.anchors},
                                   {"--region", OPTION_TEXT, .text = &given.options.s3_region},
                                   {"--endpoint", OPTION_TEXT, .text = &given.options.s3_endpoint},
                                   {"--ca-file", OPTION_TEXT, .text = &given.options.s3_ca},
                                   {NULL}};
    size_t n = 0;
    if (!options_parse(argc, argv, known, &path, 1, &n)) {
        return USAGE;
    }
    bool has_witnesses = given.keys.n || given.checkpoints.n || given.anchors.n;
    if (n != 1 || (iam && has_witnesses)) { /* checkpoints are of the whole log */
        return usage(stderr);
    }
    struct arena *a = arena_new(0);
    struct audit_report report;
    struct error e = ERROR_INIT;
    int code = BROKEN;
    if (audit_given_read(&given, path, a, &e) != OK ||
        (iam ? audit_verify_iam(path, &report, &e)
             : audit_verify(path, &given.known, &report, &e)) != OK) {
        command_fail(&e);
    } else {
        json ? print_json(&report) : print_text(&report, &given.known);
        code = report.valid ? INTACT : BROKEN;
    }
    arena_free(a);
    return code;
}

/* --- the public key --- */

static enum status public_key(const struct datadir *d, struct note_key *out, struct error *e)
{
    struct keyring *keys = NULL;
    uint8_t seed[KMS_KEY_SIZE];
    char id[ID_UUID_SIZE], name[CHECKPOINT_ORIGIN_SIZE];
    if (audit_log_id(d->audit, id, e) != OK ||
        datadir_keyring(d->kms_uri, d->keyring, &keys, e) != OK) {
        return FAIL;
    }
    checkpoint_origin(id, name);
    keyring_checkpoint_seed(keys, seed);
    enum status status = note_key_of(name, seed, out, e);
    mem_wipe(seed, sizeof seed);
    keyring_close(keys);
    return status;
}

static int key(int argc, char **argv)
{
    const char *data = getenv("HATIDATA_DATA_DIR");
    const struct option known[] = {{"--data", OPTION_TEXT, .text = &data}, {NULL}};
    size_t n = 0;
    if (!options_parse(argc, argv, known, NULL, 0, &n)) {
        return USAGE;
    }
    struct arena *a = arena_new(0);
    struct datadir dir;
    struct note_key public;
    struct error e = ERROR_INIT;
    datadir_paths(a, data && *data ? data : "data", &dir);
    enum status status = public_key(&dir, &public, &e);
    if (status == OK) {
        struct buf text = BUF_INIT(0);
        note_key_write(&public, &text);
        printf("%.*s\n", STR_ARG(buf_str(&text)));
        buf_free(&text);
    }
    arena_free(a);
    return status == OK ? EXIT_DONE : command_fail(&e);
}

int command_audit(int argc, char **argv)
{
    static const struct {
        const char *name;
        int (*run)(int argc, char **argv);
    } verbs[] = {{"verify", verify},
                 {"prove", audit_command_prove},
                 {"check", audit_command_check},
                 {"export", audit_command_export},
                 {"key", key},
                 {"retention", audit_command_retention},
                 {"holds", audit_command_holds},
                 {"hold", audit_command_hold},
                 {"lift", audit_command_lift}};
    for (size_t i = 0; argc >= 2 && i < sizeof verbs / sizeof *verbs; i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return verbs[i].run(argc - 1, argv + 1);
        }
    }
    return usage(argc >= 2 && strcmp(argv[1], "--help") == 0 ? stdout : stderr);
}
