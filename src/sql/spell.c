#include "sql/spell.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "sql/bind_type.h"
#include "sql/rewrite.h"
#include "sql/spell_priv.h"
#include "sql/template.h"
#include "sql/walk.h"

static struct node *no_number(struct spelling_state *s, struct node_func *f)
{
    spell_fail(s, f->args.at[0], "a format of numbers takes a number");
    return &f->base;
}

/* PostgreSQL writes no more digits than such a number keeps for sure, and where they end, what it
 * writes ends: an error here. */
static struct node *float_digits(struct spelling_state *s, struct node_func *f)
{
    struct node *out =
        SPELL(s, &f->base,
              "CASE WHEN NOT isfinite($1) OR ($2 > 0 AND length(format('{:.0f}', abs($1))) + $2 > "
              "CASE typeof($1) WHEN 'FLOAT' THEN 6 ELSE 15 END) THEN NULL "
              "ELSE format('{:.' || CAST($2 AS varchar) || 'f}', $1) END",
              f->args.at[0], f->args.at[1]);
    struct node_when *when = node_when(node_case_expr(out)->whens.at[0]);
    when->result = rewrite_error_call(s->a, REWRITE_FLOAT_DIGITS);
    return out;
}

/* clang-format off */
static const struct spelling plain_spellings[] = {
    /* Snowflake's LENGTH() counts bytes of a binary, characters of all else. */
    {"length_of", "B", "octet_length($1)", NULL},
    {"length_of", "S", "length($1)", NULL},
    {"length_of", "U", "CASE typeof($1) WHEN 'BLOB' THEN octet_length(CAST($1 AS blob)) "
                       "ELSE length(CAST($1 AS varchar)) END", NULL},
    {"length_of", "*", "length(CAST($1 AS varchar))", NULL},
    /* What rounds to 0 is false, any other number true. */
    {"truth_of", "L", "$1", NULL},
    {"truth_of", "U", "$1", NULL},
    {"truth_of", "I", "$1 <> 0", NULL},
    {"truth_of", "N", "round($1, 0) <> 0", NULL},
    {"truth_of", "*", "CAST($1 AS boolean)", NULL},
    {"boolean_of", "S", "CASE WHEN upper($1) = 'ON' THEN true WHEN upper($1) = 'OFF' THEN false ELSE CAST($1 AS boolean) END", NULL},
    {"boolean_of", "*", "CAST($1 AS boolean)", NULL},
    {"shift_left", "BI", "CAST(CAST($1 AS bit) << CAST($2 AS integer) AS blob)", NULL},
    {"shift_left", "**", "CAST($1 AS hugeint) << CAST($2 AS integer)", NULL},
    {"shift_right", "BI", "CAST(CAST($1 AS bit) >> CAST($2 AS integer) AS blob)", NULL},
    {"shift_right", "**", "CAST($1 AS hugeint) >> CAST($2 AS integer)", NULL},
    /* A number rounded to so many digits behind the point, halves of exact ones away from 0. */
    {"number_digits", "I*", "CAST($1 AS varchar) || substring('', $2)", NULL},
    {"number_digits", "M*", "CAST(round($1, $2) AS varchar)", NULL},
    {"number_digits", "F*", NULL, float_digits},
    {"number_digits", "U*", "CASE WHEN typeof($1) IN ('FLOAT', 'DOUBLE') THEN number_digits(CAST($1 AS double), $2) "
                            "ELSE number_digits(CAST($1 AS decimal(38, 10)), $2) END", NULL},
    {"number_digits", "0*", "CAST($1 AS varchar) || substring('', $2)", NULL},
    {"number_digits", "**", NULL, no_number},
    {"octets_of", "B", "octet_length($1)", NULL},
    {"octets_of", "*", "strlen(CAST($1 AS varchar))", NULL},
    {"hex_of", "B", "hex($1)", NULL},
    {"hex_of", "*", "hex(CAST($1 AS varchar))", NULL},
    {"bytes_of", "B", "$1", NULL},
    {"bytes_of", "*", "encode(CAST($1 AS varchar))", NULL},
    /* Of a bound tree the binder says it (bind_row_number.c). */
    {"input_row_number", "", "error('the number of the input row has no equal here')", NULL},
    {NULL, NULL, NULL, NULL},
};
/* clang-format on */

