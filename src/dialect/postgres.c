/* PostgreSQL: where a function, an operator or a type of it means another thing than our SQL's. */
#include <stdio.h>
#include <string.h>

#include "dialect/format_model.h"
#include "dialect/number_model.h"
#include "dialect/rules.h"

/* ---- regular expressions: a dot matches a line's end too ---- */

/* How many groups a literal pattern captures. */
static int groups_of(struct str p)
{
    int n = 0;
    bool in_class = false;
    for (size_t i = 0; i < p.n; i++) {
        if (p.p[i] == '\\') {
            i++;
        } else if (in_class) {
            in_class = p.p[i] != ']';
        } else if (p.p[i] == '[') {
            in_class = true;
            i += i + 1 < p.n && p.p[i + 1] == ']';
        } else if (p.p[i] == '(') {
            n += i + 1 >= p.n || p.p[i + 1] != '?';
        }
    }
    return n;
}

/* A pattern's own escapes, in the engine's words. */
static struct node *pattern_of(struct rewriting *r, struct node *n)
{
    if (!rule_is_string(n)) {
        return n;
    }
    struct str s = rule_word(n);
    char *text = arena_alloc(r->a, s.n + 1);
    memcpy(text, s.p, s.n);
    for (size_t i = 0; i + 1 < s.n; i++) {
        if (text[i] != '\\') {
            continue;
        }
        char c = text[++i];
        if (c == 'y' || c == 'Y') {
            text[i] = c == 'y' ? 'b' : 'B';
        } else if (c == 'm' || c == 'M' || (c >= '1' && c <= '9')) {
            rule_fail(r, n, ERR_UNSUPPORTED, "\\%c in a regular expression is not supported", c);
            if (c == 'm' || c == 'M') {
                rule_hint(r, "\\y matches at either end of a word.");
            }
        }
    }
    return rule_text(r, n, text);
}

/* The options of a literal: those that the engine has, and s. */
static struct node *options_of(struct rewriting *r, const struct node *at, const struct node *flags,
                               bool may_be_global)
{
    char text[16] = "s", *to = text + 1;
    struct str s = flags ? rule_word(flags) : STR_NULL;
    if (flags && !rule_is_string(flags)) {
        rule_fail(r, flags, ERR_UNSUPPORTED,
                  "flags of a regular expression that are no literal are not supported");
    }
    for (size_t i = 0; i < s.n && to < text + sizeof text - 2; i++) {
        bool known = s.p[i] == 'i' || s.p[i] == 'c' || (s.p[i] == 'g' && may_be_global);
        if (!known && s.p[i] != 's') {
            rule_fail(r, flags, ERR_UNSUPPORTED,
                      "the flag \"%c\" of a regular expression is not supported", s.p[i]);
        }
        if (known) {
            *to++ = s.p[i];
        }
    }
    *to = 0;
    return rule_text(r, at, arena_strdup(r->a, str_of(text)));
}

static struct node *optional(const struct node_func *f, uint32_t i)
{
    return i < f->args.n ? f->args.at[i] : NULL;
}

static struct node *found(struct rewriting *r, struct node_func *f)
{
    return CALL(r, &f->base, "regexp_matches", f->args.at[0], pattern_of(r, f->args.at[1]),
                options_of(r, &f->base, optional(f, 2), false));
}

static struct node *replaced(struct rewriting *r, struct node_func *f)
{
    return CALL(r, &f->base, "regexp_replace", f->args.at[0], pattern_of(r, f->args.at[1]),
                f->args.at[2], options_of(r, &f->base, optional(f, 3), true));
}

/* The captured groups, or the match where there are none; NULL where nothing is found. */
static struct node *match(struct rewriting *r, struct node_func *f)
{
    struct node *x = f->args.at[0], *pattern = pattern_of(r, f->args.at[1]);
    struct node *options = options_of(r, &f->base, optional(f, 2), false);
    if (!rule_is_string(pattern)) {
        rule_fail(r, pattern, ERR_UNSUPPORTED,
                  "regexp_match() with a pattern that is no literal is not supported");
        return &f->base;
    }
    int n = groups_of(rule_word(pattern));
    struct node *list = node_new(r->a, NODE_LIST, f->base.offset);
    for (int i = n ? 1 : 0; i <= n; i++) {
        node_push(r->a, &node_list_lit(list)->items,
                  CALL(r, &f->base, "regexp_extract", rule_copy(r, x), rule_copy(r, pattern),
                       rule_integer(r, &f->base, i), rule_copy(r, options)));
    }
    return EXPAND(r, &f->base, "CASE WHEN regexp_matches($1, $2, $3) THEN $4 END", x, pattern,
                  options, list);
}

