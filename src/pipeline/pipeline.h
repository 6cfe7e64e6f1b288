/* The pipeline: nine stages between a client's statement and its result.
 *
 * A caller (the wire session, later REST) opens a pipeline session for a principal, makes a plan
 * from one parsed statement, and runs it as often as it likes. A plan remembers the versions it was
 * made under; when policy, catalog, role or tenant changed, running it makes it anew first. */
#ifndef PIPELINE_PIPELINE_H
#define PIPELINE_PIPELINE_H

#include "base/arrow.h"
#include "base/error.h"
#include "base/value.h"
#include "engine/engine.h"
#include "policy/principal.h"
#include "sql/parse.h"

struct audit;
struct keyring;
struct ledger;
struct store;
struct tally;
struct pipeline;
struct governor; /* session of the pipeline: a principal, an engine session, its settings */
struct plan;
struct policy_document;

struct pipeline_config {
    struct engine *engine;
    struct store *store;
    /* These three may be NULL where nothing is run and nothing goes on record (explanation.h). */
    struct ledger *ledger;
    struct audit *audit;
    struct tally *tally;           /* counts what ran; NULL: nothing does */
    const struct keyring *keyring; /* for the tenants' keys of the hash mask; NULL where nothing is
                                      run, only explained */
    int64_t statement_timeout_ms;  /* the server's limit; 0: none */
    int64_t jit_minutes_max;       /* longest just-in-time grant */
    enum dialect dialect;          /* of new sessions */
    struct parse_limits limits;

    /* Policies to decide by instead of the store's, for trying them before they are applied. */
    bool has_policies;
    const struct policy_document *policies;
    size_t policy_count;
};

/* Makes the pipeline and its first snapshots of catalog and policy. What the configuration names
 * stays the caller's and must outlive it. */
MUST_USE enum status pipeline_new(const struct pipeline_config *c, struct pipeline **out,
                                  struct error *e);
void pipeline_free(struct pipeline *p); /* NULL is allowed; no governor may be open */

/* A pipeline over the same engine and store that asks what would be decided, by these policies
 * where `given`, else by those that are stored: it runs nothing, and nothing goes on record. To be
 * freed before `p`. */
MUST_USE enum status pipeline_for_asking(const struct pipeline *p, bool given,
                                         const struct policy_document *policies, size_t n,
                                         struct pipeline **out, struct error *e);

/* Is nothing left of an environment on the engine but schemas? With `drop` these go. ERR_EXISTS:
 * there is something in one of them, which stays. */
MUST_USE enum status pipeline_clear_environment(struct pipeline *p, struct space space, bool drop,
                                                struct error *e);

/* Writes the changes that administrators made from the command line into the audit log. */
MUST_USE enum status pipeline_record_changes(struct pipeline *p, struct error *e);

/* The same without a pipeline, for a control plane alone. */
MUST_USE enum status iam_record(struct store *s, struct audit *log, struct error *e);

/* What statements of new sessions are parsed as, and the limits that they are parsed under. */
enum dialect pipeline_dialect(const struct pipeline *p);
const struct parse_limits *pipeline_parse_limits(const struct pipeline *p);

/* policy_fits() in each of these environments of the document's organization, over the tables of
 * now. */
MUST_USE enum status pipeline_policy_fits(struct pipeline *p, const struct policy_document *d,
                                          const struct str *environments, size_t n,
                                          struct error *e);

struct governor_options {
    struct str session_id;
    struct str application; /* what the client says it is: for the audit, never for policy */
    int64_t at_us;          /* the time that rules look at, since 1970 UTC; 0: the clock's */
};

/* Opens an engine session for the principal (copied). */
MUST_USE enum status governor_open(struct pipeline *p, const struct principal *who,
                                   const struct governor_options *o, struct governor **out,
                                   struct error *e);
/* From now on statements are decided for this role of the same principal (copied): a just-in-time
 * grant began or ended. Plans are made anew, rows that wait are shown to nobody. FAIL where the
 * open transaction has written with a grant that is over: it must be rolled back. */
MUST_USE enum status governor_set_role(struct governor *g, enum role role, struct str grant_id,
                                       struct error *e);
void governor_close(struct governor *g); /* rolls back an open transaction; NULL is allowed */

/* How many statements of the principal's organization may run at once. May read the store. */
int64_t governor_concurrency(const struct governor *g);

/* Settings that bear on statements; the session sets them (SET statement_timeout ...). */
void governor_set_timeout(struct governor *g, int64_t milliseconds); /* 0: the server's limit */
void governor_set_dialect(struct governor *g, enum dialect d);
/* Off lifts no row filter: as in PostgreSQL, a statement on a table that has one for this principal
 * is then refused. The tenant predicate is no filter. */
void governor_set_row_security(struct governor *g, bool on);
/* The zone of timestamps with time zone, in statements; "UTC" at first. Plans that were made under
 * another are made anew. ERR_BAD_SETTING where the engine has none of this name. Text in the log
 * and under a mask stays as in UTC. */
MUST_USE enum status governor_set_time_zone(struct governor *g, const char *name, struct error *e);
/* Catalogs show names as they are stored, whatever the dialect. */
void governor_show_stored_names(struct governor *g, bool stored);
/* What the audit log is to say of the request: texts of at most 128 bytes (copied; more is cut). */
void governor_set_request_id(struct governor *g, struct str id);
void governor_set_reasoning(struct governor *g, struct str parent_request_id, struct str step);
/* What functions such as pg_backend_pid() tell; kept, not copied. */
struct session_facts;
void governor_set_facts(struct governor *g, const struct session_facts *facts);
/* The database that names without one are of, empty: the environment's own, and the schemas where
 * bare names are looked for, in order (copied). Plans that were made under
 * another path are made anew. */
