#include "command/options.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_MAX_LENGTH = 32, NEAR = 3 };

static size_t least(size_t a, size_t b, size_t c)
{
    size_t m = a < b ? a : b;

    return m < c ? m : c;
}

/* Edits between two short names (Levenshtein); names that are too long are far from everything. */
static size_t distance(const char *a, size_t n, const char *b)
{
    size_t row[NAME_MAX_LENGTH + 1], m = strlen(b);

    if (n > NAME_MAX_LENGTH || m > NAME_MAX_LENGTH) {
        return NAME_MAX_LENGTH;
    }
    for (size_t j = 0; j <= m; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= n; i++) {
        size_t corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= m; j++) {
            size_t above = row[j];

            row[j] = least(above + 1, row[j - 1] + 1, corner + (a[i - 1] != b[j - 1]));
            corner = above;
        }
    }
    return row[m];
}

static bool unknown_option(const char *program, const char *given, size_t n,
                           const struct option *known)
{
    const char *nearest = NULL;
    size_t best = NEAR;

    for (const struct option *o = known; o->name; o++) {
        size_t d = distance(given, n, o->name);

        if (d < best) {
            best = d;
            nearest = o->name;
        }
    }
    fprintf(stderr, "%s: unknown option %.*s\n", program, (int)n, given);
    if (nearest) {
        fprintf(stderr, "hint: did you mean %s?\n", nearest);
    } else {
        fprintf(stderr, "hint: --help tells the options\n");
    }
    return false;
}

static const struct option *find(const struct option *known, const char *given, size_t n)
{
    for (const struct option *o = known; o->name; o++) {
        if (strlen(o->name) == n && memcmp(o->name, given, n) == 0) {
            return o;
        }
    }
    return NULL;
}

/* `value` is NULL where the argument has no "=". `*at` moves on where the next argument is the
 * value. */
static bool set_option(const struct option *o, int argc, char **argv, int *at, const char *value)
{
    if (o->kind == OPTION_FLAG) {
        if (value) {
            fprintf(stderr, "%s: %s takes no value\n", argv[0], o->name);
            return false;
        }
        *o->flag = true;
        return true;
    }
    if (!value && *at + 1 >= argc) {
        fprintf(stderr, "%s: %s needs a value\nhint: --help tells the options\n", argv[0], o->name);
        return false;
    }
    value = value ? value : argv[++*at];
    if (o->kind == OPTION_TEXT) {
        *o->text = value;
        return true;
    }
    if (o->many->n == OPTION_VALUES_MAX) {
        fprintf(stderr, "%s: %s is given more than %d times\n", argv[0], o->name,
                OPTION_VALUES_MAX);
        return false;
    }
    o->many->at[o->many->n++] = value;
    return true;
}

/* That one of two is forgotten must not be what somebody finds out later: of --allow-ip, say. */
static bool is_again(const struct option *o, const struct option *known, uint64_t *given)
{
    uint64_t bit = UINT64_C(1) << (o - known);
    bool again = o->kind == OPTION_TEXT && (*given & bit);

    *given |= bit;
    return again;
}

bool options_parse(int argc, char **argv, const struct option *known, const char **rest,
                   size_t rest_max, size_t *rest_count)
{
    bool ended = false;
    uint64_t given = 0;

    *rest_count = 0;
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i], *equals = strchr(arg, '=');
        size_t n = equals ? (size_t)(equals - arg) : strlen(arg);
        const struct option *o;

        if (!ended && strcmp(arg, "--") == 0) {
            ended = true;
        } else if (!ended && arg[0] == '-' && arg[1]) {
            o = find(known, arg, n);
            if (!o) {
                return unknown_option(argv[0], arg, n, known);
            }
            if (is_again(o, known, &given)) {
                fprintf(stderr,
                        "%s: %s is given twice\nhint: where it takes a list, write it once: A,B\n",
                        argv[0], o->name);
                return false;
            }
            if (!set_option(o, argc, argv, &i, equals ? equals + 1 : NULL)) {
                return false;
            }
        } else if (*rest_count == rest_max) {
            fprintf(stderr, "%s: unexpected argument '%s'\nhint: --help tells the usage\n", argv[0],
                    arg);
            return false;
        } else {
            rest[(*rest_count)++] = arg;
        }
    }
    return true;
}