static const struct spelling *const tables[] = {plain_spellings, date_spellings, json_spellings,
                                                array_spellings};

enum { SLOTS = 256 };
static const struct spelling *slots[SLOTS]; /* of each name, its first row */
static pthread_once_t made = PTHREAD_ONCE_INIT;

static size_t slot_of(const char *name)
{
    uint32_t h = 2166136261u;
    for (; *name; name++) {
        h = (h ^ (unsigned char)*name) * 16777619u;
    }
    return (h ^ h >> 16) % SLOTS;
}

static void make_slots(void)
{
    for (size_t t = 0; t < sizeof tables / sizeof *tables; t++) {
        const char *last = "";
        for (const struct spelling *row = tables[t]; row->name; row++) {
            if (strcmp(row->name, last) == 0) {
                continue;
            }
            size_t at = slot_of(last = row->name);
            while (slots[at]) {
                at = (at + 1) % SLOTS;
            }
            slots[at] = row;
        }
    }
}

static const struct spelling *rows_of(const char *name)
{
    pthread_once(&made, make_slots);
    for (size_t at = slot_of(name); slots[at]; at = (at + 1) % SLOTS) {
        if (strcmp(slots[at]->name, name) == 0) {
            return slots[at];
        }
    }
    return NULL;
}

static bool is_integer(enum type_kind k)
{
    return k >= TYPE_INT1 && k <= TYPE_UINT16;
}

static bool fits(char letter, enum type_kind k)
{
    switch (letter) {
    case 'B':
        return k == TYPE_BYTES;
    case 'S':
        return k == TYPE_TEXT || k == TYPE_ENUM;
    case 'D':
        return k == TYPE_DATE;
    case 'T':
        return k == TYPE_TIME || k == TYPE_TIMETZ;
    case 'P':
        return k >= TYPE_TIMESTAMP && k <= TYPE_TIMESTAMP_NS;
    case 'Z':
        return k == TYPE_TIMESTAMPTZ;
    case 'V':
        return k == TYPE_INTERVAL;
    case 'I':
        return is_integer(k);
    case 'M':
        return k == TYPE_DECIMAL;
    case 'F':
        return k == TYPE_FLOAT4 || k == TYPE_FLOAT8;
    case 'N':
        return is_integer(k) || k == TYPE_DECIMAL || k == TYPE_FLOAT4 || k == TYPE_FLOAT8;
    case 'L':
        return k == TYPE_BOOL;
    case 'J':
        return k == TYPE_JSON;
    case 'A':
        return k == TYPE_LIST || k == TYPE_ARRAY;
    case 'R':
        return k == TYPE_STRUCT;
    case 'K':
        return k == TYPE_MAP;
    case '0':
        return k == TYPE_NULL;
    case 'U':
        return k == TYPE_UNKNOWN;
    default:
        return letter == '*';
    }
}

static bool row_fits(const struct spelling *row, const struct node_func *f)
{
    size_t letters = strlen(row->types);
    bool any_number = letters && row->types[letters - 1] == '+';
    letters -= any_number;
    if (any_number ? f->args.n + 1 < letters : letters != f->args.n) {
        return false;
    }
    for (uint32_t i = 0; i < f->args.n; i++) {
        char letter = row->types[i < letters ? i : letters - 1];
        if (letter != '*' && !fits(letter, infer_type(f->args.at[i]))) {
            return false;
        }
    }
    return true;
}

/* ---- templates over a bound tree ---- */

static enum walk settle(struct node **n, void *ctx)
{
    struct arena *a = ctx;
    if ((*n)->kind == NODE_FUNC && !node_func(*n)->bound) {
        node_func(*n)->bound =
            function_find(node_ident(node_name(node_func(*n)->name)->parts.at[0])->text);
    } else if ((*n)->kind == NODE_TYPE_NAME && !node_type_name(*n)->resolved) {
        struct node_type_name *t = node_type_name(*n);
        enum type_kind kind = bind_type_kind(t->text);
        int64_t width = 18, scale = 3;
        for (uint32_t i = 0; i < t->args.n && i < 2; i++) {
            (void)str_to_i64(node_literal(t->args.at[i])->text, i ? &scale : &width);
        }
        const struct type *type = kind == TYPE_DECIMAL
                                      ? type_decimal(a, (int)width, t->args.n == 1 ? 0 : (int)scale)
                                      : type_simple(kind);
        for (int32_t i = 0; i < t->dims; i++) {
            type = type_list(a, type);
        }
        t->resolved = type;
    }
    return WALK_ON;
}

