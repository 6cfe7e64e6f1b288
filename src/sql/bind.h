/* The binder: names to tables and columns over one catalog snapshot, types of all expressions, and
 * what the statement reads and writes. It changes the tree in place: stars are expanded, views are
 * opened into derived tables, every column reference is annotated, so that what is printed later
 * names each thing in full.
 *
 * Everything of `struct binding` lives in the arena given to sql_bind(). */
#ifndef SQL_BIND_H
#define SQL_BIND_H

#include "base/error.h"
#include "catalog/catalog.h"
#include "sql/ast.h"
#include "sql/lineage.h"
#include "sql/parse.h"

/* One occurrence of a base table in the statement: row filters go under each. */
struct bound_table {
    uint32_t id; /* index in binding.tables */
    const struct table *table;
    bool written;          /* the target of INSERT, UPDATE, DELETE */
    bool rowid_used;       /* the engine's number of the row is read */
    bool in_view;          /* a view or function names it, and not the statement itself */
    bool *columns_used;    /* column_count flags: read anywhere, by name or star */
    bool *columns_written; /* column_count flags: given a value by INSERT, UPDATE, COPY FROM */
    struct node *ref;      /* the TABLE_REF */
    struct str alias;      /* of what is written: as the client named it, or empty */
};

/* A view or function made in SQL that was opened. */
struct bound_view {
    const struct table *table;
    bool is_beneath; /* within another */
};

/* What a column reference means. */
struct bound_column {
    const struct bound_table *table; /* NULL: an output of a sub-query, CTE or table function */
    int column;                      /* index in the table */
    struct node *item;               /* of a sub-query in FROM: its DERIVED, or the CTE */
    size_t output;                   /* ... and which of its outputs it is */
    const struct lineage *origins;   /* never NULL; of a base column: itself */
};

struct output_column {
    struct str name;
    const struct type *type;       /* kind TYPE_UNKNOWN where only the engine knows */
    const struct lineage *origins; /* where its value comes from */
    bool is_bare;                  /* the value is that of exactly one base column, unchanged */
};

/* A column where the statement itself names it, or has a star for it. */
struct reference {
    const struct lineage *origins;
    size_t offset;
    enum origin_use place;
    bool is_summed; /* the argument of bind_summed_column() */
};

enum statement_kind {
    STATEMENT_QUERY,
    STATEMENT_INSERT,
    STATEMENT_UPDATE,
    STATEMENT_DELETE,
    STATEMENT_MERGE,
    STATEMENT_DDL,
    STATEMENT_EXPLAIN,
    STATEMENT_COPY_IN,
    STATEMENT_COPY_OUT
};

struct binding {
    enum statement_kind kind;
    struct bound_table **tables;
    size_t table_count;
    const struct bound_view *views;
    size_t view_count;
    struct output_column *outputs; /* of a query, RETURNING or COPY TO */
    size_t output_count;
    const struct type **params; /* [i] is the type of $i+1; kind TYPE_UNKNOWN: the engine decides */
    size_t param_count;
    const struct lineage *uses; /* every base column used other than as a bare output, and where:
                                   in a predicate, a join, grouping, ordering (enum origin_use) */
    const struct reference *references;
    size_t reference_count;
    bool may_fail;      /* some expression can raise an error that depends on a value */
    bool selects_star;  /* SELECT * or t.* was written (costs a credit) */
    bool has_predicate; /* a WHERE or ON that compares a base column with something */
    bool is_volatile;
    bool asks_settings; /* its meaning ends with the next SET: it is bound anew for each run */
    const struct table **ddl_tables; /* ALTER, DROP, CREATE OR REPLACE: what it changes */
    size_t ddl_table_count;
    const struct table **made; /* tables as CREATE TABLE and ALTER TABLE leave them: their names and
                                  columns alone */
    size_t made_count;
    bool creates;               /* what is made replaces nothing that was there */
    bool is_temporary;          /* what is made or changed is the session's own */
    bool also_deletes;          /* rows, beside what `kind` says */
    bool takes_numbers;         /* from a sequence: for all, whatever comes of it */
    struct binding **described; /* queries of DESCRIBE in FROM: not run, yet to be allowed */
    size_t described_count;
    struct node_list before, after;     /* statements that run, in the same transaction, around it:
                                           they take no parameters and return nothing */
    struct output_column *view_columns; /* CREATE VIEW: the columns that the view will have */
    size_t view_column_count;
    struct str view_definition; /* CREATE VIEW: its query in canonical SQL, as it was written */
};

