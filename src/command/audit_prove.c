/* hatidata audit prove, check. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "audit/prove.h"
#include "command/admin.h"
#include "command/audit.h"

enum { PROOF_MAX = 16 * 1024 * 1024 };

static enum status which_entry(const char *text, struct prove_entry *out, struct error *e)
{
    if (strchr(text, '-')) {
        out->id = str_of(text);
        return OK;
    }
    int64_t seq;
    if (admin_number("--entry", text, 1, INT64_MAX, &seq, e) != OK) {
        return error_hint(e, "Give an entry's seq, or its entry_id.");
    }
    out->seq = (uint64_t)seq;
    return OK;
}

static enum status prove(const char *path, const char *entry, const char *since, struct arena *a,
                         struct buf *out, struct error *e)
{
    struct prove_entry which = {0};
    struct str old;
    if (!entry == !since) {
        error_set(e, ERR_BAD_VALUE, "what shall be proven?");
        return error_hint(e, "Give --entry SEQ or ID, or --since with an older checkpoint's file.");
    }
    if (entry) {
        return which_entry(entry, &which, e) == OK ? prove_inclusion(path, &which, out, e) : FAIL;
    }
    return audit_file(since, CHECKPOINT_MAX, a, &old, e) == OK
               ? prove_consistency(path, old, out, e)
               : FAIL;
}

int audit_command_prove(int argc, char **argv)
{
    const char *entry = NULL, *since = NULL, *path;
    const struct option known[] = {
        {"--entry", OPTION_TEXT, .text = &entry}, {"--since", OPTION_TEXT, .text = &since}, {NULL}};
    size_t n = 0;
    if (!options_parse(argc, argv, known, &path, 1, &n)) {
        return EXIT_USAGE;
    }
    if (n != 1) {
        fputs("hatidata audit prove: which log? Give its folder.\n", stderr);
        return EXIT_USAGE;
    }
    struct arena *a = arena_new(0);
    struct buf proof = BUF_INIT(PROOF_MAX);
    struct error e = ERROR_INIT;
    enum status status = prove(path, entry, since, a, &proof, &e);
    if (status == OK) {
        printf("%.*s\n", STR_ARG(buf_str(&proof)));
    }
    buf_free(&proof);
    arena_free(a);
    return status == OK ? EXIT_DONE : command_fail(&e);
}

static void show(const struct proof_shown *p)
{
    if (p->is_inclusion) {
        printf("proven: entry %" PRIu64 " is in the log %s of %" PRIu64 " entries\n%.*s\n", p->seq,
               p->checkpoint.origin, p->checkpoint.size, STR_ARG(p->entry));
    } else {
        printf("proven: the log %s of %" PRIu64 " entries begins with the %" PRIu64
               " of the older checkpoint\n",
               p->checkpoint.origin, p->checkpoint.size, p->from.size);
    }
}

/* Whether the proof is about the checkpoints that were given: each is one of its two. */
static enum status is_about(const struct proof_shown *p, const struct audit_known *known,
                            struct error *e)
{
    for (size_t i = 0; i < known->witness_count; i++) {
        const struct checkpoint *c = &known->witnesses[i].checkpoint;
        if (memcmp(c->root, p->checkpoint.root, sizeof c->root) != 0 &&
            memcmp(c->root, p->from.root, sizeof c->root) != 0) {
            return error_set(e, ERR_CORRUPT, "the proof is not about %s", known->witnesses[i].name);
        }
    }
    return OK;
}

int audit_command_check(int argc, char **argv)
{
    struct audit_given given = {0};
    const char *path;
    const struct option known[] = {{"--key", OPTION_MANY, .many = &given.keys},
                                   {"--checkpoint", OPTION_MANY, .many = &given.checkpoints},
                                   {NULL}};
    size_t n = 0;
    if (!options_parse(argc, argv, known, &path, 1, &n)) {
        return EXIT_USAGE;
    }
    if (n != 1) {
        fputs("hatidata audit check: which proof? Give its file.\n", stderr);
        return EXIT_USAGE;
    }
    struct arena *a = arena_new(0);
    struct proof_shown shown;
    struct str json;
    struct error e = ERROR_INIT;
    enum status status = audit_given_read(&given, NULL, a, &e);
    if (status == OK) {
        status = audit_file(path, PROOF_MAX, a, &json, &e);
    }
    if (status == OK) {
        status = proof_check(json, given.known.keys, given.known.key_count, a, &shown, &e);
    }
    if (status == OK) {
        status = is_about(&shown, &given.known, &e);
    }
    if (status == OK) {
        show(&shown);
    }
    arena_free(a);
    return status == OK ? EXIT_DONE : command_fail(&e);
}
