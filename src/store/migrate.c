/* The steps. A statement is of the two databases' common SQL, but for the words that schema.c has
 * PostgreSQL's for; what is said in two ways begins with SCHEMA_ONLY_SQLITE or
 * SCHEMA_ONLY_POSTGRES.
 *
 * Triggers keep the version counter: whatever changes principals, policies, quotas or tables, this
 * program or an operator's shell, moves it, and every process sees that its caches are old. */
#include "store/migrate.h"

#include "store/schema.h"

/* `condition` is empty or "WHEN (...)". */
#define TRIGGER(name, on, condition, sqlite, postgres)                                             \
    SCHEMA_ONLY_SQLITE "CREATE TRIGGER " name " " on " " condition " BEGIN " sqlite "; END",       \
        SCHEMA_ONLY_POSTGRES "CREATE OR REPLACE FUNCTION " name                                    \
                             "() RETURNS trigger LANGUAGE plpgsql"                                 \
                             " SET search_path FROM CURRENT"                                       \
                             " AS $$ BEGIN " postgres "; RETURN NULL; END $$",                     \
        SCHEMA_ONLY_POSTGRES "CREATE TRIGGER " name " " on " FOR EACH ROW " condition              \
                             " EXECUTE FUNCTION " name "()"
#define TRIGGER_DOES(name, on, condition, sql) TRIGGER(name, on, condition, sql, sql)
#define TRIGGER_REFUSES(name, on, condition, message)                                              \
    TRIGGER(name, on, condition, "SELECT RAISE(ABORT, '" message "')",                             \
            "RAISE EXCEPTION '" message "'")

#define BUMP_ON(table, event)                                                                      \
    TRIGGER_DOES(table "_" event, "AFTER " event " ON " table, "",                                 \
                 "UPDATE meta SET value = value + 1 WHERE name = 'version'")
#define BUMP(table) BUMP_ON(table, "INSERT"), BUMP_ON(table, "UPDATE"), BUMP_ON(table, "DELETE")

#define ROLES "('owner', 'admin', 'analyst', 'auditor', 'developer', 'service_account')"

static const char *const step_1[] = {
    "CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT",
    "INSERT INTO meta VALUES ('version', 1)",

    "CREATE TABLE organizations ("
    " id TEXT PRIMARY KEY CHECK (length(id) = 12 AND id NOT GLOB '*[^a-z0-9]*'),"
    " name TEXT NOT NULL COLLATE NOCASE UNIQUE,"
    " created_us INTEGER NOT NULL) STRICT",
    SCHEMA_ONLY_POSTGRES "CREATE UNIQUE INDEX organizations_name ON organizations (lower(name))",

    "CREATE TABLE environments ("
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " name TEXT NOT NULL,"
    " created_us INTEGER NOT NULL,"
    " PRIMARY KEY (org_id, name)) STRICT",

    "CREATE TABLE users ("
    " id TEXT PRIMARY KEY,"
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " email TEXT NOT NULL CHECK (email = lower(email)),"
    " role TEXT NOT NULL CHECK (role IN " ROLES "),"
    " status TEXT NOT NULL CHECK (status IN ('active', 'suspended')),"
    " attributes TEXT NOT NULL,"
    " created_us INTEGER NOT NULL,"
    " UNIQUE (org_id, email)) STRICT",

    "CREATE TABLE api_keys ("
    " id TEXT PRIMARY KEY,"
    " org_id TEXT NOT NULL,"
    " environment TEXT NOT NULL,"
    " user_id TEXT REFERENCES users ON DELETE CASCADE,"
    " agent_id TEXT,"
    " agent_framework TEXT,"
    " role TEXT CHECK (role IN " ROLES "),"
    " name TEXT NOT NULL,"
    " prefix TEXT NOT NULL UNIQUE,"
    " hash TEXT NOT NULL,"
    " scopes TEXT NOT NULL,"
    " allowed_schemas TEXT NOT NULL,"
    " allowed_tables TEXT NOT NULL,"
    " ip_allowlist TEXT NOT NULL,"
    " attributes TEXT NOT NULL,"
    " created_us INTEGER NOT NULL,"
    " expires_us INTEGER NOT NULL,"
    " revoked_us INTEGER NOT NULL,"
    " FOREIGN KEY (org_id, environment) REFERENCES environments,"
    " CHECK ((user_id IS NULL) <> (agent_id IS NULL)),"
    " CHECK ((agent_id IS NULL) = (role IS NULL))) STRICT",
    "CREATE INDEX api_keys_of_user ON api_keys (user_id)",
    "CREATE INDEX api_keys_of_org ON api_keys (org_id)",

    "CREATE TABLE policies ("
    " id TEXT PRIMARY KEY,"
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " name TEXT NOT NULL,"
    " json TEXT NOT NULL,"
    " enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),"
    " version INTEGER NOT NULL,"
    " changed_us INTEGER NOT NULL,"
    " UNIQUE (org_id, name)) STRICT",

    "CREATE TABLE quotas ("
    " org_id TEXT PRIMARY KEY REFERENCES organizations,"
    " monthly_millicredits INTEGER NOT NULL CHECK (monthly_millicredits > 0),"
    " max_concurrent INTEGER NOT NULL CHECK (max_concurrent > 0),"
    " max_rows INTEGER NOT NULL CHECK (max_rows > 0)) STRICT",

    "CREATE TABLE usage ("
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " period TEXT NOT NULL,"
    " leased INTEGER NOT NULL CHECK (leased >= 0),"
    " PRIMARY KEY (org_id, period)) STRICT",

    "CREATE TABLE shared_tables ("
    " name TEXT PRIMARY KEY,"
    " tenant_column TEXT NOT NULL,"
    " created_us INTEGER NOT NULL) STRICT",

    "CREATE TABLE tags ("
    " org_id TEXT NOT NULL,"
    " schema_name TEXT NOT NULL,"
    " table_name TEXT NOT NULL,"
    " column_name TEXT NOT NULL,"
    " tag TEXT NOT NULL,"
    " PRIMARY KEY (org_id, schema_name, table_name, column_name, tag)) STRICT",

    "CREATE TABLE iam_outbox ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " org_id TEXT NOT NULL,"
    " actor TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " resource TEXT NOT NULL,"
    " before TEXT NOT NULL,"
    " after TEXT NOT NULL,"
    " at_us INTEGER NOT NULL) STRICT",

    BUMP("organizations"),
    BUMP("environments"),
    BUMP("users"),
    BUMP("api_keys"),
    BUMP("policies"),
    BUMP("quotas"),
    BUMP("shared_tables"),
    BUMP("tags"),
    NULL,
};

