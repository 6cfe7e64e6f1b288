#include "audit/source.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "audit/member.h"
#include "audit/reader.h"
#include "base/mem.h"
#include "catalog/audit_log.h"

/* Where the entry's line is, behind what an entry has. */
enum place { PLACE_SEGMENT, PLACE_OFFSET, PLACES };
static const char *const places[PLACES] = {"line_segment", "line_offset"};

struct reading {
    const struct table *log;
    struct arena *arena; /* of the row that was given last */
    uint64_t from, before;
    uint64_t offset; /* of the line that was given last */
    bool *seen;      /* scratch: columns that the line has */
    struct reader in;
};

static void reading_close(void *reading)
{
    struct reading *r = reading;
    reader_close(&r->in);
    arena_free(r->arena);
    free(r->seen);
    free(r);
}

struct source {
    const struct table *log;
    const char *dir;
};

static void *reading_open(void *ctx, int64_t from, int64_t before, struct error *e)
{
    const struct source *source = ctx;
    struct reading *r = mem_calloc(1, sizeof *r);
    r->log = source->log;
    r->arena = arena_new(0);
    r->seen = mem_calloc(source->log->column_count, sizeof *r->seen);
    r->from = from > 0 ? (uint64_t)from : 0;
    r->before = before > 0 ? (uint64_t)before : 0;
    if (reader_open_folder(&r->in, source->dir, e) == OK && reader_bound(&r->in, e) == OK) {
        reader_begin(&r->in, r->from ? reader_find(&r->in, r->from) : 0, r->in.count, NULL);
        return r;
    }
    reading_close(r);
    return NULL;
}

static enum engine_row any_line(struct reading *r, struct str *line)
{
    struct error e = ERROR_INIT;
    switch (reader_next(&r->in, line, NULL, &e)) {
    case READER_LINE:
        r->offset = r->in.offset - line->n - 1;
        return ENGINE_ROW;
    case READER_END:
    case READER_TORN:
        return ENGINE_ROW_END;
    case READER_BROKEN:
    case READER_FAILED:
        break;
    }
    return ENGINE_ROW_FAILED;
}

/* The next line of the numbers that are asked for. */
static enum engine_row next_line(struct reading *r, struct str *text)
{
    for (;;) {
        struct line line;
        enum engine_row got = any_line(r, text);
        if (got != ENGINE_ROW) {
            return got;
        }
        if (line_read(*text, &line)) {
            return ENGINE_ROW_FAILED;
        }
        if (line.seq >= r->before) {
            return ENGINE_ROW_END;
        }
        if (line.seq >= r->from) {
            return ENGINE_ROW;
        }
    }
}
static struct str text_of(struct arena *a, const json_t *j)
{
    return arena_str(a, (struct str){json_string_value(j), json_string_length(j)});
}

static void read_list(struct arena *a, const json_t *j, struct value *out)
{
    size_t n = json_array_size(j);
    out->as.list.items = ARENA_ARRAY(a, struct value, n + 1);
    for (size_t i = 0; i < n; i++) {
        const json_t *item = json_array_get(j, i);
        if (json_is_string(item)) {
            out->as.list.items[out->as.list.n++].as.text = text_of(a, item);
        }
    }
}

static void read_json(struct arena *a, const json_t *j, struct value *out)
{
    char *text = json_dumps(j, JSON_COMPACT | JSON_ENCODE_ANY);
    out->is_null = !text;
    if (text) {
        out->as.text = arena_str(a, str_of(text));
        free(text);
    }
}

/* NULL where the member isn't there or isn't of the column's shape. */
static void read_member(struct arena *a, const json_t *j, const struct type *type,
                        struct value *out)
{
    *out = (struct value){.type = type};
    if (type->kind == TYPE_TEXT && json_is_string(j)) {
        out->as.text = text_of(a, j);
    } else if (type->kind == TYPE_TIMESTAMPTZ && json_is_string(j)) {
        out->as.micros = line_time(text_of(a, j));
    } else if (type->kind == TYPE_INT8 && json_is_integer(j)) {
        out->as.integer = json_integer_value(j);
    } else if (type->kind == TYPE_FLOAT8 && json_is_number(j)) {
        out->as.real = json_number_value(j);
    } else if (type->kind == TYPE_BOOL && json_is_boolean(j)) {
        out->as.boolean = json_is_true(j);
    } else if (type->kind == TYPE_LIST && json_is_array(j)) {
        read_list(a, j, out);
    } else if (type->kind == TYPE_JSON && j) {
        read_json(a, j, out);
    } else {
        out->is_null = true;
    }
}

