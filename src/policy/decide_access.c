/* May this role and key do it at all, and to these tables? Asked before any policy. */
#include "base/buf.h"
#include "policy/decide_priv.h"

static const char *const verbs[ACTION_COUNT] = {
    [ACTION_QUERY] = "read data",
    [ACTION_WRITE] = "change data",
    [ACTION_DELETE] = "delete rows",
    [ACTION_DDL] = "change the schema",
    [ACTION_READ_SCHEMA] = "read the schema",
    [ACTION_READ_AUDIT] = "read the audit log",
    [ACTION_MANAGE] = "manage the organization",
    [ACTION_BILLING] = "see billing",
};

static const char *const scopes_wanted[ACTION_COUNT] = {
    [ACTION_QUERY] = "query:read",
    [ACTION_WRITE] = "query:write",
    [ACTION_DELETE] = "query:write",
    [ACTION_DDL] = "schema:write",
    [ACTION_READ_SCHEMA] = "schema:read",
    [ACTION_READ_AUDIT] = "admin",
    [ACTION_MANAGE] = "admin",
    [ACTION_BILLING] = "admin",
};

const char *decide_verb(enum action a)
{
    return verbs[a];
}

static enum status check_action(struct deciding *d, enum action action)
{
    if (policy_role_may(d->who, action)) {
        return OK;
    }
    struct principal unscoped = *d->who;
    unscoped.scopes = ~0u;
    decide_note(d, STR_NULL, STR("role"), "deny", STR_NULL, NULL);
    if (d->who->role == ROLE_AUDITOR) {
        return error_set(d->error, ERR_DENIED, "the role auditor may only read the audit log");
    }
    if (policy_role_may(&unscoped, action)) {
        error_set(d->error, ERR_DENIED, "the key may not %s: it lacks the scope %s", verbs[action],
                  scopes_wanted[action]);
        return error_hint(d->error, "Use a key that has the scope %s.", scopes_wanted[action]);
    }
    error_set(d->error, ERR_DENIED, "the role %s may not %s", role_name(d->who->role),
              verbs[action]);
    return error_hint(d->error, "Ask for a role that may: CALL hatidata.request_role(), or an "
                                "owner or admin of your organization.");
}

enum action policy_main_action(const struct binding *b)
{
    switch (b->kind) {
    case STATEMENT_QUERY:
    case STATEMENT_EXPLAIN:
    case STATEMENT_COPY_OUT:
        return ACTION_QUERY;
    case STATEMENT_INSERT:
    case STATEMENT_UPDATE:
    case STATEMENT_MERGE:
    case STATEMENT_COPY_IN:
        return ACTION_WRITE;
    case STATEMENT_DELETE:
        return ACTION_DELETE;
    case STATEMENT_DDL:
        return ACTION_DDL;
    }
    return ACTION_MANAGE; /* nothing that a statement may do */
}

bool decide_is_read(const struct bound_table *t)
{
    bool read = !t->written;
    for (size_t i = 0; !read && i < t->table->column_count; i++) {
        read = t->columns_used[i];
    }
    return read;
}

static bool reads_audit_log(const struct binding *b)
{
    bool reads = false;
    for (size_t i = 0; i < b->table_count; i++) {
        reads |= b->tables[i]->table->scope == SCOPE_AUDIT;
    }
    return reads;
}

/* Of a statement that reads the log: it needs no other right. What the auditor can't see he can't
 * name (policy_may_touch), so sub-queries over nothing but constants are all there may be beside
 * it. */
static bool reads_nothing_else(const struct binding *b)
{
    bool only = policy_main_action(b) == ACTION_QUERY && !b->takes_numbers && !b->also_deletes;
    for (size_t i = 0; i < b->table_count; i++) {
        only = only && b->tables[i]->table->scope == SCOPE_AUDIT;
    }
    return only;
}

