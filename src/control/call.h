/* One request from its route to its answer: what handlers are given, and what they answer with.
 *
 * A handler writes its answer into `json`, or returns FAIL with an error, which becomes the one
 * form of errors (fault.h); what it had written is then thrown away. */
#ifndef CONTROL_CALL_H
#define CONTROL_CALL_H

#include <jansson.h>

#include "base/json.h"
#include "control/control.h"
#include "control/field.h"
#include "control/route.h"
#include "store/row.h"

struct web_request;

enum { CALL_ID_MAX = 64, CALL_ANSWER_MAX = 64 << 20 };

struct call {
    const struct control_config *config;
    struct control *control;
    struct arena *arena;
    struct web_request *request; /* to be answered once */

    /* What came, copied. */
    const char *method, *path, *query_text;
    const char *authorization, *api_key, *environment, *content_type;
    struct str body_text, source_ip;
    char id[CALL_ID_MAX + 1]; /* the request's id, which the answer repeats */

    /* What was made of it. */
    const struct route *route;
    struct str params[ROUTE_PARAMS_MAX]; /* of the path, in order */
    const struct principal *who;         /* NULL only where anybody may */
    bool is_operator;           /* of the installation, as control_here() or his key says */
    struct str operator_name;   /* of that key; empty: there is none */
    struct str actor;           /* who acts, for the IAM trail */
    json_t *query, *body;       /* objects that their fields hold for; NULL: none */
    struct complaint complaint; /* the field that an error is about */

    /* The answer. */
    int status;
    int retry_seconds; /* with 429 and 503; 0: not known */
    struct buf answer;
    struct json json;
};

/* Takes the request over, answers it, and frees what there is of it. Blocks. */
void call_run(void *call);

/* Ends a call that its handler took over (route.h, `deferred`): answers it, with the error unless
 * `status` is OK, and frees it. */
void call_end(struct call *c, enum status status, struct error *e);

/* As call_run(), with 503 at once. */
void call_refuse_busy(struct call *c);

/* One that nothing came with, yet. */
struct call *call_blank(struct control *control, const struct control_config *config);

/* Headers and body, copied on the server's thread. */
struct call *call_new(struct control *control, const struct control_config *config,
                      struct web_request *r);

/* What comes between who it is, and how often he asks, and the handler: role, path, query, body. */
MUST_USE enum status call_prepare(struct call *c, struct error *e);

/* Wipes and frees all that was the call's. */
void call_forget(struct call *c);

/* FAIL with `e`, after the trail has that the caller was refused what the route does, as
 * "api.NAME.refuse". For what a rule refuses before it comes to be a change of the store. */
MUST_USE enum status call_refused(const struct call *c, struct error *e);

/* The value of a field; STR_NULL, `otherwise` or an empty list where it wasn't given. */
struct str given_text(const json_t *object, const char *name);
int64_t given_int(const json_t *object, const char *name, int64_t otherwise);
bool given_bool(const json_t *object, const char *name, bool otherwise);
bool given(const json_t *object, const char *name);
struct store_list given_texts(const json_t *object, const char *name, struct arena *a);

/* A field of the body that is an object of texts; none where it wasn't given. */
MUST_USE enum status call_pairs(struct call *c, const char *name, struct store_pairs *out,
                                struct error *e);

/* A time in the answer: RFC 3339; null for 0. */
void call_time(struct json *j, const char *key, int64_t wall_us);

/* Fails with ERR_VALIDATION that names the field. */
enum status call_wrong(struct call *c, struct error *e, const char *field,
                       const char *constraint) MUST_USE;

#endif
