#include "sql/system_function.h"

#include <stdbool.h>

#include "sql/system_function_list.h"

struct system_function {
    const char *name;
    const char *bodies; /* what stands behind the name in CREATE MACRO */
};

static const struct system_function functions[] = {
#define X(name, bodies) {name, bodies},
    SYSTEM_FUNCTIONS(X)
#undef X
};

enum { FUNCTION_COUNT = sizeof functions / sizeof *functions };

struct str system_function_text(struct arena *a, struct str schema, struct str name)
{
    bool expands = str_iis(name, "_pg_expandarray"); /* the one that clients know elsewhere */
    if (schema.n && !str_iis(schema, expands ? "information_schema" : "pg_catalog")) {
        return STR_NULL;
    }
    for (size_t i = 0; i < FUNCTION_COUNT; i++) {
        if (str_iis(name, functions[i].name)) {
            return str_of(
                arena_printf(a, "CREATE MACRO %s%s", functions[i].name, functions[i].bodies));
        }
    }
    return STR_NULL;
}

const char *system_function_at(size_t i)
{
    return i < FUNCTION_COUNT ? functions[i].name : NULL;
}
