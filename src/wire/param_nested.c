#include "wire/param_nested.h"

#include "base/array_text.h"
#include "base/json_text.h"
#include "wire/format.h"
#include "wire/oid.h"
#include "wire/param.h"
#include "wire/param_array.h"

struct nest {
    const struct zone *zone;
    struct arena *arena;
    struct error *error;
    uint32_t left; /* values that there still may be */
};

static enum status bad(const struct nest *n, const struct type *t)
{
    (void)param_bad(n->error, oid_of(t));
    return error_hint(n->error, "A structure or map is a JSON object, a list a JSON array. Look at "
                                "the type that the statement wants.");
}

/* Room for `count` more values. */
static enum status spend(struct nest *n, uint64_t count)
{
    if (count > n->left) {
        return error_set(n->error, ERR_TOO_LARGE, "a value is made of more than %d values",
                         PARAM_MAX_ELEMENTS);
    }
    n->left -= (uint32_t)count;
    return OK;
}

static bool has_parts(const struct type *t)
{
    return type_is_list(t) || type_is_row(t) || type_is_nested(t);
}

/* ---- JSON ---- */

static enum status read_json(struct nest *n, struct json_text *j, const struct type *t,
                             struct value *out);

struct values {
    VEC_OF(struct value) list;
};

static enum status push_json(struct nest *n, struct json_text *j, const struct type *t,
                             struct values *to)
{
    struct value v;
    if (read_json(n, j, t, &v) != OK) {
        return FAIL;
    }
    VEC_PUSH(n->arena, to->list, v);
    return OK;
}

static void keep(struct value *out, const struct values *from)
{
    out->as.list.items = from->list.at;
    out->as.list.n = (uint32_t)from->list.n;
}

static enum status read_list(struct nest *n, struct json_text *j, const struct type *t,
                             struct value *out)
{
    struct values items = {0};
    enum json_text_more more;
    while ((more = json_text_more(j, ']', items.list.n)) == JSON_TEXT_MORE) {
        if (push_json(n, j, t->child, &items) != OK) {
            return FAIL;
        }
    }
    keep(out, &items);
    return more == JSON_TEXT_DONE ? param_array_length(t, out, n->error) : bad(n, t);
}

/* t->field_count: there is none of the name. */
static uint32_t find_field(const struct type *t, struct str name)
{
    char room[FORMAT_FIELD_NAME];
    uint32_t k = 0;
    while (k < t->field_count && !str_ieq(format_field_name(t, k, room), name)) {
        k++;
    }
    return k;
}

static enum status read_struct(struct nest *n, struct json_text *j, const struct type *t,
                               struct value *out)
{
    enum json_text_more more;
    struct str key;
    if (spend(n, t->field_count) != OK) {
        return FAIL;
    }
    struct value *fields = ARENA_ARRAY(n->arena, struct value, t->field_count);
    bool *seen = ARENA_ARRAY(n->arena, bool, t->field_count);
    for (uint32_t k = 0; k < t->field_count; k++) {
        fields[k] = (struct value){.type = t->fields[k].type, .is_null = true};
    }
    for (size_t i = 0; (more = json_text_more(j, '}', i)) == JSON_TEXT_MORE; i++) {
        uint32_t k = json_text_key(j, &key) ? find_field(t, key) : t->field_count;
        if (k == t->field_count || seen[k]) {
            return bad(n, t);
        }
        seen[k] = true;
        if (read_json(n, j, t->fields[k].type, &fields[k]) != OK) {
            return FAIL;
        }
    }
    out->as.list.items = fields;
    out->as.list.n = t->field_count;
    return more == JSON_TEXT_DONE ? OK : bad(n, t);
}

static enum status read_union(struct nest *n, struct json_text *j, const struct type *t,
                              struct value *out)
{
    struct str key;
    if (json_text_more(j, '}', 0) != JSON_TEXT_MORE || !json_text_key(j, &key)) {
        return bad(n, t);
    }
    uint32_t k = find_field(t, key);
    out->as.list.items = ARENA_NEW(n->arena, struct value);
    out->as.list.n = 1;
    out->as.list.member = k;
    if (k == t->field_count) {
        return bad(n, t);
    }
    if (read_json(n, j, t->fields[k].type, out->as.list.items) != OK) {
        return FAIL;
    }
    return json_text_more(j, '}', 1) == JSON_TEXT_DONE ? OK : bad(n, t);
}

