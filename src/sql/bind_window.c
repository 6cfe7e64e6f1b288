/* Names of windows. The engine knows a name once for all the queries of a set operation, so each
 * gets one that is unique in the statement. */
#include "sql/bind_state.h"

enum status bind_name_windows(struct binder *b, struct scope *s, const struct node_list *defs)
{
    for (uint32_t i = 0; i < defs->n; i++) {
        struct node_window_def *def = node_window_def(defs->at[i]);
        struct str name = ident_text(def->name);
        for (const struct window_name *w = s->windows; w; w = w->next) {
            if (str_ieq(w->name, name)) {
                return bind_fail(b, def->name, ERR_BAD_SQL, "window \"%.*s\" is already defined",
                                 STR_ARG(name));
            }
        }
        struct window_name *w = ARENA_NEW(b->a, struct window_name);
        *w = (struct window_name){name, bind_unique(b, name), s->windows};
        s->windows = w;
        def->name = bind_ident(b, w->unique, def->name);
    }
    return OK;
}

enum status bind_window_name(struct binder *b, const struct scope *s, struct node **ident)
{
    struct str name = ident_text(*ident);
    for (const struct window_name *w = s->windows; w; w = w->next) {
        if (str_ieq(w->name, name)) {
            *ident = bind_ident(b, w->unique, *ident);
            return OK;
        }
    }
    return bind_fail(b, *ident, ERR_BAD_SQL, "window \"%.*s\" does not exist", STR_ARG(name));
}
