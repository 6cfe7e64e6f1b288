/* Transaction blocks, as PostgreSQL's clients know them. The engine's transaction is rolled back as
 * soon as a statement of it failed; what is left of the block until ROLLBACK is its failed state
 * alone. */
#include "base/log.h"
#include "session/state.h"

static bool in_transaction(const struct session *s)
{
    return s->block == BLOCK_OPEN || s->implicit;
}

enum settings_scope transaction_scope(const struct session *s)
{
    return in_transaction(s) ? SETTINGS_TRANSACTION : SETTINGS_SESSION;
}

enum status transaction_implicit(struct session *s, struct error *e)
{
    if (s->block != BLOCK_NONE || s->implicit) {
        return OK;
    }
    bool read_only = settings_is_on(s->settings, SET_DEFAULT_READ_ONLY);
    if (governor_begin(s->governor, read_only, e)) {
        return FAIL;
    }
    s->read_only = read_only;
    s->implicit = true;
    return OK;
}

/* The block is over: what lives only in it goes. */
static void leave(struct session *s, bool committed)
{
    s->block = BLOCK_NONE;
    s->implicit = false;
    s->read_only = false;
    settings_end(s->settings, committed);
    session_apply_settings(s);
    extended_drop_portals(s);
    cursor_end_transaction(s, committed);
}

static void undo(struct session *s)
{
    struct error e = ERROR_INIT;
    if (governor_rollback(s->governor, &e)) {
        log_warn("session", "rollback failed: %s", error_info(e.code)->name);
    }
}

/* What was written with a granted role must not be there once that is over, however long the client
 * waited with the end. */
static enum status may_commit(struct session *s, struct error *e)
{
    return s->login->principal->grant_id.n ? standing_refresh(s, e) : OK;
}

static enum status commit(struct session *s, struct error *e)
{
    if (may_commit(s, e) || governor_commit(s->governor, e)) {
        undo(s);
        leave(s, false);
        return FAIL;
    }
    leave(s, true);
    return OK;
}

enum status transaction_end_implicit(struct session *s, struct error *e)
{
    return s->implicit && s->block == BLOCK_NONE ? commit(s, e) : OK;
}

void transaction_fail(struct session *s)
{
    if (!in_transaction(s)) {
        return;
    }
    bool explicitly = s->block == BLOCK_OPEN;
    undo(s);
    leave(s, false);
    s->block = explicitly ? BLOCK_FAILED : BLOCK_NONE;
}

bool transaction_allows(const struct session *s, const struct node *stmt)
{
    if (s->block != BLOCK_FAILED) {
        return true;
    }
    if (!stmt || stmt->kind != NODE_TRANSACTION) {
        return false;
    }
    int verb = node_transaction_const(stmt)->verb;
    return verb == TXN_COMMIT || verb == TXN_ROLLBACK || verb == TXN_ROLLBACK_TO;
}

static enum status begin(struct session *s, const struct node_transaction *n, struct error *e)
{
    if (s->block == BLOCK_OPEN) {
        session_warn(s, "25001", "there is already a transaction in progress");
        return OK;
    }
    if (n->isolation == ISOLATION_SERIALIZABLE) {
        error_at(e, ERR_UNSUPPORTED, n->base.offset,
                 "isolation level SERIALIZABLE is not supported");
        return error_hint(e, "A transaction sees one snapshot: ask for REPEATABLE READ.");
    }
    bool read_only = n->read_only || settings_is_on(s->settings, SET_DEFAULT_READ_ONLY);
    /* After earlier statements of the same message, they become part of the block. */
    if (!s->implicit && governor_begin(s->governor, read_only, e)) {
        return FAIL;
    }
    s->read_only = read_only;
    s->implicit = false;
    s->block = BLOCK_OPEN;
    return OK;
}

static enum status end_commit(struct session *s, struct result *out, struct error *e)
{
    if (s->block == BLOCK_FAILED) {
        leave(s, false);
        result_tag(out, "ROLLBACK", -1);
        return OK;
    }
    if (s->block == BLOCK_NONE) {
        session_warn(s, "25P01", "there is no transaction in progress");
    }
    return in_transaction(s) ? commit(s, e) : OK;
}

static void end_rollback(struct session *s)
{
    if (s->block == BLOCK_NONE) {
        session_warn(s, "25P01", "there is no transaction in progress");
    }
    if (in_transaction(s)) {
        undo(s);
    }
    leave(s, false);
}

enum status transaction_statement(struct session *s, const struct node *n, struct result *out,
                                  struct error *e)
{
    const struct node_transaction *t = node_transaction_const(n);
    if (t->chain || t->deferrable) {
        return error_at(e, ERR_UNSUPPORTED, n->offset, "%s is not supported",
                        t->chain ? "AND CHAIN" : "DEFERRABLE");
    }
    switch ((enum transaction_verb)t->verb) {
    case TXN_BEGIN:
        result_tag(out, "BEGIN", -1);
        return begin(s, t, e);
    case TXN_COMMIT:
        result_tag(out, "COMMIT", -1);
        return end_commit(s, out, e);
    case TXN_ROLLBACK:
        result_tag(out, "ROLLBACK", -1);
        end_rollback(s);
        return OK;
    case TXN_SAVEPOINT:
    case TXN_RELEASE:
    case TXN_ROLLBACK_TO:
        break;
    case TXN_SET:
    case TXN_SET_SESSION:
        error_at(e, ERR_UNSUPPORTED, n->offset,
                 "SET of transaction characteristics is not supported");
        return error_hint(e, "Say them in BEGIN, or set default_transaction_read_only.");
    }
    error_at(e, ERR_UNSUPPORTED, n->offset, "savepoints are not supported");
    return error_hint(e, "Use one transaction for what must succeed or fail together.");
}