/* What begins or ends a grant moves a counter of its own: grants come and go by the minute, and
 * catalog, policies and everybody's plans have nothing to do with them. */
#define MOVE_GRANTS "UPDATE meta SET value = value + 1 WHERE name = 'grants'"
#define BUMP_GRANTS(event, on)                                                                     \
    TRIGGER_DOES("jit_requests_" event, "AFTER " on " ON jit_requests", "", MOVE_GRANTS)

/* Just-in-time grants. A row is a request, then a grant, then history: it has no foreign key to its
 * people, whom it outlives. That nobody approves for himself, that nobody is made an owner, that a
 * decision stands and that there is one open request and one running grant, is the database's own
 * rule; what it takes for a grant to be in force is one view, for all who ask. */
static const char *const step_2[] = {
    "INSERT INTO meta VALUES ('grants', 1)",
    "CREATE TABLE jit_requests ("
    " id TEXT PRIMARY KEY,"
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " user_id TEXT NOT NULL,"
    " role TEXT NOT NULL CHECK (role IN " ROLES " AND role <> 'owner'),"
    " base_role TEXT NOT NULL CHECK (base_role IN " ROLES " AND base_role <> role),"
    " reason TEXT NOT NULL CHECK (length(reason) > 0),"
    " minutes INTEGER NOT NULL CHECK (minutes BETWEEN 1 AND 10080),"
    " status TEXT NOT NULL"
    "  CHECK (status IN ('requested', 'approved', 'denied', 'revoked', 'expired')),"
    " requested_us INTEGER NOT NULL,"
    " decided_by TEXT CHECK (decided_by <> user_id),"
    " decided_us INTEGER NOT NULL,"
    " expires_us INTEGER NOT NULL,"
    " left_us INTEGER NOT NULL CHECK (left_us BETWEEN 0 AND minutes * 60000000),"
    " ended_us INTEGER NOT NULL,"
    " CHECK (status NOT IN ('approved', 'denied') OR decided_by IS NOT NULL)) STRICT",
    "CREATE UNIQUE INDEX jit_open ON jit_requests (user_id, role) WHERE status = 'requested'",
    "CREATE UNIQUE INDEX jit_running ON jit_requests (user_id) WHERE status = 'approved'",
    "CREATE INDEX jit_of_org ON jit_requests (org_id, requested_us)",

    TRIGGER_REFUSES("jit_requests_begin", "BEFORE INSERT ON jit_requests",
                    "WHEN (NEW.status <> 'requested')", "a grant begins as a request"),
    TRIGGER_REFUSES("jit_requests_forward", "BEFORE UPDATE OF status ON jit_requests",
                    "WHEN (NEW.status <> OLD.status AND NOT (OLD.status = 'requested'"
                    " OR (OLD.status = 'approved' AND NEW.status IN ('revoked', 'expired'))))",
                    "a decision stands"),
    BUMP_GRANTS("UPDATE", "UPDATE OF org_id, user_id, role, base_role, status, decided_by,"
                          " expires_us"),
    BUMP_GRANTS("DELETE", "DELETE"),

    "CREATE VIEW jit_in_force AS SELECT j.* FROM jit_requests j"
    " JOIN users u ON u.id = j.user_id AND u.org_id = j.org_id"
    "  AND u.status = 'active' AND u.role = j.base_role"
    " JOIN users a ON a.id = j.decided_by AND a.org_id = j.org_id AND a.status = 'active'"
    "  AND (a.role = 'owner' OR (a.role = 'admin' AND j.role <> 'admin'))"
    " WHERE j.status = 'approved' AND j.decided_by <> j.user_id AND j.left_us > 0",
    NULL,
};

