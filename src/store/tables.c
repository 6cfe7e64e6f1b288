#include "store/tables.h"

#include "base/clock.h"
#include "store/change.h"
#include "store/check.h"

#define TABLE_IMAGE                                                                                \
    "ss", "SELECT name AS \"table\", tenant_column FROM shared_tables WHERE name = ?1"

enum status store_registrations(struct store *s, struct arena *a, struct store_registration **rows,
                                size_t *n, struct error *e)
{
    VEC_OF(struct store_registration) list = {0};
    struct query q;

    read_begin(&q, s, e, "SELECT name, tenant_column, created_us FROM shared_tables ORDER BY name",
               "");
    while (query_next(&q)) {
        struct store_registration row = {query_text(&q, a, 0), query_text(&q, a, 1),
                                         query_int(&q, 2)};

        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

enum status store_table_register(struct store *s, struct str actor, struct str table,
                                 struct str tenant_column, struct error *e)
{
    struct str before;
    struct change c;

    if (check_identifier("the table's name", table, e) != OK ||
        (tenant_column.n && check_identifier("the tenant column", tenant_column, e) != OK)) {
        return FAIL;
    }
    change_open(&c, s, actor, e);
    before = change_image(&c, TABLE_IMAGE, table);
    change_run(&c,
               "INSERT INTO shared_tables (name, tenant_column, created_us) VALUES (?1, ?2, ?3)"
               " ON CONFLICT (name) DO UPDATE SET tenant_column = ?2",
               "ssi", table, tenant_column, clock_wall_us());
    change_note(&c, STR(""), "table.register", "table", table, before,
                change_image(&c, TABLE_IMAGE, table));
    return change_close(&c);
}

enum status store_table_unregister(struct store *s, struct str actor, struct str table,
                                   struct error *e)
{
    struct str before;
    struct change c;

    change_open(&c, s, actor, e);
    before = change_image(&c, TABLE_IMAGE, table);
    if (change_run(&c, "DELETE FROM shared_tables WHERE name = ?1", "s", table) == 0 &&
        c.status == OK) {
        c.status =
            error_set(e, ERR_NOT_FOUND, "there is no registered table \"%.*s\"", STR_ARG(table));
    }
    change_note(&c, STR(""), "table.unregister", "table", table, before, STR(""));
    return change_close(&c);
}

enum status store_tags(struct store *s, struct arena *a, struct store_tag **rows, size_t *n,
                       struct error *e)
{
    VEC_OF(struct store_tag) list = {0};
    struct query q;

    read_begin(&q, s, e,
               "SELECT org_id, schema_name, table_name, column_name, tag FROM tags"
               " ORDER BY org_id, schema_name, table_name, column_name, tag",
               "");
    while (query_next(&q)) {
        struct store_tag row = {query_text(&q, a, 0), query_text(&q, a, 1), query_text(&q, a, 2),
                                query_text(&q, a, 3), query_text(&q, a, 4)};

        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

static enum status check_tag(const struct store_tag *t, struct error *e)
{
    if (check_identifier("the schema's name", t->schema, e) != OK ||
        check_identifier("the table's name", t->table, e) != OK ||
        (t->column.n && check_identifier("the column's name", t->column, e) != OK)) {
        return FAIL;
    }
    return check_identifier("the tag", t->tag, e);
}

/* schema.table.column: the trail's name of what is tagged. */
static struct str tag_place(struct arena *a, const struct store_tag *t)
{
    return str_of(arena_printf(a, "%.*s.%.*s%s%.*s", STR_ARG(t->schema), STR_ARG(t->table),
                               t->column.n ? "." : "", STR_ARG(t->column)));
}

enum status store_tag_add(struct store *s, struct str actor, const struct store_tag *t,
                          struct error *e)
{
    struct change c;

    if (check_tag(t, e) != OK) {
        return FAIL;
    }
    change_open(&c, s, actor, e);
    change_run(&c,
               "INSERT INTO tags (org_id, schema_name, table_name, column_name, tag)"
               " VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
               "sssss", t->org_id, t->schema, t->table, t->column, t->tag);
    change_note(&c, t->org_id, "tag.add", "tag", tag_place(c.a, t), STR(""),
                change_image(&c, "s", "SELECT ?1 AS tag", t->tag));
    return change_close(&c);
}

enum status store_tag_remove(struct store *s, struct str actor, const struct store_tag *t,
                             struct error *e)
{
    struct change c;

    change_open(&c, s, actor, e);
    if (change_run(&c,
                   "DELETE FROM tags WHERE org_id = ?1 AND schema_name = ?2 AND table_name = ?3"
                   " AND column_name = ?4 AND tag = ?5",
                   "sssss", t->org_id, t->schema, t->table, t->column, t->tag) == 0 &&
        c.status == OK) {
        c.status = error_set(e, ERR_NOT_FOUND, "there is no such tag");
    }
    change_note(&c, t->org_id, "tag.remove", "tag", tag_place(c.a, t),
                change_image(&c, "s", "SELECT ?1 AS tag", t->tag), STR(""));
    return change_close(&c);
}
