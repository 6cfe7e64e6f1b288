/* PostgreSQL's numbers for types, and what our types are called on the wire. A type that PostgreSQL
 * lacks goes as the next one that holds all its values, or as text. The numbers are those of
 * PostgreSQL's src/include/catalog/pg_type.dat, which never change. */
#ifndef WIRE_OID_H
#define WIRE_OID_H

#include <stdbool.h>
#include <stdint.h>

#include "base/type.h"

enum oid {
    OID_NONE = 0,
    OID_BOOL = 16,
    OID_BYTEA = 17,
    OID_CHAR = 18,
    OID_NAME = 19,
    OID_INT8 = 20,
    OID_INT2 = 21,
    OID_INT2VECTOR = 22,
    OID_INT4 = 23,
    OID_REGPROC = 24,
    OID_TEXT = 25,
    OID_OID = 26,
    OID_XID = 28,
    OID_CID = 29,
    OID_OIDVECTOR = 30,
    OID_JSON = 114,
    OID_NODE_TREE = 194,
    OID_FLOAT4 = 700,
    OID_FLOAT8 = 701,
    OID_UNKNOWN = 705,
    OID_ACLITEM = 1033,
    OID_BPCHAR = 1042,
    OID_VARCHAR = 1043,
    OID_DATE = 1082,
    OID_TIME = 1083,
    OID_TIMESTAMP = 1114,
    OID_TIMESTAMPTZ = 1184,
    OID_INTERVAL = 1186,
    OID_TIMETZ = 1266,
    OID_NUMERIC = 1700,
    OID_REGPROCEDURE = 2202,
    OID_REGOPER = 2203,
    OID_REGOPERATOR = 2204,
    OID_REGCLASS = 2205,
    OID_REGTYPE = 2206,
    OID_RECORD = 2249,
    OID_VOID = 2278, /* of functions that return nothing: the value is empty */
    OID_UUID = 2950,
    OID_REGCONFIG = 3734,
    OID_REGDICTIONARY = 3769,
    OID_JSONB = 3802,
    OID_REGNAMESPACE = 4089,
    OID_REGROLE = 4096,
    OID_REGCOLLATION = 4191,
    OID_FIRST_MADE = 16384, /* from here on they are of what somebody made: FirstNormalObjectId */
};

/* What a RowDescription says of a column of this type; OID_TEXT where PostgreSQL has nothing like
 * it. A LIST or ARRAY is PostgreSQL's array of what its elements are; a structure without names is
 * a record. STRUCT, MAP, UNION and lists of lists are json: drivers read that into their own types,
 * while PostgreSQL's composite types have numbers that each table and type must be asked for, and
 * its arrays of more dimensions have no lists of different lengths. */
uint32_t oid_of(const struct type *t);
int16_t oid_typlen(uint32_t oid);         /* -1: variable, and for an oid that is not known */
int32_t oid_typmod(const struct type *t); /* numeric's precision and scale; else -1 */
uint32_t oid_array_of(uint32_t element);  /* OID_NONE where there is none */
uint32_t oid_element_of(uint32_t array);  /* OID_NONE where `array` is not an array's */

/* The type that a parameter of this oid gets: shared, never freed. numeric gives
 * type_simple(DECIMAL), OID_NONE and unknown give UNKNOWN. NULL where we don't take it. */
const struct type *oid_type(uint32_t oid);

/* PostgreSQL's name, as "integer" or "numeric[]"; "text" where the oid is not known. */
const char *oid_name(uint32_t oid);

#endif
