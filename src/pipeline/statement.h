/* What passes through the nine stages: one run of one plan. Internal to src/pipeline/. */
#ifndef PIPELINE_STATEMENT_H
#define PIPELINE_STATEMENT_H

#include <pthread.h>
#include <stdatomic.h>

#include "audit/audit.h"
#include "base/id.h"
#include "meter/meter.h"
#include "pipeline/pipeline.h"
#include "pipeline/row_filter.h"
#include "policy/policy.h"
#include "sql/bind.h"

/* Everything that can change what a statement means: held by a statement from start to end. */
struct snapshot {
    struct catalog *catalog;
    struct catalog *temporary; /* the session's own tables; NULL: it never made one */
    struct policy_snapshot *policy;
    uint64_t names_version; /* of the session's search path and variables */
    uint64_t role_version;  /* of the principal's role */
};

struct map;

struct store_policy;

struct pipeline {
    struct pipeline_config config;
    uint64_t engine_session; /* for reading the catalog */
    pthread_mutex_t lock;    /* guards what follows */
    struct snapshot current;
    uint64_t store_version; /* that `current` was made from */
    uint64_t catalog_seen, versions;
    struct map *policies_told;       /* of organizations: the policies that an entry told of last */
    struct map *schemas;             /* public of environments, known to be on the engine */
    _Atomic uint64_t catalog_wanted; /* moves with each committed change of schema */
};

/* A text that the client chose, for the audit log. */
enum { LABEL_MAX = 128 };
struct label {
    char text[LABEL_MAX];
    size_t n;
};
#define LABEL_STR(l) ((struct str){(l).text, (l).n})

struct governor {
    struct pipeline *pipeline;
    struct arena *arena;
    const struct principal *principal;
    uint64_t role_version; /* moves when he gets another role */
    struct str session_id;
    struct label request_id, parent_request_id, reasoning_step;
    uint64_t engine_session;
    const struct session_facts *facts; /* for functions; NULL: none */
    enum dialect dialect;
    int64_t timeout_ms;
    int64_t at_us; /* decisions are of this time; 0: of the clock's */
    bool in_transaction, read_only, row_security_off;
    bool stored_names; /* catalogs show names as they are stored */
    struct str *path;  /* where bare names are looked for */
    size_t path_count;
    struct arena *path_arena;
    struct str database; /* that it uses, within path_arena; empty: the environment's */
    struct session_variable *variables; /* each text of the heap */
    size_t variable_count;
    uint64_t names_version;      /* of path and variables: plans depend on both */
    struct catalog *temporary;   /* the session's own tables; NULL: it never made one */
    struct catalog *own_catalog; /* after a change of schema in the open transaction */
    uint64_t own_store_version;  /* of the control store, when own_catalog was made */
    bool schema_changed;         /* in the open transaction */
    bool temporary_changed;      /* in the open transaction */
    uint64_t writes;             /* begun in the open transaction: its end is on record too */
    char time_zone[64];
    struct plan *kept; /* plan_cache.c: the one used last first */
    size_t kept_count;
};

/* What a plan is made into, under one snapshot; made anew when the snapshot is no longer the
 * newest. */
struct prepared {
    struct arena *arena;
    struct snapshot snapshot;
    bool is_whole;     /* bound and decided, and no later stage failed half-way: it may run again */
    struct node *stmt; /* bound, later rewritten */
    struct binding *binding;
    struct decision *decision;
    const struct mask **masks; /* [i] of output i; function MASK_NONE: none */
    bool is_rewritten;         /* row filter has passed */
    struct row_filter_params extra;
    struct str engine_sql;              /* empty until transpile has passed */
    struct str *before_sql, *after_sql; /* of binding->before, binding->after */
    struct engine_prepared engine;
    bool is_engine_prepared;
    struct audit_entry *shown; /* names and verdicts of its entries; NULL before the first */
    struct plan *explained; /* EXPLAIN: the plan of the statement that it tells about, never run */
};

struct plan {
    struct governor *governor;
    struct arena *arena;
    struct node *source; /* as parsed */
    struct str text;
    struct str audit_text;       /* of audit_text(); empty before the first entry */
    uint64_t audit_text_version; /* of the patterns that it was made under */
    const struct type *const *hints;
    size_t hint_count;
    enum dialect dialect; /* of the session when it was made */
    bool stored_names;    /* likewise */
    struct plan *next_kept;
    bool is_copy_in;
    bool explains_another; /* plan_explain(): the parameters aren't of this text */
    struct prepared now;
    const struct type **params;
    size_t param_count;
    struct engine_column *columns; /* as clients see them: masks applied */
    size_t column_count;
    struct engine_column *copy_columns;
    size_t copy_column_count;
};

