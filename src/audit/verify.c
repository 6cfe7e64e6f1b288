#include "audit/verify.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/segment.h"

struct verification {
    struct chain chain;
    const struct audit_known *known;
    struct audit_report *report;
    size_t witness; /* the next */
    audit_visit *visit;
    void *ctx;
};

static void broken(struct verification *v, const char *file, uint64_t line, uint64_t seq,
                   const char *why)
{
    struct audit_report *r = v->report;
    r->valid = false;
    r->bad_seq = seq;
    r->bad_line = line;
    snprintf(r->bad_file, sizeof r->bad_file, "%s", file);
    snprintf(r->reason, sizeof r->reason, "%s", why);
}

static const char *problem_of(enum segment_read got)
{
    return got == SEGMENT_TORN   ? "the last line is not complete"
           : got == SEGMENT_LONG ? "the line is longer than an entry can be"
                                 : NULL;
}

static void count_entry(struct audit_report *r, const struct line *line)
{
    if (r->entries++ == 0) {
        memcpy(r->first_hash, line->entry_hash.p, LINE_HASH_TEXT);
    }
    memcpy(r->last_hash, line->entry_hash.p, LINE_HASH_TEXT);
}

/* --- checkpoints --- */

/* Whether the log, up to before the next line, is what a checkpoint says. NULL, or what is wrong.
 */
static const char *check_against(const struct chain *c, const struct checkpoint *said)
{
    struct checkpoint now;
    checkpoint_of(c, &now);
    if (strcmp(now.origin, said->origin) != 0) {
        return "the checkpoint is of another log";
    }
    if (now.size != said->size) {
        return "the checkpoint isn't over the entries before it";
    }
    return memcmp(now.root, said->root, sizeof now.root) == 0
               ? NULL
               : "the entries before are not those that the checkpoint was made over";
}

/* The checkpoint that a line carries, if it does. NULL where there is nothing wrong with it. */
static const char *check_checkpoint(struct verification *v, const struct line *line)
{
    const struct audit_known *k = v->known;
    struct buf note = BUF_INIT(CHECKPOINT_MAX);
    struct checkpoint said;
    struct error e = ERROR_INIT;
    const char *why = NULL;
    if (!v->chain.whole || !checkpoint_in_line(line, &note)) {
        buf_free(&note);
        return NULL;
    }
    if (checkpoint_open(buf_str(&note), k->keys, k->key_count, &said, &e) != OK) {
        why = e.code == ERR_KEY ? "the checkpoint is not signed by a key that was given"
                                : "the checkpoint can't be read";
    } else {
        why = check_against(&v->chain, &said);
    }
    buf_free(&note);
    if (!why) {
        v->report->checkpoints++;
        v->report->checked_size = said.size;
    }
    return why;
}

static const struct audit_witness *next_witness(const struct verification *v)
{
    return v->witness < v->known->witness_count ? &v->known->witnesses[v->witness] : NULL;
}

static void contradict(struct verification *v, const struct audit_witness *w, const char *why)
{
    char all[512];
    snprintf(all, sizeof all, "%s, which has %llu entries: %s", w->name,
             (unsigned long long)w->checkpoint.size, why);
    broken(v, "", 0, w->checkpoint.size, all);
}

/* The witnesses of a log of just these entries. False where one contradicts. */
static bool hear_witnesses(struct verification *v)
{
    const struct audit_witness *w;
    while (v->chain.whole && (w = next_witness(v)) && w->checkpoint.size == v->chain.seq) {
        const char *why = check_against(&v->chain, &w->checkpoint);
        if (why) {
            contradict(v, w, why);
            return false;
        }
        v->report->witnesses++;
        v->witness++;
    }
    return true;
}

/* --- lines and files --- */

static const char *verify_line(struct verification *v, struct str text)
{
    struct line line;
    const char *why = chain_check(&v->chain, text, &line);
    if (!why) {
        why = check_checkpoint(v, &line);
    }
    if (!why) {
        chain_advance(&v->chain, &line);
        count_entry(v->report, &line);
        if (v->visit) {
            v->visit(v->ctx, &line);
        }
    }
    return why;
}

/* Reads lines to the end of the file or to the first wrong one. */
static enum status verify_lines(struct verification *v, struct segment_reader *r, const char *name,
                                struct error *e)
{
    enum segment_read got;
    struct str text;
    while ((got = segment_read(r, &text)) == SEGMENT_LINE) {
        uint64_t expected = v->chain.open_start ? 0 : v->chain.seq + 1;
        const char *why = verify_line(v, text);
        if (why) {
            broken(v, name, r->line, expected, why);
            return OK;
        }
        if (!hear_witnesses(v)) {
            return OK;
        }
    }
    if (got == SEGMENT_ERROR) {
        return error_set(e, ERR_IO, "%s can't be read: %s", name, strerror(errno));
    }
    if (problem_of(got)) {
        broken(v, name, r->line + (got == SEGMENT_TORN), v->chain.seq + 1, problem_of(got));
    }
    return OK;
}

