/* Types that the engine can't be left to convert to as it likes. Text to BIGNUM takes time by the
 * square of its length, within one step that can't be interrupted; JSON to VARIANT recurses with
 * the document, to the end of the stack. So a BIGNUM is made of numbers and short literals, and of
 * other text by a cast alone, which sql_rewrite() bounds; and no VARIANT stands beside JSON. */
#include "sql/bind_state.h"

bool type_is_other(const struct type *t, const char *name)
{
    return t->kind == TYPE_OTHER && str_is(t->other_name, name);
}

/* Does `is_it` hold of the type or of one that it is made of? Types nest no deeper than the
 * parser's limit. */
static bool any_part(const struct type *t, bool (*is_it)(const struct type *t))
{
    if (is_it(t) || (t->child && any_part(t->child, is_it))) {
        return true;
    }
    for (uint32_t i = 0; i < t->field_count; i++) {
        if (any_part(t->fields[i].type, is_it)) {
            return true;
        }
    }
    return false;
}

static bool is_bignum(const struct type *t)
{
    return type_is_other(t, "BIGNUM");
}

static bool is_variant(const struct type *t)
{
    return type_is_other(t, "VARIANT");
}

static bool is_json(const struct type *t)
{
    return t->kind == TYPE_JSON;
}

static bool may_be_text(const struct type *t)
{
    bool is_short = t->kind == TYPE_NULL || t->kind == TYPE_BOOL || type_is_number(t) ||
                    is_bignum(t) || t->child || t->fields;
    return !is_short;
}

static bool is_short_literal(const struct node *n)
{
    return n->kind == NODE_LITERAL && node_literal_const(n)->text.n <= BIND_LONGEST_BIGNUM;
}

bool bind_is_guarded(const struct type *t)
{
    return any_part(t, is_bignum) || any_part(t, is_variant);
}

bool bind_makes_bignum(const struct node *value, const struct type *from, const struct type *to)
{
    return any_part(to, is_bignum) && any_part(from, may_be_text) &&
           !(value && is_short_literal(value));
}

enum status bind_check_assigned(struct binder *b, const struct node *at, const struct node *value,
                                const struct type *from, const struct type *to)
{
    if (!bind_makes_bignum(value, from, to)) {
        return OK;
    }
    return bind_fail(b, at, ERR_UNSUPPORTED, "a BIGNUM isn't made of text here: cast it");
}

void bind_note_type(struct binder *b, const struct type *t)
{
    if (t->kind < TYPE_JSON) {
        return;
    }
    b->has_json |= any_part(t, is_json);
    b->has_variant |= any_part(t, is_variant);
}

enum status bind_check_variant(struct binder *b)
{
    if (!b->has_variant || !b->has_json) {
        return OK;
    }
    return bind_fail(b, NULL, ERR_UNSUPPORTED, "VARIANT and JSON in one statement");
}
