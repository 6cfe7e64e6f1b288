/* Signed notes, checkpoints in the log and at anchors, what they find out, and logs of the first
 * version. */
#include "log.h"

#include "audit/anchor.h"
#include "audit/prove.h"
#include "base/text.h"

static const uint8_t seed[NOTE_SEED_SIZE] = "thirty-two bytes of no real key";

/* --- notes --- */

static void a_note_opens_under_its_key_alone(void **state)
{
    struct note_key key, other, again;
    struct error e = ERROR_INIT;
    struct buf note = BUF_INIT(0), text_key = BUF_INIT(0);
    struct str text;
    uint8_t other_seed[NOTE_SEED_SIZE] = {7};
    (void)state;
    assert_int_equal(note_key_of("some/log", seed, &key, &e), OK);
    assert_int_equal(note_key_of("some/log", other_seed, &other, &e), OK);
    assert_int_equal(note_sign(&key, seed, STR("one\n\ntwo\n"), &note, &e), OK);
    struct note_key both[] = {other, key};
    assert_int_equal(note_open(buf_str(&note), both, 2, &text, &e), OK);
    assert_true(str_is(text, "one\n\ntwo\n"));
    assert_int_equal(note_open(buf_str(&note), &other, 1, &text, &e), FAIL);
    assert_int_equal(e.code, ERR_KEY);
    assert_int_equal(note_open(buf_str(&note), NULL, 0, &text, &e), FAIL);
    for (size_t i = 0; i < note.n; i++) {
        note.p[i] ^= 1;
        assert_int_equal(note_open(buf_str(&note), &key, 1, &text, &e), FAIL);
        note.p[i] ^= 1;
    }
    note_key_write(&key, &text_key);
    assert_int_equal(note_key_read(buf_str(&text_key), &again, &e), OK);
    assert_memory_equal(&again, &key, sizeof key);
    for (size_t i = 0; i < text_key.n; i++) {
        text_key.p[i] ^= 1;
        assert_int_equal(note_key_read(buf_str(&text_key), &again, &e), FAIL);
        text_key.p[i] ^= 1;
        assert_int_equal(note_key_read((struct str){(char *)text_key.p, i}, &again, &e), FAIL);
    }
    buf_free(&note);
    buf_free(&text_key);
}

static void what_is_no_key_or_note_is_refused(void **state)
{
    static const char *const names[] = {"", "a b", "a+b", "a\nb", "caf\xc3\xa9"};
    static const char *const notes[] = {"",
                                        "\n",
                                        "\n\n",
                                        "text\n",
                                        "text\n\n",
                                        "text\n\nno signature\n",
                                        "text\r\n\n\xe2\x80\x94 k AAAA\n"};
    struct note_key key;
    struct error e = ERROR_INIT;
    struct str text;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        assert_int_equal(note_key_of(names[i], seed, &key, &e), FAIL);
    }
    assert_int_equal(note_key_of("k", seed, &key, &e), OK);
    for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
        assert_int_equal(note_open(str_of(notes[i]), &key, 1, &text, &e), FAIL);
    }
}

/* --- checkpoints --- */

struct signed_log {
    struct audit *log;
    struct anchor *anchor;
    char anchor_dir[256];
    struct note_key key;
};

/* The log in DIR/log, its anchor in DIR/anchor. */
static struct signed_log signed_open(const char *dir, uint64_t entries)
{
    struct signed_log s;
    char path[256], uri[300], id[ID_UUID_SIZE], name[CHECKPOINT_ORIGIN_SIZE];
    struct error e = ERROR_INIT;
    snprintf(path, sizeof path, "%s/log", dir);
    snprintf(s.anchor_dir, sizeof s.anchor_dir, "%s/anchor", dir);
    snprintf(uri, sizeof uri, "folder:%s", s.anchor_dir);
    mkdir(s.anchor_dir, 0700);
    assert_int_equal(anchor_open(uri, &(struct anchor_options){.keep_ms = 1}, &s.anchor, &e), OK);
    struct audit_notary notary = {.seed = seed,
                                  .entries = entries,
                                  .interval_ms = 3600 * 1000,
                                  .anchors = &s.anchor,
                                  .anchor_count = 1};
    struct audit_config c = {
        .dir = path, .fingerprint_key = test_key, .segment_bytes = 4096, .notary = &notary};
    assert_int_equal(audit_open(&c, &s.log, &e), OK);
    assert_int_equal(audit_log_id(path, id, &e), OK);
    checkpoint_origin(id, name);
    assert_int_equal(note_key_of(name, seed, &s.key, &e), OK);
    return s;
}

