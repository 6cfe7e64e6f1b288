/* The end of entries, under a clock of the test's own: when whole segments go and when they don't,
 * what stays for them, and the end of the process at each step. */
#include "log.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>

#include "audit/kept.h"
#include "audit/prove.h"
#include "audit/segment.h"
#include "base/retention.h"

static const uint8_t seed[NOTE_SEED_SIZE] = "thirty-two bytes of no real key";
enum { WEEK_S = 7 * 86400, DAY_S = 86400, LAW_WEEKS = RETENTION_LAW_DAYS / 7 + 1 };

/* --- a clock, and a power switch: these stand before the C library's own --- */

static atomic_llong passed_s; /* that all clocks of the wall and the machine are ahead */
static atomic_llong jumped_s; /* that the wall's alone is */
static atomic_int calls_left; /* to the end of the process; 0: it doesn't end */

int clock_gettime(clockid_t id, struct timespec *t)
{
    int done = (int)syscall(SYS_clock_gettime, id, t);
    t->tv_sec += id == CLOCK_REALTIME || id == CLOCK_BOOTTIME ? passed_s : 0;
    t->tv_sec += id == CLOCK_REALTIME ? jumped_s : 0;
    return done;
}

static void count_call(void)
{
    if (calls_left && --calls_left == 0) {
        kill(getpid(), SIGKILL);
        pause();
    }
}

int unlinkat(int dir, const char *path, int flags)
{
    count_call();
    int done = (int)syscall(SYS_unlinkat, dir, path, flags);
    count_call();
    return done;
}

int linkat(int from, const char *path, int to, const char *name, int flags)
{
    count_call();
    int done = (int)syscall(SYS_linkat, from, path, to, name, flags);
    count_call();
    return done;
}

/* Only processes end here, so that nothing is lost that isn't on the disk. */
int fsync(int fd)
{
    (void)fd;
    count_call();
    return 0;
}

int fdatasync(int fd)
{
    (void)fd;
    count_call();
    return 0;
}

ssize_t write(int fd, const void *p, size_t n)
{
    count_call();
    return syscall(SYS_write, fd, p, n);
}

/* --- a log --- */

static struct {
    struct audit_demand demand;
    bool unknown;
    atomic_int asked;
    int hold_after; /* questions; 0: never */
} org;

static enum status ask(void *ctx, struct audit_demand *out, struct error *e)
{
    (void)ctx;
    *out = org.demand;
    int asked = ++org.asked;
    out->held |= org.hold_after && asked > org.hold_after;
    return org.unknown ? error_set(e, ERR_IO, "the store is away") : OK;
}

static struct audit *begin(const char *dir, int64_t days, const uint8_t key[NOTE_SEED_SIZE])
{
    struct audit_retention retention = {.days = days, .ask = ask};
    struct audit_notary notary = {
        .seed = key, .entries = 4, .interval_ms = 3600 * 1000, .retention = &retention};
    struct audit_config c = {
        .dir = dir, .fingerprint_key = test_key, .segment_bytes = 4096, .notary = &notary};
    struct audit *a = NULL;
    struct error e = ERROR_INIT;
    if (audit_open(&c, &a, &e) != OK) {
        print_message("audit_open: %s\n", e.message);
        fail();
    }
    return a;
}

static void put(struct audit *a, int n)
{
    for (int i = 0; i < n; i++) {
        assert_int_equal(
            log_put(a, i % 2 ? AUDIT_IAM : AUDIT_OUTCOME, "q", "SELECT 1", AUDIT_WRITTEN), OK);
    }
}

/* Entries over so many weeks, one a week. */
static void live(const char *dir, int weeks)
{
    struct audit *a = log_open(dir, 4096);
    for (int i = 0; i < weeks; i++) {
        passed_s += WEEK_S;
        put(a, 1);
    }
    audit_close(a);
}

static unsigned first_segment(const char *dir, size_t *count)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY);
    unsigned *numbers, first;
    struct error e = ERROR_INIT;
    size_t n;
    assert_int_equal(segment_list(fd, &numbers, &n, &e), OK);
    first = n ? numbers[0] : 0;
    free(numbers);
    close(fd);
    if (count) {
        *count = n;
    }
    return first;
}

static bool go_on(void *ctx, size_t bytes)
{
    return true;
}

