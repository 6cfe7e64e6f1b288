/* The catalog: what exists, as one immutable snapshot.
 *
 * A client sees the schemas of its organization's environment, `public` and those that it made, and
 * `shared`, tables that an operator registered for all organizations, either with a tenant column
 * or as common reference data. A table that is on the engine but in none of them is invisible.
 * On the engine a schema is "org_<id>[_v_<environment>][_s_<schema>]": without the environment in
 * the default one, without the schema in public. So environments, as organizations, stand apart by
 * name space, and whose a table is follows from its engine schema alone.
 * Names match without regard to ASCII case, as on the engine, quoted or not: two spellings can
 * never mean two tables.
 *
 * Temporary tables are a session's own: they stand in a catalog of their own, made for it alone, in
 * the schema `pg_temp`.
 *
 * Every object has a number, its oid, as PostgreSQL's have: of its kind and name, under a key of
 * the process, so that it is the same as long as the process runs, no two have the same one, and
 * none tells of another. It is at least CATALOG_FIRST_OID.
 *
 * A snapshot is made by catalog_build() from what the engine lists and what the control store says
 * of shared tables; it is counted, shared between threads, and never changes. */
#ifndef CATALOG_CATALOG_H
#define CATALOG_CATALOG_H

#include "base/arena.h"
#include "base/error.h"
#include "base/type.h"

/* Whose names: an environment of an organization has schemas, tables, views, macros, sequences and
 * types of its own. Without `org_id` it is nobody's, and only what is shared is there; without
 * `environment` it is the default one. */
struct space {
    struct str org_id, environment;
};

bool space_same(struct space a, struct space b);

enum table_scope {
    SCOPE_PRIVATE, /* of one environment */
    SCOPE_TENANT,  /* rows of all organizations, told apart by the tenant column */
    SCOPE_COMMON,  /* reference data that every organization may read */
    SCOPE_AUDIT /* the audit log: rows of all organizations, told apart as those of SCOPE_TENANT */
};

struct column {
    struct str name;
    const struct type *type;
    bool not_null, has_default;
    const struct str *tags; /* "pii", "phi" ...: lower case */
    size_t tag_count;
    struct str default_text; /* as the engine tells it; STR_NULL: none, or not to be told */
    struct str comment;      /* of COMMENT ON; STR_NULL: none */
    struct str sequence;     /* that the default takes numbers from, of the same schema */
    struct str generated;    /* the expression that gives its values, as the engine tells it;
                                STR_NULL: it has values of its own */
    const int *from;         /* generated: every column that its expression may name, also by way
                                of other generated ones, in order */
    size_t from_count;
};

/* What the engine checks of a row beside its columns' types. The error of a broken one tells of
 * other rows (UNIQUE, FOREIGN KEY) or of columns that the statement did not write (CHECK). */
enum table_constraint_kind {
    CATALOG_UNIQUE, /* PRIMARY KEY too */
    CATALOG_CHECK,
    CATALOG_FOREIGN
};

struct table_constraint {
    enum table_constraint_kind kind;
    struct str *columns;
    size_t column_count;
    struct str other;          /* FOREIGN: the table that is referred to, of the same schema */
    struct str *other_columns; /* column_count */
    bool is_primary;           /* UNIQUE: the primary key */
    bool is_index;             /* UNIQUE: of an index, which is no constraint by its name */
    struct str text;           /* CHECK: as the engine tells it; STR_NULL: not to be told */
    uint32_t oid, index_oid;   /* its own; UNIQUE: of the index that holds it */
};

struct table_index {
    struct str name; /* unique in the table's schema */
    bool is_unique;
    struct index_key *keys;
    size_t key_count;
    uint32_t oid;
};

struct index_key {
    int column;      /* in the table; -1: an expression */
    struct str text; /* as the engine tells it */
};

/* How the numbers of a sequence come. */
struct sequence_steps {
    int64_t start, increment, min, max;
    bool cycles;
};

struct table {
    struct str schema, name;  /* as clients write them */
    struct str engine_schema; /* "org_...", "shared" or "temp" */
    struct str qualified;     /* "shared.customer": for policies, audit, messages */
    enum table_scope scope;
    struct space space; /* SCOPE_PRIVATE: whose */
    int tenant_column;  /* SCOPE_TENANT, SCOPE_AUDIT: index, else -1 */
    bool is_view;
    bool is_sequence; /* of numbers: it has no columns, and a name as tables have */
    struct sequence_steps steps;
    bool collates;         /* some column may have a collation of its own */
    bool is_macro;         /* a function in SQL: catalog_find_macro() alone finds it */
    struct str definition; /* view: its query in our canonical SQL; macro: its CREATE */
    struct column *columns;
    size_t column_count;
    struct table_constraint *constraints;
    size_t constraint_count;
    struct table_index *indexes; /* a unique one is among the constraints too */
    size_t index_count;
    int64_t row_estimate; /* from the engine's statistics */
    const struct str *tags;
    size_t tag_count;
    struct str comment; /* of COMMENT ON; STR_NULL: none */
    uint32_t oid;
};

/* A type that somebody made: another name of what it is. */
struct made_type {
    struct str schema, name, qualified, engine_schema;
    struct space space;
    const struct type *type;
    uint32_t oid, array_oid;
};

