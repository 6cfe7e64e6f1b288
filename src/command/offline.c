#include "command/offline.h"

#include "audit/source.h"
#include "command/datadir.h"

enum status offline_open(struct admin *ad, const char *hint, struct offline *out)
{
    struct error *e = &ad->e;
    struct datadir d;
    datadir_paths(ad->a, ad->dir, &d);
    if (datadir_engine(&d, NULL, false, audit_source(ad->a, d.audit, NULL), &out->engine, e) !=
        OK) {
        return e->hint[0] ? FAIL : error_hint(e, "%s", hint);
    }
    struct pipeline_config config = {
        .engine = out->engine,
        .store = ad->store,
        .limits = PARSE_LIMITS_DEFAULT,
    };
    return pipeline_new(&config, &out->pipeline, e);
}

void offline_close(struct offline *o)
{
    pipeline_free(o->pipeline);
    engine_close(o->engine);
}