/* No trigger for the version counter: nobody decides by the history. */
static const char *const step_3[] = {
    "CREATE TABLE policy_versions ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT,"
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " version INTEGER NOT NULL CHECK (version > 0),"
    " at_us INTEGER NOT NULL,"
    " actor TEXT NOT NULL,"
    " action TEXT NOT NULL,"
    " policy_id TEXT NOT NULL,"
    " name TEXT NOT NULL,"
    " json TEXT NOT NULL,"
    " enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),"
    " seal TEXT NOT NULL) STRICT",
    "CREATE INDEX policy_versions_of_policy ON policy_versions (org_id, name, id)",
    "CREATE INDEX policy_versions_of_org ON policy_versions (org_id, id)",
    "CREATE INDEX policy_versions_by_policy ON policy_versions (policy_id, id)",
    TRIGGER_REFUSES("policy_versions_stay", "BEFORE UPDATE ON policy_versions", "",
                    "the history of policies is never changed"),
    TRIGGER_REFUSES("policy_versions_remain", "BEFORE DELETE ON policy_versions", "",
                    "the history of policies is never changed"),
    NULL,
};

/* How long a statement may run and how many rows it may give, by role; '*' is everybody's. */
static const char *const step_4[] = {
    "CREATE TABLE limits ("
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " role TEXT NOT NULL CHECK (role = '*' OR role IN " ROLES "),"
    " statement_ms INTEGER NOT NULL CHECK (statement_ms >= 0),"
    " max_rows INTEGER NOT NULL CHECK (max_rows >= 0),"
    " CHECK (statement_ms > 0 OR max_rows > 0),"
    " PRIMARY KEY (org_id, role)) STRICT",
    BUMP("limits"),
    NULL,
};

/* Whose tokens let people in. A provider is never changed: what was decided by it ends with it. Who
 * was removed is remembered, so that no token makes him anew. */
static const char *const step_5[] = {
    "CREATE TABLE identity_providers ("
    " id TEXT PRIMARY KEY,"
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " name TEXT NOT NULL,"
    " issuer TEXT NOT NULL CHECK (length(issuer) > 0),"
    " json TEXT NOT NULL,"
    " created_us INTEGER NOT NULL,"
    " UNIQUE (org_id, name)) STRICT",
    "CREATE TABLE identity_audiences ("
    " issuer TEXT NOT NULL,"
    " audience TEXT NOT NULL CHECK (length(audience) > 0),"
    " provider_id TEXT NOT NULL REFERENCES identity_providers ON DELETE CASCADE,"
    " PRIMARY KEY (issuer, audience)) STRICT",
    TRIGGER_REFUSES("identity_providers_stay", "BEFORE UPDATE ON identity_providers", "",
                    "a provider is removed and added, not changed"),
    "CREATE TABLE removed_users ("
    " org_id TEXT NOT NULL,"
    " email TEXT NOT NULL,"
    " PRIMARY KEY (org_id, email)) STRICT",
    TRIGGER_DOES("users_removed", "AFTER DELETE ON users", "",
                 "INSERT INTO removed_users VALUES (OLD.org_id, OLD.email) ON CONFLICT DO NOTHING"),
    BUMP("identity_providers"),
    NULL,
};