enum status decide_actions(struct deciding *d)
{
    const struct binding *b = d->binding;
    bool reads = b->output_count > 0;
    for (size_t i = 0; !reads && i < b->table_count; i++) {
        reads = decide_is_read(b->tables[i]);
    }
    bool reads_log = reads_audit_log(b);
    if (reads_log && check_action(d, ACTION_READ_AUDIT) != OK) {
        return FAIL;
    }
    if (reads_log && reads_nothing_else(b)) {
        return OK;
    }
    if (check_action(d, policy_main_action(b)) != OK ||
        (b->also_deletes && check_action(d, ACTION_DELETE) != OK) ||
        (b->takes_numbers && check_action(d, ACTION_WRITE) != OK)) {
        return FAIL;
    }
    return reads ? check_action(d, ACTION_QUERY) : OK;
}

/* ---- which tables at all ---- */

/* The text of a table that isn't there, with the name as the client wrote it. */
static enum status refuse_table(struct deciding *d, const struct table *t, const struct node *ref)
{
    struct buf name = BUF_INIT(400);
    size_t offset = 0;
    const struct node *written =
        ref && ref->kind == NODE_TABLE_REF ? node_table_ref_const(ref)->name : NULL;
    const struct node_list *parts = written ? &node_name_const(written)->parts : NULL;
    for (size_t i = 0; parts && i < parts->n; i++) {
        buf_puts(&name, i ? "." : "");
        buf_put_str(&name, node_ident_const(parts->at[i])->text);
        offset = written->offset;
    }
    if (!parts) {
        buf_put_str(&name, t->name);
    }
    struct str text = buf_str(&name);
    error_set(d->error, ERR_UNKNOWN_TABLE, "relation \"%.*s\" does not exist", STR_ARG(text));
    if (written) {
        d->error->position = (int64_t)offset;
    }
    buf_free(&name);
    return decide_deny(d, STR_NULL, STR("allowed tables"));
}

/* Shared tables belong to the operator: their schema to nobody here, common ones not even to write.
 */
static enum status check_shared(struct deciding *d, const struct table *t, bool written, bool ddl)
{
    if (t->scope == SCOPE_AUDIT && (written || ddl)) {
        error_set(d->error, ERR_DENIED, "the audit log can only be read");
        return decide_deny(d, STR_NULL, STR("audit log"));
    }
    if (t->scope == SCOPE_PRIVATE || (!ddl && !(written && t->scope == SCOPE_COMMON))) {
        return OK;
    }
    error_set(d->error, ERR_DENIED, "\"%.*s\" is shared between organizations: %s",
              STR_ARG(t->qualified),
              ddl ? "only an operator changes its schema" : "it can only be read");
    return decide_deny(d, STR_NULL, STR("shared table"));
}

static enum status check_table(struct deciding *d, const struct table *t, const struct node *ref,
                               bool written, bool ddl)
{
    if (!policy_may_touch(d->who, t) ||
        (t->scope == SCOPE_PRIVATE && !space_same(t->space, principal_space(d->who)))) {
        return refuse_table(d, t, ref);
    }
    if ((t->scope == SCOPE_TENANT || t->scope == SCOPE_AUDIT) &&
        (t->tenant_column < 0 || (size_t)t->tenant_column >= t->column_count)) {
        return refuse_table(d, t, ref);
    }
    return check_shared(d, t, written, ddl);
}

enum status decide_touch(struct deciding *d)
{
    const struct binding *b = d->binding;
    for (size_t i = 0; i < b->table_count; i++) {
        const struct bound_table *t = b->tables[i];
        if (check_table(d, t->table, t->ref, t->written, false) != OK) {
            return FAIL;
        }
    }
    if (b->kind != STATEMENT_DDL) {
        return OK;
    }
    bool limited = d->who->allowed_schema_count || d->who->allowed_table_count;
    if (limited && (b->creates || !b->ddl_table_count)) {
        error_set(d->error, ERR_DENIED,
                  "a key that is limited to some tables may not create others");
        return decide_deny(d, STR_NULL, STR("allowed tables"));
    }
    for (size_t i = 0; i < b->ddl_table_count; i++) {
        if (check_table(d, b->ddl_tables[i], NULL, false, true) != OK) {
            return FAIL;
        }
    }
    return OK;
}