void governor_set_path(struct governor *g, struct str database, const struct str *path, size_t n);

/* Variables of the session (copied): constants that statements name as $name. `type` is BOOL, a
 * number, text, a date or time, UUID or JSON; `text` in PostgreSQL's text form, STR_NULL for NULL.
 * No policy reads them. */
enum { GOVERNOR_VARIABLES_MAX = 256, GOVERNOR_VARIABLE_BYTES = 1 << 20 };
MUST_USE enum status governor_set_variable(struct governor *g, struct str name,
                                           const struct type *type, struct str text,
                                           struct error *e);
void governor_unset_variable(struct governor *g, struct str name);

/* DISCARD TEMP: temporary tables, views and sequences go. */
MUST_USE enum status governor_discard_temporary(struct governor *g, struct error *e);
/* DISCARD ALL: variables go too. Not in a transaction. */
MUST_USE enum status governor_discard(struct governor *g, struct error *e);

/* For USE: is the schema there in that database (empty: the environment's own), is the database? */
MUST_USE enum status governor_has_schema(struct governor *g, struct str database, struct str name,
                                         bool *out, struct error *e);
MUST_USE enum status governor_has_database(struct governor *g, struct str name, bool *out,
                                           struct error *e);

/* Transactions. The session keeps the protocol's state (idle, open, failed); these
 * tell the engine. */
MUST_USE enum status governor_begin(struct governor *g, bool read_only, struct error *e);
void governor_set_read_only(struct governor *g);    /* what is left of the open transaction */
uint64_t governor_writes(const struct governor *g); /* begun in the open transaction */
MUST_USE enum status governor_commit(struct governor *g, struct error *e);
MUST_USE enum status governor_rollback(struct governor *g, struct error *e);

/* A statement that never became a plan (it didn't parse): its outcome entry. */
MUST_USE enum status governor_record_failure(struct governor *g, struct str text,
                                             const struct error *why, struct error *e);

/* Stops the running statement; any thread. */
void governor_cancel(struct governor *g);

/* A statement begins: a cancel from now on is for it, wherever in the stages it is. */
void governor_heed(struct governor *g);

/* Stage one and what describing needs; a plan that the session made before from the same text, and
 * that is still current, is used again. `stmt` and `text` (that statement's own source text) are
 * copied. A denial is in the audit log when this returns. `hints` are the client's parameter types,
 * NULL or kind TYPE_UNKNOWN where it said nothing. */
MUST_USE enum status plan_make(struct governor *g, const struct node *stmt, struct str text,
                               const struct type *const *hints, size_t hint_count,
                               struct plan **out, struct error *e);
/* EXPLAIN POLICY of the statement of another plan, in its dialect and with its parameters; `text`
 * is what goes on record. */
MUST_USE enum status plan_explain(const struct plan *of, struct str text, struct plan **out,
                                  struct error *e);
void plan_free(struct plan *p); /* NULL is allowed; before governor_close() */

/* Valid as long as the plan. Parameters that nothing types are TEXT. */
const struct type *const *plan_params(const struct plan *p, size_t *count);
const struct engine_column *plan_columns(const struct plan *p, size_t *count);
bool plan_returns_rows(const struct plan *p);
bool plan_explains(const struct plan *p); /* EXPLAIN: it runs without values for its parameters */

/* Are the policies and the role that the plan was decided under still those of now? For rows that
 * wait. */
bool plan_policy_holds(struct plan *p);

/* Policies and role of now as one number, which each change of either makes larger: for rows that
 * wait without a plan of their own. */
MUST_USE enum status governor_rules(struct governor *g, uint64_t *out, struct error *e);

const char *plan_tag(const struct plan *p); /* "SELECT", "INSERT" ...: of CommandComplete */

/* Where a result goes. The columns come once, before the first batch, as they will really be (a
 * masked column may have become text). A FAIL from a call ends the statement with that error. */
struct result_sink {
    enum status (*columns)(struct result_sink *s, const struct engine_column *columns, size_t n,
                           struct error *e);
    enum status (*batch)(struct result_sink *s, const struct ArrowArray *batch, struct error *e);
    uint64_t bytes; /* as the client gets the values: each sink adds what it encodes of a batch */
};

struct run_result {
    int64_t rows; /* returned or changed */
};

/* Runs all nine stages. OK: the sink has the whole result and the outcome is durable in the audit
 * log; only then may the caller show any of it. FAIL: nothing of the sink may be shown. */
MUST_USE enum status plan_run(struct plan *p, const struct value *params, size_t param_count,
                              struct result_sink *sink, struct run_result *out, struct error *e);

/* COPY FROM STDIN: the plan of a COPY ... FROM takes its rows from `next`, which gives one row of
 * values a call (column_count of plan_copy_columns), or *done. */
struct row_source {
    enum status (*next)(struct row_source *s, const struct value **row, bool *done,
                        struct error *e);
};
const struct engine_column *plan_copy_columns(const struct plan *p, size_t *count);
MUST_USE enum status plan_run_copy(struct plan *p, struct row_source *rows, struct run_result *out,
                                   struct error *e);

#endif