/* One who ended while he wrote a checkpoint left a file that can't be written, or worse. */
static void what_was_left_unfinished_is_in_nobodys_way(void **state)
{
    struct signed_log s = signed_open(*state, 1000);
    char part[400], file[400];
    struct error e = ERROR_INIT;
    struct buf text = BUF_INIT(0), note = BUF_INIT(0);
    struct checkpoint c = {.size = 7};
    snprintf(c.origin, sizeof c.origin, "some/log");
    checkpoint_write(&c, &text);
    assert_int_equal(note_sign(&s.key, seed, buf_str(&text), &note, &e), OK);
    snprintf(file, sizeof file, "%s/checkpoint-000000000000000007", s.anchor_dir);
    snprintf(part, sizeof part, "%s/.checkpoint-000000000000000007.part", s.anchor_dir);
    assert_int_equal(symlink("nothing", part), 0);
    assert_int_equal(anchor_put(s.anchor, 7, buf_str(&note), &e), OK);
    assert_int_equal(access(file, R_OK), 0);
    assert_int_equal(access(part, F_OK), -1);
    audit_close(s.log);
    anchor_close(s.anchor);
    buf_free(&text);
    buf_free(&note);
}

static struct note_key write_signed(const char *dir, int entries)
{
    struct signed_log s = signed_open(dir, 5);
    for (int i = 0; i < entries; i++) {
        assert_int_equal(log_put(s.log, AUDIT_IAM, "", "SELECT 1", AUDIT_DURABLE), OK);
    }
    audit_close(s.log);
    anchor_close(s.anchor);
    return s.key;
}

