#include "wire/copy_options.h"

struct parse {
    const struct copy_column *columns;
    size_t column_count;
    bool is_from;
    struct arena *arena;
    struct copy_options *out;
    struct error *error;
};

typedef enum status option_fn(struct parse *p, struct str value);

static enum status bad(struct parse *p, const char *what)
{
    return error_set(p->error, ERR_BAD_SETTING, "COPY: %s", what);
}

static enum status set_format(struct parse *p, struct str v)
{
    static const char *const names[] = {"text", "csv", "binary"};
    for (int i = 0; i < 3; i++) {
        if (str_iis(v, names[i])) {
            p->out->format = (enum copy_format)i;
            return OK;
        }
    }
    return bad(p, "FORMAT must be text, csv or binary");
}

static enum status set_char(struct parse *p, struct str v, char *out, const char *what)
{
    if (v.n != 1 || (unsigned char)v.p[0] >= 0x80 || v.p[0] == '\n' || v.p[0] == '\r' ||
        v.p[0] == '\0') {
        return bad(p, what);
    }
    *out = v.p[0];
    return OK;
}

static enum status set_delimiter(struct parse *p, struct str v)
{
    return set_char(p, v, &p->out->delimiter, "DELIMITER must be a single one-byte character");
}

static enum status set_quote(struct parse *p, struct str v)
{
    return set_char(p, v, &p->out->quote, "QUOTE must be a single one-byte character");
}

static enum status set_escape(struct parse *p, struct str v)
{
    return set_char(p, v, &p->out->escape, "ESCAPE must be a single one-byte character");
}

static enum status set_null(struct parse *p, struct str v)
{
    if (!str_is_utf8(v) || (v.n && (memchr(v.p, '\n', v.n) || memchr(v.p, '\r', v.n)))) {
        return bad(p, "NULL must be text without a line end");
    }
    p->out->null = arena_str(p->arena, v);
    return OK;
}

static enum status set_header(struct parse *p, struct str v)
{
    static const char *const on[] = {"true", "on", "1"}, *const off[] = {"false", "off", "0"};
    p->out->header = COPY_HEADER_ON;
    for (int i = 0; i < 3 && v.p; i++) {
        if (str_iis(v, on[i])) {
            return OK;
        }
        if (str_iis(v, off[i])) {
            p->out->header = COPY_HEADER_OFF;
            return OK;
        }
    }
    if (str_iis(v, "match") && p->is_from) {
        p->out->header = COPY_HEADER_MATCH;
        return OK;
    }
    return v.p ? bad(p, "HEADER must be true, false or, FROM only, match") : OK;
}

/* Nothing here is frozen, nor has to be: each row is of its transaction. */
static enum status set_freeze(struct parse *p, struct str v)
{
    static const char *const words[] = {"true", "on", "1", "false", "off", "0"};
    bool good = p->is_from && !v.p;
    for (int i = 0; i < 6 && p->is_from && v.p; i++) {
        good |= str_iis(v, words[i]);
    }
    return good ? OK : bad(p, "FREEZE must be true or false, and is for COPY FROM only");
}

static enum status set_on_error(struct parse *p, struct str v)
{
    if (!p->is_from) {
        return bad(p, "ON_ERROR is for COPY FROM only");
    }
    if (str_iis(v, "stop")) {
        return OK;
    }
    return str_iis(v, "ignore")
               ? error_set(p->error, ERR_UNSUPPORTED, "COPY: ON_ERROR ignore is not supported")
               : bad(p, "ON_ERROR must be stop");
}

static enum status set_encoding(struct parse *p, struct str v)
{
    bool is_utf8 = str_iis(v, "utf8") || str_iis(v, "utf-8") || str_iis(v, "unicode");
    return is_utf8 ? OK : bad(p, "ENCODING must be UTF8");
}

static enum status set_columns(struct parse *p, struct str v, bool **out)
{
    bool *force = ARENA_ARRAY(p->arena, bool, p->column_count + 1);
    bool is_all = str_is(str_trim(v), "*");
    while (v.p) {
        struct str name = str_trim(str_cut(&v, ','));
        bool found = is_all;
        for (size_t i = 0; i < p->column_count; i++) {
            bool is_it = is_all || str_eq(p->columns[i].name, name);
            force[i] |= is_it;
            found |= is_it;
        }
        if (!found) {
            return bad(p, "an option names a column that is not copied");
        }
    }
    *out = force;
    return OK;
}

