/* Snowflake: what is taken out of a VARIANT by a path or a place. Steps whose text is there go into
 * one path of the engine's, $."a"."b"[0]; what an expression gives is taken step by step. */
#include <string.h>

#include "dialect/rules.h"

/* ---- the engine's paths ---- */

struct path {
    char *text;
    size_t n;
};

/* Room for `n` bytes of keys in `steps` steps. */
static struct path path_new(struct arena *a, size_t n, size_t steps)
{
    struct path p = {arena_alloc(a, 2 * n + 4 * steps + 2), 1};
    p.text[0] = '$';
    return p;
}

static void add_key(struct path *p, struct str key)
{
    p->text[p->n++] = '.';
    p->text[p->n++] = '"';
    for (size_t i = 0; i < key.n; i++) {
        if (key.p[i] == '"' || key.p[i] == '\\') {
            p->text[p->n++] = '\\';
        }
        p->text[p->n++] = key.p[i];
    }
    p->text[p->n++] = '"';
}

static void add_place(struct path *p, struct str digits)
{
    p->text[p->n++] = '[';
    memcpy(p->text + p->n, digits.p, digits.n);
    p->n += digits.n;
    p->text[p->n++] = ']';
}

static bool is_plain_key(struct str key)
{
    for (size_t i = 0; i < key.n; i++) {
        char c = key.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
        if (!is_letter && (i == 0 || c < '0' || c > '9')) {
            return false;
        }
    }
    return key.n > 0;
}

/* A key that needs no quotes is written without, as a reader would. */
static void add_step(struct path *p, struct str key)
{
    if (!is_plain_key(key)) {
        add_key(p, key);
        return;
    }
    p->text[p->n++] = '.';
    memcpy(p->text + p->n, key.p, key.n);
    p->n += key.n;
}

static struct node *path_call(struct rewriting *r, const struct node *at, struct node *operand,
                              struct path *p)
{
    p->text[p->n] = 0;
    return p->n == 1 ? operand : CALL(r, at, "variant_path", operand, rule_text(r, at, p->text));
}

/* ---- paths as text: a.b[0]['c d']."e f" ---- */

struct scan {
    struct str text;
    size_t at;
    struct path path;
};

static char look(const struct scan *s)
{
    return s->at < s->text.n ? s->text.p[s->at] : 0;
}

/* Up to the closing quote. */
static bool quoted_key(struct scan *s, char quote)
{
    size_t from = ++s->at;
    while (s->at < s->text.n && s->text.p[s->at] != quote) {
        s->at++;
    }
    if (s->at == s->text.n) {
        return false;
    }
    add_key(&s->path, (struct str){s->text.p + from, s->at++ - from});
    return true;
}

static bool bare_key(struct scan *s)
{
    size_t from = s->at;
    while (s->at < s->text.n && !memchr(".:[]\"'", s->text.p[s->at], 6)) {
        s->at++;
    }
    if (s->at > from) {
        add_step(&s->path, (struct str){s->text.p + from, s->at - from});
    }
    return s->at > from;
}

static bool bracket(struct scan *s)
{
    size_t from = ++s->at;
    if (look(s) == '\'' || look(s) == '"') {
        return quoted_key(s, look(s)) && look(s) == ']' && s->at++;
    }
    while (look(s) >= '0' && look(s) <= '9') {
        s->at++;
    }
    if (s->at == from || s->at - from > 9 || look(s) != ']') {
        return false;
    }
    add_place(&s->path, (struct str){s->text.p + from, s->at - from});
    s->at++;
    return true;
}

static bool scan_path(struct scan *s)
{
    bool ok = true;
    while (ok && s->at < s->text.n) {
        if (look(s) == '[') {
            ok = bracket(s);
            continue;
        }
        if (s->at > 0 && (look(s) == '.' || look(s) == ':')) {
            s->at++;
        } else if (s->at > 0) {
            return false;
        }
        ok = look(s) == '"' ? quoted_key(s, '"') : bare_key(s);
    }
    return ok;
}

