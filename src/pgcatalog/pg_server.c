/* What stands beside the objects: roles, databases, methods, zones, the caller's own session. */
#include "base/clock.h"
#include "pgcatalog/definition.h"
#include "wire/zone.h"

/* ---- roles: those of the system, and the caller, who is a member of his ---- */

static const char *const roles[] = {"owner",   "admin",     "analyst",
                                    "auditor", "developer", "service_account"};
#define ROLES (sizeof roles / sizeof *roles)

static void begin_role(struct relation *r, uint32_t oid, struct str name, bool may_log_in)
{
    relation_row(r);
    relation_put_text(r, "rolname", name);
    relation_put_bool(r, "rolinherit", true);
    relation_put_bool(r, "rolcanlogin", may_log_in);
    relation_put_number(r, "rolconnlimit", -1);
    relation_put_word(r, "rolpassword", "********");
    relation_put_null(r, "rolvaliduntil");
    relation_put_number(r, "oid", oid);
}

static void pg_roles(struct relation *r)
{
    for (size_t i = 0; i < ROLES; i++) {
        begin_role(r, OID_OF_OWNER + (uint32_t)i, str_of(roles[i]), false);
    }
    begin_role(r, OID_OF_CALLER, r->ctx->session_user, true);
}

static void pg_user(struct relation *r)
{
    relation_row(r);
    relation_put_text(r, "usename", r->ctx->session_user);
    relation_put_number(r, "usesysid", OID_OF_CALLER);
    relation_put_word(r, "passwd", "********");
}

static bool is_callers(const struct relation *r, size_t role)
{
    return str_is(r->ctx->session_role, roles[role]);
}

static void pg_group(struct relation *r)
{
    for (size_t i = 0; i < ROLES; i++) {
        relation_row(r);
        relation_put_word(r, "groname", roles[i]);
        relation_put_number(r, "grosysid", OID_OF_OWNER + (int64_t)i);
        relation_at(r, "grolist");
        relation_begin_list(r);
        if (is_callers(r, i)) {
            relation_number(r, OID_OF_CALLER);
        }
        relation_end_list(r);
    }
}

static void pg_auth_members(struct relation *r)
{
    for (size_t i = 0; i < ROLES; i++) {
        if (is_callers(r, i)) {
            relation_row(r);
            relation_put_number(r, "roleid", OID_OF_OWNER + (int64_t)i);
            relation_put_number(r, "member", OID_OF_CALLER);
            relation_put_number(r, "grantor", OID_OF_OWNER);
        }
    }
}

/* ---- databases ---- */

static void pg_database(struct relation *r)
{
    enum { UTF8 = 6 };
    struct str *names = NULL;
    size_t n = sql_list_databases(r->ctx, &names);
    for (size_t i = 0; i < n; i++) {
        relation_row(r);
        relation_put_number(r, "oid", catalog_name_oid("database", names[i]));
        relation_put_text(r, "datname", names[i]);
        relation_put_number(r, "datdba", OID_OF_OWNER);
        relation_put_number(r, "encoding", UTF8);
        relation_put_word(r, "datlocprovider", "c");
        relation_put_bool(r, "datallowconn", true);
        relation_put_number(r, "datconnlimit", -1);
        relation_put_number(r, "dattablespace", OID_OF_TABLESPACE);
        relation_put_word(r, "datcollate", "C");
        relation_put_word(r, "datctype", "C");
    }
}

static void pg_tablespace(struct relation *r)
{
    relation_row(r);
    relation_put_number(r, "oid", OID_OF_TABLESPACE);
    relation_put_word(r, "spcname", "pg_default");
    relation_put_number(r, "spcowner", OID_OF_OWNER);
}

/* ---- access methods ---- */

static void add_method(struct relation *r, uint32_t oid, const char *name, const char *type)
{
    relation_row(r);
    relation_put_number(r, "oid", oid);
    relation_put_word(r, "amname", name);
    relation_put_word(r, "amtype", type);
}

static void pg_am(struct relation *r)
{
    add_method(r, OID_OF_HEAP, "heap", "t");
    add_method(r, OID_OF_BTREE, "btree", "i");
}

/* ---- zones, as SET TimeZone takes them, and the abbreviations that times are read with ---- */

static void add_zone(struct relation *r, const char *abbreviation, int32_t east, bool is_saving)
{
    uint32_t seconds = (uint32_t)(east < 0 ? -east : east);
    relation_row(r);
    relation_put_word(r, "abbrev", arena_strdup(r->ctx->arena, str_of(abbreviation)));
    relation_put_word(r, "utc_offset",
                      arena_printf(r->ctx->arena, "%s%02u:%02u:%02u", east < 0 ? "-" : "",
                                   seconds / 3600, seconds / 60 % 60, seconds % 60));
    relation_put_bool(r, "is_dst", is_saving);
}

static void add_named_zone(const struct zone *z, void *ctx)
{
    struct relation *r = ctx;
    int64_t now = clock_wall_us() / 1000000;
    const char *abbreviation;
    int32_t east = zone_offset(z, now, &abbreviation);
    add_zone(r, abbreviation, east, zone_is_saving(z, now));
    relation_put_word(r, "name", arena_strdup(r->ctx->arena, str_of(zone_name(z))));
}

static void pg_timezone_names(struct relation *r)
{
    zone_each(add_named_zone, r);
}

static void pg_timezone_abbrevs(struct relation *r)
{
    add_zone(r, "GMT", 0, false);
    add_zone(r, "UTC", 0, false);
    add_zone(r, "Z", 0, false);
}

const struct relation_definition pg_server_relations[] = {
    {"pg_roles",
     "rolname name, rolsuper bool, rolinherit bool, rolcreaterole bool, rolcreatedb bool, "
     "rolcanlogin bool, rolreplication bool, rolconnlimit int4, rolpassword text, "
     "rolvaliduntil timestamptz, rolbypassrls bool, rolconfig _text, oid oid",
     pg_roles, 0},
    {"pg_user",
     "usename name, usesysid oid, usecreatedb bool, usesuper bool, userepl bool, "
     "usebypassrls bool, passwd text, valuntil timestamptz, useconfig _text",
     pg_user, 0},
    {"pg_group", "groname name, grosysid oid, grolist _oid", pg_group, 0},
    {"pg_auth_members", "roleid oid, member oid, grantor oid, admin_option bool", pg_auth_members,
     1261},
    {"pg_database",
     "oid oid, datname name, datdba oid, encoding int4, datlocprovider char, datistemplate bool, "
     "datallowconn bool, datconnlimit int4, datfrozenxid xid, datminmxid xid, dattablespace oid, "
     "datcollate text, datctype text, daticulocale text, datcollversion text, datacl _aclitem",
     pg_database, 1262},
    {"pg_tablespace", "oid oid, spcname name, spcowner oid, spcacl _aclitem, spcoptions _text",
     pg_tablespace, 1213},
    {"pg_am", "oid oid, amname name, amhandler regproc, amtype char", pg_am, 2601},
    {"pg_timezone_names", "name text, abbrev text, utc_offset interval, is_dst bool",
     pg_timezone_names, 0},
    {"pg_timezone_abbrevs", "abbrev text, utc_offset interval, is_dst bool", pg_timezone_abbrevs,
     0},
    {NULL, NULL, NULL, 0},
};
