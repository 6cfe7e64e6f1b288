/* An engine in a folder of its own, and short forms for tests. Failing calls fail the test with the
 * error's message. */
#ifndef TESTS_ENGINE_FIXTURE_H
#define TESTS_ENGINE_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "engine/engine.h"

struct fixture {
    char dir[64], path[96], spill[96], import[96];
    char extensions[512];
    uint8_t key[32];
    struct engine_config config;
    struct engine *engine;
    uint64_t session;
    struct arena *arena;
};

void fixture_make(struct fixture *f);  /* folder and configuration; the engine isn't open */
void fixture_open(struct fixture *f);  /* opens the engine and one session */
void fixture_close(struct fixture *f); /* closes both, keeps the folder */
void fixture_remove(struct fixture *f);

/* A file of the fixture's folder. */
void fixture_write(struct fixture *f, const char *path, const char *text);

/* Runs a statement for its effect; the number of rows changed. */
int64_t must(struct fixture *f, uint64_t session, const char *sql);

/* Runs a statement that must fail; its code, and the error itself where `e` isn't NULL. All rows
 * are fetched. ERR_NONE where it doesn't fail. */
enum error_code fails(struct fixture *f, uint64_t session, const char *sql, struct error *e);

/* The first column of the first row as text (the statement casts to VARCHAR); of the arena. "NULL"
 * for NULL, "" without rows. */
const char *one(struct fixture *f, uint64_t session, const char *sql);

/* Row `row` of a text array. */
struct str text_at(const struct ArrowArray *a, int64_t row);

#endif
