#include "wire/param_array.h"

#include "base/array_text.h"
#include "wire/oid.h"
#include "wire/param.h"

struct items {
    struct array_text text;
    const struct zone *zone;
    VEC_OF(struct value) items;
};

static enum status add_item(struct items *l, const struct type *t, enum array_text_item item,
                            struct str text, struct error *e)
{
    struct value v = {.type = t, .is_null = item == ARRAY_TEXT_NULL};
    if (item == ARRAY_TEXT_ELEMENT &&
        param_from_text(t, l->zone, text, l->text.arena, &v, e) != OK) {
        return FAIL;
    }
    if (l->items.n == PARAM_MAX_ELEMENTS) {
        return error_set(e, ERR_TOO_LARGE, "an array has more than %d elements",
                         PARAM_MAX_ELEMENTS);
    }
    VEC_PUSH(l->text.arena, l->items, v);
    return OK;
}

static int max(int a, int b)
{
    return a > b ? a : b;
}

enum status param_array_unify(struct value *list, struct arena *a, struct error *e)
{
    if (list->type->child->kind != TYPE_DECIMAL || list->type->child->width != 0) {
        return OK;
    }
    int whole = 1, scale = 0;
    for (uint32_t i = 0; i < list->as.list.n; i++) {
        const struct type *t = list->as.list.items[i].type;
        if (!list->as.list.items[i].is_null) {
            whole = max(whole, t->width - t->scale);
            scale = max(scale, t->scale);
        }
    }
    if (whole + scale > NUMERIC_MAX_DIGITS) {
        return param_too_large(e, OID_NUMERIC);
    }
    list->type = type_list(a, type_decimal(a, whole + scale, scale));
    for (uint32_t i = 0; i < list->as.list.n; i++) {
        list->as.list.items[i].type = list->type->child;
    }
    return OK;
}

enum status param_array_length(const struct type *t, struct value *v, struct error *e)
{
    if (t->kind == TYPE_ARRAY && v->as.list.n != t->size) {
        return error_set(e, ERR_BAD_VALUE, "an array of %u elements is needed", t->size);
    }
    return OK;
}

enum status param_array_text(const struct type *t, const struct zone *zone, struct str s,
                             struct arena *a, struct value *out, struct error *e)
{
    struct items l = {.text = array_text_of(s, a), .zone = zone};
    enum array_text_item item;
    struct str text = STR_NULL;
    *out = (struct value){.type = t};
    while ((item = array_text_next(&l.text, &text)) != ARRAY_TEXT_END) {
        if (item == ARRAY_TEXT_NESTED) {
            error_set(e, ERR_UNSUPPORTED, "an array of one dimension is wanted");
            return error_hint(e, "Cast to a list of lists, as $1::integer[][].");
        }
        if (item == ARRAY_TEXT_BAD) {
            return param_bad(e, oid_of(t));
        }
        if (add_item(&l, t->child, item, text, e) != OK) {
            return FAIL;
        }
    }
    out->as.list.items = l.items.at;
    out->as.list.n = (uint32_t)l.items.n;
    return param_array_unify(out, a, e) == OK ? param_array_length(t, out, e) : FAIL;
}