static struct node *many_matches(struct rewriting *r, struct node_func *f)
{
    rule_fail(r, &f->base, ERR_UNSUPPORTED, "regexp_matches(), which gives rows, is not supported");
    rule_hint(r, "Use regexp_match(), or ~ to ask whether something is found.");
    return &f->base;
}

/* substring(x FROM 'pattern'), and of places: what lies before the first counts, from the end
 * never. */
static struct node *substring(struct rewriting *r, struct node_func *f)
{
    struct node *x = f->args.at[0], *from = f->args.at[1], *count = optional(f, 2);
    int64_t start = 0, ignored;
    if (rule_is_string(from) && !count) {
        from = pattern_of(r, from);
        return EXPAND(
            r, &f->base,
            "CASE WHEN regexp_matches($1, $2, 's') THEN regexp_extract($1, $2, $3, 's') END", x,
            from, rule_integer(r, &f->base, groups_of(rule_word(from)) ? 1 : 0));
    }
    if (rule_is_string(from)) {
        rule_fail(r, from, ERR_UNSUPPORTED, "substring() with an SQL pattern is not supported");
        rule_hint(r, "Use substring(x FROM 'regular expression').");
        return &f->base;
    }
    if (rule_int(from, &start) && start >= (count ? 1 : 0) &&
        (!count || rule_int(count, &ignored))) {
        return &f->base;
    }
    return count ? EXPAND(r, &f->base,
                          "CASE WHEN $2 < 1 THEN substring($1, 1, greatest($2 + $3 - 1, 0)) "
                          "ELSE substring($1, $2, greatest($3, 0)) END",
                          x, from, count)
                 : EXPAND(r, &f->base, "substring($1, greatest($2, 1))", x, from);
}

/* ---- operators ---- */

static struct node *regex_call(struct rewriting *r, struct node *n, const char *options,
                               bool negated)
{
    struct node_binary *b = node_binary(n);
    struct node *call =
        CALL(r, n, "regexp_matches", b->left, pattern_of(r, b->right), rule_text(r, n, options));
    return negated ? rule_unary(r, OP_NOT, call) : call;
}

static struct node *operator_of(struct rewriting *r, struct node *n)
{
    switch (node_binary(n)->op) {
    case OP_DIV: { /* of integers it cuts: which, the binder knows */
        struct node *out = node_shallow_copy(r->a, n);
        node_binary(out)->op = OP_PG_DIV;
        return out;
    }
    case OP_REGEX:
        return regex_call(r, n, "s", false);
    case OP_NOT_REGEX:
        return regex_call(r, n, "s", true);
    case OP_IREGEX:
        return regex_call(r, n, "si", false);
    case OP_NOT_IREGEX:
        return regex_call(r, n, "si", true);
    default:
        return n;
    }
}

