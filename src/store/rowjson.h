/* Reading the lists and attributes that the database keeps as JSON. */
#ifndef STORE_ROWJSON_H
#define STORE_ROWJSON_H

#include "base/json.h"
#include "store/row.h"

/* A JSON array of strings; false where `text` is anything else. */
bool rowjson_list(struct str text, struct arena *a, struct store_list *out);

/* A JSON object of strings; false where `text` is anything else. */
bool rowjson_pairs(struct str text, struct arena *a, struct store_pairs *out);

/* Is it the same JSON, whatever the white space and the order of fields? What isn't JSON is the
 * same only byte by byte. */
bool rowjson_same(struct str a, struct str b);

/* Writes the JSON without its white space; false, and nothing written, where it isn't JSON. */
bool rowjson_put(struct json *j, struct str text);

/* The object with the value of its field "enabled", where it has one, made to say so; in the arena.
 * What isn't an object of fields with names of their own comes back as it is. */
struct str rowjson_enable(struct arena *a, struct str text, bool enabled);

#endif
