/* Who asks: what a verified credential vouches for. Nothing here comes from what a client merely
 * says of itself. */
#ifndef POLICY_PRINCIPAL_H
#define POLICY_PRINCIPAL_H

#include "base/value.h"
#include "catalog/catalog.h"

enum role {
    ROLE_NONE,
    ROLE_OWNER,
    ROLE_ADMIN,
    ROLE_ANALYST,
    ROLE_AUDITOR,
    ROLE_DEVELOPER,
    ROLE_SERVICE_ACCOUNT
};

enum scope {
    SCOPE_QUERY_READ = 1,   /* query:read */
    SCOPE_QUERY_WRITE = 2,  /* query:write */
    SCOPE_SCHEMA_READ = 4,  /* schema:read */
    SCOPE_SCHEMA_WRITE = 8, /* schema:write */
    SCOPE_AGENT = 16,       /* agent:* */
    SCOPE_ADMIN = 32        /* admin */
};

struct attribute {
    struct str name; /* "department" */
    struct str value;
};

/* How he proved who he is. */
enum proof {
    PROOF_KEY,      /* an API key */
    PROOF_SIGN_IN,  /* an access token of a sign-in */
    PROOF_PASSWORD, /* a password, on the wire */
    PROOF_FEDERATED /* a token of another identity provider */
};

struct principal {
    struct str org_id, org_name, user_id, user_email, environment;
    struct str rate_tier; /* of the organization; empty: the server's. No decision is by it */
    enum role role;       /* that he acts with now: all decisions are by this one */
    enum role base_role;  /* his own */
    struct str grant_id;  /* of the just-in-time grant that gives `role`; empty: his own */
    unsigned scopes;
    enum proof proof;
    struct str key_id;      /* of the key; else of the sign-in, or of the password */
    struct str key_prefix;  /* of a key; else empty */
    struct str provider_id; /* of the identity provider whose token let him in; empty: none */
    int64_t expires_us;     /* the end of that token or of ours, since 1970; 0: none */
    bool second_factor;     /* of a password: a code came with it */
    struct str agent_id, agent_framework; /* from an agent key; empty for people */
    const struct str *allowed_schemas;    /* of an agent key; none: all */
    size_t allowed_schema_count;
    const struct str *allowed_tables; /* "shared.orders" or "orders"; none: all */
    size_t allowed_table_count;
    const struct attribute *attributes; /* of user and key, for row filters */
    size_t attribute_count;
    struct str source_ip;
};

/* What one takes with its texts, as a rule: for an arena that holds him as long as a session lasts.
 */
enum { PRINCIPAL_BYTES = 896 };

const char *role_name(enum role r); /* "service_account" */
bool role_parse(struct str s, enum role *out);

/* "query:read"; for one scope, not a set of them. NULL for what is not a scope. */
const char *scope_name(enum scope s);
bool scope_parse(struct str s, enum scope *out);

/* Whose tables are there for him: his environment's. */
struct space principal_space(const struct principal *p);

/* A deep copy into the arena. */
struct principal *principal_copy(struct arena *a, const struct principal *p);

/* Do both vouch for the same: everything equal but the source address, how long this proof holds,
 * and what a just-in-time grant changes, and the rate tier? */
bool principal_same(const struct principal *a, const struct principal *b);

#endif