/* The tree of the template alone: arguments are bound already and are not looked at. */
struct node *spell_text(struct spelling_state *s, const struct node *at, const char *text, size_t n,
                        struct node *const *args)
{
    struct template t = template_parse(s->a, text);
    struct node *tree = (struct node *)(uintptr_t)t.tree;
    (void)node_walk(&tree, settle, s->a);
    return template_fill(s->a, &t, at, args, n, s->added);
}

void spell_fail(struct spelling_state *s, const struct node *at, const char *what)
{
    if (!s->failed) {
        (void)error_at(s->e, ERR_UNSUPPORTED, at->offset, "%s", what);
    }
    s->failed = true;
}

struct str spell_word(const struct node *n)
{
    bool is_text = n->kind == NODE_LITERAL && node_literal_const(n)->lit == LIT_STRING;
    return is_text ? node_literal_const(n)->text : STR_NULL;
}

struct str spell_name(const struct node_func *f)
{
    const struct node_list *parts = &node_name_const(f->name)->parts;
    return node_ident(parts->at[parts->n - 1])->text;
}

static const struct function *function_of(const struct node_func *f)
{
    return f->bound ? f->bound : function_find(spell_name(f));
}

/* PostgreSQL's division of integers cuts. */
static bool spell_division(struct spelling_state *s, struct node **n)
{
    const struct node_binary *b = node_binary(*n);
    if (b->op != OP_PG_DIV) {
        return false;
    }
    bool cuts = is_integer(infer_type(b->left)) && is_integer(infer_type(b->right));
    *n = node_shallow_copy(s->a, *n);
    node_binary(*n)->op = cuts ? OP_INT_DIV : OP_DIV;
    return true;
}

bool spell(struct spelling_state *s, struct node **n)
{
    if ((*n)->kind == NODE_BINARY) {
        return spell_division(s, n);
    }
    if ((*n)->kind == NODE_CAST) {
        return spell_moment_cast(s, n);
    }
    if ((*n)->kind != NODE_FUNC) {
        return false;
    }
    struct node_func *f = node_func(*n);
    const struct function *def = function_of(f);
    const struct spelling *row = def ? rows_of(def->name) : NULL;
    for (; row && row->name && strcmp(row->name, def->name) == 0; row++) {
        if (!row_fits(row, f)) {
            continue;
        }
        struct node *out =
            row->text ? spell_text(s, *n, row->text, f->args.n, f->args.at) : row->apply(s, f);
        if (s->failed) {
            return false;
        }
        out->type = out->type ? out->type : (*n)->type;
        *n = out;
        return true;
    }
    return false;
}

const struct type *spell_type(const struct node *n)
{
    bool is_known = n->type && n->type->kind != TYPE_UNKNOWN;
    return is_known ? n->type : type_simple(infer_type(n));
}

const struct type *spell_result(struct arena *a, const struct node_func *f)
{
    const struct function *def = function_of(f);
    const struct type *t = json_result(a, def->name, f);
    t = t ? t : array_result(a, def->name, f);
    return t ? t : type_simple(TYPE_UNKNOWN);
}

enum { MOST_ADDED_NODES = 100000 };

static enum walk visit(struct node **n, void *ctx)
{
    struct spelling_state *s = ctx;
    while (*s->added <= MOST_ADDED_NODES && spell(s, n)) {
    }
    return s->failed || *s->added > MOST_ADDED_NODES ? WALK_STOP : WALK_ON;
}

enum status sql_spell(struct arena *a, struct node **stmt, struct error *e)
{
    size_t added = 0;
    struct spelling_state s = {.a = a, .added = &added, .e = e};
    if (node_walk(stmt, visit, &s) != WALK_STOP) {
        return OK;
    }
    return s.failed ? FAIL
                    : error_set(e, ERR_STATEMENT_TOO_COMPLEX,
                                "calls within calls make the statement too complex");
}