static void remove_all(const char *dir)
{
    char path[600];
    DIR *d = opendir(dir);
    for (struct dirent *f; d && (f = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", dir, f->d_name);
        unlink(path);
    }
    if (d) {
        closedir(d);
    }
    rmdir(dir);
}

static int signed_remove(void **state)
{
    char path[300];
    snprintf(path, sizeof path, "%s/log", (char *)*state);
    remove_all(path);
    snprintf(path, sizeof path, "%s/anchor", (char *)*state);
    remove_all(path);
    snprintf(path, sizeof path, "%s/kept", (char *)*state);
    remove_all(path);
    return folder_remove(state);
}

static int compare(const void *a, const void *b)
{
    const struct audit_witness *x = a, *y = b;
    return x->checkpoint.size < y->checkpoint.size ? -1 : 1;
}

/* Verifies DIR/log under the key and against what the anchor has; `anchored` counts the latter. */
static struct audit_report verify_signed(const char *dir, const struct note_key *key, bool anchors,
                                         size_t *anchored)
{
    static struct audit_witness witnesses[200];
    char path[300];
    size_t n = 0;
    struct audit_report r;
    struct error e = ERROR_INIT;
    snprintf(path, sizeof path, "%s/anchor", dir);
    DIR *d = opendir(path);
    for (struct dirent *f; anchors && (f = readdir(d));) {
        if (f->d_name[0] != '.') {
            size_t bytes;
            char *note = file_read(path, f->d_name, &bytes);
            assert_int_equal(
                checkpoint_open((struct str){note, bytes}, key, 1, &witnesses[n].checkpoint, &e),
                OK);
            witnesses[n++].name = "the anchor";
            free(note);
        }
    }
    closedir(d);
    qsort(witnesses, n, sizeof *witnesses, compare);
    struct audit_known known = {
        .keys = key, .key_count = 1, .witnesses = witnesses, .witness_count = n};
    snprintf(path, sizeof path, "%s/log", dir);
    assert_int_equal(audit_verify(path, &known, &r, &e), OK);
    if (anchored) {
        *anchored = n;
    }
    return r;
}

static void a_log_signs_its_state(void **state)
{
    size_t anchored;
    struct note_key key = write_signed(*state, 23);
    struct audit_report r = verify_signed(*state, &key, true, &anchored);
    assert_true(r.valid);
    assert_true(r.checkpoints >= 2);
    assert_int_equal(r.checked_size, r.entries - 1); /* the last entry is the last checkpoint */
    assert_int_equal(r.witnesses, r.checkpoints);
    assert_int_equal(anchored, r.checkpoints);
    for (int round = 0; round < 3; round++) { /* over restarts, and files: 4 KiB each */
        struct note_key again = write_signed(*state, 17);
        assert_memory_equal(&again, &key, sizeof key);
    }
    r = verify_signed(*state, &key, true, &anchored);
    assert_true(r.valid);
    assert_int_equal(r.witnesses, anchored);
    assert_true(anchored >= 6);
}

static void another_key_signs_nothing(void **state)
{
    struct note_key key = write_signed(*state, 8), other;
    uint8_t other_seed[NOTE_SEED_SIZE] = {1};
    struct error e = ERROR_INIT;
    assert_int_equal(note_key_of(key.name, other_seed, &other, &e), OK);
    struct audit_report r = verify_signed(*state, &other, false, NULL);
    assert_false(r.valid);
    assert_non_null(strstr(r.reason, "not signed"));
}

static size_t segments(const char *dir)
{
    size_t n = 0;
    DIR *d = opendir(dir);
    for (struct dirent *f; (f = readdir(d));) {
        n += strncmp(f->d_name, "audit-", 6) == 0;
    }
    closedir(d);
    return n;
}

/* Takes the last line off, with its file when nothing else is in that. */
static void cut_line(const char *dir)
{
    char name[64], path[400];
    size_t bytes, last = segments(dir);
    snprintf(name, sizeof name, "audit-%06zu.jsonl", last);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    char *text = file_read(dir, name, &bytes);
    size_t end = bytes - 1;
    while (end > 0 && text[end - 1] != '\n') {
        end--;
    }
    if (end == 0) {
        unlink(path);
    } else {
        file_write(dir, name, text, end);
    }
    free(text);
}

/* Each cut of the end leaves a chain that is whole by itself; only the anchor tells. */
static void a_cut_end_is_found_by_the_anchor(void **state)
{
    char log[300];
    struct note_key key = write_signed(*state, 20);
    snprintf(log, sizeof log, "%s/log", (char *)*state);
    cut_line(log); /* the last checkpoint itself: over all before it, which are still there */
    struct audit_report r = verify_signed(*state, &key, true, NULL);
    assert_true(r.valid);
    for (int cut = 0; cut < 15; cut++) {
        cut_line(log);
        assert_true(verify_signed(*state, &key, false, NULL).valid);
        r = verify_signed(*state, &key, true, NULL);
        assert_false(r.valid);
        assert_non_null(strstr(r.reason, "the log ends before"));
    }
}

static void copy_files(const char *from, const char *to)
{
    mkdir(to, 0700);
    DIR *d = opendir(from);
    for (struct dirent *f; (f = readdir(d));) {
        if (f->d_name[0] != '.') {
            size_t n;
            char *text = file_read(from, f->d_name, &n);
            file_write(to, f->d_name, text, n);
            free(text);
        }
    }
    closedir(d);
}

/* An old copy that is put back and goes on is a log of its own right, but not the one that the
 * anchor knows. */
static void a_fork_is_found_by_the_anchor(void **state)
{
    char log[300], kept[300], anchor[300];
    struct note_key key = write_signed(*state, 8);
    snprintf(log, sizeof log, "%s/log", (char *)*state);
    snprintf(kept, sizeof kept, "%s/kept", (char *)*state);
    snprintf(anchor, sizeof anchor, "%s/anchor", (char *)*state);
    copy_files(log, kept);
    write_signed(*state, 12);
    remove_all(log);
    copy_files(kept, log);
    struct audit_report r = verify_signed(*state, &key, true, NULL);
    assert_false(r.valid);
    assert_non_null(strstr(r.reason, "an older copy was put back"));
    write_signed(*state, 40); /* over the anchor's sizes, with entries of other times */
    assert_true(verify_signed(*state, &key, false, NULL).valid);
    r = verify_signed(*state, &key, true, NULL);
    assert_false(r.valid);
    assert_non_null(strstr(r.reason, "not those"));
}

/* --- proofs --- */

static void proofs_of_a_log_hold_and_changed_ones_do_not(void **state)
{
    char log[300];
    struct note_key key = write_signed(*state, 30);
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct proof_shown shown;
    snprintf(log, sizeof log, "%s/log", (char *)*state);
    for (uint64_t seq = 1; seq <= 30; seq += 7) {
        struct prove_entry which = {.seq = seq};
        struct buf proof = BUF_INIT(0);
        assert_int_equal(prove_inclusion(log, &which, &proof, &e), OK);
        assert_int_equal(proof_check(buf_str(&proof), &key, 1, a, &shown, &e), OK);
        assert_true(shown.is_inclusion);
        assert_int_equal(shown.seq, seq);
        for (size_t i = 0; i < proof.n; i++) { /* a changed byte proves nothing else */
            proof.p[i] ^= 1;
            bool holds = proof_check(buf_str(&proof), &key, 1, a, &shown, &e) == OK;
            assert_true(!holds || shown.seq == seq);
            proof.p[i] ^= 1;
        }
        assert_int_equal(proof_check(buf_str(&proof), NULL, 0, a, &shown, &e), FAIL);
        buf_free(&proof);
    }
    struct buf nothing = BUF_INIT(0);
    assert_int_equal(prove_inclusion(log, &(struct prove_entry){.seq = 1000}, &nothing, &e), FAIL);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    arena_free(a);
}

static void a_log_is_proven_to_go_on_from_each_checkpoint(void **state)
{
    char log[300], anchor[300];
    struct note_key key = write_signed(*state, 30);
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct proof_shown shown;
    int n = 0;
    snprintf(log, sizeof log, "%s/log", (char *)*state);
    snprintf(anchor, sizeof anchor, "%s/anchor", (char *)*state);
    DIR *d = opendir(anchor);
    for (struct dirent *f; (f = readdir(d));) {
        if (f->d_name[0] == '.') {
            continue;
        }
        size_t bytes;
        struct buf proof = BUF_INIT(0);
        char *note = file_read(anchor, f->d_name, &bytes);
        assert_int_equal(prove_consistency(log, (struct str){note, bytes}, &proof, &e), OK);
        assert_int_equal(proof_check(buf_str(&proof), &key, 1, a, &shown, &e), OK);
        assert_false(shown.is_inclusion);
        assert_true(shown.from.size <= shown.checkpoint.size);
        free(note);
        buf_free(&proof);
        n++;
    }
    closedir(d);
    assert_true(n >= 3);
    arena_free(a);
}

/* --- versions --- */

#define OLD_LOG   "01a21a22-0000-7000-8000-000000000000"
#define OLD_ENTRY "01a21a22-0000-7000-8000-000000000001"

/* A line of the first version. */
static void put_old(struct buf *out, struct hasher *h, unsigned seq, const char *body, char *hash)
{
    uint8_t bytes[HASHER_SIZE];
    size_t begin = out->n;
    buf_printf(out, "{\"v\":1,\"seq\":%u,\"timestamp\":\"2026-01-01T00:00:00.%06uZ\",", seq, seq);
    buf_printf(out, "\"kind\":\"system\",\"entry_id\":\"%s\",%s,\"prev_hash\":\"%s\"", OLD_ENTRY,
               body, hash);
    line_hash(h, 1, (struct str){(char *)out->p + begin, out->n - begin}, bytes);
    text_hex(bytes, sizeof bytes, hash);
    buf_printf(out, ",\"entry_hash\":\"%s\"}\n", hash);
}

/* Three segments of the first version, of three lines each. */
static void write_old_log(const char *dir)
{
    struct hasher *h = hasher_new();
    char hash[LINE_HASH_TEXT + 1], name[64], body[400];
    unsigned seq = 0;
    mkdir(dir, 0700);
    memcpy(hash, line_no_hash, sizeof hash);
    for (unsigned segment = 1; segment <= 3; segment++) {
        struct buf out = BUF_INIT(0);
        snprintf(body, sizeof body, "\"action\":\"log_created\",\"resource\":\"" OLD_LOG "\"");
        if (segment > 1) {
            snprintf(body, sizeof body,
                     "\"action\":\"segment\",\"resource\":\"audit-%06u.jsonl\",\"before\":\"%s\"",
                     segment - 1, hash);
        }
        put_old(&out, h, ++seq, body, hash);
        put_old(&out, h, ++seq, "\"action\":\"start\"", hash);
        put_old(&out, h, ++seq, "\"action\":\"stop\"", hash);
        snprintf(name, sizeof name, "audit-%06u.jsonl", segment);
        file_write(dir, name, (char *)out.p, out.n);
        buf_free(&out);
    }
    hasher_free(h);
}

static void a_log_of_the_first_version_goes_on(void **state)
{
    char log[300];
    size_t anchored;
    snprintf(log, sizeof log, "%s/log", (char *)*state);
    write_old_log(log);
    struct audit_report r = log_verify(log);
    assert_true(r.valid);
    assert_int_equal(r.entries, 9);
    struct note_key key = write_signed(*state, 6);
    r = verify_signed(*state, &key, true, &anchored);
    if (!r.valid) {
        print_message("%s\n", r.reason);
    }
    assert_true(r.valid);
    assert_string_equal(r.log_id, OLD_LOG);
    assert_true(r.checkpoints >= 1 && anchored == r.checkpoints);
    assert_true(segments(log) >= 4); /* no file is of two versions */
    write_signed(*state, 6);
    assert_true(verify_signed(*state, &key, true, NULL).valid);
}

static void a_log_never_goes_back_to_the_first_version(void **state)
{
    char log[300];
    size_t n;
    struct hasher *h = hasher_new();
    write_signed(*state, 2);
    snprintf(log, sizeof log, "%s/log", (char *)*state);
    struct audit_report r = log_verify(log);
    struct buf out = BUF_INIT(0);
    char *text = file_read(log, "audit-000001.jsonl", &n);
    assert_int_equal(segments(log), 1);
    buf_put(&out, text, n);
    free(text);
    put_old(&out, h, (unsigned)r.entries + 1, "\"action\":\"start\"", r.last_hash);
    file_write(log, "audit-000001.jsonl", (char *)out.p, out.n);
    r = log_verify(log);
    assert_false(r.valid);
    assert_non_null(strstr(r.reason, "version"));
    buf_free(&out);
    hasher_free(h);
}

int main(void)
{
#define LOG_TEST(f) cmocka_unit_test_setup_teardown(f, folder_make, signed_remove)
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_note_opens_under_its_key_alone),
        cmocka_unit_test(what_is_no_key_or_note_is_refused),
        LOG_TEST(what_was_left_unfinished_is_in_nobodys_way),
        LOG_TEST(a_log_signs_its_state),
        LOG_TEST(another_key_signs_nothing),
        LOG_TEST(a_cut_end_is_found_by_the_anchor),
        LOG_TEST(a_fork_is_found_by_the_anchor),
        LOG_TEST(proofs_of_a_log_hold_and_changed_ones_do_not),
        LOG_TEST(a_log_is_proven_to_go_on_from_each_checkpoint),
        LOG_TEST(a_log_of_the_first_version_goes_on),
        LOG_TEST(a_log_never_goes_back_to_the_first_version),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