static enum status read_map(struct nest *n, struct json_text *j, const struct type *t,
                            struct value *out)
{
    struct values items = {0};
    enum json_text_more more;
    while ((more = json_text_more(j, '}', items.list.n)) == JSON_TEXT_MORE) {
        struct str text;
        struct value key;
        if (!json_text_key(j, &text)) {
            return bad(n, t);
        }
        if (spend(n, 1) != OK ||
            param_from_text(t->fields[0].type, n->zone, text, n->arena, &key, n->error) != OK) {
            return FAIL;
        }
        VEC_PUSH(n->arena, items.list, key);
        if (push_json(n, j, t->fields[1].type, &items) != OK) {
            return FAIL;
        }
    }
    keep(out, &items);
    return more == JSON_TEXT_DONE ? OK : bad(n, t);
}

static enum status read_object(struct nest *n, struct json_text *j, const struct type *t,
                               struct value *out)
{
    switch (t->kind) {
    case TYPE_STRUCT:
        return read_struct(n, j, t, out);
    case TYPE_UNION:
        return read_union(n, j, t, out);
    case TYPE_MAP:
        return read_map(n, j, t, out);
    default:
        return bad(n, t);
    }
}

/* JSON within is for the engine to read. */
static enum status keep_json(struct nest *n, struct json_text *j, const struct type *t,
                             struct value *out)
{
    if (!json_text_skip(j, &out->as.text)) {
        return bad(n, t);
    }
    out->is_null = str_is(out->as.text, "null");
    return OK;
}

static enum status read_json(struct nest *n, struct json_text *j, const struct type *t,
                             struct value *out)
{
    struct str text;
    *out = (struct value){.type = t};
    if (spend(n, 1) != OK) {
        return FAIL;
    }
    if (t->kind == TYPE_JSON) {
        return keep_json(n, j, t, out);
    }
    switch (json_text_next(j, &text)) {
    case JSON_TEXT_NULL:
        out->is_null = true;
        return OK;
    case JSON_TEXT_ARRAY:
        return type_is_list(t) ? read_list(n, j, t, out) : bad(n, t);
    case JSON_TEXT_OBJECT:
        return read_object(n, j, t, out);
    case JSON_TEXT_BOOL:
    case JSON_TEXT_NUMBER:
    case JSON_TEXT_STRING:
        return has_parts(t) ? bad(n, t)
                            : param_from_text(t, n->zone, text, n->arena, out, n->error);
    case JSON_TEXT_BAD:
        break;
    }
    return bad(n, t);
}

static enum status whole_json(struct nest *n, const struct type *t, struct str s, struct value *out)
{
    struct json_text j = json_text_of(s, n->arena);
    return read_json(n, &j, t, out) != OK ? FAIL : json_text_at_end(&j) ? OK : bad(n, t);
}

/* ---- arrays as text ---- */

static enum status read_text(struct nest *n, const struct type *t, struct str s, struct value *out);

static enum status array_item(struct nest *n, const struct type *t, enum array_text_item item,
                              struct str text, struct value *out)
{
    *out = (struct value){.type = t, .is_null = true};
    if (item == ARRAY_TEXT_NULL) {
        return spend(n, 1);
    }
    if (item == ARRAY_TEXT_BAD || (item == ARRAY_TEXT_NESTED && !type_is_list(t))) {
        return bad(n, t);
    }
    if (has_parts(t)) {
        return read_text(n, t, text, out);
    }
    return spend(n, 1) == OK ? param_from_text(t, n->zone, text, n->arena, out, n->error) : FAIL;
}

