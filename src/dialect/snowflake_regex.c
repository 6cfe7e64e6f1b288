/* Snowflake: regular expressions. RLIKE matches the whole text; replacing means all matches; what
 * isn't found is NULL. */
#include "dialect/rules.h"

struct flags {
    bool ignores_case, multiline, dot_all, extracts;
};

/* The letters of a literal; a parameter that isn't one can't be understood here. */
static bool read_flags(struct rewriting *r, const struct node *n, struct flags *out)
{
    *out = (struct flags){false, false, false, false};
    if (!n) {
        return true;
    }
    if (!rule_is_string(n)) {
        rule_fail(r, n, ERR_UNSUPPORTED,
                  "parameters of a regular expression that are no literal text are not supported");
        return false;
    }
    struct str s = rule_word(n);
    for (size_t i = 0; i < s.n; i++) {
        switch (s.p[i]) {
        case 'c':
        case 'i':
            out->ignores_case = s.p[i] == 'i';
            break;
        case 'm':
            out->multiline = true;
            break;
        case 's':
            out->dot_all = true;
            break;
        case 'e':
            out->extracts = true;
            break;
        default:
            rule_fail(r, n, ERR_BAD_SQL, "\"%c\" is no parameter of a regular expression", s.p[i]);
            return false;
        }
    }
    return true;
}

/* The flags in front of the pattern, where (?...) says them. */
static struct node *flagged(struct rewriting *r, struct node *pattern, struct flags f)
{
    if (!f.ignores_case && !f.multiline && !f.dot_all) {
        return pattern;
    }
    char *text = arena_printf(r->a, "(?%s%s%s)", f.ignores_case ? "i" : "", f.multiline ? "m" : "",
                              f.dot_all ? "s" : "");
    return rule_binary(r, OP_CONCAT, rule_text(r, pattern, text), pattern);
}

static struct node *optional(const struct node_func *f, uint32_t i)
{
    return i < f->args.n ? f->args.at[i] : NULL;
}

static bool is_one(const struct node *n)
{
    int64_t value;
    return !n || (rule_int(n, &value) && value == 1);
}

/* The subject from a position on. */
static struct node *from_position(struct rewriting *r, struct node *subject, struct node *position)
{
    return position ? CALL(r, subject, "substring", subject, position) : subject;
}

static struct node *matches(struct rewriting *r, struct node_func *f)
{
    struct flags flags;
    struct node *subject = f->args.at[0], *pattern = f->args.at[1];
    if (!read_flags(r, optional(f, 2), &flags)) {
        return &f->base;
    }
    if (flags.multiline || flags.dot_all) {
        return CALL(r, &f->base, "regexp_full_match", subject, flagged(r, pattern, flags));
    }
    return flags.ignores_case
               ? EXPAND(r, &f->base, "regexp_full_match($1, $2, 'i')", subject, pattern)
               : CALL(r, &f->base, "regexp_full_match", subject, pattern);
}

static struct node *count(struct rewriting *r, struct node_func *f)
{
    struct flags flags;
    if (!read_flags(r, optional(f, 3), &flags)) {
        return &f->base;
    }
    return EXPAND(
        r, &f->base, "CASE WHEN $2 = '' THEN 0 ELSE length(regexp_extract_all($1, $2)) END",
        from_position(r, f->args.at[0], optional(f, 2)), flagged(r, f->args.at[1], flags));
}

/* All matches, or a group of each. */
static struct node *found(struct rewriting *r, struct node_func *f, uint32_t params)
{
    struct flags flags;
    if (!read_flags(r, optional(f, params), &flags)) {
        return &f->base;
    }
    struct node *group = optional(f, params + 1);
    group = group ? group : flags.extracts ? rule_integer(r, &f->base, 1) : NULL;
    struct node *position = optional(f, 2);
    struct node *subject = from_position(r, f->args.at[0], is_one(position) ? NULL : position);
    struct node *pattern = flagged(r, f->args.at[1], flags);
    return group ? CALL(r, &f->base, "regexp_extract_all", subject, pattern, group)
                 : CALL(r, &f->base, "regexp_extract_all", subject, pattern);
}