/* What ends a sign-in moves the counter that grants have: rights end, the catalog stays. */
#define BUMP_SIGN_INS(table) TRIGGER_DOES(table "_end", "AFTER DELETE ON " table, "", MOVE_GRANTS)

/* How people sign in. Ends are the schema's own work: a password has an id, new with each that is
 * set, and takes with it what was signed in by it; another role or a suspension ends what was
 * signed in before. Of a second factor, a step of time that was used never comes again. */
static const char *const step_6[] = {
    "ALTER TABLE organizations ADD COLUMN require_factor INTEGER NOT NULL DEFAULT 0"
    " CHECK (require_factor IN (0, 1))",
    "CREATE INDEX users_by_email ON users (email)",

    "CREATE TABLE passwords ("
    " id TEXT PRIMARY KEY,"
    " user_id TEXT NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,"
    " hash TEXT NOT NULL,"
    " set_us INTEGER NOT NULL) STRICT",
    TRIGGER_REFUSES("passwords_stay", "BEFORE UPDATE ON passwords", "",
                    "a new password is a new row"),
    BUMP_SIGN_INS("passwords"),

    "CREATE TABLE invitations ("
    " digest TEXT PRIMARY KEY,"
    " user_id TEXT NOT NULL UNIQUE REFERENCES users ON DELETE CASCADE,"
    " expires_us INTEGER NOT NULL) STRICT",

    "CREATE TABLE factors ("
    " user_id TEXT PRIMARY KEY REFERENCES users ON DELETE CASCADE,"
    " secret TEXT NOT NULL,"
    " confirmed INTEGER NOT NULL CHECK (confirmed IN (0, 1)),"
    " last_step INTEGER NOT NULL) STRICT",
    TRIGGER_REFUSES("factors_forward", "BEFORE UPDATE OF last_step ON factors",
                    "WHEN (NEW.last_step <= OLD.last_step)", "a used code stays used"),
    "CREATE TABLE recovery_codes ("
    " user_id TEXT NOT NULL REFERENCES factors ON DELETE CASCADE,"
    " digest TEXT NOT NULL,"
    " PRIMARY KEY (user_id, digest)) STRICT",

    "CREATE TABLE sign_ins ("
    " id TEXT PRIMARY KEY,"
    " user_id TEXT NOT NULL REFERENCES users ON DELETE CASCADE,"
    " password_id TEXT NOT NULL REFERENCES passwords ON DELETE CASCADE,"
    " org_id TEXT NOT NULL,"
    " environment TEXT NOT NULL,"
    " second_factor INTEGER NOT NULL CHECK (second_factor IN (0, 1)),"
    " selector TEXT NOT NULL UNIQUE,"
    " secret TEXT NOT NULL,"
    " created_us INTEGER NOT NULL,"
    " refresh_us INTEGER NOT NULL,"
    " ends_us INTEGER NOT NULL CHECK (refresh_us <= ends_us),"
    " FOREIGN KEY (org_id, environment) REFERENCES environments ON DELETE CASCADE) STRICT",
    "CREATE INDEX sign_ins_of_user ON sign_ins (user_id)",
    "CREATE INDEX sign_ins_of_password ON sign_ins (password_id)",
    TRIGGER_DOES("users_end_sign_ins", "AFTER UPDATE OF role, status ON users",
                 "WHEN (NEW.role <> OLD.role OR NEW.status <> OLD.status)",
                 "DELETE FROM sign_ins WHERE user_id = NEW.id"),
    BUMP_SIGN_INS("sign_ins"),

    "CREATE TABLE signing_keys ("
    " id TEXT PRIMARY KEY,"
    " sealed TEXT NOT NULL,"
    " public TEXT NOT NULL,"
    " from_us INTEGER NOT NULL UNIQUE,"
    " until_us INTEGER NOT NULL CHECK (until_us > from_us)) STRICT",
    NULL,
};

static const char *const step_7[] = {
    "ALTER TABLE api_keys ADD COLUMN description TEXT NOT NULL DEFAULT ''",
    NULL,
};

/* What a data plane must know and neither of the other counters moves by. */
#define BUMP_SNAPSHOT(table, name, event)                                                          \
    TRIGGER_DOES(table "_" name "_snapshot", "AFTER " event " ON " table, "",                      \
                 "UPDATE meta SET value = value + 1 WHERE name = 'snapshot'")