static enum status array_of(struct nest *n, const struct type *t, struct str s, struct value *out)
{
    struct array_text from = array_text_of(s, n->arena);
    struct values items = {0};
    enum array_text_item item;
    struct str text = STR_NULL;
    *out = (struct value){.type = t};
    if (spend(n, 1) != OK) {
        return FAIL;
    }
    while ((item = array_text_next(&from, &text)) != ARRAY_TEXT_END) {
        struct value v;
        if (array_item(n, t->child, item, text, &v) != OK) {
            return FAIL;
        }
        VEC_PUSH(n->arena, items.list, v);
    }
    keep(out, &items);
    return param_array_length(t, out, n->error);
}

static enum status read_text(struct nest *n, const struct type *t, struct str s, struct value *out)
{
    s = str_trim(s);
    bool is_array = type_is_list(t) && s.n && s.p[0] == '{';
    return is_array ? array_of(n, t, s, out) : whole_json(n, t, s, out);
}

enum status param_nested_text(const struct type *t, const struct zone *zone, struct str s,
                              struct arena *a, struct value *out, struct error *e)
{
    struct nest n = {zone, a, e, PARAM_MAX_ELEMENTS};
    struct value text;
    if (param_text(s, a, &text, e) != OK) { /* what is kept of it is in the arena */
        return FAIL;
    }
    return read_text(&n, t, text.as.text, out);
}

/* ---- binary ---- */

static enum status binary_element(struct nest *n, struct param_array *from, const struct type *t,
                                  struct value *out)
{
    struct str bytes;
    if (spend(n, 1) != OK || param_array_next(from, &bytes, n->error) != OK) {
        return FAIL;
    }
    *out = (struct value){.type = t, .is_null = true};
    if (!bytes.p) {
        return OK;
    }
    if (!has_parts(t)) {
        return param_binary(from->element, bytes, n->arena, out, n->error);
    }
    struct value json;
    bool is_json = from->element == OID_JSON || from->element == OID_JSONB;
    if (!is_json || param_binary(from->element, bytes, n->arena, &json, n->error) != OK) {
        return is_json ? FAIL : bad(n, t);
    }
    return whole_json(n, t, json.as.text, out);
}

/* The elements of dimension `level`, which are as many wherever they stand. */
static enum status binary_level(struct nest *n, struct param_array *from, uint32_t level,
                                const struct type *t, struct value *out)
{
    uint32_t length = from->lengths[level];
    bool is_last = level + 1 == from->dimensions;
    *out = (struct value){.type = t};
    if (!type_is_list(t) || is_last == type_is_list(t->child)) {
        return bad(n, t);
    }
    if (spend(n, 1) != OK) {
        return FAIL;
    }
    out->as.list.items = ARENA_ARRAY(n->arena, struct value, length);
    out->as.list.n = length;
    for (uint32_t i = 0; i < length; i++) {
        struct value *item = &out->as.list.items[i];
        if ((is_last ? binary_element(n, from, t->child, item)
                     : binary_level(n, from, level + 1, t->child, item)) != OK) {
            return FAIL;
        }
    }
    return param_array_length(t, out, n->error);
}

static enum status read_array(struct nest *n, uint32_t oid, const struct type *t, struct str s,
                              struct value *out)
{
    struct param_array from;
    if (param_array_open(oid, s, &from, n->error) != OK) {
        return FAIL;
    }
    if (from.dimensions == 0) {
        *out = (struct value){.type = t};
        return type_is_list(t) ? param_array_length(t, out, n->error) : bad(n, t);
    }
    if (binary_level(n, &from, 0, t, out) != OK) {
        return FAIL;
    }
    return from.rest.n ? bad(n, t) : OK;
}

enum status param_nested_binary(uint32_t oid, const struct type *t, const struct zone *zone,
                                struct str bytes, struct arena *a, struct value *out,
                                struct error *e)
{
    struct nest n = {zone, a, e, PARAM_MAX_ELEMENTS};
    struct value json;
    if (oid_element_of(oid) != OID_NONE) {
        return read_array(&n, oid, t, bytes, out);
    }
    if (oid != OID_JSON && oid != OID_JSONB) {
        return bad(&n, t);
    }
    return param_binary(oid, bytes, a, &json, e) == OK ? read_text(&n, t, json.as.text, out) : FAIL;
}
