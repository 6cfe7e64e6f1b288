/* One value: a bound parameter, a policy attribute, a setting. */
#ifndef BASE_VALUE_H
#define BASE_VALUE_H

#include "base/type.h"

struct value {
    const struct type *type; /* what `as` holds is decided by type->kind */
    bool is_null;
    union {
        bool boolean;     /* BOOL */
        int64_t integer;  /* INT1 to INT8, UINT1 to UINT4 */
        double real;      /* FLOAT4, FLOAT8 */
        struct str text;  /* TEXT, JSON, ENUM; DECIMAL, INT16, UINT8, UINT16 and UUID in their text
                             form; OTHER and UNKNOWN: text that the engine reads by itself */
        struct str bytes; /* BYTES */
        int32_t days;     /* DATE: since 1970-01-01; INT32_MIN and INT32_MAX are the infinities */
        int64_t micros;   /* TIME: since midnight; TIMESTAMP, TIMESTAMPTZ: since 1970, UTC */
        struct {
            int32_t months, days;
            int64_t micros;
        } interval;
        struct {
            struct value *items; /* LIST, ARRAY: the elements; STRUCT: the fields in their order;
                                    MAP: keys and values in turn; UNION: the one member */
            uint32_t n;
            uint32_t member; /* UNION: which one it is */
        } list;
    } as;
};

#endif