/* Two planes: the one authority of this store, whose id tells stores apart; who may become a proxy,
 * and who is one. A token is a row until it is used; a proxy that was revoked stays so. */
static const char *const step_8[] = {
    "INSERT INTO meta VALUES ('snapshot', 1)",
    "CREATE TABLE plane_authority ("
    " one INTEGER PRIMARY KEY CHECK (one = 1),"
    " id TEXT NOT NULL,"
    " certificate TEXT NOT NULL,"
    " sealed TEXT NOT NULL,"
    " created_us INTEGER NOT NULL) STRICT",
    TRIGGER_REFUSES("plane_authority_stay", "BEFORE UPDATE ON plane_authority", "",
                    "the authority of the planes is never changed"),
    "CREATE TABLE proxy_tokens ("
    " digest TEXT PRIMARY KEY,"
    " name TEXT NOT NULL,"
    " expires_us INTEGER NOT NULL) STRICT",
    "CREATE TABLE proxies ("
    " id TEXT PRIMARY KEY,"
    " name TEXT NOT NULL CHECK (length(name) > 0),"
    " enrolled_us INTEGER NOT NULL,"
    " ends_us INTEGER NOT NULL,"
    " revoked_us INTEGER NOT NULL) STRICT",
    "CREATE UNIQUE INDEX proxies_by_name ON proxies (name) WHERE revoked_us = 0",
    TRIGGER_REFUSES("proxies_end", "BEFORE UPDATE OF revoked_us ON proxies",
                    "WHEN (OLD.revoked_us <> 0 AND NEW.revoked_us <> OLD.revoked_us)",
                    "a revoked proxy stays revoked"),
    BUMP_SNAPSHOT("proxies", "revoked", "UPDATE OF revoked_us"),
    BUMP_SNAPSHOT("proxies", "removed", "DELETE"),
    BUMP_SNAPSHOT("passwords", "set", "INSERT"),
    BUMP_SNAPSHOT("sign_ins", "begun", "INSERT"),
    BUMP_SNAPSHOT("signing_keys", "made", "INSERT"),
    BUMP_SNAPSHOT("signing_keys", "moved", "UPDATE"),
    BUMP_SNAPSHOT("signing_keys", "over", "DELETE"),
    BUMP_SNAPSHOT("jit_requests", "asked", "INSERT"),
    BUMP_SNAPSHOT("jit_requests", "shorter", "UPDATE OF left_us"),
    NULL,
};

/* How many requests an organization pays for; empty: as the server's configuration says. And the
 * keys of who operates the installation from elsewhere, who is of no organization. */
static const char *const step_9[] = {
    "ALTER TABLE organizations ADD COLUMN rate_tier TEXT NOT NULL DEFAULT ''"
    " CHECK (rate_tier IN ('', 'free', 'cloud', 'growth', 'enterprise'))",
    "CREATE TABLE operator_keys ("
    " id TEXT PRIMARY KEY,"
    " name TEXT NOT NULL CHECK (length(name) > 0),"
    " prefix TEXT NOT NULL UNIQUE,"
    " hash TEXT NOT NULL,"
    " ip_allowlist TEXT NOT NULL,"
    " created_us INTEGER NOT NULL,"
    " expires_us INTEGER NOT NULL CHECK (expires_us > created_us),"
    " revoked_us INTEGER NOT NULL) STRICT",
    "CREATE UNIQUE INDEX operator_keys_by_name ON operator_keys (name) WHERE revoked_us = 0",
    TRIGGER_REFUSES("operator_keys_end", "BEFORE UPDATE OF revoked_us ON operator_keys",
                    "WHEN (OLD.revoked_us <> 0 AND NEW.revoked_us <> OLD.revoked_us)",
                    "a revoked key stays revoked"),
    NULL,
};

/* What a proxy counted of its statements, as it said last. */
static const char *const step_10[] = {
    "ALTER TABLE proxies ADD COLUMN usage TEXT NOT NULL DEFAULT ''",
    "ALTER TABLE proxies ADD COLUMN usage_us INTEGER NOT NULL DEFAULT 0",
    NULL,
};

/* What an organization wants redacted besides. */
static const char *const step_11[] = {
    "CREATE TABLE redaction_patterns ("
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " name TEXT NOT NULL CHECK (length(name) > 0),"
    " pattern TEXT NOT NULL CHECK (length(pattern) > 0),"
    " created_us INTEGER NOT NULL,"
    " PRIMARY KEY (org_id, name)) STRICT",
    BUMP("redaction_patterns"),
    NULL,
};

