/* The abstract syntax tree.
 *
 * Nodes live in the statement's arena and are found by kind; `node_select(n)` and its like check
 * the kind and give the typed structure (a wrong kind ends the process: it is our mistake, never
 * the client's). The tree is target-neutral: it says what a statement means in SQL, not how one
 * engine spells it; spelling is the printer's (print.h). */
#ifndef SQL_AST_H
#define SQL_AST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/type.h"
#include "sql/ast_nodes.h"

enum node_kind {
#define X(kind, tag) NODE_##kind,
    NODES(X)
#undef X
        NODE_KIND_COUNT
};

/* What every node starts with. */
struct node {
    enum node_kind kind;
    uint32_t offset, length; /* where it stands in the statement's text, in bytes */
    const struct type *type; /* expressions: put by the binder, NULL before */
};

struct node_list {
    struct node **at;
    uint32_t n, cap;
};

struct bound_column; /* sql/bind.h */
struct bound_table;
struct bound_query;
struct function; /* sql/function.h */

#define FIELD_N(name)       struct node *name;
#define FIELD_L(name)       struct node_list name;
#define FIELD_S(name)       struct str name;
#define FIELD_I(name)       int32_t name;
#define FIELD_A(type, name) type name;
#define X(kind, tag)                                                                               \
    struct node_##tag {                                                                            \
        struct node base;                                                                          \
        FIELDS_##kind(FIELD_N, FIELD_L, FIELD_S, FIELD_I, FIELD_A)                                 \
    };                                                                                             \
    struct node_##tag *node_##tag(struct node *n);                                                 \
    const struct node_##tag *node_##tag##_const(const struct node *n);
NODES(X)
#undef X
#undef FIELD_N
#undef FIELD_L
#undef FIELD_S
#undef FIELD_I
#undef FIELD_A

enum literal_kind {
    LIT_NULL,
    LIT_TRUE,
    LIT_FALSE,
    LIT_INTEGER, /* digits as written, underscores and 0x resolved to decimal digits */
    LIT_DECIMAL, /* digits with a point */
    LIT_FLOAT,   /* with an exponent */
    LIT_STRING,  /* the value: quotes gone, escapes resolved */
    LIT_BYTES    /* hexadecimal digits */
};

/* operator, how our printer writes it */
#define OPERATORS(X)                                                                               \
    X(OP_EQ, "=")                                                                                  \
    X(OP_NE, "<>")                                                                                 \
    X(OP_LT, "<")                                                                                  \
    X(OP_LE, "<=")                                                                                 \
    X(OP_GT, ">")                                                                                  \
    X(OP_GE, ">=")                                                                                 \
    X(OP_DISTINCT, "IS DISTINCT FROM")                                                             \
    X(OP_NOT_DISTINCT, "IS NOT DISTINCT FROM")                                                     \
    X(OP_ADD, "+")                                                                                 \
    X(OP_SUB, "-")                                                                                 \
    X(OP_MUL, "*")                                                                                 \
    X(OP_DIV, "/")                                                                                 \
    X(OP_INT_DIV, "//")                                                                            \
    X(OP_PG_DIV, "OPERATOR(pg_catalog./)") /* PostgreSQL's: of integers it gives an integer */     \
    X(OP_MOD, "%")                                                                                 \
    X(OP_POW, "^")                                                                                 \
    X(OP_CONCAT, "||")                                                                             \
    X(OP_BIT_AND, "&")                                                                             \
    X(OP_BIT_OR, "|")                                                                              \
    X(OP_BIT_XOR, "#")                                                                             \
    X(OP_SHIFT_LEFT, "<<")                                                                         \
    X(OP_SHIFT_RIGHT, ">>")                                                                        \
    X(OP_REGEX, "~")                                                                               \
    X(OP_NOT_REGEX, "!~")                                                                          \
    X(OP_IREGEX, "~*")                                                                             \
    X(OP_NOT_IREGEX, "!~*")                                                                        \
    X(OP_JSON_GET, "->")                                                                           \
    X(OP_JSON_TEXT, "->>")                                                                         \
    X(OP_CONTAINS, "@>")                                                                           \
    X(OP_CONTAINED, "<@")                                                                          \
    X(OP_OVERLAPS, "&&")                                                                           \
    X(OP_STARTS_WITH, "^@")                                                                        \
    X(OP_JSON_PATH, "#>")                                                                          \
    X(OP_JSON_PATH_TEXT, "#>>")                                                                    \
    X(OP_JSON_HAS, "?")                                                                            \
    X(OP_JSON_HAS_ANY, "?|")                                                                       \
    X(OP_JSON_HAS_ALL, "?&")                                                                       \
    X(OP_JSON_MATCH, "@@")                                                                         \
    X(OP_JSON_DELETE, "#-")                                                                        \
    X(OP_DISTANCE, "<->")                                                                          \
    X(OP_COSINE_DISTANCE, "<=>")                                                                   \
    X(OP_AT_TIME_ZONE, "AT TIME ZONE")                                                             \
    X(OP_NOT, "NOT")                                                                               \
    X(OP_NEG, "-")                                                                                 \
    X(OP_PLUS, "+")                                                                                \
    X(OP_BIT_NOT, "~")                                                                             \
    X(OP_ABS, "@")                                                                                 \
    X(OP_PRIOR, "PRIOR")                                                                           \
    X(OP_CONNECT_BY_ROOT, "CONNECT_BY_ROOT")                                                       \
    X(OP_FINAL, "FINAL") /* and RUNNING: of measures in MATCH_RECOGNIZE */                         \
    X(OP_RUNNING, "RUNNING")                                                                       \
    X(OP_IS_NULL, "IS NULL")                                                                       \
    X(OP_IS_NOT_NULL, "IS NOT NULL")                                                               \
    X(OP_IS_TRUE, "IS TRUE")                                                                       \
    X(OP_IS_NOT_TRUE, "IS NOT TRUE")                                                               \
    X(OP_IS_FALSE, "IS FALSE")                                                                     \
    X(OP_IS_NOT_FALSE, "IS NOT FALSE")

