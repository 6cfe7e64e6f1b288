/* What a parameter's value may be, and how it is shown: PostgreSQL's rules and its errors. */
#ifndef SESSION_SETTING_RULE_H
#define SESSION_SETTING_RULE_H

#include "base/error.h"
#include "base/str.h"

enum {
    SETTING_VALUE_MAX = 256,
    SETTINGS_PATH_MAX = 16, /* schemas in search_path */
    REPORTED = 1            /* a flag: clients are told of each change */
};

/* As pg_settings.vartype has them. */
enum setting_kind { KIND_BOOL, KIND_ENUM, KIND_INTEGER, KIND_REAL, KIND_STRING };

/* Checks `in` and writes the value as it will be shown. False: not a value of this parameter. */
typedef bool setting_check(struct str in, char out[SETTING_VALUE_MAX]);

struct setting_rule {
    enum setting_kind kind;
    int flags;
    bool is_shown_only;       /* it can't be set */
    bool is_fixed;            /* the default is its only value */
    const char *const *words; /* of KIND_ENUM, ends with NULL */
    double least, most;       /* of numbers, in `unit` */
    const char *unit;         /* "ms" or "kB", else NULL */
    setting_check *check;     /* of KIND_STRING */
};

#define BOOLEAN                                                                                    \
    {                                                                                              \
        .kind = KIND_BOOL                                                                          \
    }
#define REPORTED_BOOLEAN                                                                           \
    {                                                                                              \
        .kind = KIND_BOOL, .flags = REPORTED                                                       \
    }
#define WORDS(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }
#define ONE_OF(...)                                                                                \
    {                                                                                              \
        .kind = KIND_ENUM, .words = WORDS(__VA_ARGS__)                                             \
    }
#define REPORTED_ONE_OF(...)                                                                       \
    {                                                                                              \
        .kind = KIND_ENUM, .flags = REPORTED, .words = WORDS(__VA_ARGS__)                          \
    }
#define INTEGER(low, high)                                                                         \
    {                                                                                              \
        .kind = KIND_INTEGER, .least = (low), .most = (high)                                       \
    }
#define REAL(low, high)                                                                            \
    {                                                                                              \
        .kind = KIND_REAL, .least = (low), .most = (high)                                          \
    }
#define TIME                                                                                       \
    {                                                                                              \
        .kind = KIND_INTEGER, .least = 0, .most = INT32_MAX, .unit = "ms"                          \
    }
#define MEMORY(low)                                                                                \
    {                                                                                              \
        .kind = KIND_INTEGER, .least = (low), .most = INT32_MAX, .unit = "kB"                      \
    }
#define TEXT(function, bits)                                                                       \
    {                                                                                              \
        .kind = KIND_STRING, .check = (function), .flags = (bits)                                  \
    }
#define FIXED                                                                                      \
    {                                                                                              \
        .kind = KIND_STRING, .is_fixed = true                                                      \
    }
#define REPORTED_FIXED                                                                             \
    {                                                                                              \
        .kind = KIND_STRING, .is_fixed = true, .flags = REPORTED                                   \
    }
#define SHOWN                                                                                      \
    {                                                                                              \
        .kind = KIND_STRING, .is_shown_only = true                                                 \
    }
#define REPORTED_SHOWN                                                                             \
    {                                                                                              \
        .kind = KIND_STRING, .is_shown_only = true, .flags = REPORTED                              \
    }

/* The value as it will be shown. ERR_BAD_SETTING; ERR_UNSUPPORTED where only `initial` is to be
 * had. */
MUST_USE enum status setting_check_value(const struct setting_rule *r, const char *name,
                                         const char *initial, struct str value,
                                         char out[SETTING_VALUE_MAX], struct error *e);

/* A value of a number with a unit, in that unit; one that was checked. */
int64_t setting_number(const struct setting_rule *r, const char *value);

setting_check setting_label_63, setting_label_128, setting_utf8, setting_datestyle,
    setting_isolation, setting_commit, setting_search_path, setting_timezone;

#endif