/* By JSON's parser. False: it isn't an entry. */
static bool read_whole(const struct reading *r, struct str line, const bool *wanted,
                       struct value *cells)
{
    json_t *entry = json_loadb(line.p, line.n, JSON_REJECT_DUPLICATES, NULL);
    for (size_t i = 0; json_is_object(entry) && i < r->log->column_count; i++) {
        const struct column *c = &r->log->columns[i];
        if (wanted[i]) {
            read_member(r->arena, json_object_get(entry, c->name.p), c->type, &cells[i]);
        }
    }
    bool is_entry = json_is_object(entry);
    json_decref(entry);
    return is_entry;
}

/* A string without escapes is the line's own bytes; anything else is read as read_member() does. */
static bool read_found(struct arena *a, const struct member *m, const struct type *type,
                       struct value *out)
{
    *out = (struct value){.type = type};
    if (m->is_plain) {
        out->is_null = type->kind != TYPE_TEXT && type->kind != TYPE_TIMESTAMPTZ;
        if (type->kind == TYPE_TEXT) {
            out->as.text = m->value;
        } else if (type->kind == TYPE_TIMESTAMPTZ) {
            out->as.micros = line_time(m->value);
        }
        return type->kind != TYPE_JSON;
    }
    json_t *j = json_loadb(m->value.p, m->value.n, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, NULL);
    if (j) {
        read_member(a, j, type, out);
    }
    json_decref(j);
    return j != NULL;
}

/* From `from` on, and then from the first: lines have their members in much the columns' order. */
static size_t column_at(const struct table *t, struct str name, size_t from)
{
    for (size_t k = 0; k < t->column_count; k++) {
        size_t i = from + k < t->column_count ? from + k : from + k - t->column_count;
        if (str_eq(t->columns[i].name, name)) {
            return i;
        }
    }
    return t->column_count;
}

/* Only as far as what is wanted: most of a line is not. False: read_whole() must. */
static bool read_members(const struct reading *r, struct str line, const bool *wanted,
                         struct value *cells)
{
    size_t count = r->log->column_count, left = 0, next = 0;
    struct members in;
    struct member m;
    for (size_t i = 0; i < count; i++) {
        r->seen[i] = false;
        if (wanted[i]) {
            cells[i] = (struct value){.type = r->log->columns[i].type, .is_null = true};
            left++;
        }
    }
    members_begin(&in, line);
    while (left > 0 && members_next(&in, &m)) {
        size_t i = column_at(r->log, m.name, next);
        if (i == count) {
            continue;
        }
        if (r->seen[i] ||
            (wanted[i] && !read_found(r->arena, &m, r->log->columns[i].type, &cells[i]))) {
            return false;
        }
        r->seen[i] = true;
        left -= wanted[i];
        next = i + 1;
    }
    return !in.failed;
}

static void read_places(const struct reading *r, const bool *wanted, struct value *cells)
{
    const int64_t at[PLACES] = {r->in.segment, (int64_t)r->offset};
    for (size_t i = 0; i < PLACES; i++) {
        if (wanted[i]) {
            cells[i] = (struct value){.type = type_simple(TYPE_INT8), .as.integer = at[i]};
        }
    }
}

static enum engine_row reading_next(void *reading, const bool *wanted, struct value *cells)
{
    struct reading *r = reading;
    struct str line;
    enum engine_row row = next_line(r, &line);
    if (row != ENGINE_ROW) {
        return row;
    }
    arena_reset(r->arena);
    if (!read_members(r, line, wanted, cells) && !read_whole(r, line, wanted, cells)) {
        return ENGINE_ROW_FAILED;
    }
    read_places(r, wanted + r->log->column_count, cells + r->log->column_count);
    return ENGINE_ROW;
}

const struct engine_source *audit_source(struct arena *a, const char *dir, const char *columns_dir)
{
    struct table *log = catalog_audit_log(a);
    struct source *ctx = ARENA_NEW(a, struct source);
    struct engine_source *out = ARENA_NEW(a, struct engine_source);
    struct engine_column *columns =
        ARENA_ARRAY(a, struct engine_column, log->column_count + PLACES);
    *ctx = (struct source){log, dir};
    for (size_t i = 0; i < log->column_count; i++) {
        columns[i] = (struct engine_column){log->columns[i].name, log->columns[i].type};
    }
    for (size_t i = 0; i < PLACES; i++) {
        columns[log->column_count + i] =
            (struct engine_column){str_of(places[i]), type_simple(TYPE_INT8)};
    }
    *out = (struct engine_source){
        .relation = CATALOG_AUDIT_LOG_RELATION,
        .function = CATALOG_AUDIT_LOG_FUNCTION,
        .schema = log->engine_schema,
        .name = log->name,
        .columns = columns,
        .column_count = log->column_count + PLACES,
        .settled_dir = columns_dir,
        .ctx = ctx,
        .open = reading_open,
        .next = reading_next,
        .close = reading_close,
    };
    return out;
}