/* Checkpoints of proxies' audit logs, as they came; of one log one besides, that contradicted those
 * before it. */
static const char *const step_12[] = {
    "CREATE TABLE proxy_checkpoints ("
    " id TEXT PRIMARY KEY,"
    " proxy_id TEXT NOT NULL,"
    " log_id TEXT NOT NULL,"
    " entries INTEGER NOT NULL CHECK (entries > 0),"
    " root TEXT NOT NULL,"
    " note TEXT NOT NULL,"
    " received_us INTEGER NOT NULL,"
    " refused INTEGER NOT NULL CHECK (refused IN (0, 1))) STRICT",
    "CREATE INDEX proxy_checkpoints_by_log"
    " ON proxy_checkpoints (proxy_id, log_id, refused, entries)",
    TRIGGER_REFUSES("proxy_checkpoints_stay", "BEFORE UPDATE ON proxy_checkpoints", "",
                    "a checkpoint is never changed"),
    NULL,
};

/* How long the audit log is kept: what organizations want beyond the law, and legal holds. Data
 * planes must know both; nobody's rights depend on them. */
static const char *const step_13[] = {
    "CREATE TABLE retentions ("
    " org_id TEXT PRIMARY KEY REFERENCES organizations,"
    " days INTEGER NOT NULL CHECK (days BETWEEN 2557 AND 36500)) STRICT",
    "CREATE TABLE legal_holds ("
    " id TEXT PRIMARY KEY,"
    " org_id TEXT NOT NULL REFERENCES organizations,"
    " reason TEXT NOT NULL CHECK (length(reason) > 0),"
    " placed_by TEXT NOT NULL,"
    " placed_us INTEGER NOT NULL) STRICT",
    TRIGGER_REFUSES("legal_holds_stay", "BEFORE UPDATE ON legal_holds", "",
                    "a legal hold is placed and lifted, not changed"),
    BUMP_SNAPSHOT("retentions", "set", "INSERT"),
    BUMP_SNAPSHOT("retentions", "changed", "UPDATE"),
    BUMP_SNAPSHOT("legal_holds", "placed", "INSERT"),
    BUMP_SNAPSHOT("legal_holds", "lifted", "DELETE"),
    NULL,
};

/* Which key a rotation made this one in place of. */
static const char *const step_14[] = {
    "ALTER TABLE api_keys ADD COLUMN replaces TEXT NOT NULL DEFAULT ''",
    NULL,
};

/* Each a list of statements that ends with NULL. */
static const char *const *const steps[] = {step_1,  step_2,  step_3,  step_4, step_5,
                                           step_6,  step_7,  step_8,  step_9, step_10,
                                           step_11, step_12, step_13, step_14};

enum { STEP_COUNT = sizeof steps / sizeof *steps };

int migrate_newest(void)
{
    return STEP_COUNT;
}

static enum status check_known(const struct schema *now, struct error *e)
{
    if (!now->is_ours && !now->is_empty) {
        error_set(e, ERR_CORRUPT, "the database is not a control store");
        return error_hint(e, "Name the store's own file, or a schema of its own in PostgreSQL.");
    }
    if (now->step > STEP_COUNT) {
        error_set(e, ERR_CONFIG, "the control store has schema %d, this program knows up to %d",
                  now->step, STEP_COUNT);
        return error_hint(e, "Run the newer program that wrote it.");
    }
    return OK;
}

static enum status run_step(struct db *db, int number, struct error *e)
{
    for (const char *const *sql = steps[number - 1]; *sql; sql++) {
        if (schema_run(db, *sql, e) != OK) {
            return FAIL;
        }
    }
    return schema_mark(db, number, e);
}

enum status migrate(struct db *db, struct error *e)
{
    struct schema now;
    enum status status;

    /* Alone, so that two programs that start at once don't both migrate. */
    if (db->kind->begin(db, e) != OK) {
        return FAIL;
    }
    status = schema_read(db, &now, e);
    if (status == OK) {
        status = check_known(&now, e);
    }
    for (int number = now.step + 1; status == OK && number <= STEP_COUNT; number++) {
        status = run_step(db, number, e);
    }
    if (status == OK) {
        status = db->kind->commit(db, e);
    }
    if (status != OK) {
        db->kind->rollback(db);
    }
    return status;
}
