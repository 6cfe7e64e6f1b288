#include "pgcatalog/object_number.h"

#include "pgcatalog/definition.h"

enum { MOST_PARTS = 3 };

/* A name as it is written: parts between dots, folded unless they are quoted. */
struct written {
    struct str parts[MOST_PARTS];
    size_t n;
};

static bool take_part(struct arena *a, struct str *rest, struct str *out)
{
    char *to = arena_alloc(a, rest->n + 1);
    size_t n = 0, i = 0;
    bool quoted = rest->n && rest->p[0] == '"';
    for (i = quoted; i < rest->n; i++) {
        char c = rest->p[i];
        if (quoted && c == '"') {
            if (i + 1 == rest->n || rest->p[i + 1] != '"') {
                break;
            }
            i++;
        } else if (!quoted && (c == '.' || c == '"')) {
            break;
        }
        to[n++] = !quoted && c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
    }
    i += quoted && i < rest->n;
    *out = str_trim((struct str){to, n});
    *rest = (struct str){rest->p + i, rest->n - i};
    return n > 0 && (!rest->n || rest->p[0] == '.');
}

static bool read_name(struct arena *a, struct str text, struct written *out)
{
    struct str rest = str_trim(text);
    *out = (struct written){0};
    do {
        if (out->n == MOST_PARTS || !take_part(a, &rest, &out->parts[out->n++])) {
            return false;
        }
        rest = rest.n ? (struct str){rest.p + 1, rest.n - 1} : (struct str){rest.p, 0};
    } while (rest.n);
    return true;
}

/* Which relation has the objects, and its columns. */
struct place {
    const char *relation, *name, *space;
};

/* Those of exactly that name; else, since case doesn't matter here, all. */
static struct relation rows_called(const struct bind_context *ctx, const struct place *p,
                                   struct str name)
{
    struct relation_wanted wanted = {.column = str_of(p->name), .value = name};
    struct relation r = system_rows(ctx, p->relation, &wanted, 1);
    return relation_count(&r) ? r : system_rows(ctx, p->relation, NULL, 0);
}

static bool is_called(const struct relation *rows, size_t i, const struct place *p, struct str name)
{
    return str_ieq(relation_text_at(rows, i, p->name), name);
}

/* Of what is in no schema. */
static bool find_alone(const struct bind_context *ctx, const struct place *p, struct str name,
                       int64_t *number)
{
    struct relation r = rows_called(ctx, p, name);
    for (size_t i = 0; i < relation_count(&r); i++) {
        if (is_called(&r, i, p, name)) {
            *number = relation_number_at(&r, i, "oid");
            return true;
        }
    }
    return false;
}

static bool find_schema(const struct bind_context *ctx, struct str name, int64_t *number)
{
    static const struct place schemas = {"pg_namespace", "nspname", NULL};
    return find_alone(ctx, &schemas, name, number);
}

static bool find_in_schema(const struct relation *rows, const struct place *p, struct str name,
                           int64_t schema, int64_t *number)
{
    size_t n = relation_count(rows);
    for (size_t i = 0; i < n; i++) {
        if (relation_number_at(rows, i, p->space) == schema && is_called(rows, i, p, name)) {
            *number = relation_number_at(rows, i, "oid");
            return true;
        }
    }
    return false;
}

/* A bare name is looked for in the catalog first, as queries do. */
static bool find_object(const struct bind_context *ctx, const struct place *p,
                        const struct written *name, const struct str *path, size_t path_count,
                        int64_t *number)
{
    struct str last = name->parts[name->n - 1];
    struct relation rows = rows_called(ctx, p, last);
    int64_t schema;
    if (name->n == 3 && !str_ieq(name->parts[0], ctx->current.n ? ctx->current : ctx->database)) {
        return false;
    }
    if (name->n > 1) {
        return find_schema(ctx, name->parts[name->n - 2], &schema) &&
               find_in_schema(&rows, p, last, schema, number);
    }
    if (find_schema(ctx, STR("pg_catalog"), &schema) &&
        find_in_schema(&rows, p, last, schema, number)) {
        return true;
    }
    for (size_t i = 0; i < path_count; i++) {
        if (find_schema(ctx, path[i], &schema) && find_in_schema(&rows, p, last, schema, number)) {
            return true;
        }
    }
    return false;
}

/* ---- types ---- */

/* What SQL calls the types that pg_type calls otherwise. */
static struct str catalog_name(struct str name)
{
    static const char *const names[][2] = {
        {"integer", "int4"},
        {"int", "int4"},
        {"bigint", "int8"},
        {"smallint", "int2"},
        {"boolean", "bool"},
        {"double precision", "float8"},
        {"real", "float4"},
        {"decimal", "numeric"},
        {"character varying", "varchar"},
        {"character", "bpchar"},
        {"char", "bpchar"},
        {"\"char\"", "char"},
        {"timestamp without time zone", "timestamp"},
        {"timestamp with time zone", "timestamptz"},
        {"time without time zone", "time"},
        {"time with time zone", "timetz"},
        {"bit varying", "varbit"},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_iis(name, names[i][0])) {
            return str_of(names[i][1]);
        }
    }
    return name;
}

static bool is_list_name(struct str name)
{
    return name.n > 2 && name.p[name.n - 2] == '[' && name.p[name.n - 1] == ']';
}

static bool find_type(const struct bind_context *ctx, struct str text, const struct str *path,
                      size_t path_count, int64_t *number)
{
    static const struct place types = {"pg_type", "typname", "typnamespace"};
    bool is_list = is_list_name(text);
    struct str base = str_trim((struct str){text.p, text.n - 2 * (size_t)is_list});
    struct str known = catalog_name(base);
    struct written name = {.parts = {known}, .n = 1};
    if (str_eq(known, base) && !read_name(ctx->arena, base, &name)) {
        return false;
    }
    if (is_list) {
        struct str *last = &name.parts[name.n - 1];
        *last = str_of(arena_printf(ctx->arena, "_%.*s", STR_ARG(*last)));
    }
    return find_object(ctx, &types, &name, path, path_count, number);
}

bool object_number(const struct bind_context *ctx, enum type_alias kind, const struct str *path,
                   size_t path_count, struct str name, int64_t *number)
{
    static const struct place relations = {"pg_class", "relname", "relnamespace"},
                              functions = {"pg_proc", "proname", "pronamespace"},
                              collations = {"pg_collation", "collname", "collnamespace"},
                              roles = {"pg_roles", "rolname", NULL};
    struct written written;
    if (kind == ALIAS_REGTYPE) {
        return find_type(ctx, name, path, path_count, number);
    }
    if (kind == ALIAS_REGOPER || kind == ALIAS_REGOPERATOR) { /* pg_operator is empty */
        return false;
    }
    if (kind == ALIAS_REGPROCEDURE) { /* of the name alone: which of several isn't told apart */
        struct str rest = name;
        name = str_cut(&rest, '(');
    }
    if (!read_name(ctx->arena, name, &written)) {
        return false;
    }
    if (kind == ALIAS_REGNAMESPACE) {
        return written.n == 1 && find_schema(ctx, written.parts[0], number);
    }
    if (kind == ALIAS_REGROLE) {
        return written.n == 1 && find_alone(ctx, &roles, written.parts[0], number);
    }
    const struct place *p = kind == ALIAS_REGCLASS       ? &relations
                            : kind == ALIAS_REGCOLLATION ? &collations
                                                         : &functions;
    return find_object(ctx, p, &written, path, path_count, number);
}
