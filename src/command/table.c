/* hatidata table: which shared tables exist for the organizations, and by which column a row
 * belongs to one. hatidata tag: words on tables and columns that policies can name. */
#include <stdio.h>

#include "command/admin.h"
#include "store/tables.h"

static int register_table(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const char *column = NULL, *name;
    bool common = false;
    const struct option known[] = {ADMIN_DATA(ad),
                                   {"--tenant-column", OPTION_TEXT, .text = &column},
                                   {"--common", OPTION_FLAG, .flag = &common},
                                   {NULL}};
    enum status status;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    if (common == (column != NULL)) {
        status = error_set(&ad.e, ERR_VALIDATION, "give either --tenant-column COLUMN or --common");
    } else if (column && !*column) {
        status = error_set(&ad.e, ERR_VALIDATION, "--tenant-column is empty");
    } else {
        status = store_table_register(ad.store, ad.actor, str_of(name),
                                      column ? str_of(column) : STR(""), &ad.e);
    }
    return admin_end(&ad, status);
}

static int unregister_table(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    const char *name;

    if (!admin_begin(&ad, argc, argv, known, &name, 1)) {
        return ad.code;
    }
    return admin_end(&ad, store_table_unregister(ad.store, ad.actor, str_of(name), &ad.e));
}

static int list_tables(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct store_registration *rows;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = store_registrations(ad.store, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        if (rows[i].tenant_column.n) {
            printf("shared.%.*s\ttenant column %.*s\n", STR_ARG(rows[i].table),
                   STR_ARG(rows[i].tenant_column));
        } else {
            printf("shared.%.*s\tcommon\n", STR_ARG(rows[i].table));
        }
    }
    return admin_end(&ad, status);
}

/* "schema.table" or "schema.table.column". */
static enum status read_place(const char *text, struct store_tag *tag, struct error *e)
{
    struct str rest = str_of(text);

    tag->schema = str_cut(&rest, '.');
    tag->table = str_cut(&rest, '.');
    tag->column = rest.p ? rest : STR("");
    if (!tag->table.n || (rest.p && !rest.n)) {
        return error_set(e, ERR_VALIDATION,
                         "\"%s\": it must be SCHEMA.TABLE or SCHEMA.TABLE.COLUMN", text);
    }
    return OK;
}

static int change_tag(int argc, char **argv,
                      enum status (*change)(struct store *, struct str, const struct store_tag *,
                                            struct error *))
{
    struct admin ad = ADMIN_INIT;
    const char *org_name = NULL, *rest[2];
    const struct option known[] = {
        ADMIN_DATA(ad), {"--org", OPTION_TEXT, .text = &org_name}, {NULL}};
    struct store_tag tag = {0};
    enum status status = OK;

    if (!admin_begin(&ad, argc, argv, known, rest, 2)) {
        return ad.code;
    }
    if (org_name) {
        status = store_org_find(ad.store, str_of(org_name), ad.a, &ad.org, &ad.e);
        tag.org_id = ad.org.id;
    }
    if (status == OK) {
        status = read_place(rest[0], &tag, &ad.e);
    }
    if (status == OK) {
        tag.tag = str_of(rest[1]);
        status = change(ad.store, ad.actor, &tag, &ad.e);
    }
    return admin_end(&ad, status);
}

static int add_tag(int argc, char **argv)
{
    return change_tag(argc, argv, store_tag_add);
}

static int remove_tag(int argc, char **argv)
{
    return change_tag(argc, argv, store_tag_remove);
}

static int list_tags(int argc, char **argv)
{
    struct admin ad = ADMIN_INIT;
    const struct option known[] = {ADMIN_DATA(ad), {NULL}};
    struct store_tag *rows;
    enum status status;
    size_t n = 0;

    if (!admin_begin(&ad, argc, argv, known, NULL, 0)) {
        return ad.code;
    }
    status = store_tags(ad.store, ad.a, &rows, &n, &ad.e);
    for (size_t i = 0; status == OK && i < n; i++) {
        printf("%.*s.%.*s%s%.*s\t%.*s\t%.*s\n", STR_ARG(rows[i].schema), STR_ARG(rows[i].table),
               rows[i].column.n ? "." : "", STR_ARG(rows[i].column), STR_ARG(rows[i].tag),
               STR_ARG(rows[i].org_id.n ? rows[i].org_id : STR("all organizations")));
    }
    return admin_end(&ad, status);
}

int command_table(int argc, char **argv)
{
    static const struct verb tables[] = {
        {"register", "NAME (--tenant-column COLUMN | --common)", register_table},
        {"unregister", "NAME", unregister_table},
        {"list", "", list_tables},
        {NULL},
    };
    static const struct verb tags[] = {
        {"add", "SCHEMA.TABLE[.COLUMN] TAG [--org ORG]", add_tag},
        {"remove", "SCHEMA.TABLE[.COLUMN] TAG [--org ORG]", remove_tag},
        {"list", "", list_tags},
        {NULL},
    };

    return verbs_run(argc, argv, strcmp(argv[0], "tag") == 0 ? tags : tables);
}
