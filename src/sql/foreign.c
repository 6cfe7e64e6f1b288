/* Two tables and the message made from them. */
#include "sql/foreign.h"

#include <stdio.h>

#define OPERATOR "Capacity and limits are the operator's configuration."
#define POLICIES "Rules about rows, columns and people are the policies of the control plane."
#define PEOPLE   "People, roles and keys are kept by the control plane (hatidata user, hatidata key)."
#define AS_USER  "Connect as that user, with its key."
#define LOADING  "Load rows with COPY ... FROM STDIN or INSERT."
#define SCHEDULE "Run the statement from a scheduler of your own."
#define NETWORK  "Nothing leaves the server's network: connect from outside to it instead."

const struct foreign foreign_objects[] = {
    {"external access integration", "HatiData calls no other service", NETWORK},
    {"storage integration", "HatiData reads no other storage", LOADING},
    {"notification integration", "HatiData calls no other service", NETWORK},
    {"api integration", "HatiData calls no other service", NETWORK},
    {"security integration", "sign-in is the operator's configuration", PEOPLE},
    {"catalog integration", "HatiData reads no other catalog", LOADING},
    {"integration", "HatiData calls no other service", NETWORK},
    {"external function", "HatiData calls no other service", NETWORK},
    {"external volume", "HatiData reads no other storage", LOADING},
    {"data metric function", "HatiData measures no data by itself", SCHEDULE},
    {"aggregate function", "aggregates can't be added", "Write a macro or a view."},
    {"aggregate", "aggregates can't be added", "Write a macro or a view."},
    {"cortex search service", "HatiData serves tables and views only", "Use a table or a view."},
    {"semantic view", "HatiData serves tables and views only", "Use a view."},
    {"row access policy", "policies aren't made by SQL", POLICIES},
    {"masking policy", "policies aren't made by SQL", POLICIES},
    {"projection policy", "policies aren't made by SQL", POLICIES},
    {"aggregation policy", "policies aren't made by SQL", POLICIES},
    {"join policy", "policies aren't made by SQL", POLICIES},
    {"privacy policy", "policies aren't made by SQL", POLICIES},
    {"password policy", "policies aren't made by SQL", PEOPLE},
    {"session policy", "policies aren't made by SQL", PEOPLE},
    {"authentication policy", "policies aren't made by SQL", PEOPLE},
    {"network policy", "networks are the operator's configuration", OPERATOR},
    {"network rule", "networks are the operator's configuration", OPERATOR},
    {"packages policy", "policies aren't made by SQL", POLICIES},
    {"storage lifecycle policy", "policies aren't made by SQL", POLICIES},
    {"policy", "policies aren't made by SQL", POLICIES},
    {"tag", "tags aren't made by SQL", POLICIES},
    {"database role", "roles aren't made by SQL", PEOPLE},
    {"application role", "roles aren't made by SQL", PEOPLE},
    {"role", "roles aren't made by SQL", PEOPLE},
    {"user mapping", "HatiData reads no other server", LOADING},
    {"user", "users aren't made by SQL", PEOPLE},
    {"group", "groups aren't made by SQL", PEOPLE},
    {"managed account", "accounts aren't made by SQL", PEOPLE},
    {"organization account", "accounts aren't made by SQL", PEOPLE},
    {"account", "accounts aren't made by SQL", PEOPLE},
    {"organization", "organizations aren't made by SQL", PEOPLE},
    {"connection", "connections are the operator's configuration", OPERATOR},
    {"warehouse", "HatiData has no warehouses", OPERATOR},
    {"resource monitor", "HatiData has no warehouses", "Quotas are set for organizations."},
    {"compute pool", "HatiData has no warehouses", OPERATOR},
    {"resource queue", "HatiData has no warehouses", OPERATOR},
    {"file format", "HatiData reads no files", LOADING},
    {"stage", "HatiData has no stages", LOADING},
    {"pipe", "HatiData reads no files", LOADING},
    {"stream", "HatiData keeps no changes of a table", "Compare with a table of your own."},
    {"streamlit", "HatiData serves tables and views only", "Connect from outside to it."},
    {"task", "HatiData runs nothing by itself", SCHEDULE},
    {"alert", "HatiData runs nothing by itself", SCHEDULE},
    {"trigger", "HatiData runs nothing by itself", SCHEDULE},
    {"event trigger", "HatiData runs nothing by itself", SCHEDULE},
    {"rule", "HatiData runs nothing by itself", "Write a view."},
    {"replication group", "replication is the operator's configuration", OPERATOR},
    {"failover group", "replication is the operator's configuration", OPERATOR},
    {"publication", "replication is the operator's configuration", OPERATOR},
    {"subscription", "replication is the operator's configuration", OPERATOR},
    {"share", "data is shared by policy", POLICIES},
    {"listing", "data is shared by policy", POLICIES},
    {"application package", "HatiData serves tables and views only", "Use tables and views."},
    {"application", "HatiData serves tables and views only", "Use tables and views."},
    {"image repository", "HatiData serves tables and views only", "Use tables and views."},
    {"git repository", "HatiData serves tables and views only", "Use tables and views."},
    {"service", "HatiData serves tables and views only", "Use tables and views."},
    {"notebook", "HatiData serves tables and views only", "Use tables and views."},
    {"model", "HatiData serves tables and views only", "Use tables and views."},
    {"dataset", "HatiData serves tables and views only", "Use tables and views."},
    {"secret", "secrets aren't kept in SQL", "Keys are the operator's configuration."},
    {"foreign data wrapper", "HatiData reads no other server", LOADING},
    {"foreign table", "HatiData reads no other server", LOADING},
    {"server", "HatiData reads no other server", LOADING},
    {"extension", "HatiData loads no extensions", "What is built in is in the documentation."},
    {"language", "HatiData runs no other language", "Write a macro or a SQL function."},
    {"access method", "storage is the engine's", OPERATOR},
    {"tablespace", "storage is the engine's", OPERATOR},
    {"statistics", "statistics are the engine's", "They are kept without a statement."},
    {"domain", "domains are not supported", "Use a type, and CHECK on the column."},
    {"collation", "collations can't be added", "Use one that is there."},
    {"conversion", "encodings can't be added", "Text is UTF-8."},
    {"cast", "casts can't be added", "Write a macro."},
    {"operator class", "operators can't be added", "Write a macro."},
    {"operator family", "operators can't be added", "Write a macro."},
    {"operator", "operators can't be added", "Write a macro."},
    {"transform", "transforms can't be added", "Write a macro."},
    {"text search configuration", "there is no text search", "Use LIKE or regular expressions."},
    {"text search dictionary", "there is no text search", "Use LIKE or regular expressions."},
    {"text search parser", "there is no text search", "Use LIKE or regular expressions."},
    {"text search template", "there is no text search", "Use LIKE or regular expressions."},
    {"default privileges", "privileges aren't given by SQL", POLICIES},
    {"routine", "it isn't said what it is", "Say FUNCTION or PROCEDURE."},
    {"owned", "owners aren't set by SQL", PEOPLE},
    {"large object", "there are no large objects", "Use a column of type bytea."},
    {"system", "the system is the operator's configuration", OPERATOR},
    {NULL, NULL, NULL},
};

