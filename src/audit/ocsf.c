#include "audit/ocsf.h"

#include <stdlib.h>

#include "base/json.h"

#define OCSF_VERSION "1.3.0"

/* Of the schema: classes, their activities, and what all events share. */
enum class {
    ACCOUNT_CHANGE = 3001,
    ENTITY_MANAGEMENT = 3004,
    APPLICATION_LIFECYCLE = 6002,
    DATASTORE_ACTIVITY = 6005
};
enum { ACTIVITY_OTHER = 99 };
enum { ACCOUNT_CREATE = 1, ACCOUNT_ENABLE, ACCOUNT_DISABLE = 5, ACCOUNT_DELETE = 6 };
enum { ENTITY_CREATE = 1, ENTITY_READ, ENTITY_UPDATE, ENTITY_DELETE };
enum { LIFECYCLE_START = 3, LIFECYCLE_STOP };
enum { DATASTORE_QUERY = 4 };
enum { SEVERITY_INFORMATIONAL = 1, SEVERITY_LOW };
enum { STATUS_UNKNOWN, STATUS_SUCCESS, STATUS_FAILURE };

struct event {
    struct json j;
    const struct line *line;
    const json_t *entry;
};

/* "" where there is no such member. */
static const char *text_of(const struct event *ev, const char *name)
{
    const char *text = json_string_value(json_object_get(ev->entry, name));
    return text ? text : "";
}

static void put_text(struct event *ev, const char *key, const char *member)
{
    const char *text = text_of(ev, member);
    if (*text) {
        json_kv_str(&ev->j, key, str_of(text));
    }
}

/* --- which event --- */

static enum class class_of(const struct event *ev) {
    switch (ev->line->kind){
        case AUDIT_INTENT : case AUDIT_OUTCOME : return DATASTORE_ACTIVITY;
        case AUDIT_IAM : return strncmp(text_of(ev, "action"), "user.", 5) == 0 ? ACCOUNT_CHANGE
                                                                                : ENTITY_MANAGEMENT;
        case AUDIT_SYSTEM : break;
    }
return APPLICATION_LIFECYCLE;
}

static int activity_of(const struct event *ev, enum class class)
{
    static const struct {
        enum class class;
        const char *verb;
        int activity;
    } verbs[] = {
        {ACCOUNT_CHANGE, "create", ACCOUNT_CREATE},
        {ACCOUNT_CHANGE, "invite", ACCOUNT_CREATE},
        {ACCOUNT_CHANGE, "resume", ACCOUNT_ENABLE},
        {ACCOUNT_CHANGE, "suspend", ACCOUNT_DISABLE},
        {ACCOUNT_CHANGE, "remove", ACCOUNT_DELETE},
        {ENTITY_MANAGEMENT, "create", ENTITY_CREATE},
        {ENTITY_MANAGEMENT, "add", ENTITY_CREATE},
        {ENTITY_MANAGEMENT, "register", ENTITY_CREATE},
        {ENTITY_MANAGEMENT, "request", ENTITY_CREATE},
        {ENTITY_MANAGEMENT, "remove", ENTITY_DELETE},
        {ENTITY_MANAGEMENT, "revoke", ENTITY_DELETE},
        {ENTITY_MANAGEMENT, "unregister", ENTITY_DELETE},
        {APPLICATION_LIFECYCLE, "start", LIFECYCLE_START},
        {APPLICATION_LIFECYCLE, "stop", LIFECYCLE_STOP},
    };
    const char *action = text_of(ev, "action"), *dot = strchr(action, '.');
    const char *verb = dot ? dot + 1 : action;
    if (class == DATASTORE_ACTIVITY) {
        return DATASTORE_QUERY;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
        if (verbs[i].class == class && strcmp(verbs[i].verb, verb) == 0) {
            return verbs[i].activity;
        }
    }
    return class == ENTITY_MANAGEMENT ? ENTITY_UPDATE : ACTIVITY_OTHER;
}

/* --- its members --- */

/* An intent says that a statement began: how it ends isn't known yet. */
static void put_status(struct event *ev)
{
    bool failed = *text_of(ev, "error_code");
    json_kv_i64(&ev->j, "severity_id", failed ? SEVERITY_LOW : SEVERITY_INFORMATIONAL);
    json_kv_i64(&ev->j, "status_id",
                failed                           ? STATUS_FAILURE
                : ev->line->kind == AUDIT_INTENT ? STATUS_UNKNOWN
                                                 : STATUS_SUCCESS);
    put_text(ev, "status_code", "error_code");
}

