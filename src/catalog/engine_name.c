/* How the schemas of organizations and environments are named on the engine. The names can be
 * decoded, and no two of them are the same where what they are made of isn't, not even on an engine
 * that folds case. */
#include <string.h>

#include "catalog/catalog_priv.h"
#include "store/org.h"

/* The parts of a schema's name on the engine: no id or name is written with any of the last three.
 */
#define ORG_PREFIX  "org_"
#define ENVIRONMENT "_v_" /* before an environment's name */
#define SCHEMA      "_s_" /* before a schema's name */
#define MACROS      "_m"  /* at the end: where the macros of the schema are */

char catalog_fold(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_plain(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

/* Lower-case letters and digits as they are, an underscore doubled, any other byte as _ and two
 * hexadecimal digits: no two organizations share a schema, not even on an engine
 * that folds case. */
static void put_encoded(struct buf *b, char c)
{
    if (is_plain(c)) {
        buf_u8(b, (uint8_t)c);
    } else if (c == '_') {
        buf_puts(b, "__");
    } else {
        buf_printf(b, "_%02x", (unsigned char)c);
    }
}

static void put_part(struct buf *b, const char *prefix, struct str name)
{
    buf_puts(b, prefix);
    for (size_t i = 0; i < name.n; i++) {
        put_encoded(b, name.p[i]);
    }
}

static bool is_default(struct str environment)
{
    return !environment.n || str_is(environment, STORE_DEFAULT_ENVIRONMENT);
}

static void put_space(struct buf *b, struct space space)
{
    put_part(b, ORG_PREFIX, space.org_id);
    if (!is_default(space.environment)) {
        put_part(b, ENVIRONMENT, space.environment);
    }
}

/* The name of a schema matches without regard to case: it is written folded. */
void catalog_put_schema(struct buf *b, struct space space, struct str schema, bool of_macros)
{
    bool is_public = str_iis(schema, CATALOG_PUBLIC_SCHEMA);
    put_space(b, space);
    buf_puts(b, is_public ? "" : SCHEMA);
    for (size_t i = 0; !is_public && i < schema.n; i++) {
        put_encoded(b, catalog_fold(schema.p[i]));
    }
    buf_puts(b, of_macros ? MACROS : "");
}

static struct str schema_name(struct arena *a, struct space space, struct str schema,
                              bool of_macros)
{
    struct buf b = BUF_INIT(0);
    catalog_put_schema(&b, space, schema, of_macros);
    struct str name = arena_str(a, buf_str(&b));
    buf_free(&b);
    return name;
}

struct str catalog_own_prefix(struct arena *a, struct space space)
{
    return str_of(arena_printf(a, "%.*s" SCHEMA, STR_ARG(catalog_engine_schema(a, space))));
}

bool space_same(struct space a, struct space b)
{
    return str_eq(a.org_id, b.org_id) && (str_eq(a.environment, b.environment) ||
                                          (is_default(a.environment) && is_default(b.environment)));
}

struct str catalog_schema_on_engine(struct arena *a, struct space space, struct str schema)
{
    return schema_name(a, space, schema, false);
}

struct str catalog_macros_on_engine(struct arena *a, struct space space, struct str schema)
{
    return schema_name(a, space, schema, true);
}

struct str catalog_engine_schema(struct arena *a, struct space space)
{
    return catalog_schema_on_engine(a, space, STR(CATALOG_PUBLIC_SCHEMA));
}

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool ends_name(struct str rest)
{
    return rest.n == 0 || str_starts(rest, ENVIRONMENT) || str_starts(rest, SCHEMA) ||
           str_is(rest, MACROS);
}

/* Reads up to what ends a name; false where no name is written so. */
static bool take_decoded(struct arena *a, struct str *rest, struct str *out)
{
    char *text = arena_alloc(a, rest->n + 1);
    size_t n = 0, i = 0;
    while (!ends_name((struct str){rest->p + i, rest->n - i})) {
        char c = rest->p[i];
        if (is_plain(c)) {
            text[n++] = c;
            i++;
        } else if (c == '_' && i + 1 < rest->n && rest->p[i + 1] == '_') {
            text[n++] = '_';
            i += 2;
        } else if (c == '_' && i + 2 < rest->n && hex_digit(rest->p[i + 1]) >= 0 &&
                   hex_digit(rest->p[i + 2]) >= 0) {
            text[n++] = (char)(hex_digit(rest->p[i + 1]) * 16 + hex_digit(rest->p[i + 2]));
            i += 3;
        } else {
            return false;
        }
    }
    *out = (struct str){text, n};
    *rest = (struct str){rest->p + i, rest->n - i};
    return n > 0;
}

/* The part after `prefix`, where the rest begins so; else `*out` stays as it is. */
static bool take_part(struct arena *a, const char *prefix, struct str *rest, struct str *out)
{
    size_t n = strlen(prefix);
    if (!str_starts(*rest, prefix)) {
        return true;
    }
    *rest = (struct str){rest->p + n, rest->n - n};
    return take_decoded(a, rest, out);
}

/* A name that isn't written as we would write it is none of ours. */
bool catalog_read_owner(struct arena *a, struct str engine_schema, struct catalog_owner *out)
{
    struct str rest = engine_schema;
    *out = (struct catalog_owner){.space.environment = STR(STORE_DEFAULT_ENVIRONMENT),
                                  .schema = STR(CATALOG_PUBLIC_SCHEMA)};
    if (!take_part(a, ORG_PREFIX, &rest, &out->space.org_id) || !out->space.org_id.n ||
        !take_part(a, ENVIRONMENT, &rest, &out->space.environment) ||
        !take_part(a, SCHEMA, &rest, &out->schema)) {
        return false;
    }
    out->of_macros = str_is(rest, MACROS);
    return str_eq(schema_name(a, out->space, out->schema, out->of_macros), engine_schema);
}

bool catalog_space_of(struct arena *a, struct str engine_schema, struct space *out)
{
    struct catalog_owner owner;
    bool is_owned = catalog_read_owner(a, engine_schema, &owner);
    *out = is_owned ? owner.space : (struct space){0};
    return is_owned;
}
