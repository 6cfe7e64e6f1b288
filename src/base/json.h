/* Writing JSON (RFC 8259) straight into a buffer: the hot path of audit and metrics. Commas are put
 * by the writer. Reading JSON is jansson's work. */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct json {
    struct buf *out;
    bool comma; /* the next element needs one before it */
};

#define JSON_INIT(buffer)                                                                          \
    {                                                                                              \
        .out = (buffer)                                                                            \
    }

void json_open(struct json *j, char bracket);  /* '{' or '[' */
void json_close(struct json *j, char bracket); /* '}' or ']' */
void json_key(struct json *j, const char *key);
void json_name(struct json *j, struct str key); /* json_key() of a text with a length */
void json_str(struct json *j, struct str s);    /* STR_NULL gives null; bad UTF-8 gives U+FFFD */
void json_i64(struct json *j, int64_t v);
void json_f64(struct json *j, double v); /* shortest form that reads back equal; not finite: null */
void json_bool(struct json *j, bool v);
void json_raw(struct json *j, struct str value); /* one whole value, which is JSON already */

/* Key and value at once. */
void json_kv_str(struct json *j, const char *key, struct str s);
void json_kv_i64(struct json *j, const char *key, int64_t v);
void json_kv_f64(struct json *j, const char *key, double v);
void json_kv_bool(struct json *j, const char *key, bool v);

#endif