struct node *snowflake_path(struct rewriting *r, struct node *operand, struct node *text)
{
    if (!rule_is_string(text)) {
        return EXPAND(r, text,
                      "variant_path($1, CASE WHEN starts_with($2, '[') THEN '$' || $2 "
                      "ELSE '$.' || $2 END)",
                      operand, text);
    }
    struct scan s = {.text = rule_word(text)};
    s.path = path_new(r->a, s.text.n, s.text.n + 1);
    if (!scan_path(&s)) {
        rule_fail(r, text, ERR_BAD_SQL, "this is no path into a VARIANT");
        return operand;
    }
    return path_call(r, text, operand, &s.path);
}

static struct node *get_path(struct rewriting *r, struct node_func *f)
{
    return snowflake_path(r, f->args.at[0], f->args.at[1]);
}

/* ---- a[0], GET(a, 0) ---- */

static struct node *item(struct rewriting *r, const struct node *at, struct node *operand,
                         struct node *index)
{
    int64_t place;
    if (rule_int(index, &place) && place < 0) {
        rule_fail(r, index, ERR_UNSUPPORTED, "a negative place in an ARRAY is not supported");
        rule_hint(r, "Use ARRAY_SIZE(a) - 1 for the last element.");
        return operand;
    }
    return CALL(r, at, "variant_item", operand, index);
}

static struct node *get(struct rewriting *r, struct node_func *f)
{
    return item(r, &f->base, f->args.at[0], f->args.at[1]);
}

static struct node *index_of(struct rewriting *r, struct node *n)
{
    return item(r, n, node_index(n)->operand, node_index(n)->index);
}

static struct node *field_of(struct rewriting *r, struct node *n)
{
    struct node *name = node_field(n)->name;
    struct node *key = make_literal(r->a, LIT_STRING, node_ident(name)->text);
    key->offset = name->offset;
    return CALL(r, n, "variant_item", node_field(n)->operand, key);
}

/* ---- v:a.b[0] ---- */

/* A step whose text is there: a name, a string or a place. */
static bool is_plain_step(const struct node *step)
{
    int64_t place;
    return step->kind == NODE_IDENT || rule_is_string(step) ||
           (rule_int(step, &place) && place >= 0 && step->kind == NODE_LITERAL);
}

static size_t step_length(const struct node *step)
{
    return step->kind == NODE_IDENT ? node_ident_const(step)->text.n
                                    : node_literal_const(step)->text.n;
}

static void add_plain_step(struct path *p, const struct node *step)
{
    if (step->kind == NODE_IDENT) {
        add_step(p, node_ident_const(step)->text);
    } else if (rule_is_string(step)) {
        add_step(p, node_literal_const(step)->text);
    } else {
        add_place(p, node_literal_const(step)->text);
    }
}

static struct node *path_of(struct rewriting *r, struct node *n)
{
    const struct node_list *steps = &node_path(n)->steps;
    struct node *out = node_path(n)->operand;
    for (uint32_t from = 0, to = 0; from < steps->n && !r->failed; from = to) {
        size_t length = 0;
        while (to < steps->n && is_plain_step(steps->at[to])) {
            length += step_length(steps->at[to++]);
        }
        struct path p = path_new(r->a, length, to - from);
        for (uint32_t i = from; i < to; i++) {
            add_plain_step(&p, steps->at[i]);
        }
        out = path_call(r, n, out, &p);
        if (to == from) {
            out = item(r, steps->at[to], out, steps->at[to]);
            to++;
        }
    }
    return out;
}

/* clang-format off */
const struct function_rule snowflake_path_functions[] = {
    {"get_path", 2, 2, "variant_path($1, a path of the engine's)", get_path},
    {"get", 2, 2, "variant_item($1, $2)", get},
    {NULL, 0, 0, NULL, NULL},
};

const struct node_rule snowflake_path_nodes[] = {
    {NODE_PATH, "v:a.b[0]", "variant_path(v, '$.a.b[0]')", path_of},
    {NODE_FIELD, "(v).a", "variant_item(v, 'a')", field_of},
    {NODE_INDEX, "a[i]", "variant_item(a, i), counted from 0", index_of},
    {0, NULL, NULL, NULL},
};
/* clang-format on */
