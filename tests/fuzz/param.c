/* Bind parameters: the first byte picks type and format, the rest is the value; where it picks a
 * nested type, the second says which. Whatever comes must give a value or an error, and a text
 * value must be UTF-8. */
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
    bool has_parts = v->type->child || v->type->fields;
    for (uint32_t i = 0; has_parts && i < v->as.list.n; i++) {
        check(&v->as.list.items[i]);
    }
}

/* STRUCT("a" INTEGER, "b" MAP(VARCHAR, nested[])) and what it is made of. */
static const struct type *nested(struct arena *a, unsigned which)
{
    static const struct type_field number[] = {{{"a", 1}, NULL}, {{"b", 1}, NULL}};
    const struct type *t = type_simple(TYPE_INT4);
    for (unsigned step = which % 64 + 64; step > 1; step /= 4) {
        struct type *next = ARENA_NEW(a, struct type);
        struct type_field *fields = ARENA_ARRAY(a, struct type_field, 2);
        static const enum type_kind kinds[] = {TYPE_LIST, TYPE_STRUCT, TYPE_MAP, TYPE_UNION};
        next->kind = kinds[step % 4];
        memcpy(fields, number, sizeof number);
        fields[0].type = type_simple(which & 64 ? TYPE_TEXT : TYPE_JSON);
        fields[1].type = t;
        next->child = step % 4 == 0 ? t : NULL;
        next->fields = step % 4 == 0 ? NULL : fields;
        next->field_count = step % 4 == 0 ? 0 : 2;
        t = next;
    }
    return t;
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
                                    1270,        2249,
                                    199};
    if (n < 2) {
        return 0;
    }
    struct arena *a = arena_new(0);
    struct value v;
    struct error e = ERROR_INIT;
    uint32_t oid = oids[data[0] / 2 % (sizeof oids / sizeof *oids)];
    struct str bytes = {(const char *)data + 1, n - 1};
    const struct type *wanted = NULL;
    if (data[0] & 0x80) {
        wanted = nested(a, data[1]);
        bytes = (struct str){bytes.p + 1, bytes.n - 1};
    }
    if (param_decode(oid, wanted, data[0] % 2, NULL, bytes, a, &v, &e) == OK) {
        check(&v);
    } else if (e.code == ERR_NONE) {
        abort();
    }
    arena_free(a);
    return 0;
}
