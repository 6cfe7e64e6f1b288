/* What the engine has of an environment: its schemas. They stay when the environment goes, and
 * would be those of the next one of that name. */
#include "base/map.h"
#include "pipeline/statement.h"

/* All that the engine has, and how much of it is the environment's but no schema. */
static enum status count_things(struct pipeline *p, struct space space, struct arena *a,
                                struct table_source **all, size_t *n, size_t *things,
                                struct error *e)
{
    struct space owner;
    *things = 0;
    if (engine_describe(p->config.engine, p->engine_session, a, all, n, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < *n; i++) {
        bool is_its = catalog_space_of(a, (*all)[i].engine_schema, &owner);
        *things += is_its && space_same(owner, space) && !(*all)[i].is_schema;
    }
    return OK;
}

/* Under the pipeline's lock. A schema in which something is made at this moment isn't dropped: the
 * engine refuses. */
static enum status drop_schemas(struct pipeline *p, struct space space, struct arena *a,
                                const struct table_source *all, size_t n, struct error *e)
{
    struct space owner;
    for (size_t i = 0; i < n; i++) {
        struct str name = all[i].engine_schema;
        const char *sql = arena_printf(a, "DROP SCHEMA \"%.*s\"", STR_ARG(name));
        if (!all[i].is_schema || !catalog_space_of(a, name, &owner) || !space_same(owner, space)) {
            continue;
        }
        if (engine_run(p->config.engine, p->engine_session, str_of(sql), e) != OK) {
            return FAIL;
        }
        map_remove(p->schemas, name);
    }
    atomic_fetch_add(&p->catalog_wanted, 1);
    return OK;
}

enum status pipeline_clear_environment(struct pipeline *p, struct space space, bool drop,
                                       struct error *e)
{
    struct arena *a = arena_new(0);
    struct table_source *all;
    size_t n, things;
    pthread_mutex_lock(&p->lock);
    enum status status = count_things(p, space, a, &all, &n, &things, e);
    if (status == OK && things > 0) {
        error_set(e, ERR_EXISTS, "the environment has %zu tables or other objects", things);
        status = error_hint(e, "Drop them in a session of it first.");
    } else if (status == OK && drop) {
        status = drop_schemas(p, space, a, all, n, e);
    }
    pthread_mutex_unlock(&p->lock);
    arena_free(a);
    return status;
}