enum op {
#define X(op, text) op,
    OPERATORS(X)
#undef X
        OP_COUNT
};

enum like_op { LIKE_LIKE, LIKE_ILIKE, LIKE_SIMILAR, LIKE_GLOB, LIKE_REGEXP };
enum cast_fields { CAST_FIELDS_NONE, CAST_FIELDS_RENAME, CAST_FIELDS_ADD, CAST_FIELDS_BOTH };
enum sample_method { SAMPLE_DEFAULT, SAMPLE_BERNOULLI, SAMPLE_SYSTEM, SAMPLE_RESERVOIR };
enum semantic_form { SEMANTIC_METRICS, SEMANTIC_DIMENSIONS, SEMANTIC_FACTS };
enum quantifier { QUANT_NONE, QUANT_ANY, QUANT_ALL };
enum nulls_treatment { NULLS_DEFAULT, NULLS_IGNORE, NULLS_RESPECT };
enum nulls_order { NULLS_ORDER_DEFAULT, NULLS_FIRST, NULLS_LAST };
enum grouping_form { GROUPING_ROLLUP, GROUPING_CUBE, GROUPING_SETS, GROUPING_SET };
enum frame_mode { FRAME_NONE, FRAME_ROWS, FRAME_RANGE, FRAME_GROUPS };
enum frame_bound {
    BOUND_NONE,
    BOUND_UNBOUNDED_PRECEDING,
    BOUND_PRECEDING,
    BOUND_CURRENT_ROW,
    BOUND_FOLLOWING,
    BOUND_UNBOUNDED_FOLLOWING
};
enum frame_exclude { EXCLUDE_NONE, EXCLUDE_CURRENT_ROW, EXCLUDE_GROUP, EXCLUDE_TIES };
enum materialized { MATERIALIZED_DEFAULT, MATERIALIZED_YES, MATERIALIZED_NO };
enum setop { SETOP_UNION, SETOP_INTERSECT, SETOP_EXCEPT };
enum join_type {
    JOIN_INNER,
    JOIN_LEFT,
    JOIN_RIGHT,
    JOIN_FULL,
    JOIN_CROSS, /* CROSS JOIN and the comma */
    JOIN_SEMI,
    JOIN_ANTI,
    JOIN_POSITIONAL
};
/* object, how SQL says it; an OBJECT_NONE says nothing. */
#define OBJECTS(X)                                                                                 \
    X(OBJECT_TABLE, "TABLE")                                                                       \
    X(OBJECT_VIEW, "VIEW")                                                                         \
    X(OBJECT_SCHEMA, "SCHEMA")                                                                     \
    X(OBJECT_MATERIALIZED_VIEW, "MATERIALIZED VIEW")                                               \
    X(OBJECT_DATABASE, "DATABASE")                                                                 \
    X(OBJECT_SEQUENCE, "SEQUENCE")                                                                 \
    X(OBJECT_FUNCTION, "FUNCTION")                                                                 \
    X(OBJECT_PROCEDURE, "PROCEDURE")                                                               \
    X(OBJECT_MACRO, "MACRO")                                                                       \
    X(OBJECT_MACRO_TABLE, "MACRO TABLE")                                                           \
    X(OBJECT_TYPE, "TYPE")                                                                         \
    X(OBJECT_INDEX, "INDEX")                                                                       \
    X(OBJECT_COLUMN, "COLUMN")                                                                     \
    X(OBJECT_NONE, "")
enum object_kind {
#define X(kind, words) kind,
    OBJECTS(X)
#undef X
        OBJECT_COUNT
};