/* The column of a base table that a bound call sums, averages or counts over whole groups:
 * sum(t.c), with or without FILTER, where `t` is the table, or passes the column on
 * (bind_passed_column()). NULL for any other node. */
const struct bound_column *bind_summed_column(const struct node *n);

/* What the column of a sub-query in FROM is within that: a COLUMN_REF, where the sub-query is a
 * SELECT that makes no rows of several (it has no DISTINCT, GROUP BY, HAVING) and the column is
 * one of its own FROM. NULL otherwise, and of a base table's column. */
struct node *bind_passed_column(const struct bound_column *c);

/* What functions tell of the session and its server. */
struct other_session {
    int32_t pid;
    bool is_busy; /* with a statement */
    struct str address;
};

struct session_facts {
    int32_t pid;               /* by which its statements are cancelled */
    struct str client_address; /* empty: not known */
    int64_t server_started_us; /* since 1970 UTC */
    /* What SHOW tells of a parameter; STR_NULL where there is none of that name. */
    struct str (*setting)(const void *session, struct arena *a, struct str name);
    /* The number of its transaction; 0: it has none, and wasn't to get one. */
    int64_t (*transaction)(const void *session, bool assign);
    /* The sessions of the same user in this environment on this server, this one among them. NULL:
     * none are told. */
    size_t (*sessions)(const void *session, struct arena *a, struct other_session **out);
    const void *session;
};

/* A variable of the session. `text` is in PostgreSQL's text form; STR_NULL: NULL. */
struct session_variable {
    struct str name;
    const struct type *type;
    struct str text;
};

/* What a statement wants of a relation that is made for it. */
struct relation_wanted {
    struct str column, value; /* only rows whose column is that, as text ... */
    bool is_number;           /* ... or of a number */
};

struct relation_asked {
    struct str schema, name; /* schema empty: a bare name */
    const struct relation_wanted *wanted;
    size_t wanted_count;
};

/* What the lists below found, for the next of the same statement. */
struct sql_listed {
    bool is_done;
    const struct table **tables;
    size_t count;
};

struct bind_context {
    struct arena *arena;
    struct sql_listed *listed; /* empty at first; NULL: nothing is kept */
    const struct catalog *catalog;
    struct space space; /* whose names */
    enum dialect dialect;
    bool stored_names;                     /* catalogs show names as stored, whatever the dialect */
    const struct type *const *param_hints; /* types that the client declared; may be NULL */
    size_t param_hint_count;
    /* Narrows what the organization has to what this caller may know of; NULL: all of it. A table
     * that it hides does not exist, nor is it suggested. */
    bool (*may_see)(const void *caller, const struct table *t);
    const void *caller;
    struct str session_user, session_role; /* for the SESSION functions */
    const struct session_facts *facts;     /* likewise; NULL: none are told */
    bool may_create;        /* does the caller's role make tables? For who asks what he may. */
    struct str database;    /* the environment: a name may start with it */
    struct str current;     /* the database that the session uses; empty: the environment's own */
    const struct str *path; /* where bare names are looked for; none: public */
    size_t path_count;
    const struct catalog *temporary; /* the session's own tables; NULL: none */
    const struct session_variable *variables;
    size_t variable_count;
    /* The type as which a column of a table that isn't written is read; NULL: its own. */
    const struct type *(*shown_type)(const void *shown, const struct table *t, size_t column);
    const void *shown;
    /* What the caller's role may do at all, for who asks what he may. */
    bool may_read, may_write, may_delete;
    bool sees_definitions; /* of views: he may change them */
    /* Relations that are made for the statement, such as those of information_schema: a QUERY to be
     * bound in the place of the name, or NULL where there is none of it. May be NULL itself. */
    enum status (*relation)(const struct bind_context *ctx, const struct relation_asked *asked,
                            struct node **query, struct error *e);
    /* The number of what regclass and its like call so (a name as it is written; a bare one is
     * looked for in the schemas of `path`); false where the caller may know of none. May be NULL
     * itself. */
    bool (*find_object)(const struct bind_context *ctx, enum type_alias kind,
                        const struct str *path, size_t path_count, struct str name,
                        int64_t *number);
    /* The same of (DESCRIBE of) in FROM: `of` is a QUERY, whose binding goes to `binding`, or a
     * TABLE_REF. NULL: refused. */
    enum status (*describe)(const struct bind_context *ctx, struct node *of, struct node **rows,
                            struct binding **binding, struct error *e);
};