/* SIMILAR TO's pattern as a regular expression. */
static const char *similar_pattern(struct rewriting *r, struct str p, char escape)
{
    char *text = arena_alloc(r->a, 2 * p.n + 8), *to = text;
    to += snprintf(to, 8, "(?s)");
    for (size_t i = 0; i < p.n; i++) {
        char c = p.p[i];
        if (c == escape && i + 1 < p.n) {
            c = p.p[++i];
            bool is_word =
                (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
            if (!is_word) {
                *to++ = '\\';
            }
            *to++ = c;
        } else if (c == '%') {
            *to++ = '.';
            *to++ = '*';
        } else if (c == '_') {
            *to++ = '.';
        } else {
            if (c == '.' || c == '^' || c == '$' || c == '\\') {
                *to++ = '\\';
            }
            *to++ = c;
        }
    }
    *to = 0;
    return text;
}

/* LIKE's escape is a backslash where none is given; SIMILAR TO is a regular expression of the
 * whole. */
static struct node *like(struct rewriting *r, struct node *n)
{
    struct node_like *l = node_like(n);
    bool is_literal = rule_is_string(l->pattern);
    if (l->quantifier || l->op == LIKE_GLOB || l->op == LIKE_REGEXP) {
        return n;
    }
    if (l->op == LIKE_SIMILAR) {
        struct str escape = l->escape ? rule_word(l->escape) : STR("\\");
        if (!is_literal || escape.n > 1) {
            rule_fail(r, l->pattern, ERR_UNSUPPORTED,
                      "SIMILAR TO a pattern that is no literal is not supported");
            rule_hint(r, "Use ~ with a regular expression.");
            return n;
        }
        const char *text = similar_pattern(r, rule_word(l->pattern), escape.n ? escape.p[0] : 0);
        struct node *call =
            CALL(r, n, "regexp_full_match", l->operand, rule_text(r, l->pattern, text));
        return l->negated ? rule_unary(r, OP_NOT, call) : call;
    }
    struct str pattern = rule_word(l->pattern);
    if (l->escape || (is_literal && (!pattern.n || !memchr(pattern.p, '\\', pattern.n)))) {
        return n;
    }
    struct node *out = node_shallow_copy(r->a, n);
    node_like(out)->escape = rule_text(r, l->pattern, "\\");
    return out;
}

/* ---- text ---- */

/* format('%s of %s', a, b): concat(a, ' of ', b) */
static struct node *format(struct rewriting *r, struct node_func *f)
{
    struct node *model = f->args.at[0];
    struct str s = rule_word(model);
    struct node *out = CALL(r, &f->base, "concat", rule_text(r, model, ""));
    uint32_t next = 1;
    size_t plain = 0;
    if (!rule_is_string(model)) {
        rule_fail(r, model, ERR_UNSUPPORTED,
                  "format() with a format that is no literal is not supported");
        return &f->base;
    }
    for (size_t i = 0; i <= s.n; i++) {
        if (i < s.n && s.p[i] != '%') {
            continue;
        }
        if (i > plain) {
            const char *piece = arena_strdup(r->a, (struct str){s.p + plain, i - plain});
            node_push(r->a, &node_func(out)->args, rule_text(r, model, piece));
        }
        if (i == s.n) {
            break;
        }
        char c = i + 1 < s.n ? s.p[i + 1] : 0;
        if (c == 's' && next < f->args.n) {
            node_push(r->a, &node_func(out)->args, f->args.at[next++]);
        } else if ((c == 'I' || c == 'L') && next < f->args.n) {
            const char *quoting = c == 'I' ? "quote_ident" : "quote_nullable";
            node_push(r->a, &node_func(out)->args, CALL(r, model, quoting, f->args.at[next++]));
        } else if (c == '%') {
            node_push(r->a, &node_func(out)->args, rule_text(r, model, "%"));
        } else {
            rule_fail(r, model, ERR_UNSUPPORTED,
                      "format() takes %%s, %%I or %%L for each of its arguments, and %%%%");
            return &f->base;
        }
        plain = ++i + 1;
    }
    return out;
}

static struct node *to_char(struct rewriting *r, struct node_func *f)
{
    struct format_model model;
    struct node *format_text = f->args.at[1];
    if (rule_is_string(format_text) && number_model_is(rule_word(format_text))) {
        struct node *written = number_model_write(r, f->args.at[0], format_text);
        return written ? written : &f->base;
    }
    if (!format_model_read(r, format_text, FORMAT_WRITES, &model)) {
        return &f->base;
    }
    return CALL(r, &f->base, "strftime", f->args.at[0], rule_text(r, format_text, model.text));
}

static struct node *read_as(struct rewriting *r, struct node_func *f, const char *type)
{
    struct format_model model;
    if (!format_model_read(r, f->args.at[1], FORMAT_READS, &model)) {
        return &f->base;
    }
    struct node *read =
        CALL(r, &f->base, "strptime", f->args.at[0], rule_text(r, f->args.at[1], model.text));
    return rule_cast(r, read, type);
}

static struct node *to_date(struct rewriting *r, struct node_func *f)
{
    return read_as(r, f, "date");
}

static struct node *to_timestamp(struct rewriting *r, struct node_func *f)
{
    return read_as(r, f, "timestamptz");
}

/* ---- dates ---- */

/* The second and what divides it have their fractions. */
static struct node *part_of(struct rewriting *r, struct node_func *f)
{
    struct str part = rule_word(f->args.at[0]);
    struct node *x = f->args.at[1];
    if (!rule_is_string(f->args.at[0])) {
        return &f->base;
    }
    if (str_iis(part, "second") || str_iis(part, "seconds")) {
        return EXPAND(r, &f->base, "date_part('microsecond', $1) / 1000000.0", x);
    }
    if (str_iis(part, "millisecond") || str_iis(part, "milliseconds")) {
        return EXPAND(r, &f->base, "date_part('microsecond', $1) / 1000.0", x);
    }
    return &f->base;
}

static struct node *make_interval(struct rewriting *r, struct node_func *f)
{
    static const char *const names[][2] = {
        {"years", "to_years(CAST($1 AS integer))"},
        {"months", "to_months(CAST($1 AS integer))"},
        {"weeks", "to_weeks(CAST($1 AS integer))"},
        {"days", "to_days(CAST($1 AS integer))"},
        {"hours", "to_hours($1)"},
        {"mins", "to_minutes($1)"},
        {"secs", "to_seconds(CAST($1 AS double))"},
    };
    struct node *out = NULL;
    for (uint32_t i = 0; i < f->args.n; i++) {
        struct node *arg = f->args.at[i];
        size_t at = i, n = sizeof names / sizeof *names;
        for (size_t k = 0; arg->kind == NODE_NAMED_ARG && k <= n; k++) {
            at = k == n || str_iis(node_named_arg(arg)->name, names[k][0]) ? k : n;
            if (at == k) {
                break;
            }
        }
        if (at >= n) {
            rule_fail(r, arg, ERR_BAD_SQL, "make_interval() has no such argument");
            return &f->base;
        }
        struct node *part = EXPAND(r, arg, names[at][1], rule_arg(f, i));
        out = out ? rule_binary(r, OP_ADD, out, part) : part;
    }
    return out ? out : EXPAND(r, &f->base, "to_days(0)", &f->base);
}

/* ---- types ---- */

/* A name is found in any case; shown is one without quotes as PostgreSQL has it. */
static struct node *name_of(struct rewriting *r, struct node *n)
{
    struct str lower = arena_lower(r->a, node_ident_const(n)->text);
    if (node_ident_const(n)->quoted || str_eq(lower, node_ident_const(n)->text)) {
        return n;
    }
    struct node *out = node_shallow_copy(r->a, n);
    node_ident(out)->text = lower;
    return out;
}

/* FLOAT has eight bytes; NUMERIC without a scale as many digits as fit. */
static struct node *type_of(struct rewriting *r, struct node *n)
{
    struct node_type_name *t = node_type_name(n);
    bool is_float = str_iis(t->text, "float") && t->args.n == 0;
    bool is_numeric =
        (str_iis(t->text, "numeric") || str_iis(t->text, "decimal")) && t->args.n == 0;
    if (!is_float && !is_numeric) {
        return n;
    }
    struct node *out = node_shallow_copy(r->a, n);
    node_type_name(out)->text = is_float ? STR("double") : STR("decimal");
    if (is_numeric) {
        node_push(r->a, &node_type_name(out)->args, rule_integer(r, n, 38));
        node_push(r->a, &node_type_name(out)->args, rule_integer(r, n, 10));
    }
    return out;
}

/* serial is no type: an integer that isn't NULL, with a sequence of its own. */
static struct node *column_of(struct rewriting *r, struct node *n)
{
    static const struct {
        const char *name, *type;
    } serials[] = {
        {"serial", "integer"}, {"serial4", "integer"},      {"bigserial", "bigint"},
        {"serial8", "bigint"}, {"smallserial", "smallint"}, {"serial2", "smallint"},
    };
    const struct node_column_def *d = node_column_def_const(n);
    const struct node_type_name *t = d->type ? node_type_name_const(d->type) : NULL;
    size_t i = 0, count = sizeof serials / sizeof *serials;
    while (t && i < count && !str_iis(t->text, serials[i].name)) {
        i++;
    }
    if (!t || i == count || t->schema.n || t->args.n || t->dims) {
        return n;
    }
    struct node *out = node_shallow_copy(r->a, n);
    struct node_column_def *made = node_column_def(out);
    made->type = node_shallow_copy(r->a, d->type);
    node_type_name(made->type)->text = str_of(serials[i].type);
    made->not_null = true;
    if (d->identity || d->default_value) {
        rule_fail(r, n, ERR_BAD_SQL, "a column has a default or is serial");
    }
    made->identity = node_new(r->a, NODE_IDENTITY, n->offset);
    return out;
}

/* pg_catalog."default" is how text is compared anyway. */
static struct node *collation_of(struct rewriting *r, struct node *n)
{
    struct node *name = node_collate(n)->collation;
    const struct node_list *parts = &node_name_const(name)->parts;
    struct str last = node_ident_const(parts->at[parts->n - 1])->text;
    if (parts->n > 2 ||
        (parts->n == 2 && !str_iis(node_ident_const(parts->at[0])->text, "pg_catalog"))) {
        return n;
    }
    if (str_iis(last, "default")) {
        return node_collate(n)->operand;
    }
    struct node *out = node_shallow_copy(r->a, n);
    node_collate(out)->collation = make_name(r->a, last);
    return out;
}

/* clang-format off */
const struct function_rule postgres_functions[] = {
    {"regexp_like", 2, 3, "regexp_matches($1, $2, 's')", found},
    {"regexp_match", 2, 3, "the groups of the first match as a list", match},
    {"regexp_matches", 2, 3, "refused: it gives rows", many_matches},
    {"regexp_replace", 3, 4, "regexp_replace($1, $2, $3, 's')", replaced},
    {"regexp_count", 2, 2, "length(regexp_extract_all($1, '(?s)' || $2))", NULL},
    {"regexp_substr", 2, 2, "list_extract(regexp_extract_all($1, '(?s)' || $2), 1)", NULL},
    {"substring", 2, 3, "substring(), or the match of a pattern", substring},
    {"substr", 2, 3, "substring(), or the match of a pattern", substring},
    {"overlay", 3, 3, "left($1, $3 - 1) || $2 || substring($1, $3 + length($2))", NULL},
    {"overlay", 4, 4, "left($1, $3 - 1) || $2 || substring($1, $3 + $4)", NULL},
    {"lpad", 2, 2, "lpad($1, $2, ' ')", NULL},
    {"rpad", 2, 2, "rpad($1, $2, ' ')", NULL},
    {"btrim", 1, 1, "trim($1)", NULL},
    {"btrim", 2, 2, "trim($1, $2)", NULL},
    {"to_hex", 1, 1, "lower(to_hex($1))", NULL},
    {"initcap", 1, 1,
     "array_to_string(list_transform(regexp_extract_all($1, '[\\pL\\pN]+|[^\\pL\\pN]+'), lambda word: upper(left(word, 1)) || lower(substring(word, 2))), '')", NULL},
    {"format", 1, -1, "concat() of the pieces", format},
    {"to_char", 2, 2, "strftime($1, format), or number_digits() laid out", to_char},
    {"to_date", 2, 2, "CAST(strptime($1, format) AS date)", to_date},
    {"to_timestamp", 2, 2, "CAST(strptime($1, format) AS timestamptz)", to_timestamp},
    {"date_part", 2, 2, "date_part($1, $2), seconds with their fraction", part_of},
    {"make_interval", 0, 7, "to_years(a) + to_months(b) ...", make_interval},
    {"clock_timestamp", 0, 0, "current_timestamp()", NULL},
    {"generate_series", 2, 2, "unnest(generate_series($1, $2))", NULL},
    {"generate_series", 3, 3, "unnest(generate_series($1, $2, $3))", NULL},
    {"string_to_array", 2, 2, "CASE WHEN $1 = '' THEN [] ELSE string_split($1, $2) END", NULL},
    {"array_length", 2, 2, "CASE WHEN $2 = 1 THEN nullif(len($1), 0) END", NULL},
    {"array_upper", 2, 2, "CASE WHEN $2 = 1 THEN nullif(len($1), 0) END", NULL},
    {"array_lower", 2, 2, "CASE WHEN $2 = 1 AND len($1) > 0 THEN 1 END", NULL},
    {"array_to_string", 3, 3,
     "array_to_string(list_transform($1, lambda _u: coalesce(CAST(_u AS varchar), $3)), $2)", NULL},
    {"cardinality", 1, 1, "len($1)", NULL},
    {"array_remove", 2, 2, "list_filter($1, lambda _u: _u IS DISTINCT FROM $2)", NULL},
    {"div", 2, 2, "trunc($1 / $2)", NULL},
    {"mod", 2, 2, "$1 % $2", NULL},
    {"width_bucket", 4, 4,
     "CASE WHEN $1 < $2 THEN 0 WHEN $1 >= $3 THEN $4 + 1 ELSE CAST(floor(($1 - $2) * $4 / ($3 - $2)) AS bigint) + 1 END", NULL},
    {"sha256", 1, 1, "unhex(sha256($1))", NULL},
    {NULL, 0, 0, NULL, NULL},
};

const struct node_rule postgres_nodes[] = {
    {NODE_BINARY, "operators", "/ of integers cuts; ~ is regexp_matches()", operator_of},
    {NODE_LIKE, "LIKE", "the escape is a backslash; SIMILAR TO is regexp_full_match()", like},
    {NODE_COLLATE, "collations", "pg_catalog.default is none", collation_of},
    {NODE_COLUMN_DEF, "serial", "INTEGER NOT NULL GENERATED BY DEFAULT AS IDENTITY", column_of},
    {NODE_IDENT, "names", "without quotes they are in small letters", name_of},
    {NODE_TYPE_NAME, "types", "FLOAT is DOUBLE, NUMERIC is DECIMAL(38, 10)", type_of},
    {NODE_KIND_COUNT, NULL, NULL, NULL},
};
