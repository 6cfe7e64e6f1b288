/* Stage 1. Binds the statement over the catalog and asks policy for its one decision. A plan that
 * was made under the newest snapshot keeps both; any other is made anew. */
#include "pipeline/statement.h"

#include "base/clock.h"
#include "dialect/dialect.h"
#include "pgcatalog/object_number.h"
#include "pgcatalog/show.h"
#include "pgcatalog/system_relation.h"
#include "pipeline/copy_in.h"
#include "pipeline/explain.h"

enum { LARGEST_PLAN = 512 << 20 }; /* bytes; the binder refuses what passes it */

static bool may_see(const void *caller, const struct table *t)
{
    return policy_may_touch(caller, t);
}

static bool knows_schema(const struct principal *who)
{
    return policy_role_may(who, ACTION_QUERY) || policy_role_may(who, ACTION_READ_SCHEMA);
}

static struct bind_context context_of(struct plan *p)
{
    struct governor *g = p->governor;
    const struct principal *who = g->principal;
    return (struct bind_context){
        .arena = p->now.arena,
        .listed = ARENA_NEW(p->now.arena, struct sql_listed),
        .catalog = p->now.snapshot.catalog,
        .space = principal_space(who),
        .may_see = may_see,
        .caller = who,
        .dialect = p->dialect, /* that it was parsed as */
        .stored_names = p->stored_names,
        .param_hints = p->hints,
        .param_hint_count = p->hint_count,
        .session_user = who->user_email.n ? who->user_email : who->key_prefix,
        .session_role = str_of(role_name(who->role)),
        .facts = g->facts,
        .may_create = policy_role_may(who, ACTION_DDL),
        .database = who->environment,
        .current = g->database,
        .path = g->path,
        .path_count = g->path_count,
        .variables = g->variables,
        .variable_count = g->variable_count,
        .temporary = p->now.snapshot.temporary,
        .may_read = policy_role_may(who, ACTION_QUERY),
        .may_write = policy_role_may(who, ACTION_WRITE),
        .may_delete = policy_role_may(who, ACTION_DELETE),
        .sees_definitions = policy_role_may(who, ACTION_DDL) && !who->allowed_schema_count &&
                            !who->allowed_table_count,
        .relation = knows_schema(who) ? system_relation : NULL,
        .find_object = knows_schema(who) ? object_number : NULL,
        .describe = knows_schema(who) ? show_described : NULL,
    };
}

/* What rules about the time of the week look at. */
static int64_t governor_now_us(const struct governor *g)
{
    return g->at_us ? g->at_us : clock_wall_us();
}

/* The role matrix speaks before names are resolved, so that who may do nothing learns nothing. */
static enum status may_at_all(const struct plan *p, struct error *e)
{
    const struct principal *who = p->governor->principal;
    if (!knows_schema(who) && !policy_role_may(who, ACTION_READ_AUDIT)) {
        return error_set(e, ERR_DENIED, "the role %s may not run statements", role_name(who->role));
    }
    return OK;
}

static enum status decide(const struct plan *p, const struct binding *b, struct arena *a,
                          struct decision **out, struct error *e)
{
    const struct snapshot *under = &p->now.snapshot;
    struct policy_request request = {p->governor->principal, b, under->catalog,
                                     governor_now_us(p->governor)};
    return policy_decide(under->policy, &request, a, out, e);
}