/* What catalog_build() takes: one entry a table of the engine ... */
struct table_source {
    struct str engine_schema, name;
    bool is_view;
    struct str definition; /* view */
    int64_t row_estimate;
    struct column *columns;
    size_t column_count;
    struct table_constraint *constraints;
    size_t constraint_count, constraint_cap;
    struct table_index *indexes;
    size_t index_count, index_cap;
    bool is_schema; /* no table: a schema that is there, whether anything is in it or not */
    bool is_sequence, collates;
    struct sequence_steps steps;
    const struct type *made_type; /* no table: a type of that name. NULL: none */
    struct str comment;
};

/* ... and one a registration of a shared table in the control store. */
struct table_registration {
    struct str name;          /* in engine schema "shared" */
    enum table_scope scope;   /* SCOPE_TENANT or SCOPE_COMMON */
    struct str tenant_column; /* SCOPE_TENANT */
};

struct tag_assignment {
    struct str table;  /* qualified as clients write it: "shared.customer" */
    struct str column; /* empty: the table itself */
    struct str tag;
    struct str org_id; /* whose policies see it; empty: all */
};

/* The engine keeps one text for a view: its definition, and before it, where it has one, the
 * comment that somebody gave it: "comment:LENGTH:" and so many bytes. No definition starts so. */
struct str catalog_view_text(struct arena *a, struct str comment, struct str definition);
/* The two parts, within `text`; `comment` is STR_NULL where there is none. */
void catalog_read_view_text(struct str text, struct str *comment, struct str *definition);

struct catalog;

enum { CATALOG_FIRST_OID = 16384 };

#define CATALOG_SHARED_SCHEMA "shared" /* the engine's name and the client's name */
#define CATALOG_PUBLIC_SCHEMA "public"
#define CATALOG_TEMP_SCHEMA   "pg_temp"
#define CATALOG_ENGINE_TEMP   "temp" /* the engine's name for it: each session has its own */
/* Where the engine has the relations that no database file has (engine.h, struct engine_source). */
#define CATALOG_ENGINE_SOURCES "memory.main"

/* The schema public on the engine: letters, digits and underscores alone; of the arena. */
struct str catalog_engine_schema(struct arena *a, struct space space);

/* The same of any schema, whether it is there or not. */
struct str catalog_schema_on_engine(struct arena *a, struct space space, struct str schema);

/* Whose schema of the engine it is, in the arena; false where it is none of an organization's. */
bool catalog_space_of(struct arena *a, struct str engine_schema, struct space *out);

/* Where the macros of a schema are kept, as views that read nothing: a schema of the engine's own.
 */
struct str catalog_macros_on_engine(struct arena *a, struct space space, struct str schema);

/* A snapshot with one reference. Everything is copied. A registration whose table or tenant column
 * isn't there leaves that table out: unknown is deny. */
struct catalog *catalog_build(const struct table_source *tables, size_t table_count,
                              const struct table_registration *registrations,
                              size_t registration_count, const struct tag_assignment *tags,
                              size_t tag_count, uint64_t version);

/* A session's temporary tables, which belong to that environment. catalog_find() and
 * catalog_list() know nothing of them. */
struct catalog *catalog_build_temporary(const struct table_source *tables, size_t table_count,
                                        struct space space, uint64_t version);
const struct table *catalog_find_temporary(const struct catalog *c,
                                           struct str name); /* c: or NULL */
size_t catalog_list_temporary(const struct catalog *c, struct arena *a, const struct table ***out);

struct catalog *catalog_ref(struct catalog *c);
void catalog_unref(struct catalog *c); /* NULL is allowed */
uint64_t catalog_version(const struct catalog *c);

/* The table that `name` means there; `schema` empty: public before shared. NULL when
 * there is none that it may know of. */
const struct table *catalog_find(const struct catalog *c, struct space space, struct str schema,
                                 struct str name);

/* The macro of that name; `schema` must not be empty. They are in no list of tables. */
const struct table *catalog_find_macro(const struct catalog *c, struct space space,
                                       struct str schema, struct str name);
size_t catalog_list_macros(const struct catalog *c, struct space space, struct arena *a,
                           const struct table ***out);

/* The type of that name; `schema` must not be empty. Types have their names for themselves: a table
 * may have the same one. */
const struct made_type *catalog_find_type(const struct catalog *c, struct space space,
                                          struct str schema, struct str name);

/* All of an environment, in no particular order. */
size_t catalog_list_types(const struct catalog *c, struct space space, struct arena *a,
                          const struct made_type ***out);

/* A number for what is in no snapshot, such as a database. */
uint32_t catalog_name_oid(const char *kind, struct str name);

/* The number of a schema, whether it is there or not. */
uint32_t catalog_schema_oid(const struct catalog *c, struct space space, struct str schema);

/* All tables of an environment, the shared ones and the audit log (catalog/audit_log.h): public
 * first, shared and the log last, and in each schema in the order of their names. */
size_t catalog_list(const struct catalog *c, struct space space, struct arena *a,
                    const struct table ***out);

/* Is there such a schema? public and shared always are. */
bool catalog_has_schema(const struct catalog *c, struct space space, struct str schema);

/* The names of its schemas as clients write them: public, its own in order, shared. */
size_t catalog_schemas(const struct catalog *c, struct space space, struct arena *a,
                       struct str **out);

/* Does the text of an expression, as the engine tells it, name the column? It may seem to where it
 * doesn't (a function of that name, a word in a literal), never the other way round. */
bool catalog_text_names(struct str text, struct str column);

/* The column's index, or -1. */
int table_column(const struct table *t, struct str name);

bool column_has_tag(const struct column *c, struct str tag);

#endif