enum stage_id {
    STAGE_POLICY_CHECK,
    STAGE_COST_ESTIMATE,
    STAGE_QUOTA_CHECK,
    STAGE_ROW_FILTER,
    STAGE_TRANSPILE,
    STAGE_EXECUTE,
    STAGE_COLUMN_MASK,
    STAGE_METER,
    STAGE_AUDIT,
    STAGE_COUNT
};

struct statement {
    struct plan *plan;
    struct arena *arena; /* of this run */
    const struct value *params;
    size_t param_count;
    struct result_sink *sink;
    struct row_source *rows; /* COPY FROM STDIN */
    char query_id[ID_UUID_SIZE];
    int64_t started_ns, deadline_ns;
    struct decision *decided; /* of this run, where the plan was decided on before; else NULL */
    struct cost_input cost;
    int64_t estimated_millicredits, used_millicredits;
    bool has_reservation;
    struct reservation reservation;
    struct limits limits;      /* of the role that the statement runs with */
    bool has_limited_deadline; /* the deadline is theirs, not that of session or server */
    bool own_transaction;      /* opened by execute, ended by column mask */
    bool is_executing;
    struct engine_result result;
    int64_t row_count;
    struct str *parameters_shown; /* in its entries; NULL before the first */
    struct error *failure;        /* set while meter and audit run after a failed stage */
};

/* The stages. Each succeeds or fills the one error; none calls another. */
enum status policy_check(struct statement *s, struct error *e);
enum status cost_estimate(struct statement *s, struct error *e);
enum status quota_check(struct statement *s, struct error *e);
enum status row_filter(struct statement *s, struct error *e);
enum status transpile(struct statement *s, struct error *e);
enum status execute(struct statement *s, struct error *e);
enum status column_mask(struct statement *s, struct error *e);
enum status meter(struct statement *s, struct error *e);
enum status audit(struct statement *s, struct error *e);

/* Parts of stages that describing a plan needs too. */
enum status plan_bind(struct plan *p, struct error *e);      /* policy_check.c */
enum status plan_rewrite(struct plan *p, struct error *e);   /* row_filter: once a preparation */
enum status plan_transpile(struct plan *p, struct error *e); /* transpile: once a preparation */

/* Is what the plan was made under still the newest? An explanation tells of the moment: it never
 * is. */
bool plan_is_current(struct plan *p);
void plan_forget(struct plan *p);

/* plan.c: a plan that isn't bound yet, with copies of what it is made from; and its end. */
struct plan *plan_new(struct governor *g, const struct node *stmt, struct str text,
                      const struct type *const *hints, size_t hint_count);
void plan_destroy(struct plan *p);

/* policy_check.c: what the session refuses of itself: writing in a transaction that only reads, a
 * row filter where it wants all rows. */
enum status plan_check_session(const struct plan *p, struct error *e);

/* Entries of the organizations whose policies, which are given by organization, are others than the
 * last entry told. Under the lock. */
MUST_USE enum status policies_record(struct pipeline *p, const struct store_policy *rows, size_t n,
                                     struct error *e);

/* snapshot.c */
enum status snapshot_take(struct governor *g, struct snapshot *out, struct error *e);
void snapshot_release(struct snapshot *s);
bool snapshot_same(const struct snapshot *a, const struct snapshot *b);
enum status snapshot_schema_changed(struct governor *g, struct error *e);
/* Reads the session's temporary tables anew. */
enum status snapshot_read_temporary(struct governor *g, struct error *e);

/* audit_record.c: the entry of a statement. */
enum status audit_write(struct statement *s, enum audit_kind kind, const struct error *failure,
                        enum audit_wait wait, struct error *e);

/* audit.c: one that was refused before it could run. */
void count_refused(const struct governor *g);

/* An entry of what is no statement of its own plan: the end of a transaction, text that no parser
 * took. */
enum status audit_write_bare(const struct governor *g, enum audit_kind kind, const char *query_id,
                             struct str text, const struct error *failure, struct error *e);

bool statement_writes(const struct binding *b);

#endif
