/* Snowflake: what a statement asks about its session; and functions that have no equal, each with
 * the way round where there is one. */
#include "dialect/rules.h"

static const struct refusal {
    const char *name, *hint; /* the hint may be NULL */
} refusals[] = {
    {"compress", "Compress on the client."},
    {"decompress_string", "Decompress on the client."},
    {"decompress_binary", "Decompress on the client."},
    {"encrypt", "Encrypt on the client: a key in a statement would be on record."},
    {"decrypt", "Decrypt on the client: a key in a statement would be on record."},
    {"encrypt_raw", "Encrypt on the client: a key in a statement would be on record."},
    {"decrypt_raw", "Decrypt on the client: a key in a statement would be on record."},
    {"try_decrypt", "Decrypt on the client: a key in a statement would be on record."},
    {"try_decrypt_raw", "Decrypt on the client: a key in a statement would be on record."},
    {"current_session", NULL},
    {"current_statement", NULL},
    {"current_transaction", NULL},
    {"current_client", NULL},
    {"current_ip_address", NULL},
    {"current_account", "current_database() names the environment."},
    {"current_account_name", "current_database() names the environment."},
    {"current_organization_name", "current_database() names the environment."},
    {"current_region", NULL},
    {"current_available_roles", "current_role() gives the one role that counts."},
    {"current_secondary_roles", "current_role() gives the one role that counts."},
    {"last_query_id", "The audit log has the statements of a session."},
    {"last_transaction", NULL},
    {"result_scan", "Put the statement into a table or a WITH."},
    {"is_role_in_session", "Compare current_role()."},
    {"invoker_role", "Use current_role()."},
    {"st_distance", "Compute with HAVERSINE."},
    {"to_geography", NULL},
    {"to_geometry", NULL},

    {"xmlget", NULL},
    {"parse_xml", NULL},
    {"search", "Use CONTAINS or REGEXP_LIKE."},
    {"search_ip", "Use CONTAINS or REGEXP_LIKE."},
    {"parse_ip", "Use SPLIT_PART."},

    {"zipf", "Use UNIFORM or NORMAL."},
    {"parse_url", "Use REGEXP_SUBSTR."},
    {"collate", "Compare LOWER() or UPPER() of both sides."},
    {"collation", NULL},
    {"check_xml", NULL},
    {"to_xml", NULL},
};

static struct node *refuse(struct rewriting *r, struct node_func *f)
{
    struct str name = rule_name(f);
    rule_fail(r, &f->base, ERR_UNSUPPORTED, "%.*s() has no equal here", STR_ARG(name));
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        if (str_iis(name, refusals[i].name) && refusals[i].hint) {
            rule_hint(r, "%s", refusals[i].hint);
        }
    }
    return &f->base;
}

#define REFUSED(name)                                                                              \
    {                                                                                              \
        name, 0, -1, "refused: it has no equal", refuse                                            \
    }

/* clang-format off */
const struct function_rule snowflake_context_functions[] = {
    {"current_version", 0, 0, "version()", NULL},
    {"current_warehouse", 0, 0, "CAST(NULL AS varchar)", NULL},
    {"current_schemas", 0, 0, "'[\"' || current_schema() || '\"]'", NULL},
    REFUSED("compress"), REFUSED("decompress_string"), REFUSED("decompress_binary"),
    REFUSED("encrypt"), REFUSED("decrypt"), REFUSED("encrypt_raw"), REFUSED("decrypt_raw"),
    REFUSED("try_decrypt"), REFUSED("try_decrypt_raw"), REFUSED("current_session"), REFUSED("current_statement"),
    REFUSED("current_transaction"), REFUSED("current_client"), REFUSED("current_ip_address"),
    REFUSED("current_account"), REFUSED("current_account_name"), REFUSED("current_organization_name"),
    REFUSED("current_region"), REFUSED("current_available_roles"), REFUSED("current_secondary_roles"),
    REFUSED("last_query_id"), REFUSED("last_transaction"), REFUSED("result_scan"), REFUSED("is_role_in_session"),
    REFUSED("invoker_role"), REFUSED("st_distance"), REFUSED("to_geography"), REFUSED("to_geometry"),
    REFUSED("xmlget"), REFUSED("parse_xml"), REFUSED("search"), REFUSED("search_ip"),
    REFUSED("parse_ip"), REFUSED("zipf"), REFUSED("parse_url"), REFUSED("collate"),
    REFUSED("collation"), REFUSED("check_xml"), REFUSED("to_xml"),
    {NULL, 0, 0, NULL, NULL},
};
