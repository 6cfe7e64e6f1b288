/* Format models of dates, such as YYYY-MM-DD, as formats of strftime. */
#ifndef DIALECT_FORMAT_MODEL_H
#define DIALECT_FORMAT_MODEL_H

#include "dialect/rule.h"

enum format_use { FORMAT_WRITES, FORMAT_READS };

struct format_model {
    const char *text; /* for strftime and strptime */
    bool has_zone, has_date, has_time;
};

/* The model, a literal. False after a failure that names the element that has no equal. */
bool format_model_read(struct rewriting *r, const struct node *model, enum format_use use,
                       struct format_model *out);

/* Whether a literal looks like a model of numbers, not of dates. */
bool format_model_is_number(struct str model);

#endif
