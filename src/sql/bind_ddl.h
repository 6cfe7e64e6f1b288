/* What the files share that bind statements about objects. Private to bind_*.c. */
#ifndef SQL_BIND_DDL_H
#define SQL_BIND_DDL_H

#include "sql/bind_state.h"

/* bind_place.c */

/* A name that is to be new: what is there and would be replaced is in ddl_tables. */
MUST_USE enum status bind_new_name(struct binder *b, struct node *name, bool temporary,
                                   bool may_exist);
/* The organization's own object of that name, or the session's; NULL where there is none and that
 * is allowed. The name becomes the engine's. */
enum own_kind { OWN_TABLE, OWN_VIEW, OWN_SEQUENCE, OWN_RELATION /* a table or a view */ };
MUST_USE enum status bind_own(struct binder *b, struct node *name, bool if_exists,
                              enum own_kind kind, const struct table **out);
/* What the statement changes: policy has a say. */
void bind_add_ddl_table(struct binder *b, const struct table *t);
MUST_USE enum status bind_new_macro(struct binder *b, const struct node *name, bool may_exist,
                                    struct str *engine_schema, struct str *out);
/* What is kept for others reads no table of this session. */
MUST_USE enum status bind_refuse_temporary(struct binder *b, const struct node *at);
void bind_engine_name(struct binder *b, struct node *name, struct str schema, struct str table);

/* bind_ddl.c */
enum status bind_refuse_unkept(struct binder *b, const struct node *at, const char *what);
const char *bind_unkept_of_column(const struct node_column_def *d);
const char *bind_unkept_of_constraint(const struct node_constraint *c);
/* The columns of a bound expression by their bare names. The engine keeps it as text, which must
 * hold when the table has another name: by the old one it couldn't so much as list its constraints.
 */
void bind_bare_columns(struct node **n);
MUST_USE enum status bind_schema_expr(struct binder *b, struct scope *s, struct node **n);
MUST_USE enum status bind_column_exprs(struct binder *b, struct scope *s,
                                       struct node_column_def *d);

/* bind_generated.c: takes from `left`, the bytes that the expressions of the table may still have.
 */
#define BIND_LONGEST_GENERATED 8192
MUST_USE enum status bind_generated(struct binder *b, struct scope *s, struct node_column_def *d,
                                    size_t *left);

/* bind_collation.c: NULL afterwards where it says nothing. */
MUST_USE enum status bind_collation(struct binder *b, struct node **collation,
                                    const struct type *type);

/* bind_index.c */
MUST_USE enum status bind_create_index(struct binder *b, struct node **stmt);
MUST_USE enum status bind_drop_indexes(struct binder *b, struct node_drop *n);
/* CREATE UNIQUE INDEX for ALTER TABLE ... ADD UNIQUE; the columns are there. */
struct node *bind_unique_index(struct binder *b, const struct table *t,
                               const struct node_constraint *c);
/* DROP INDEX for ALTER TABLE ... DROP CONSTRAINT; NULL: the table has no index of that name. */
struct node *bind_drop_index_of(struct binder *b, const struct table *t, struct str name);

/* Its text, in canonical SQL, becomes the definition that is kept. */
MUST_USE enum status bind_keep_definition(struct binder *b, const struct node *n);

/* bind_macro.c */
MUST_USE enum status bind_create_function(struct binder *b, struct node **stmt);

/* bind_create_type.c */
MUST_USE enum status bind_create_type(struct binder *b, struct node_create_type *n);
MUST_USE enum status bind_drop_types(struct binder *b, struct node_drop *n);

/* bind_made.c: a new table, by the definitions of its columns or else by the outputs of its query;
 * a table as actions of ALTER TABLE leave it; one under another name. */
void bind_made(struct binder *b, struct str schema, struct str name, const struct columns *outputs,
               const struct node_list *defs);
void bind_altered(struct binder *b, const struct table *t, const struct node_list *actions);
void bind_renamed(struct binder *b, const struct table *t, struct str name);

/* bind_schema.c */
MUST_USE enum status bind_create_schema(struct binder *b, struct node_create_schema *n);
MUST_USE enum status bind_drop_schema(struct binder *b, struct node_drop *n);
MUST_USE enum status bind_create_sequence(struct binder *b, struct node_create_sequence *n);
struct node *bind_new_sequence(struct binder *b, const struct node *at, struct str engine_schema,
                               struct str name, struct node *options);
MUST_USE enum status bind_identity_options(struct binder *b, const struct node *identity);
struct node *bind_nextval(struct binder *b, const struct node *at, struct str engine_schema,
                          struct str name);

/* bind_comment.c */
/* COMMENT ON TABLE or COLUMN (`column` empty: the table), as the engine takes it. */
struct node *bind_make_comment(struct binder *b, struct str engine_schema, struct str table,
                               struct str column, struct node *text);
MUST_USE enum status bind_comment(struct binder *b, struct node_comment *n);

/* bind_alter.c */
void bind_drop_identities(struct binder *b, const struct table *t);
MUST_USE enum status bind_truncate(struct binder *b, struct node **stmt);

/* bind_schema.c, for databases. */
bool bind_is_reserved_schema(struct str name); /* can't be a new schema's, nor a database's */
void bind_schema_on_engine(struct binder *b, struct node *name, struct str schema);
/* A schema goes before the statement, with what is in it where `cascade` says so. */
MUST_USE enum status bind_drop_schema_before(struct binder *b, const struct node *at,
                                             struct str schema, bool cascade);

/* bind_database.c */
MUST_USE enum status bind_create_database(struct binder *b, struct node_create_schema *n);
MUST_USE enum status bind_drop_database(struct binder *b, struct node_drop *n);

#endif