/* The running log, while segments may go: it finds nothing missing but what it deleted. */
static void check_itself(struct audit *a)
{
    struct audit_report r;
    enum status status = FAIL;
    for (int i = 0; i < 100 && status != OK; i++) {
        struct error e = ERROR_INIT;
        status = audit_check(a, go_on, NULL, &r, &e);
        assert_true(status == OK || e.code == ERR_NOT_READY);
    }
    assert_int_equal(status, OK);
    assert_true(r.valid);
}

/* Lets the log look for what expired, twice at least: it does after each checkpoint. */
static void look(const char *dir, int64_t days)
{
    struct audit *a = begin(dir, days, seed);
    for (int i = 0; i < 4; i++) {
        struct audit_report before = log_verify(dir), now = before;
        put(a, 4);
        for (int wait = 0; wait < 2000 && now.checkpoints == before.checkpoints; wait++) {
            usleep(5000);
            now = log_verify(dir);
            check_itself(a);
        }
        assert_true(now.checkpoints > before.checkpoints || now.expired > before.expired);
    }
    check_itself(a);
    audit_close(a);
}

static struct note_key key_of(const char *dir)
{
    struct note_key key;
    struct error e = ERROR_INIT;
    char id[ID_UUID_SIZE], name[CHECKPOINT_ORIGIN_SIZE];
    assert_int_equal(audit_log_id(dir, id, &e), OK);
    checkpoint_origin(id, name);
    assert_int_equal(note_key_of(name, seed, &key, &e), OK);
    return key;
}

static struct audit_report check(const char *dir)
{
    struct note_key key = key_of(dir);
    struct audit_known known = {.keys = &key, .key_count = 1};
    struct audit_report r;
    struct error e = ERROR_INIT;
    assert_int_equal(audit_verify(dir, &known, &r, &e), OK);
    return r;
}

static void check_valid(const char *dir)
{
    struct audit_report r = check(dir);
    if (!r.valid) {
        print_message("%s line %llu: %s\n", r.bad_file, (unsigned long long)r.bad_line, r.reason);
    }
    assert_true(r.valid);
}

static int set_up(void **state)
{
    passed_s = 0;
    jumped_s = 0;
    calls_left = 0;
    memset(&org, 0, sizeof org);
    return folder_make(state);
}

/* --- when --- */

static void old_segments_go_and_their_checkpoint_stays(void **state)
{
    const char *dir = *state;
    live(dir, LAW_WEEKS + 40);
    struct audit_report before = log_verify(dir);
    look(dir, 0);
    struct audit_report r = check(dir);
    assert_true(r.valid);
    assert_true(first_segment(dir, NULL) > 2);
    assert_true(r.expired > 20 && r.expired < 60); /* of 40 weeks, in whole segments */
    assert_true(r.entries < before.entries);
    assert_int_equal(r.expired_days, RETENTION_LAW_DAYS);
    live(dir, 30); /* and on */
    look(dir, 0);
    assert_true(check(dir).expired > r.expired + 10);
    check_valid(dir);
}

static void nothing_goes_before_the_law_or_anybody_else_lets_it(void **state)
{
    const char *dir = *state;
    live(dir, LAW_WEEKS - 2);
    look(dir, 1); /* an operator who wants a day */
    assert_int_equal(org.asked, 0);
    live(dir, 30);
    look(dir, RETENTION_LAW_DAYS + 400);
    org.demand.days = RETENTION_LAW_DAYS + 400;
    look(dir, 0);
    org.demand.days = 0;
    org.demand.held = true;
    look(dir, 0);
    org.demand.held = false;
    org.unknown = true;
    look(dir, 0);
    assert_true(org.asked > 4);
    assert_int_equal(first_segment(dir, NULL), 1);
    assert_int_equal(check(dir).expired, 0);
    org.unknown = false;
    look(dir, 0);
    assert_true(first_segment(dir, NULL) > 1);
    check_valid(dir);
}

static void a_hold_stops_what_was_begun(void **state)
{
    const char *dir = *state;
    live(dir, LAW_WEEKS + 60);
    org.hold_after = 3; /* one before the checkpoint, and one before each of two segments */
    look(dir, 0);
    assert_int_equal(first_segment(dir, NULL), 3);
    check_valid(dir);
    org.hold_after = 0;
    look(dir, 0);
    assert_true(first_segment(dir, NULL) > 4);
    check_valid(dir);
}

