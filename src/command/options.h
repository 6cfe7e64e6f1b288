/* Command-line options of the sub-commands: "--name VALUE", "--name=VALUE", flags and positional
 * arguments, in any order; "--" ends the options. */
#ifndef COMMAND_OPTIONS_H
#define COMMAND_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

enum option_kind { OPTION_TEXT, OPTION_FLAG, OPTION_MANY };
enum { OPTION_VALUES_MAX = 64 };

struct option_values {
    const char *at[OPTION_VALUES_MAX];
    size_t n;
};

/* One known option; a table of at most 64 ends with name NULL. Exactly the pointer of its kind is
 * set. */
struct option {
    const char *name; /* with its dashes: "--org" */
    enum option_kind kind;
    const char **text;          /* TEXT: given once */
    bool *flag;                 /* FLAG */
    struct option_values *many; /* MANY: each one given, in order */
};

/* Reads argv[1...]. Positional arguments go to `rest` (at most `rest_max`). False, after a message
 * with a hint on standard error, for an unknown option, a missing value, one that is given twice or
 * too many arguments. */
bool options_parse(int argc, char **argv, const struct option *known, const char **rest,
                   size_t rest_max, size_t *rest_count);

#endif