static void put_metadata(struct event *ev)
{
    json_key(&ev->j, "metadata");
    json_open(&ev->j, '{');
    json_kv_str(&ev->j, "version", STR(OCSF_VERSION));
    json_kv_i64(&ev->j, "sequence", (int64_t)ev->line->seq);
    put_text(ev, "uid", "entry_id");
    put_text(ev, "correlation_uid", "query_id");
    put_text(ev, "tenant_uid", "org_id");
    put_text(ev, "event_code", "action");
    json_key(&ev->j, "product");
    json_open(&ev->j, '{');
    json_kv_str(&ev->j, "name", STR("HatiData"));
    json_kv_str(&ev->j, "vendor_name", STR("HatiData"));
    json_kv_str(&ev->j, "version", STR(HATIDATA_VERSION));
    json_close(&ev->j, '}');
    json_close(&ev->j, '}');
}

static void put_actor(struct event *ev)
{
    bool known = *text_of(ev, "user_id");
    json_key(&ev->j, "actor");
    json_open(&ev->j, '{');
    json_key(&ev->j, "user");
    json_open(&ev->j, '{');
    put_text(ev, "uid", known ? "user_id" : "actor");
    json_close(&ev->j, '}');
    if (*text_of(ev, "session_id")) {
        json_key(&ev->j, "session");
        json_open(&ev->j, '{');
        put_text(ev, "uid", "session_id");
        json_close(&ev->j, '}');
    }
    put_text(ev, "app_name", "agent_framework");
    json_close(&ev->j, '}');
}

static void put_named(struct event *ev, const char *key, const char *name, const char *member)
{
    if (*text_of(ev, member)) {
        json_key(&ev->j, key);
        json_open(&ev->j, '{');
        put_text(ev, name, member);
        json_close(&ev->j, '}');
    }
}

static void put_statement(struct event *ev)
{
    json_key(&ev->j, "query_info");
    json_open(&ev->j, '{');
    put_text(ev, "query_string", "sql_redacted");
    put_text(ev, "uid", "query_id");
    json_close(&ev->j, '}');
    put_named(ev, "database", "name", "environment");
}

/* Of "user/0123" what stands before the slash, and behind it. */
static void put_entity(struct event *ev)
{
    const char *resource = text_of(ev, "resource"), *slash = strchr(resource, '/');
    size_t n = slash ? (size_t)(slash - resource) : strlen(resource);
    json_key(&ev->j, "entity");
    json_open(&ev->j, '{');
    json_kv_str(&ev->j, "type", (struct str){resource, n});
    json_kv_str(&ev->j, "uid", str_of(slash ? slash + 1 : resource));
    json_close(&ev->j, '}');
}

static void put_user(struct event *ev)
{
    const char *slash = strchr(text_of(ev, "resource"), '/');
    json_key(&ev->j, "user");
    json_open(&ev->j, '{');
    json_kv_str(&ev->j, "uid", str_of(slash ? slash + 1 : text_of(ev, "resource")));
    json_close(&ev->j, '}');
}

static void put_subject(struct event *ev, enum class class)
{
    switch (class) {
    case DATASTORE_ACTIVITY:
        put_statement(ev);
        break;
    case ACCOUNT_CHANGE:
        put_user(ev);
        break;
    case ENTITY_MANAGEMENT:
        put_entity(ev);
        break;
    case APPLICATION_LIFECYCLE:
        json_key(&ev->j, "app");
        json_open(&ev->j, '{');
        json_kv_str(&ev->j, "name", STR("HatiData"));
        json_close(&ev->j, '}');
        break;
    }
}

/* The rest as it is, so that nothing is lost. */
static void put_unmapped(struct event *ev)
{
    char *whole = json_dumps(ev->entry, JSON_COMPACT);
    if (whole) {
        json_key(&ev->j, "unmapped");
        json_raw(&ev->j, str_of(whole));
        free(whole);
    }
}

void ocsf_write(const struct line *line, const json_t *entry, struct buf *out)
{
    struct event ev = {.j = JSON_INIT(out), .line = line, .entry = entry};
    enum class class = class_of(&ev);
    int activity = activity_of(&ev, class);
    json_open(&ev.j, '{');
    json_kv_i64(&ev.j, "class_uid", class);
    json_kv_i64(&ev.j, "category_uid", class / 1000);
    json_kv_i64(&ev.j, "activity_id", activity);
    json_kv_i64(&ev.j, "type_uid", class * 100 + activity);
    json_kv_i64(&ev.j, "time", line_time(line->timestamp) / 1000);
    put_status(&ev);
    put_metadata(&ev);
    put_actor(&ev);
    put_named(&ev, "src_endpoint", "ip", "source_ip");
    put_subject(&ev, class);
    put_unmapped(&ev);
    json_close(&ev.j, '}');
}
