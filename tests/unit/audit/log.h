/* A log in a folder of its own, for the tests. */
#ifndef TEST_AUDIT_LOG_H
#define TEST_AUDIT_LOG_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/audit.h"
#include "audit/verify.h"

static const uint8_t test_key[32] = "a key that only the tests know.";

static inline int folder_make(void **state)
{
    char *dir = strdup("/tmp/hatidata-audit-XXXXXX");
    *state = mkdtemp(dir);
    return *state ? 0 : -1;
}

static inline int folder_remove(void **state)
{
    char path[1024];
    DIR *d = opendir(*state);
    for (struct dirent *f; d && (f = readdir(d));) {
        snprintf(path, sizeof path, "%s/%s", (char *)*state, f->d_name);
        unlink(path);
    }
    if (d) {
        closedir(d);
    }
    rmdir(*state);
    free(*state);
    return 0;
}

static inline struct audit *log_open(const char *dir, size_t segment)
{
    struct audit_config c = {.dir = dir, .fingerprint_key = test_key, .segment_bytes = segment};
    struct audit *a = NULL;
    struct error e = ERROR_INIT;
    if (audit_open(&c, &a, &e) != OK) {
        print_message("audit_open: %s\n", e.message);
        fail();
    }
    return a;
}

static inline enum status log_put(struct audit *a, enum audit_kind kind, const char *query,
                                  const char *sql, enum audit_wait wait)
{
    struct audit_entry entry = {.kind = kind,
                                .query_id = str_of(query),
                                .user_id = STR("u1"),
                                .org_id = STR("o1"),
                                .actor = STR("admin"),
                                .action = STR("test"),
                                .sql = str_of(sql)};
    struct error e = ERROR_INIT;
    enum status status = audit_append(a, &entry, wait, &e);
    if (status != OK) {
        assert_int_equal(e.code, ERR_AUDIT);
    }
    return status;
}

static inline struct audit_report log_verify(const char *path)
{
    struct audit_report r;
    struct error e = ERROR_INIT;
    if (audit_verify(path, NULL, &r, &e) != OK) {
        print_message("audit_verify: %s\n", e.message);
        fail();
    }
    return r;
}

/* The whole file; free() it. */
static inline char *file_read(const char *dir, const char *name, size_t *n)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "rb");
    assert_non_null(f);
    char *text = malloc(1 << 24);
    *n = fread(text, 1, (1 << 24) - 1, f);
    text[*n] = '\0';
    fclose(f);
    return text;
}

static inline void file_write(const char *dir, const char *name, const char *text, size_t n)
{
    char path[1024];
    snprintf(path, sizeof path, "%s/%s", dir, name);
    FILE *f = fopen(path, "wb");
    assert_non_null(f);
    assert_int_equal(fwrite(text, 1, n, f), n);
    fclose(f);
}

#endif
