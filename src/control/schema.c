#include "control/schema.h"

#include "base/str.h"

/* What fields_check() lets a text be made of, where its table has no pattern of its own. */
#define PATTERN_LINE  "^[^\\x00-\\x1f\\x7f]*$"
#define PATTERN_LINES "^[^\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]*$"

static void write_type(struct json *j, const char *type, bool nullable)
{
    json_key(j, "type");
    if (!nullable) {
        json_str(j, str_of(type));
        return;
    }
    json_open(j, '[');
    json_str(j, str_of(type));
    json_str(j, STR("null"));
    json_close(j, ']');
}

static void write_bounds(struct json *j, const char *least, const char *most, const struct field *f,
                         enum schema_side side)
{
    if (side == SCHEMA_GIVEN || f->most > 0) {
        json_kv_i64(j, least, f->least);
        json_kv_i64(j, most, f->most);
    }
}

static void write_words(struct json *j, const char *words, bool nullable)
{
    struct str rest = str_of(words);
    json_key(j, "enum");
    json_open(j, '[');
    while (rest.p) {
        json_str(j, str_cut(&rest, '|'));
    }
    if (nullable) {
        json_str(j, STR_NULL);
    }
    json_close(j, ']');
}

static void write_text(struct json *j, const struct field *f, enum schema_side side, bool nullable)
{
    const char *pattern = f->kind == OF_SCRIPT ? PATTERN_LINES : PATTERN_LINE;
    write_type(j, "string", nullable);
    if (f->words) {
        write_words(j, f->words, nullable);
        return;
    }
    write_bounds(j, "minLength", "maxLength", f, side);
    if (f->pattern || side == SCHEMA_GIVEN) {
        json_kv_str(j, "pattern", str_of(f->pattern ? f->pattern : pattern));
    }
}

static void write_texts(struct json *j, const struct field *f, enum schema_side side, bool nullable)
{
    static const struct field listed = {.kind = OF_TEXT, .least = 1, .most = FIELD_LISTED_MAX};
    write_type(j, "array", nullable);
    write_bounds(j, "minItems", "maxItems", f, side);
    json_key(j, "items");
    if (side == SCHEMA_GIVEN) {
        schema_write_field(j, &listed, side, false);
        return;
    }
    json_open(j, '{');
    write_type(j, "string", false);
    json_close(j, '}');
}

static void write_array(struct json *j, const struct field *f, enum schema_side side, bool nullable)
{
    write_type(j, "array", nullable);
    write_bounds(j, "minItems", "maxItems", f, side);
    if (f->of) {
        json_key(j, "items");
        schema_write_object(j, f->of, side, false);
    }
}

static void write_properties(struct json *j, const struct field *fields, enum schema_side side)
{
    json_key(j, "properties");
    json_open(j, '{');
    for (const struct field *f = fields; f && f->kind != OF_END; f++) {
        json_key(j, f->name);
        schema_write_field(j, f, side, !f->required);
    }
    json_close(j, '}');
    json_key(j, "required");
    json_open(j, '[');
    for (const struct field *f = fields; f && f->kind != OF_END; f++) {
        if (f->required) {
            json_str(j, str_of(f->name));
        }
    }
    json_close(j, ']');
    json_kv_bool(j, "additionalProperties", false);
}

static void write_pairs(struct json *j, bool nullable)
{
    write_type(j, "object", nullable);
    json_key(j, "additionalProperties");
    json_open(j, '{');
    write_type(j, "string", false);
    json_close(j, '}');
}

static void write_kind(struct json *j, const struct field *f, enum schema_side side, bool nullable)
{
    switch (f->kind) {
    case OF_TEXT:
    case OF_SCRIPT:
        write_text(j, f, side, nullable);
        break;
    case OF_TIME:
        write_type(j, "string", nullable);
        json_kv_str(j, "format", STR("date-time"));
        break;
    case OF_INT:
        write_type(j, "integer", nullable);
        write_bounds(j, "minimum", "maximum", f, side);
        break;
    case OF_NUMBER:
        write_type(j, "number", nullable);
        break;
    case OF_BOOL:
        write_type(j, "boolean", nullable);
        break;
    case OF_TEXTS:
        write_texts(j, f, side, nullable);
        break;
    case OF_PAIRS:
        write_pairs(j, nullable);
        break;
    case OF_OBJECT:
        write_type(j, "object", nullable);
        if (f->of) {
            write_properties(j, f->of, side);
        }
        break;
    case OF_ARRAY:
        write_array(j, f, side, nullable);
        break;
    case OF_REFUSED:
        write_type(j, "null", false);
        break;
    case OF_ANY:
    case OF_END:
        break;
    }
}

void schema_write_field(struct json *j, const struct field *f, enum schema_side side, bool nullable)
{
    json_open(j, '{');
    write_kind(j, f, side, nullable);
    if (f->help) {
        json_kv_str(j, "description", str_of(f->help));
    }
    json_close(j, '}');
}

void schema_write_object(struct json *j, const struct field *fields, enum schema_side side,
                         bool nullable)
{
    const struct field object = {.kind = OF_OBJECT, .of = fields};
    schema_write_field(j, &object, side, nullable);
}