/* DESCRIBE in FROM: its query isn't run, and still must be one that may be. */
static enum status allow_described(struct plan *p, struct arena *a, const struct binding *b,
                                   struct error *e)
{
    for (size_t i = 0; i < b->described_count; i++) {
        struct decision *ignored;
        if (allow_described(p, a, b->described[i], e) != OK ||
            decide(p, b->described[i], a, &ignored, e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* DESCRIBE of a query: what may be read may be described. The answer is bound as the statement. */
static enum status describe_outputs(struct plan *p, const struct bind_context *ctx, struct error *e)
{
    struct prepared *now = &p->now;
    struct decision *ignored;
    now->stmt = show_outputs(ctx, now->binding);
    if (sql_bind(ctx, &now->stmt, &now->binding, e) != OK) {
        return FAIL;
    }
    if (decide(p, now->binding, now->arena, &ignored, e) != OK) {
        return FAIL;
    }
    now->decision = ignored;
    return policy_output_masks(now->decision, now->binding, now->arena, &now->masks, e);
}

static enum status bind_and_decide_as(struct plan *p, struct bind_context ctx, struct error *e)
{
    struct prepared *now = &p->now;
    now->stmt = node_copy(now->arena, p->source);
    if (dialect_name_outputs(now->arena, p->dialect, &now->stmt, e) != OK ||
        dialect_normalize(now->arena, p->dialect, &now->stmt, NULL, e) != OK) {
        return FAIL;
    }
    if (p->is_copy_in && copy_in_as_insert(&ctx, now->arena, &now->stmt, e) != OK) {
        return FAIL;
    }
    if (show_as_query(&ctx, &now->stmt, e) != OK) {
        return FAIL;
    }
    bool describes = now->stmt->kind == NODE_DESCRIBE;
    if (describes) {
        now->stmt = node_describe(now->stmt)->query;
    }
    if (sql_bind(&ctx, &now->stmt, &now->binding, e) != OK) {
        return FAIL;
    }
    if (now->stmt->kind == NODE_COPY) { /* COPY ... TO: its query is what the engine runs */
        now->stmt = node_copy_stmt(now->stmt)->query;
    }
    if (decide(p, now->binding, now->arena, &now->decision, e) != OK ||
        allow_described(p, now->arena, now->binding, e) != OK) {
        return FAIL;
    }
    if (describes) {
        return describe_outputs(p, &ctx, e);
    }
    return policy_output_masks(now->decision, now->binding, now->arena, &now->masks, e);
}

/* What a masked column is, only the decision says, and the decision needs the binding: where the
 * statement uses one as another type it is bound again, over columns of those types. */
static enum status bind_and_decide(struct plan *p, struct error *e)
{
    struct bind_context ctx = context_of(p);
    if (plan_explains(p)) {
        return explain_prepare(p, e);
    }
    if (bind_and_decide_as(p, ctx, e) != OK) {
        return FAIL;
    }
    if (!decision_changes_types(p->now.decision)) {
        return OK;
    }
    ctx.shown_type = decision_shown_type;
    ctx.shown = p->now.decision;
    return bind_and_decide_as(p, ctx, e);
}

void plan_forget(struct plan *p)
{
    struct governor *g = p->governor;
    const struct binding *b = p->now.binding;
    if (!b || statement_writes(b)) { /* what entries show of it depends on the table's columns */
        p->audit_text = STR_NULL;
    }
    if (p->now.is_engine_prepared) {
        engine_statement_close(g->pipeline->config.engine, g->engine_session,
                               p->now.engine.statement);
    }
    if (p->now.explained) {
        plan_destroy(p->now.explained);
    }
    snapshot_release(&p->now.snapshot);
    arena_free(p->now.arena);
    p->now = (struct prepared){0};
}

bool plan_is_current(struct plan *p)
{
    struct snapshot newest;
    struct error ignored = ERROR_INIT;
    if (!p->now.is_whole || plan_explains(p) || p->now.binding->asks_settings ||
        snapshot_take(p->governor, &newest, &ignored) != OK) {
        return false;
    }
    bool same = snapshot_same(&newest, &p->now.snapshot);
    snapshot_release(&newest);
    return same;
}

bool plan_policy_holds(struct plan *p)
{
    struct snapshot newest;
    struct error ignored = ERROR_INIT;
    if (!p->now.arena || snapshot_take(p->governor, &newest, &ignored) != OK) {
        return false;
    }
    bool same = newest.policy == p->now.snapshot.policy &&
                newest.role_version == p->now.snapshot.role_version;
    snapshot_release(&newest);
    return same;
}

/* Both numbers come from one counter, so the larger is that of the last change. */
enum status governor_rules(struct governor *g, uint64_t *out, struct error *e)
{
    struct snapshot newest;
    if (snapshot_take(g, &newest, e) != OK) {
        return FAIL;
    }
    uint64_t policies = policy_version(newest.policy);
    *out = policies > newest.role_version ? policies : newest.role_version;
    snapshot_release(&newest);
    return OK;
}

/* To whom nothing but the audit log is there, no other name is: that he may not is of more use to
 * him than that it doesn't exist, and tells as little. Gives FAIL. */
static enum status tell_auditor(const struct plan *p, struct error *e)
{
    const struct principal *who = p->governor->principal;
    bool is_unseen = e && (e->code == ERR_UNKNOWN_TABLE || e->code == ERR_UNKNOWN_SCHEMA);
    if (!knows_schema(who) && is_unseen) {
        *e = (struct error)ERROR_INIT;
        error_set(e, ERR_DENIED, "the role %s may only read the audit log", role_name(who->role));
    }
    return FAIL;
}

enum status plan_bind(struct plan *p, struct error *e)
{
    plan_forget(p);
    if (may_at_all(p, e) != OK) {
        return FAIL;
    }
    p->now.arena = arena_new(LARGEST_PLAN);
    if (snapshot_take(p->governor, &p->now.snapshot, e) != OK) {
        return FAIL;
    }
    p->now.is_whole = bind_and_decide(p, e) == OK || tell_auditor(p, e) == OK;
    return p->now.is_whole ? OK : FAIL;
}

bool statement_writes(const struct binding *b)
{
    switch (b->kind) {
    case STATEMENT_QUERY:
    case STATEMENT_EXPLAIN:
    case STATEMENT_COPY_OUT:
        return b->takes_numbers;
    case STATEMENT_INSERT:
    case STATEMENT_UPDATE:
    case STATEMENT_DELETE:
    case STATEMENT_MERGE:
    case STATEMENT_DDL:
    case STATEMENT_COPY_IN:
        return true;
    }
    return true;
}

/* A plan is bound and rewritten once a snapshot, but every run is decided anew: the time of the
 * week may speak in a rule. Filters and masks follow from the snapshot and the principal alone, so
 * those of the first decision stay good. */
static enum status decide_again(struct statement *s, struct error *e)
{
    struct plan *p = s->plan;
    if (decide(p, p->now.binding, s->arena, &s->decided, e) != OK) {
        return FAIL;
    }
    return allow_described(p, s->arena, p->now.binding, e);
}

/* SET row_security = off: all rows or an error, which is what a dump asks for. */
static enum status refuse_filtered(const struct decision *d, struct error *e)
{
    for (size_t i = 0; i < d->table_count; i++) {
        const struct table_verdict *v = &d->tables[i];
        if (!verdict_is_filtered(v)) {
            continue;
        }
        if (v->table->in_view) {
            error_set(e, ERR_DENIED, "a row filter would change what the statement does");
        } else {
            error_set(e, ERR_DENIED,
                      "a row filter on \"%.*s\" would change what the statement does",
                      STR_ARG(v->table->table->qualified));
        }
        return error_hint(e, "SET row_security = on to go on with the rows that you may see.");
    }
    return OK;
}

enum status plan_check_session(const struct plan *p, struct error *e)
{
    if (p->governor->read_only && statement_writes(p->now.binding)) {
        return error_set(e, ERR_READ_ONLY, "cannot execute %s in a read-only transaction",
                         plan_tag(p));
    }
    return p->governor->row_security_off ? refuse_filtered(p->now.decision, e) : OK;
}

enum status policy_check(struct statement *s, struct error *e)
{
    struct plan *p = s->plan;
    enum status status = plan_is_current(p) ? decide_again(s, e) : plan_bind(p, e);
    return status == OK ? plan_check_session(p, e) : FAIL;
}
