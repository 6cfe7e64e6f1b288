#include "base/error.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* clang-format off */
static const struct error_info infos[ERR_COUNT] = {
    [ERR_NONE] = {"OK", "00000", 200, ""},
#define X(name, code, sqlstate, http, advice) [name] = {code, sqlstate, http, advice},
    ERROR_CODES(X)
#undef X
};
/* clang-format on */

const struct error_info *error_info(enum error_code code)
{
    if ((unsigned)code >= ERR_COUNT) {
        code = ERR_INTERNAL;
    }
    return &infos[code];
}

static void fill(struct error *e, enum error_code code, int64_t position, const char *fmt,
                 va_list args) __attribute__((format(printf, 4, 0)));

static void fill(struct error *e, enum error_code code, int64_t position, const char *fmt,
                 va_list args)
{
    e->code = code;
    e->position = position;
    e->hint[0] = '\0';
    e->retry_s = 0;
    memset(&e->object, 0, sizeof e->object);
    e->clue[0] = '\0';
    vsnprintf(e->message, sizeof e->message, fmt, args);
}

enum status error_set(struct error *e, enum error_code code, const char *fmt, ...)
{
    if (e) {
        va_list args;
        va_start(args, fmt);
        fill(e, code, -1, fmt, args);
        va_end(args);
    }
    return FAIL;
}

enum status error_at(struct error *e, enum error_code code, size_t offset, const char *fmt, ...)
{
    if (e) {
        va_list args;
        va_start(args, fmt);
        fill(e, code, (int64_t)offset, fmt, args);
        va_end(args);
    }
    return FAIL;
}

enum status error_hint(struct error *e, const char *fmt, ...)
{
    if (e) {
        va_list args;
        va_start(args, fmt);
        vsnprintf(e->hint, sizeof e->hint, fmt, args);
        va_end(args);
    }
    return FAIL;
}

const char *error_advice(const struct error *e)
{
    return e->hint[0] ? e->hint : error_info(e->code)->advice;
}