static enum status set_force_quote(struct parse *p, struct str v)
{
    return p->is_from ? bad(p, "FORCE_QUOTE is for COPY TO only")
                      : set_columns(p, v, &p->out->force_quote);
}

static enum status set_force_not_null(struct parse *p, struct str v)
{
    return p->is_from ? set_columns(p, v, &p->out->force_not_null)
                      : bad(p, "FORCE_NOT_NULL is for COPY FROM only");
}

static enum status set_force_null(struct parse *p, struct str v)
{
    return p->is_from ? set_columns(p, v, &p->out->force_null)
                      : bad(p, "FORCE_NULL is for COPY FROM only");
}

static const struct option {
    const char *name;
    option_fn *set;
    bool csv_only, not_binary;
} options[] = {
    {"format", set_format, false, false},
    {"delimiter", set_delimiter, false, true},
    {"null", set_null, false, true},
    {"header", set_header, false, true},
    {"quote", set_quote, true, true},
    {"escape", set_escape, true, true},
    {"force_quote", set_force_quote, true, true},
    {"force_not_null", set_force_not_null, true, true},
    {"force_null", set_force_null, true, true},
    {"encoding", set_encoding, false, false},
    {"freeze", set_freeze, false, false},
    {"on_error", set_on_error, false, false},
};
enum { OPTION_COUNT = sizeof options / sizeof *options };

static int find(struct str name)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (str_iis(name, options[i].name)) {
            return i;
        }
    }
    return -1;
}

static bool contains(struct str s, char c)
{
    return s.n && memchr(s.p, c, s.n);
}

/* PostgreSQL's ProcessCopyOptions has the same: characters that would make the output ambiguous. */
static enum status check_characters(struct parse *p)
{
    const struct copy_options *o = p->out;
    if (o->format == COPY_TEXT && strchr("\\.abcdefghijklmnopqrstuvwxyz0123456789", o->delimiter)) {
        return bad(p, "this DELIMITER can't be used in text format");
    }
    if (o->format == COPY_CSV && o->delimiter == o->quote) {
        return bad(p, "DELIMITER and QUOTE must differ");
    }
    if (contains(o->null, o->delimiter) || (o->format == COPY_CSV && contains(o->null, o->quote))) {
        return bad(p, "DELIMITER and QUOTE must not appear in NULL");
    }
    return OK;
}

static enum status check(struct parse *p, const bool *seen)
{
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (seen[i] && options[i].not_binary && p->out->format == COPY_BINARY) {
            return bad(p, "only FORMAT and ENCODING can be given in binary format");
        }
        if (seen[i] && options[i].csv_only && p->out->format != COPY_CSV) {
            return bad(p, "QUOTE, ESCAPE and the options that force are for CSV only");
        }
    }
    return check_characters(p);
}

enum status copy_options_parse(const struct str *names, const struct str *values, size_t count,
                               const struct copy_column *columns, size_t column_count, bool is_from,
                               struct arena *a, struct copy_options *out, struct error *e)
{
    struct parse p = {.columns = columns,
                      .column_count = column_count,
                      .is_from = is_from,
                      .arena = a,
                      .out = out,
                      .error = e};
    bool seen[OPTION_COUNT] = {false};
    *out = (struct copy_options){.null = STR_NULL};
    for (size_t i = 0; i < count; i++) {
        int at = find(names[i]);
        if (at < 0) {
            return error_set(e, ERR_UNSUPPORTED, "COPY: option \"%.*s\" is not known",
                             (int)(names[i].n < 64 ? names[i].n : 64), names[i].p);
        }
        if (seen[at]) {
            return bad(&p, "an option is given twice");
        }
        seen[at] = true;
        if (options[at].set(&p, values[i]) != OK) {
            return FAIL;
        }
    }
    bool is_csv = out->format == COPY_CSV;
    out->delimiter = out->delimiter ? out->delimiter : is_csv ? ',' : '\t';
    out->quote = out->quote ? out->quote : '"';
    out->escape = out->escape ? out->escape : out->quote;
    out->null = out->null.p ? out->null : is_csv ? STR("") : STR("\\N");
    return check(&p, seen);
}
