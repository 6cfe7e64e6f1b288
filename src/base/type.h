/* The data types that flow through the system: what a catalog column, an expression, a parameter
 * and a result column can be. Engine types and PostgreSQL oids are mapped to these in src/engine/
 * and src/wire/; nothing between knows either. Immutable; a child belongs to
 * its parent's lifetime. */
#ifndef BASE_TYPE_H
#define BASE_TYPE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/str.h"

/* kind, SQL name on the engine */
#define TYPE_KINDS(X)                                                                              \
    X(TYPE_UNKNOWN, "unknown") /* not known (yet): a bare parameter, a failed inference */         \
    X(TYPE_NULL, "\"NULL\"")                                                                       \
    X(TYPE_BOOL, "BOOLEAN")                                                                        \
    X(TYPE_INT1, "TINYINT")                                                                        \
    X(TYPE_INT2, "SMALLINT")                                                                       \
    X(TYPE_INT4, "INTEGER")                                                                        \
    X(TYPE_INT8, "BIGINT")                                                                         \
    X(TYPE_INT16, "HUGEINT")                                                                       \
    X(TYPE_UINT1, "UTINYINT")                                                                      \
    X(TYPE_UINT2, "USMALLINT")                                                                     \
    X(TYPE_UINT4, "UINTEGER")                                                                      \
    X(TYPE_UINT8, "UBIGINT")                                                                       \
    X(TYPE_UINT16, "UHUGEINT")                                                                     \
    X(TYPE_FLOAT4, "FLOAT")                                                                        \
    X(TYPE_FLOAT8, "DOUBLE")                                                                       \
    X(TYPE_DECIMAL, "DECIMAL") /* width, scale */                                                  \
    X(TYPE_TEXT, "VARCHAR")                                                                        \
    X(TYPE_BYTES, "BLOB")                                                                          \
    X(TYPE_DATE, "DATE")                                                                           \
    X(TYPE_TIME, "TIME")                                                                           \
    X(TYPE_TIMETZ, "TIMETZ")                                                                       \
    X(TYPE_TIMESTAMP, "TIMESTAMP") /* microseconds, no zone */                                     \
    X(TYPE_TIMESTAMP_S, "TIMESTAMP_S")                                                             \
    X(TYPE_TIMESTAMP_MS, "TIMESTAMP_MS")                                                           \
    X(TYPE_TIMESTAMP_NS, "TIMESTAMP_NS")                                                           \
    X(TYPE_TIMESTAMPTZ, "TIMESTAMPTZ")                                                             \
    X(TYPE_INTERVAL, "INTERVAL")                                                                   \
    X(TYPE_UUID, "UUID")                                                                           \
    X(TYPE_JSON, "JSON")                                                                           \
    X(TYPE_ENUM, "ENUM")                                                                           \
    X(TYPE_BIT, "BIT")                                                                             \
    X(TYPE_LIST, "LIST")     /* child */                                                           \
    X(TYPE_ARRAY, "ARRAY")   /* child, size */                                                     \
    X(TYPE_STRUCT, "STRUCT") /* fields */                                                          \
    X(TYPE_MAP, "MAP")       /* fields[0] key, fields[1] value */                                  \
    X(TYPE_UNION, "UNION")   /* fields: its members, of which a value has one */                   \
    X(TYPE_OTHER, "other")   /* known to the engine only: shown as text */

enum type_kind {
#define X(kind, name) kind,
    TYPE_KINDS(X)
#undef X
        TYPE_KIND_COUNT
};

/* Types of PostgreSQL's catalogs that are one of ours under another name: every rule is that of the
 * kind, the engine sees nothing else, and two types that differ in it alone are the same. Whoever
 * describes a value to a client goes by the alias. */
