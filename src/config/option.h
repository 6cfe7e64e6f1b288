/* The table of options at run time, and reading one value. */
#ifndef CONFIG_OPTION_H
#define CONFIG_OPTION_H

#include "config/config.h"

enum option_kind {
    OPTION_KIND_TEXT,
    OPTION_KIND_ENUM,
    OPTION_KIND_NUMBER,
    OPTION_KIND_SIZE,
    OPTION_KIND_DURATION,
    OPTION_KIND_BOOL,
    OPTION_KIND_ADDRESS
};

struct config_option {
    const char *name, *standard, *help;
    enum option_kind kind;
    int64_t least, most;
    const char *words; /* ENUM: "a|b|c" */
    size_t offset;     /* of its member in struct config */
};

extern const struct config_option config_options[];
extern const size_t config_option_count;

/* The option of this name ('-' and '_' are the same); -1: none. */
int option_find(struct str name);

/* The known name that is closest to a wrong one; NULL when all are more than `most` letters away.
 */
const char *option_closest(struct str name, size_t most);

/* Sets the option from text. NULL, or what is wrong with the value (of the arena). */
const char *option_set(const struct config_option *o, struct str value, struct config *c,
                       struct arena *a);

/* Appends the value as option_set would read it. */
void option_show(const struct config_option *o, const struct config *c, struct buf *out);

#endif