enum said { SAID_NOTHING, SAID_YES, SAID_NO };
enum insert_or { INSERT_PLAIN, INSERT_OR_REPLACE, INSERT_OR_IGNORE };
enum overriding { OVERRIDING_NONE, OVERRIDING_SYSTEM, OVERRIDING_USER };
enum merge_match { MERGE_MATCHED, MERGE_NOT_MATCHED, MERGE_NOT_MATCHED_BY_SOURCE };
enum merge_verb { MERGE_UPDATE, MERGE_DELETE, MERGE_INSERT, MERGE_NOTHING, MERGE_ERROR };
enum merge_whole { MERGE_LISTED, MERGE_BY_POSITION, MERGE_BY_NAME };
enum table_form {
    TABLE_PLAIN,
    TABLE_TRANSIENT,
    TABLE_UNLOGGED,
    TABLE_EXTERNAL,
    TABLE_DYNAMIC,
    TABLE_ICEBERG,
    TABLE_HYBRID,
    TABLE_EVENT
};
enum referential {
    REFERENTIAL_NOTHING, /* as NO ACTION, which is the same */
    REFERENTIAL_RESTRICT,
    REFERENTIAL_CASCADE,
    REFERENTIAL_SET_NULL,
    REFERENTIAL_SET_DEFAULT
};
enum check_option { CHECK_OPTION_NONE, CHECK_OPTION_LOCAL, CHECK_OPTION_CASCADED };
enum param_mode { PARAM_IN, PARAM_OUT, PARAM_INOUT, PARAM_VARIADIC };
enum explain_format { EXPLAIN_DEFAULT, EXPLAIN_TEXT, EXPLAIN_JSON, EXPLAIN_TABULAR };
enum sensitivity { SENSITIVITY_DEFAULT, SENSITIVITY_ASENSITIVE, SENSITIVITY_INSENSITIVE };
enum fetch_direction { FETCH_FORWARD, FETCH_BACKWARD, FETCH_ABSOLUTE, FETCH_RELATIVE };
enum constraint_form {
    CONSTRAINT_PRIMARY_KEY,
    CONSTRAINT_UNIQUE,
    CONSTRAINT_CHECK,
    CONSTRAINT_FOREIGN_KEY
};
enum alter_verb {
    ALTER_ADD_COLUMN,
    ALTER_DROP_COLUMN,
    ALTER_RENAME_COLUMN,
    ALTER_RENAME_TABLE,
    ALTER_SET_TYPE,
    ALTER_SET_DEFAULT,
    ALTER_DROP_DEFAULT,
    ALTER_SET_NOT_NULL,
    ALTER_DROP_NOT_NULL,
    ALTER_ADD_CONSTRAINT,
    ALTER_DROP_CONSTRAINT,
    ALTER_RENAME_CONSTRAINT,
    ALTER_COMMENT_COLUMN, /* `value`, a LITERAL */
    ALTER_SWAP_WITH,      /* new_name */
    ALTER_SET_SCHEMA,     /* new_name */
    ALTER_CLUSTER,        /* no `cluster`: DROP CLUSTERING KEY */
    ALTER_SET_OPTIONS,
    ALTER_UNSET_OPTIONS,
    ALTER_OTHER
};
enum isolation {
    ISOLATION_DEFAULT,
    ISOLATION_READ_UNCOMMITTED,
    ISOLATION_READ_COMMITTED,
    ISOLATION_REPEATABLE_READ,
    ISOLATION_SERIALIZABLE
};
enum transaction_verb {
    TXN_BEGIN,
    TXN_COMMIT,
    TXN_ROLLBACK,
    TXN_SAVEPOINT,
    TXN_RELEASE,
    TXN_ROLLBACK_TO,
    TXN_SET,        /* SET TRANSACTION */
    TXN_SET_SESSION /* SET SESSION CHARACTERISTICS AS TRANSACTION */
};

/* The shape of a kind, for what treats all nodes alike (copying, comparing, walking). */
enum field_kind { FIELD_END, FIELD_NODE, FIELD_NODES, FIELD_TEXT, FIELD_INT };

struct node_member {
    enum field_kind kind;
    uint16_t offset; /* of the member in the structure */
    const char *name;
};

/* The fields in the order of the node list, annotations left out, ended by FIELD_END. */
const struct node_member *node_members(enum node_kind kind);

/* The member: of FIELD_NODE, FIELD_NODES. */
struct node **node_child(const struct node *n, const struct node_member *f);
struct node_list *node_children(const struct node *n, const struct node_member *f);

/* A zeroed node of the kind. */
struct node *node_new(struct arena *a, enum node_kind kind, size_t offset);

void node_push(struct arena *a, struct node_list *list, struct node *n);

/* A deep copy, texts too: it outlives the memory of `n`. Annotations are shared, not copied. NULL
 * gives NULL. */
struct node *node_copy(struct arena *a, const struct node *n);

/* The node alone: its children are those of `n`, its lists share their room with those of `n`. */
struct node *node_shallow_copy(struct arena *a, const struct node *n);

/* Equal in kind and all fields; positions and annotations don't count. */
bool node_equal(const struct node *a, const struct node *b);

const char *node_kind_name(enum node_kind kind); /* "SELECT" */
const char *op_text(enum op op);
const char *object_words(enum object_kind object); /* "MATERIALIZED VIEW" */

/* The tree as text for tests: (SELECT targets=[...] ...). */
struct buf;
void node_dump(const struct node *n, struct buf *out);

#endif