const struct foreign foreign_verbs[] = {
    {"grant", "privileges aren't given by SQL", POLICIES},
    {"revoke", "privileges aren't given by SQL", POLICIES},
    {"reassign", "owners aren't set by SQL", PEOPLE},
    {"security", "labels aren't set by SQL", POLICIES},
    {"put", "HatiData takes no files", LOADING},
    {"get", "HatiData gives no files", "Fetch rows with a query or COPY ... TO STDOUT."},
    {"list", "HatiData has no stages", LOADING},
    {"ls", "HatiData has no stages", LOADING},
    {"remove", "HatiData has no stages", LOADING},
    {"rm", "HatiData has no stages", LOADING},
    {"copy into", "HatiData reads and writes no files", LOADING},
    {"copy from database", "databases are the operator's configuration", OPERATOR},
    {"undrop", "what is dropped is gone", "Restore it from a backup."},
    {"attach", "databases are the operator's configuration", OPERATOR},
    {"detach", "databases are the operator's configuration", OPERATOR},
    {"install", "HatiData loads no extensions", "What is built in is in the documentation."},
    {"load", "HatiData loads no extensions", "What is built in is in the documentation."},
    {"force", "HatiData loads no extensions", "What is built in is in the documentation."},
    {"pragma", "the engine is the operator's configuration", "Settings of the session have SET."},
    {"export", "HatiData writes no files", "Fetch rows with a query or COPY ... TO STDOUT."},
    {"import", "HatiData reads no files", LOADING},
    {"analyze", "statistics are the engine's", "They are kept without a statement."},
    {"analyse", "statistics are the engine's", "They are kept without a statement."},
    {"vacuum", "maintenance is the server's", "It is done without a statement."},
    {"checkpoint", "maintenance is the server's", "It is done without a statement."},
    {"reindex", "maintenance is the server's", "It is done without a statement."},
    {"cluster", "maintenance is the server's", "It is done without a statement."},
    {"refresh", "materialized views are not supported", "Make a table of the query again."},
    {"listen", "there are no notifications", "Ask again at intervals."},
    {"notify", "there are no notifications", "Ask again at intervals."},
    {"do", "HatiData runs single statements", "Send the statements one by one."},
    {"begin block", "HatiData runs single statements", "Send the statements one by one."},
    {"execute", "HatiData runs no text as SQL", "Send the statement itself."},
    {"prepare", "there are no transactions in two phases", "Use COMMIT."},
    {"commit", "there are no transactions in two phases", "Use COMMIT."},
    {"rollback", "there are no transactions in two phases", "Use ROLLBACK."},
    {"set constraints", "constraints are checked at once", "Write the rows in their order."},
    {"set role", "who the user is can't be changed", AS_USER},
    {"set session authorization", "who the user is can't be changed", AS_USER},
    {"reset role", "who the user is can't be changed", AS_USER},
    {"reset session authorization", "who the user is can't be changed", AS_USER},
    {"show", "privileges aren't given by SQL", POLICIES},
    {"describe", "nothing of that kind is kept here", "Describe a table, a view or a query."},
    {"alter", "it can't be changed", "Make it anew with CREATE OR REPLACE."},
    {NULL, NULL, NULL},
};