static struct node *substring_of(struct rewriting *r, struct node_func *f)
{
    struct node *occurrence = f->args.n > 3 ? f->args.at[3] : rule_integer(r, &f->base, 1);
    struct node *all = found(r, f, 4);
    return r->failed ? &f->base : CALL(r, &f->base, "list_extract", all, occurrence);
}

/* The matches from the n-th on. */
static struct node *substrings_of(struct rewriting *r, struct node_func *f)
{
    struct node *occurrence = optional(f, 3);
    struct node *all = found(r, f, 4);
    return r->failed || is_one(occurrence)
               ? all
               : EXPAND(r, &f->base, "list_slice($1, $2, NULL)", all, occurrence);
}

static struct node *replaced(struct rewriting *r, struct node_func *f)
{
    struct flags flags;
    int64_t occurrence = 0;
    struct node *position = optional(f, 3), *which = optional(f, 4);
    if (!read_flags(r, optional(f, 5), &flags)) {
        return &f->base;
    }
    if (which && (!rule_int(which, &occurrence) || occurrence < 0 || occurrence > 1)) {
        rule_fail(r, which, ERR_UNSUPPORTED,
                  "REGEXP_REPLACE of another occurrence than 0 (all) or 1 is not supported");
        return &f->base;
    }
    struct node *with = f->args.n > 2 ? f->args.at[2] : rule_text(r, &f->base, "");
    struct node *pattern = flagged(r, f->args.at[1], flags);
    struct node *subject = f->args.at[0];
    if (!is_one(position)) {
        return EXPAND(r, &f->base,
                      occurrence
                          ? "left($1, $4 - 1) || regexp_replace(substring($1, $4), $2, $3)"
                          : "left($1, $4 - 1) || regexp_replace(substring($1, $4), $2, $3, 'g')",
                      subject, pattern, with, position);
    }
    return occurrence
               ? CALL(r, &f->base, "regexp_replace", subject, pattern, with)
               : EXPAND(r, &f->base, "regexp_replace($1, $2, $3, 'g')", subject, pattern, with);
}

/* Where the n-th match begins, or, with option 1, what stands behind it begins: the length of what
 * a longer pattern captures before it. */
static struct node *position_of(struct rewriting *r, struct node_func *f)
{
    struct flags flags;
    int64_t occurrence = 1, option = 0;
    if (!read_flags(r, optional(f, 5), &flags)) {
        return &f->base;
    }
    bool known = (f->args.n <= 3 || (rule_int(f->args.at[3], &occurrence) && occurrence >= 1 &&
                                     occurrence <= 1000)) &&
                 (f->args.n <= 4 || rule_int(f->args.at[4], &option)) && f->args.n <= 6;
    if (!known) {
        rule_fail(
            r, &f->base, ERR_UNSUPPORTED,
            "REGEXP_INSTR with a group, or an occurrence or option that is no literal number, "
            "is not supported");
        return &f->base;
    }
    char *open = arena_printf(r->a, option ? "^((?:(?s:.*?)(?:" : "^((?:(?s:.*?)(?:");
    long long before = (long long)(option ? occurrence : occurrence - 1);
    char *middle = arena_printf(r->a, option ? ")){%lld})(?:" : ")){%lld}(?s:.*?))(?:", before);
    struct node *position = optional(f, 2);
    struct node *subject = from_position(r, f->args.at[0], is_one(position) ? NULL : position);
    struct node *pattern = flagged(r, f->args.at[1], flags);
    struct node *whole =
        EXPAND(r, &f->base, option ? "$2 || $1 || $3 || ')'" : "$2 || $1 || $3 || $1 || ')'",
               pattern, rule_text(r, pattern, open), rule_text(r, pattern, middle));
    struct node *offset = is_one(position) ? rule_integer(r, &f->base, 1) : rule_copy(r, position);
    return EXPAND(
        r, &f->base,
        "CASE WHEN regexp_matches($1, $2) THEN length(regexp_extract($1, $2, 1)) + $3 ELSE 0 END",
        subject, whole, offset);
}

