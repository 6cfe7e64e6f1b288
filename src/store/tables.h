/* Registrations of tables in the shared schema, and tags of tables and columns. What the engine has
 * and nobody registered belongs to no organization and is seen by none. */
#ifndef STORE_TABLES_H
#define STORE_TABLES_H

#include "store/row.h"
#include "store/store.h"

struct store_registration {
    struct str table;         /* lower case; of the schema "shared" */
    struct str tenant_column; /* empty: common to all organizations, without row scope */
    int64_t created_us;
};

MUST_USE enum status store_registrations(struct store *s, struct arena *a,
                                         struct store_registration **rows, size_t *n,
                                         struct error *e);

/* Registering again replaces. `tenant_column` empty: common. */
MUST_USE enum status store_table_register(struct store *s, struct str actor, struct str table,
                                          struct str tenant_column, struct error *e);
MUST_USE enum status store_table_unregister(struct store *s, struct str actor, struct str table,
                                            struct error *e);

struct store_tag {
    struct str org_id; /* empty: for every organization */
    struct str schema, table;
    struct str column; /* empty: the table's own tag */
    struct str tag;    /* "pii" */
};

/* Of all organizations. */
MUST_USE enum status store_tags(struct store *s, struct arena *a, struct store_tag **rows,
                                size_t *n, struct error *e);
MUST_USE enum status store_tag_add(struct store *s, struct str actor, const struct store_tag *tag,
                                   struct error *e);
MUST_USE enum status store_tag_remove(struct store *s, struct str actor,
                                      const struct store_tag *tag, struct error *e);

#endif