static void count_action(void *ctx, const struct line *line)
{
    static const char *const actions[] = {"clock_set_forward", "clock_set_back", "retention"};
    int *n = ctx;
    for (int i = 0; i < 3; i++) {
        n[i] += str_is(line_system_action(line, NULL), actions[i]);
    }
}

static void count_actions(const char *dir, int n[3])
{
    struct audit_report r;
    struct error e = ERROR_INIT;
    memset(n, 0, 3 * sizeof *n);
    assert_int_equal(audit_visit_log(dir, NULL, count_action, n, &r, &e), OK);
    assert_true(r.valid);
}

static void a_clock_that_jumps_deletes_nothing(void **state)
{
    const char *dir = *state;
    int n[3];
    live(dir, 10);
    struct audit *a = begin(dir, 0, seed); /* while it runs: told, and no age at all */
    for (int i = 0; i < 30; i++) {
        jumped_s += (int64_t)RETENTION_LAW_DAYS * DAY_S;
        put(a, 9);
        jumped_s -= (int64_t)RETENTION_LAW_DAYS * DAY_S;
        put(a, 9);
    }
    audit_close(a);
    count_actions(dir, n);
    assert_int_equal(n[0], 30);
    assert_int_equal(n[1], 30);
    for (int i = 0; i < 30; i++) { /* between two runs: a week each at most */
        jumped_s += (int64_t)RETENTION_LAW_DAYS * DAY_S;
        a = begin(dir, 0, seed);
        put(a, 9);
        audit_close(a);
    }
    look(dir, 0);
    assert_int_equal(first_segment(dir, NULL), 1);
    assert_int_equal(org.asked, 0);
    check_valid(dir);
}

/* --- what was done to it --- */

static void remove_segment(const char *dir, unsigned number)
{
    char path[600], name[SEGMENT_NAME_SIZE];
    segment_name(number, name);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    assert_int_equal(unlink(path), 0);
}

static void find_kept(const char *dir, char name[300])
{
    DIR *d = opendir(dir);
    name[0] = '\0';
    for (struct dirent *f; (f = readdir(d));) {
        if (!strncmp(f->d_name, "checkpoint-", 11)) {
            snprintf(name, 300, "%s", f->d_name);
        }
    }
    closedir(d);
    assert_true(name[0]);
}

static void expect_broken(const char *dir, const char *why)
{
    struct audit_report r = check(dir);
    assert_false(r.valid);
    if (!strstr(r.reason, why)) {
        print_message("\"%s\" isn't in \"%s\"\n", why, r.reason);
        fail();
    }
}

static void what_is_missing_without_its_checkpoint_is_found(void **state)
{
    const char *dir = *state;
    char name[300], path[700];
    size_t n, count;
    live(dir, LAW_WEEKS + 40);
    struct audit_report young = log_verify(dir);
    assert_true(young.valid);
    look(dir, 0);
    unsigned first = first_segment(dir, &count);
    find_kept(dir, name);
    char *note = file_read(dir, name, &n);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    for (size_t i = 0; i < n; i++) { /* forged: any byte */
        chmod(path, 0600);
        note[i] ^= 1;
        file_write(dir, name, note, n);
        note[i] ^= 1;
        assert_false(check(dir).valid);
        assert_false(log_verify(dir).valid); /* without the key, too: an entry tells of it */
    }
    unlink(path);
    expect_broken(dir, "no checkpoint of expired entries");
    file_write(dir, name, note, n);
    check_valid(dir);
    remove_segment(dir, first);
    expect_broken(dir, "no checkpoint of expired entries");
    struct audit *a = NULL;
    struct error e = ERROR_INIT;
    struct audit_config c = {.dir = dir, .fingerprint_key = test_key};
    assert_int_equal(audit_open(&c, &a, &e), FAIL);
    assert_int_equal(e.code, ERR_CORRUPT);
    free(note);
}

/* A checkpoint of a log with the same key, and one that the log itself has signed for another
 * purpose. */
