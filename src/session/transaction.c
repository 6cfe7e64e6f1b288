/* Transaction blocks, as PostgreSQL's clients know them. The engine's transaction is rolled back as
 * soon as a statement of it failed; what is left of the block until ROLLBACK is its failed state
 * alone. */
#include "base/clock.h"
#include "base/log.h"
#include "session/advisory.h"
#include "session/state.h"

static bool in_transaction(const struct session *s)
{
    return s->block == BLOCK_OPEN || s->implicit;
}

enum settings_scope transaction_scope(const struct session *s)
{
    return in_transaction(s) ? SETTINGS_TRANSACTION : SETTINGS_SESSION;
}

/* Numbers only grow, also over restarts, and are none twice: microseconds of the clock, so that
 * they tell nothing of how much others do. */
static int64_t next_id(void)
{
    static atomic_llong last;
    int64_t now = clock_wall_us();
    long long before = atomic_load(&last);
    while (!atomic_compare_exchange_weak(&last, &before, now > before ? now : before + 1)) {
    }
    return now > before ? now : before + 1;
}

int64_t transaction_id(const void *session, bool assign)
{
    struct session *s = (struct session *)(uintptr_t)session;
    if (!in_transaction(s)) {
        return assign ? next_id() : 0;
    }
    if (s->transaction_id == 0 && (assign || governor_writes(s->governor) > 0)) {
        s->transaction_id = next_id();
    }
    return s->transaction_id;
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

/* Values that were in force before are in force again: nothing of that can be refused. */
static void apply_settings(struct session *s)
{
    struct error e = ERROR_INIT;
    if (session_apply_settings(s, &e)) {
        session_fatal(s, &e);
    }
}

/* The block is over, or failed: what lives only in it goes. */
static void leave(struct session *s, bool committed)
{
    s->block = BLOCK_NONE;
    s->implicit = false;
    s->read_only = s->has_run = false;
    s->transaction_id = 0;
    settings_end(s->settings, committed);
    apply_settings(s);
    extended_drop_portals(s);
    cursor_end_transaction(s, committed);
    advisory_end_transaction(s->locks);
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
    savepoints_drop(s);
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
    if (!explicitly) {
        savepoints_drop(s);
    }
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

enum status transaction_set_access(struct session *s, bool read_only, struct error *e)
{
    if (s->block == BLOCK_NONE && !s->implicit) {
        session_warn(s, "25P01", "SET TRANSACTION can only be used in transaction blocks");
        return OK;
    }
    if (read_only) {
        s->read_only = true;
        governor_set_read_only(s->governor);
        return OK;
    }
    if (!s->read_only) {
        return OK;
    }
    if (s->has_run || s->savepoints) {
        return error_set(e, ERR_IN_TRANSACTION,
                         "transaction read-write mode must be set before any query");
    }
    s->read_only = false;
    undo(s);
    return governor_begin(s->governor, false, e);
}

static enum status check_isolation(const struct node_transaction *n, struct error *e)
{
    if (n->isolation != ISOLATION_SERIALIZABLE) {
        return OK;
    }
    error_at(e, ERR_UNSUPPORTED, n->base.offset, "isolation level SERIALIZABLE is not supported");
    return error_hint(e, "A transaction sees one snapshot: ask for REPEATABLE READ.");
}

static enum status begin(struct session *s, const struct node_transaction *n, struct error *e)
{
    if (s->block == BLOCK_OPEN) {
        session_warn(s, "25001", "there is already a transaction in progress");
        return OK;
    }
    if (check_isolation(n, e)) {
        return FAIL;
    }
    bool read_only = n->access == SAID_NOTHING ? settings_is_on(s->settings, SET_DEFAULT_READ_ONLY)
                                               : n->access == SAID_YES;
    /* After earlier statements of the same message, they become part of the block. */
    if (s->implicit ? transaction_set_access(s, read_only, e)
                    : governor_begin(s->governor, read_only, e)) {
        return FAIL;
    }
    s->has_run = s->implicit && s->has_run;
    s->read_only = read_only;
    s->implicit = false;
    s->block = BLOCK_OPEN;
    return OK;
}

/* AND CHAIN: the next one has the characteristics of this one. */
static enum status chain(struct session *s, bool read_only, struct error *e)
{
    if (governor_begin(s->governor, read_only, e)) {
        return FAIL;
    }
    s->read_only = read_only;
    s->block = BLOCK_OPEN;
    return OK;
}

static enum status set(struct session *s, const struct node_transaction *n, struct error *e)
{
    if (check_isolation(n, e)) {
        return FAIL;
    }
    if (n->access == SAID_NOTHING) {
        return s->block == BLOCK_NONE && !s->implicit ? transaction_set_access(s, true, e) : OK;
    }
    return transaction_set_access(s, n->access == SAID_YES, e);
}

/* SET SESSION CHARACTERISTICS AS TRANSACTION: what the next ones get. */
static enum status set_session(struct session *s, const struct node_transaction *n, struct error *e)
{
    if (check_isolation(n, e)) {
        return FAIL;
    }
    return n->access == SAID_NOTHING ? OK
                                     : settings_set(s->settings, SET_DEFAULT_READ_ONLY,
                                                    n->access == SAID_YES ? STR("on") : STR("off"),
                                                    transaction_scope(s), e);
}

/* A driver may have passed over the refused ROLLBACK TO, and takes the answer ROLLBACK for a yes.
 */
static enum status lost_savepoint(struct error *e)
{
    error_set(e, ERR_IN_FAILED_TRANSACTION,
              "the transaction is rolled back: it could not go back to a savepoint");
    return error_hint(e, "Do it again without what failed; or commit before what may fail.");
}

static enum status end_commit(struct session *s, struct result *out, struct error *e)
{
    if (s->block == BLOCK_FAILED) {
        bool is_lost = s->has_lost_savepoint;
        savepoints_drop(s);
        leave(s, false);
        result_tag(out, "ROLLBACK", -1);
        return is_lost ? lost_savepoint(e) : OK;
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
    savepoints_drop(s);
    leave(s, false);
}

static enum status end(struct session *s, const struct node_transaction *t, struct result *out,
                       struct error *e)
{
    bool read_only = s->read_only, was_open = s->block != BLOCK_NONE;
    if (t->chain && !was_open) {
        return error_at(e, ERR_NO_TRANSACTION, t->base.offset,
                        "%s AND CHAIN can only be used in transaction blocks",
                        t->verb == TXN_COMMIT ? "COMMIT" : "ROLLBACK");
    }
    if (t->verb == TXN_ROLLBACK) {
        end_rollback(s);
    } else if (end_commit(s, out, e)) {
        return FAIL;
    }
    return t->chain ? chain(s, read_only, e) : OK;
}

enum status transaction_statement(struct session *s, const struct node *n, struct result *out,
                                  struct error *e)
{
    const struct node_transaction *t = node_transaction_const(n);
    switch ((enum transaction_verb)t->verb) {
    case TXN_BEGIN:
        result_tag(out, "BEGIN", -1);
        return begin(s, t, e);
    case TXN_COMMIT:
        result_tag(out, "COMMIT", -1);
        return end(s, t, out, e);
    case TXN_ROLLBACK:
        result_tag(out, "ROLLBACK", -1);
        return end(s, t, out, e);
    case TXN_SAVEPOINT:
        result_tag(out, "SAVEPOINT", -1);
        return savepoint_set(s, t->savepoint, e);
    case TXN_RELEASE:
        result_tag(out, "RELEASE", -1);
        return savepoint_release(s, t->savepoint, e);
    case TXN_ROLLBACK_TO:
        result_tag(out, "ROLLBACK", -1);
        return savepoint_rollback(s, t->savepoint, e);
    case TXN_SET:
        result_tag(out, "SET", -1);
        return set(s, t, e);
    case TXN_SET_SESSION:
        result_tag(out, "SET", -1);
        return set_session(s, t, e);
    }
    return error_set(e, ERR_INTERNAL, "not a statement of a transaction");
}
