/* Bind parameters: the first byte picks type and format, the rest is the value. Whatever comes must
 * give a value or an error, and a text value must be UTF-8. */
#include <stdlib.h>

#include "wire/format.h"
#include "wire/oid.h"
#include "wire/param.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(const struct value *v)
{
    if (v->is_null) {
        return;
    }
    if (v->type->kind == TYPE_TEXT && !str_is_utf8(v->as.text)) {
        abort();
    }
    for (uint32_t i = 0; v->type->kind == TYPE_LIST && i < v->as.list.n; i++) {
        check(&v->as.list.items[i]);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const uint32_t oids[] = {OID_BOOL,    OID_BYTEA,
                                    OID_CHAR,    OID_NAME,
                                    OID_INT8,    OID_INT2,
                                    OID_INT4,    OID_TEXT,
                                    OID_OID,     OID_JSON,
                                    OID_FLOAT4,  OID_FLOAT8,
                                    OID_UNKNOWN, OID_BPCHAR,
                                    OID_VARCHAR, OID_DATE,
                                    OID_TIME,    OID_TIMESTAMP,
                                    OID_TIMETZ,  OID_INTERVAL,
                                    OID_NUMERIC, OID_TIMESTAMPTZ,
                                    OID_UUID,    OID_JSONB,
                                    1000,        1001,
                                    1007,        1009,
                                    1231,        1022,
                                    1182,        1187,
                                    2951,        3807,
                                    1270,        2249};
    if (n == 0) {
        return 0;
    }
    struct arena *a = arena_new(0);
    struct value v;
    struct error e = ERROR_INIT;
    uint32_t oid = oids[data[0] / 2 % (sizeof oids / sizeof *oids)];
    struct str bytes = {(const char *)data + 1, n - 1};
    if (param_decode(oid, data[0] % 2, NULL, bytes, a, &v, &e) == OK) {
        check(&v);
    } else if (e.code == ERR_NONE) {
        abort();
    }
    arena_free(a);
    return 0;
}