static const struct foreign *find(const struct foreign *table, struct str words)
{
    for (; table->words; table++) {
        if (str_is(words, table->words)) {
            return table;
        }
    }
    return NULL;
}

const struct foreign *foreign_of(const struct node_foreign *n)
{
    static const struct foreign other = {"", "it is not part of HatiData", "Leave it out."};
    const struct foreign *f = n->object.n ? find(foreign_objects, n->object) : NULL;
    if (!f) {
        f = find(foreign_verbs, n->verb);
    }
    return f ? f : &other;
}

enum status foreign_refuse(const struct node_foreign *n, struct error *e)
{
    const struct foreign *f = foreign_of(n);
    char kind[64];
    size_t length = 0;
    snprintf(kind, sizeof kind, "%.*s%s%.*s", STR_ARG(n->verb), n->object.n ? " " : "",
             STR_ARG(n->object));
    for (; kind[length]; length++) {
        kind[length] =
            (char)(kind[length] >= 'a' && kind[length] <= 'z' ? kind[length] - 32 : kind[length]);
    }
    bool is_block = str_is(n->verb, "begin block");
    (void)error_at(e, ERR_UNSUPPORTED, n->base.offset, "%s is not supported: %s",
                   is_block ? "a block of statements" : kind, f->reason);
    return error_hint(e, "%s", f->instead);
}
