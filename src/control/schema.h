/* Tables of fields as JSON Schema (draft 2020-12), which is what OpenAPI 3.1 has. */
#ifndef CONTROL_SCHEMA_H
#define CONTROL_SCHEMA_H

#include "base/json.h"
#include "control/field.h"

enum schema_side {
    SCHEMA_GIVEN, /* what clients send: with every bound that fields_check() has */
    SCHEMA_ANSWER /* what we answer: a field without bounds has none */
};

/* One field's value, as one JSON value. Of an object's field that isn't required null is a value,
 * too: `nullable`. */
void schema_write_field(struct json *j, const struct field *f, enum schema_side side,
                        bool nullable);

/* An object with these fields and no others. */
void schema_write_object(struct json *j, const struct field *fields, enum schema_side side,
                         bool nullable);

#endif