/* All tables, and the names of all schemas, that the caller may know of, in the context's arena. */
size_t sql_list_tables(const struct bind_context *ctx, const struct table ***out);
/* The same with its sequences; the list is the context's own. */
size_t sql_list_relations(const struct bind_context *ctx, const struct table *const **out);
size_t sql_list_schemas(const struct bind_context *ctx, struct str **out);

/* The macros likewise. */
size_t sql_list_macros(const struct bind_context *ctx, const struct table ***out);

/* The types that somebody made, as far as the caller may know of them. */
size_t sql_list_types(const struct bind_context *ctx, const struct made_type ***out);

/* A schema of another database than the environment's own is told as "database.schema": its two
 * parts, where nothing is said of a database that of the environment. */
struct str sql_database_of(const struct bind_context *c, struct str schema);
struct str sql_bare_schema(struct str schema);

/* A schema that is named without its database: of the one that the session uses. */
struct str sql_in_database(const struct bind_context *c, struct str schema);

/* The same of one that is named with it: ERR_UNKNOWN_SCHEMA where there is no such database. */
MUST_USE enum status sql_database_schema(const struct bind_context *c, const struct node *database,
                                         struct str schema, struct str *out, struct error *e);

/* Has the environment a database of that name, beside its own? */
bool sql_has_database(const struct bind_context *c, struct str name);

/* Its own first, then the others by name, in the context's arena. */
size_t sql_list_databases(const struct bind_context *c, struct str **out);

/* Where a new table without a schema is made: the first of the path that is there; or empty. */
struct str sql_current_schema(const struct bind_context *ctx);

/* The table that a NAME means outside of any query; NULL where there is none that the caller may
 * know of. */
const struct table *sql_find_table(const struct bind_context *ctx, const struct node *name);

/* Binds `*stmt` (and may replace it). Errors: unknown table or column with the position and, as a
 * hint, candidates that this organization can see; ambiguous; unsupported. Unknown functions are
 * refused. */
MUST_USE enum status sql_bind(const struct bind_context *ctx, struct node **stmt,
                              struct binding **out, struct error *e);

/* Every FROM item that a filter names is called so in the tree, and none of a statement is. */
#define BIND_OF_FILTER "filter."

/* What a bound row filter looks at. */
struct bound_filter {
    const struct bound_table *row; /* the row it is asked of: of no binding, and never masked */
    struct binding *reads;         /* its sub-queries, as a query without outputs; NULL: none */
    const struct str *taken; /* names, folded, with which no reference to the row may begin, nor
                                what is put in its place: the engine would take them for columns
                                that the sub-queries have */
    size_t taken_count;
};

/* Binds one boolean expression over one table, as a row filter is. Column references may be bare or
 * qualified by the table's name; names in sub-queries mean what they mean in SQL. `depth` tells
 * filters apart that stand within each other: in a sub-query of one of 0 stands one of 1. */
MUST_USE enum status sql_bind_filter(const struct bind_context *ctx, const struct table *table,
                                     unsigned depth, struct node **expr, struct bound_filter *out,
                                     struct error *e);

#endif