static void another_checkpoint_stands_for_nothing(void **state)
{
    const char *dir = *state;
    char other[] = "/tmp/hatidata-audit-XXXXXX", name[300], theirs[300], path[700];
    size_t n;
    live(dir, LAW_WEEKS + 20);
    look(dir, 0);
    assert_non_null(mkdtemp(other));
    passed_s = 0;
    live(other, LAW_WEEKS + 20);
    look(other, 0);
    find_kept(dir, name);
    find_kept(other, theirs);
    char *note = file_read(other, theirs, &n);
    snprintf(path, sizeof path, "%s/%s", dir, name);
    unlink(path);
    file_write(dir, theirs, note, n);
    struct audit_report r = check(dir);
    assert_false(r.valid);
    assert_false(log_verify(dir).valid);
    free(note);
    char *copy = strdup(other);
    void *gone = copy;
    folder_remove(&gone);
}

static void what_is_left_is_proven(void **state)
{
    const char *dir = *state;
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct proof_shown shown;
    live(dir, LAW_WEEKS + 40);
    look(dir, 0);
    struct note_key key = key_of(dir);
    struct audit_report r = check(dir);
    for (uint64_t seq = r.expired; seq + 6 < r.expired + r.entries; seq += 7) {
        struct prove_entry which = {.seq = seq};
        struct buf proof = BUF_INIT(0);
        enum status status = prove_inclusion(dir, &which, &proof, &e);
        if (seq <= r.expired) {
            assert_int_equal(status, FAIL);
            assert_non_null(strstr(e.message, "expired under retention"));
        } else {
            assert_int_equal(status, OK);
            assert_int_equal(proof_check(buf_str(&proof), &key, 1, a, &shown, &e), OK);
            assert_int_equal(shown.seq, seq);
        }
        buf_free(&proof);
    }
    char name[300];
    size_t n;
    find_kept(dir, name); /* is a checkpoint as any other */
    char *note = file_read(dir, name, &n);
    struct buf proof = BUF_INIT(0);
    assert_int_equal(prove_consistency(dir, (struct str){note, n}, &proof, &e), OK);
    assert_int_equal(proof_check(buf_str(&proof), &key, 1, a, &shown, &e), OK);
    assert_int_equal(shown.from.size, r.expired);
    free(note);
    buf_free(&proof);
    arena_free(a);
}

/* --- the end of the process at each step --- */

static void copy_log(const char *from, const char *to)
{
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

/* In a process of its own, which ends at its nth call that changes a file. True: it didn't. */
static bool expire_until(const char *dir, int nth)
{
    pid_t child = fork();
    if (child == 0) {
        calls_left = nth;
        struct audit *a = begin(dir, 0, seed);
        for (int wait = 0; wait < 4000 && first_segment(dir, NULL) < 4; wait++) {
            usleep(1000);
        }
        audit_close(a);
        _exit(0);
    }
    int how;
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_true((WIFEXITED(how) && WEXITSTATUS(how) == 0) ||
                (WIFSIGNALED(how) && WTERMSIG(how) == SIGKILL));
    return WIFEXITED(how);
}

static void any_end_of_the_process_is_gone_on_from(void **state)
{
    char base[300];
    snprintf(base, sizeof base, "%s-base", (char *)*state);
    assert_int_equal(mkdir(base, 0700), 0);
    live(base, LAW_WEEKS + 28);
    unsigned reached[6] = {0};
    int nth = 0;
    for (bool whole = false; !whole; nth++) {
        char dir[400];
        snprintf(dir, sizeof dir, "%s-%d", (char *)*state, nth);
        assert_int_equal(mkdir(dir, 0700), 0);
        copy_log(base, dir);
        whole = expire_until(dir, nth + 1);
        check_valid(dir);
        reached[first_segment(dir, NULL) < 5 ? first_segment(dir, NULL) : 5]++;
        assert_true(expire_until(dir, 0));
        check_valid(dir);
        assert_true(first_segment(dir, NULL) >= 4 && check(dir).expired > 0);
        void *gone = strdup(dir);
        folder_remove(&gone);
    }
    assert_true(reached[1] > 5 && reached[2] > 1 && reached[3] > 1); /* it ended in between */
    void *gone = strdup(base);
    folder_remove(&gone);
}

#define T(test) cmocka_unit_test_setup_teardown(test, set_up, folder_remove)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(old_segments_go_and_their_checkpoint_stays),
        T(nothing_goes_before_the_law_or_anybody_else_lets_it),
        T(a_hold_stops_what_was_begun),
        T(a_clock_that_jumps_deletes_nothing),
        T(what_is_missing_without_its_checkpoint_is_found),
        T(another_checkpoint_stands_for_nothing),
        T(what_is_left_is_proven),
        T(any_end_of_the_process_is_gone_on_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