/* a LIKE ANY (x, y): a LIKE x OR a LIKE y */
static struct node *like_any(struct rewriting *r, struct node *n)
{
    struct node_like *like = node_like(n);
    if (like->quantifier == QUANT_NONE || like->pattern->kind == NODE_SUBQUERY ||
        like->pattern->kind == NODE_QUERY) {
        return n;
    }
    struct node_list one = {&like->pattern, 1, 1}, *patterns = &one;
    if (like->pattern->kind == NODE_ROW) {
        patterns = &node_row(like->pattern)->items;
    } else if (like->pattern->kind == NODE_LIST) {
        patterns = &node_list_lit(like->pattern)->items;
    }
    struct node *chain = node_new(r->a, NODE_BOOL, n->offset);
    chain->length = n->length;
    node_bool_chain(chain)->is_or = like->quantifier == QUANT_ANY;
    for (uint32_t i = 0; i < patterns->n; i++) {
        struct node *each = node_shallow_copy(r->a, n);
        node_like(each)->quantifier = QUANT_NONE;
        node_like(each)->negated = false;
        node_like(each)->operand = i ? rule_copy(r, like->operand) : like->operand;
        node_like(each)->pattern = patterns->at[i];
        node_like(each)->escape = i && like->escape ? rule_copy(r, like->escape) : like->escape;
        node_push(r->a, &node_bool_chain(chain)->args, each);
    }
    struct node *out = patterns->n == 1 ? node_bool_chain(chain)->args.at[0] : chain;
    return like->negated ? rule_unary(r, OP_NOT, out) : out;
}

const struct function_rule snowflake_regex_functions[] = {
    {"rlike", 2, 3, "regexp_full_match($1, $2)", matches},
    {"regexp", 2, 3, "regexp_full_match($1, $2)", matches},
    {"regexp_like", 2, 3, "regexp_full_match($1, $2)", matches},
    {"regexp_count", 2, 4, "length(regexp_extract_all($1, $2))", count},
    {"regexp_substr", 2, 6, "list_extract(regexp_extract_all($1, $2), occurrence)", substring_of},
    {"regexp_substr_all", 2, 6, "regexp_extract_all($1, $2)", substrings_of},
    {"regexp_extract_all", 2, 6, "regexp_extract_all($1, $2)", substrings_of},
    {"regexp_replace", 2, 6, "regexp_replace($1, $2, $3, 'g')", replaced},
    {"regexp_instr", 2, 7, "the length of what stands before the match, and 1", position_of},
    {NULL, 0, 0, NULL, NULL},
};

/* a RLIKE b matches the whole text. */
static struct node *rlike(struct rewriting *r, struct node *n)
{
    struct node_like *like = node_like(n);
    if (like->op != LIKE_REGEXP || like->quantifier) {
        return n;
    }
    struct node *call = CALL(r, n, "regexp_full_match", like->operand, like->pattern);
    return like->negated ? rule_unary(r, OP_NOT, call) : call;
}

const struct node_rule snowflake_regex_nodes[] = {
    {NODE_LIKE, "RLIKE", "regexp_full_match(a, b)", rlike},
    {NODE_KIND_COUNT, NULL, NULL, NULL},
};

const struct node_rule like_any_nodes[] = {
    {NODE_LIKE, "LIKE ANY", "a LIKE x OR a LIKE y ...; LIKE ALL with AND", like_any},
    {NODE_KIND_COUNT, NULL, NULL, NULL},
};
