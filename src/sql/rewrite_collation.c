#include "sql/rewrite_collation.h"

#include "sql/walk.h"

static enum walk look(struct node **n, void *ctx)
{
    enum collation_seen *seen = ctx;
    if ((*n)->kind != NODE_COLLATE) {
        return WALK_ON;
    }
    const struct node_list *parts = &node_name_const(node_collate_const(*n)->collation)->parts;
    struct str name = node_ident_const(parts->at[parts->n - 1])->text;
    bool is_bytes = str_iis(name, "c") || str_iis(name, "posix") || str_iis(name, "binary");
    if (!is_bytes && *seen != COLLATION_OTHER) {
        *seen = str_iis(name, "nocase") ? COLLATION_NOCASE : COLLATION_OTHER;
    }
    return WALK_ON;
}

enum collation_seen rewrite_collation(struct node *left, struct node *right)
{
    enum collation_seen seen = COLLATION_BYTES;
    (void)node_walk(&left, look, &seen);
    (void)node_walk(&right, look, &seen);
    return seen;
}
