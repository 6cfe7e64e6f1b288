/* Variables of the session: SET x = expression, $x, UNSET x. A value is what a query of it shows,
 * so a masked column gives its masked value; it stands in statements as a constant of its type,
 * never as text of theirs, and no policy reads it. */
#include "session/evaluate.h"

static bool can_hold(const struct type *t)
{
    switch ((int)t->kind) {
    case TYPE_INTERVAL:
    case TYPE_BYTES:
    case TYPE_LIST:
    case TYPE_ARRAY:
    case TYPE_STRUCT:
    case TYPE_MAP:
    case TYPE_BIT:
    case TYPE_OTHER:
        return false;
    default:
        return true;
    }
}

static enum status set_all(struct session *s, const struct node *stmt, const struct str *names,
                           const struct node_list *exprs, struct arena *a, struct error *e)
{
    struct evaluated *values = NULL;
    enum status status = evaluate(s, stmt, exprs, a, &values, e);
    for (uint32_t i = 0; status == OK && i < exprs->n; i++) {
        if (!can_hold(values[i].type)) {
            status = error_at(e, ERR_UNSUPPORTED, exprs->at[i]->offset,
                              "a session variable can't hold a value of this type");
        }
    }
    for (uint32_t i = 0; status == OK && i < exprs->n; i++) {
        status = governor_set_variable(s->governor, names[i], values[i].type, values[i].text, e);
    }
    return status;
}

enum status variable_set(struct session *s, const struct node *stmt, struct error *e)
{
    const struct node_set_variable *set = node_set_variable_const(stmt);
    struct arena *a = arena_new(0);
    struct str *names = ARENA_ARRAY(a, struct str, set->names.n);
    for (uint32_t i = 0; i < set->names.n; i++) {
        names[i] = node_ident_const(set->names.at[i])->text;
    }
    enum status status = set_all(s, stmt, names, &set->values, a, e);
    arena_free(a);
    return status;
}

enum status variable_set_plain(struct session *s, const struct node *stmt, struct error *e)
{
    const struct node_set *set = node_set_const(stmt);
    if (set->values.n != 1 || set->values.at[0]->kind == NODE_IDENT) {
        return error_at(e, ERR_BAD_SQL, stmt->offset, "a session variable takes one value");
    }
    struct arena *a = arena_new(0);
    enum status status = set_all(s, stmt, &set->name, &set->values, a, e);
    arena_free(a);
    return status;
}

void variable_unset(struct session *s, const struct node *stmt)
{
    const struct node_list *names = &node_unset_variable_const(stmt)->names;
    for (uint32_t i = 0; i < names->n; i++) {
        governor_unset_variable(s->governor, node_ident_const(names->at[i])->text);
    }
}
