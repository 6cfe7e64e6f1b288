/* Definitions of the relations that system_relation() finds by their names. */
#ifndef PGCATALOG_DEFINITION_H
#define PGCATALOG_DEFINITION_H

#include "base/buf.h"
#include "pgcatalog/relation.h"

struct relation_definition {
    const char *name;                 /* NULL: behind the last */
    const char *columns;              /* as relation_columns() reads them */
    void (*fill)(struct relation *r); /* leaves out what the caller may not know of; NULL: empty */
    uint32_t oid;                     /* PostgreSQL's own of a catalog; 0: a view */
};

extern const struct relation_definition standard_relations[];       /* information_schema.c */
extern const struct relation_definition constraint_relations[];     /* constraints.c */
extern const struct relation_definition privilege_relations[];      /* privileges.c */
extern const struct relation_definition standard_empty_relations[]; /* standard_empty.c */
extern const struct relation_definition duckdb_relations[];         /* duckdb_relations.c */
extern const struct relation_definition pg_object_relations[];      /* pg_objects.c */
extern const struct relation_definition pg_key_relations[];         /* pg_keys.c */
extern const struct relation_definition pg_depend_relations[];      /* pg_depend.c */
extern const struct relation_definition pg_definition_relations[];  /* pg_definitions.c */
extern const struct relation_definition pg_view_relations[];        /* pg_views.c */
extern const struct relation_definition pg_type_relations[];        /* pg_types.c */
extern const struct relation_definition pg_function_relations[];    /* pg_functions.c */
extern const struct relation_definition pg_session_relations[];     /* pg_session.c */
extern const struct relation_definition pg_server_relations[];      /* pg_server.c */
extern const struct relation_definition pg_empty_relations[];       /* pg_empty.c */
extern const struct relation_definition pg_monitor_relations[];     /* pg_monitor.c */

/* constraints.c: is the column, or any where NULL, of the primary key? */
bool is_of_primary_key(const struct table *t, const struct str *column);

/* constraints.c: what the constraint is called; of the arena. */
struct str constraint_name(struct arena *a, const struct table *t, size_t which);
/* What a CHECK says, its columns without the table's name; STR_NULL where it isn't known. */
struct str constraint_condition(struct arena *a, const struct table *t,
                                const struct table_constraint *c);
/* The table among `all` that a foreign key refers to; NULL where it isn't there. */
const struct table *constraint_referred(const struct table *const *all, size_t n,
                                        const struct table *t, const struct table_constraint *c);
/* Which key of `other` a foreign key refers to: the place among its constraints, or -1. */
int constraint_referred_key(const struct table *other, const struct table_constraint *foreign);

/* constraints.c: a name as SQL writes it, quoted where it must be. */
void definition_put_name(struct buf *b, struct str name);

/* information_schema.c: database, schema, name. */
void relation_place(struct relation *r, const struct table *t);
bool is_temporary(const struct table *t);

/* ---- pg_objects.c: what pg_catalog tells of ---- */

/* The tables, views and sequences of the session's database that the caller may know of. */
size_t pg_tables(const struct relation *r, const struct table *const **out);

/* An index, made by itself or for a key. */
struct pg_index {
    const struct table *table;
    struct str name;
    uint32_t oid;
    const struct table_index *index;    /* NULL: of `key` */
    const struct table_constraint *key; /* UNIQUE or PRIMARY KEY; NULL: none */
    bool is_unique, is_primary;
};
size_t pg_indexes_of(const struct relation *r, const struct table *t, struct pg_index **out);
/* The columns of its keys from 1; 0: an expression. */
size_t pg_index_columns(const struct relation *r, const struct pg_index *i, int **out);

/* information_schema.c: a view's query, told to who may change views; STR_NULL to others. */
struct str pg_view_definition(const struct relation *r, const struct table *t);
/* The same with a semicolon behind it, as PostgreSQL tells it. */
struct str pg_view_statement(const struct relation *r, const struct table *t);

/* pg_keys.c: CREATE INDEX, as PostgreSQL writes it. */
struct str pg_index_definition(const struct relation *r, const struct pg_index *i);

uint32_t pg_namespace_oid(const struct relation *r, struct str schema);

/* ---- pg_types.c ---- */

/* How PostgreSQL keeps a type; of one that isn't known as text. */
struct pg_type_traits {
    bool by_value;
    const char *align, *storage; /* a letter each */
    uint32_t collation;          /* 0: none */
};
struct pg_type_traits pg_type_traits(uint32_t oid);
/* "int4", "_text"; of the arena. */
struct str pg_type_name(struct arena *a, uint32_t oid);
uint32_t pg_operator_class(uint32_t oid); /* of btree; 0: none */

/* The functions by which values of the types come in and go out. */
enum pg_io { PG_IN, PG_OUT, PG_RECV, PG_SEND };
void pg_each_io(struct relation *r, void (*fn)(struct relation *r, uint32_t oid, struct str name,
                                               uint32_t type, enum pg_io which));

/* ---- system_relation.c: the relations themselves ---- */

/* The rows of one of pg_catalog, whole. There is one of that name. */
struct relation system_rows(const struct bind_context *ctx, const char *name,
                            const struct relation_wanted *wanted, size_t wanted_count);

/* ... and as objects */

struct system_object {
    const struct relation_definition *definition;
    bool is_standard; /* of information_schema */
    uint32_t oid;
};
/* All of both schemas. */
size_t system_objects(struct arena *a, const struct system_object **out);

/* Numbers of what PostgreSQL makes first. */
enum {
    OID_OF_OWNER = 10,
    OID_OF_CALLER = CATALOG_FIRST_OID - 1,
    OID_OF_PG_CATALOG = 11,
    OID_OF_INFORMATION_SCHEMA = 13000, /* any that no other has */
    OID_OF_PUBLIC = 2200,
    OID_OF_HEAP = 2,
    OID_OF_BTREE = 403,
    OID_OF_TABLESPACE = 1663,
    OID_OF_PG_CLASS = 1259,
    OID_OF_PG_CONSTRAINT = 2606,
    OID_OF_PG_NAMESPACE = 2615,
    OID_OF_PG_ATTRDEF = 2604,
    OID_OF_DEFAULT_COLLATION = 100,
    OID_OF_C_COLLATION = 950,
    OID_OF_SYSTEM_VIEWS = 12000, /* those that PostgreSQL has no number of its own for */
    OID_OF_FUNCTIONS = 5000      /* those that are the types' own: docs of pg_functions.c */
};

#endif