static enum status verify_file(struct verification *v, int dir_fd, const char *path,
                               const char *name, bool last, bool patient, struct error *e)
{
    int fd = openat(dir_fd, path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return error_set(e, ERR_IO, "%s can't be opened: %s", path, strerror(errno));
    }
    uint64_t before = v->report->entries;
    struct segment_reader r;
    segment_reader_init(&r, fd, patient);
    chain_open_segment(&v->chain, segment_number(name));
    enum status status = verify_lines(v, &r, name, e);
    segment_reader_fini(&r);
    close(fd);
    if (status == OK && v->report->valid && v->report->entries == before && !last) {
        broken(v, name, 1, v->chain.seq + 1, "the segment is empty and isn't the last");
    }
    return status;
}

static enum status verify_folder(struct verification *v, int dir_fd, struct error *e)
{
    unsigned *numbers = NULL;
    size_t n = 0;
    enum status status = segment_list(dir_fd, &numbers, &n, e);
    if (status == OK && n == 0) {
        status = error_set(e, ERR_NOT_FOUND, "there is no audit log in this folder");
    }
    for (size_t i = 0; status == OK && v->report->valid && i < n; i++) {
        char name[SEGMENT_NAME_SIZE];
        if (numbers[i] != i + 1) {
            segment_name((unsigned)i + 1, name);
            broken(v, name, 1, v->chain.seq + 1, "the segment is missing");
            break;
        }
        segment_name(numbers[i], name);
        status = verify_file(v, dir_fd, name, name, i + 1 == n, i + 1 == n, e);
    }
    free(numbers);
    return status;
}

/* One segment by itself: what came before it is taken on trust, except before the first. */
static enum status verify_single(struct verification *v, const char *path, struct error *e)
{
    char copy[4096];
    snprintf(copy, sizeof copy, "%s", path);
    const char *name = basename(copy);
    v->chain.open_start = segment_number(name) != 1;
    v->chain.whole = !v->chain.open_start;
    return verify_file(v, AT_FDCWD, path, name, true, false, e);
}

static enum status verify_path(struct verification *v, const char *path, struct error *e)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return error_set(e, ERR_IO, "%s can't be read: %s", path, strerror(errno));
    }
    if (!S_ISDIR(st.st_mode)) {
        return verify_single(v, path, e);
    }
    int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (dir_fd < 0) {
        return error_set(e, ERR_IO, "%s can't be opened: %s", path, strerror(errno));
    }
    enum status status = verify_folder(v, dir_fd, e);
    close(dir_fd);
    return status;
}

/* What there is to say at the end of a log in which every line is right. */
static void verify_end(struct verification *v, const char *path)
{
    const struct audit_witness *w = next_witness(v);
    if (v->report->entries == 0) {
        broken(v, path, 1, 1, "the log has no entries");
    } else if (w && !v->chain.whole) {
        contradict(v, w, "a segment alone can't be checked against it; give the log's folder");
    } else if (w && w->checkpoint.size < v->chain.seq) {
        contradict(v, w, "it is older than the first entry here");
    } else if (w) {
        contradict(v, w, "the log ends before; its end was cut off, or an older copy was put back");
    }
}

enum status audit_visit_log(const char *path, const struct audit_known *known, audit_visit *visit,
                            void *ctx, struct audit_report *out, struct error *e)
{
    static const struct audit_known nothing;
    *out = (struct audit_report){.valid = true};
    struct verification v = {
        .report = out, .known = known ? known : &nothing, .visit = visit, .ctx = ctx};
    struct hasher *hasher = hasher_new();
    chain_init(&v.chain, hasher);
    enum status status = verify_path(&v, path, e);
    if (status == OK && out->valid) {
        verify_end(&v, path);
    }
    memcpy(out->log_id, v.chain.log_id, sizeof out->log_id);
    hasher_free(hasher);
    return status;
}

enum status audit_verify(const char *path, const struct audit_known *known,
                         struct audit_report *out, struct error *e)
{
    return audit_visit_log(path, known, NULL, NULL, out, e);
}

/* --- the log's id --- */

static void take_first(struct chain *c, int fd, unsigned number)
{
    struct segment_reader r;
    struct str text;
    struct line line;
    segment_reader_init(&r, fd, false);
    chain_open_segment(c, number);
    c->open_start = number != 1;
    if (segment_read(&r, &text) == SEGMENT_LINE && !chain_check(c, text, &line)) {
        chain_advance(c, &line);
    }
    segment_reader_fini(&r);
}

static enum status read_first(struct chain *c, int dir_fd, struct error *e)
{
    unsigned *numbers = NULL;
    size_t n = 0;
    char name[SEGMENT_NAME_SIZE];
    if (segment_list(dir_fd, &numbers, &n, e) != OK) {
        return FAIL;
    }
    segment_name(n ? numbers[0] : 1, name);
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        take_first(c, fd, numbers[0]);
        close(fd);
    }
    free(numbers);
    return n ? OK : error_set(e, ERR_NOT_FOUND, "there is no audit log in this folder yet");
}

enum status audit_log_id(const char *dir, char out[ID_UUID_SIZE], struct error *e)
{
    struct hasher *hasher = hasher_new();
    struct chain c;
    chain_init(&c, hasher);
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum status status = dir_fd < 0
                             ? error_set(e, ERR_IO, "%s can't be opened: %s", dir, strerror(errno))
                             : read_first(&c, dir_fd, e);
    if (dir_fd >= 0) {
        close(dir_fd);
    }
    hasher_free(hasher);
    memcpy(out, c.log_id, sizeof c.log_id);
    return status == OK && !out[0]
               ? error_set(e, ERR_CORRUPT, "the log doesn't tell its id; verify it")
               : status;
}