#define TYPE_ALIASES(X)                                                                            \
    X(ALIAS_OID, TYPE_INT8)                                                                        \
    X(ALIAS_XID, TYPE_INT8)                                                                        \
    X(ALIAS_CID, TYPE_INT8)                                                                        \
    X(ALIAS_NAME, TYPE_TEXT)                                                                       \
    X(ALIAS_CHAR, TYPE_TEXT) /* "char": of one byte, or empty */                                   \
    X(ALIAS_NODE_TREE, TYPE_TEXT)                                                                  \
    X(ALIAS_ACLITEM, TYPE_TEXT)                                                                    \
    X(ALIAS_REGPROC, TYPE_INT8) /* numbers of objects, shown as their names */                     \
    X(ALIAS_REGPROCEDURE, TYPE_INT8)                                                               \
    X(ALIAS_REGOPER, TYPE_INT8)                                                                    \
    X(ALIAS_REGOPERATOR, TYPE_INT8)                                                                \
    X(ALIAS_REGCLASS, TYPE_INT8)                                                                   \
    X(ALIAS_REGTYPE, TYPE_INT8)                                                                    \
    X(ALIAS_REGROLE, TYPE_INT8)                                                                    \
    X(ALIAS_REGNAMESPACE, TYPE_INT8)                                                               \
    X(ALIAS_REGCONFIG, TYPE_INT8)                                                                  \
    X(ALIAS_REGDICTIONARY, TYPE_INT8)                                                              \
    X(ALIAS_REGCOLLATION, TYPE_INT8)                                                               \
    X(ALIAS_INT2VECTOR, TYPE_LIST) /* of INT2; its first element is number 0 */                    \
    X(ALIAS_OIDVECTOR, TYPE_LIST)  /* of ALIAS_OID, likewise */

enum type_alias {
    ALIAS_NONE,
#define X(alias, kind) alias,
    TYPE_ALIASES(X)
#undef X
        TYPE_ALIAS_COUNT
};

struct type {
    enum type_kind kind;
    enum type_alias alias;
    uint8_t width, scale;            /* DECIMAL */
    uint32_t size;                   /* ARRAY: elements */
    const struct type *child;        /* LIST, ARRAY */
    const struct type_field *fields; /* STRUCT, MAP, UNION */
    uint32_t field_count;
    struct str other_name;    /* OTHER: the engine's name of it; empty where nobody wrote it */
    const struct str *labels; /* ENUM: in their order; NULL: not known */
    uint32_t label_count;
};

struct type_field {
    struct str name;
    const struct type *type;
};

/* The shared type of a kind without parts (not DECIMAL with its own width, LIST, STRUCT ...). */
const struct type *type_simple(enum type_kind kind);

/* The shared type of an alias; of ALIAS_NONE: UNKNOWN. */
const struct type *type_aliased(enum type_alias alias);

const struct type *type_decimal(struct arena *a, int width, int scale);
const struct type *type_list(struct arena *a, const struct type *child);
const struct type *type_other(struct arena *a, struct str name);
const struct type *type_enum(struct arena *a, const struct str *labels, uint32_t n); /* kept */

/* A deep copy into the arena. */
const struct type *type_copy(struct arena *a, const struct type *t);

bool type_same(const struct type *a, const struct type *b); /* whatever their aliases */
bool type_is_text(const struct type *t);                    /* TEXT, ENUM, JSON */
bool type_is_number(const struct type *t);                  /* integers, floats, DECIMAL */
bool type_is_integer(const struct type *t);
bool type_is_list(const struct type *t); /* LIST, ARRAY */

/* A structure whose fields have no names: SQL's ROW(1, 'a'). */
bool type_is_row(const struct type *t);

/* STRUCT, MAP, UNION, a list of lists, and a list of any of these: what has no place in an array of
 * plain values. A row is none of them, nor is a list of rows. */
bool type_is_nested(const struct type *t);

#define TYPE_LONGEST_NAME (4 << 20)

/* The type's name in SQL, such as DECIMAL(15,2), VARCHAR[] or STRUCT("a" INTEGER). Of the arena. */
struct str type_name(struct arena *a, const struct type *t);

#endif
