/* Verification of a log from its files alone: needs no key and no server, and stops at the first
 * entry that is wrong. */
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
    struct audit_report *report;
    char previous[SEGMENT_NAME_SIZE]; /* the segment before; "" when none was read */
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

/* The first entry of a segment is a system entry that opens the log, or names the segment before.
 */
static const char *check_opening(const struct verification *v, const struct line *line,
                                 unsigned number)
{
    size_t at = 0;
    struct str id = line_member(line->body, 0, "entry_id", &at);
    struct str action = id.p ? line_member(line->body, at + 1, "action", &at) : STR_NULL;
    if (line->kind != AUDIT_SYSTEM || !action.p) {
        return "a segment must open with a system entry";
    }
    if (number == 1 || str_is(action, "log_created")) {
        bool first = str_is(action, "log_created") && line->seq == 1 &&
                     memcmp(line->prev_hash.p, line_no_hash, LINE_HASH_TEXT) == 0;
        return first ? NULL : "the log must open with log_created as seq 1";
    }
    struct str file = line_member(line->body, at + 1, "resource", &at);
    if (!str_is(action, "segment") || !file.p) {
        return "a segment must open with the entry \"segment\"";
    }
    return v->previous[0] == '\0' || str_is(file, v->previous)
               ? NULL
               : "it names another segment than the one before";
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

/* Reads lines to the end of the file or to the first wrong one. */
static enum status verify_lines(struct verification *v, struct segment_reader *r, const char *name,
                                struct error *e)
{
    enum segment_read got;
    struct str text;
    while ((got = segment_read(r, &text)) == SEGMENT_LINE) {
        struct line line;
        uint64_t expected = v->chain.open_start ? 0 : v->chain.seq + 1;
        const char *why = chain_check(&v->chain, text, &line);
        if (!why && r->line == 1) {
            why = check_opening(v, &line, segment_number(name));
        }
        if (why) {
            broken(v, name, r->line, expected, why);
            return OK;
        }
        count_entry(v->report, &line);
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
        memcpy(v->previous, name, sizeof name);
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
    return verify_file(v, AT_FDCWD, path, name, true, false, e);
}

enum status audit_verify(const char *path, struct audit_report *out, struct error *e)
{
    *out = (struct audit_report){.valid = true};
    struct verification v = {.report = out};
    memcpy(v.chain.hash, line_no_hash, sizeof line_no_hash);
    struct stat st;
    if (stat(path, &st) != 0) {
        return error_set(e, ERR_IO, "%s can't be read: %s", path, strerror(errno));
    }
    v.chain.hasher = hasher_new();
    enum status status;
    if (S_ISDIR(st.st_mode)) {
        int dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        status = dir_fd < 0 ? error_set(e, ERR_IO, "%s can't be opened: %s", path, strerror(errno))
                            : verify_folder(&v, dir_fd, e);
        if (dir_fd >= 0) {
            close(dir_fd);
        }
    } else {
        status = verify_single(&v, path, e);
    }
    hasher_free(v.chain.hasher);
    if (status == OK && out->valid && out->entries == 0) {
        broken(&v, path, 1, 1, "the log has no entries");
    }
    return status;
}
