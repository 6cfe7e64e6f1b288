/* The parameters of a session: SET, SHOW, RESET, and what the startup packet may say.
 *
 * One table (setting_list.h) names them all. A value that this server can't honour is refused,
 * never swallowed. Values follow transactions as PostgreSQL's do: SET inside of one is kept by
 * COMMIT and undone by ROLLBACK, SET LOCAL ends with it. */
#ifndef SESSION_SETTINGS_H
#define SESSION_SETTINGS_H

#include "base/buf.h"
#include "base/error.h"
#include "session/setting_list.h"

enum setting {
#define X(id, ...) id,
    SETTINGS(X)
#undef X
        SETTING_COUNT
};

struct settings;

struct settings *settings_new(void);
void settings_free(struct settings *s); /* NULL is allowed */

/* By name in any case, with "time zone", "names" and "transaction isolation level" as SQL has them;
 * SETTING_COUNT where there is none. */
enum setting settings_find(struct str name);

/* Parameters that a client makes by setting them: names with a point, as application.user. They
 * mean nothing to the server, and no policy reads them. They stand behind SETTING_COUNT and are
 * taken by settings_get(), _set() and _reset() alone. */
enum { CUSTOM_SETTINGS_MAX = 64, CUSTOM_NAME_MAX = 128, CUSTOM_VALUE_MAX = 8192 };
enum setting settings_find_custom(const struct settings *s, struct str name); /* as above */
/* The same, made where it isn't there: ERR_UNKNOWN_SETTING, ERR_BAD_SETTING, ERR_TOO_LARGE. */
MUST_USE enum status settings_make_custom(struct settings *s, struct str name, enum setting *out,
                                          struct error *e);

const char *settings_name(enum setting i);
const char *settings_about(enum setting i);
const char *settings_initial(const struct settings *s, enum setting i); /* what RESET gives */
const struct setting_rule *settings_rule(enum setting i);
const char *settings_get(const struct settings *s, enum setting i); /* now; never NULL */

/* What the value means in the rule's unit (milliseconds of times), or as a yes. */
int64_t settings_number(const struct settings *s, enum setting i);
bool settings_is_on(const struct settings *s, enum setting i);

/* Of the server or the login: unchecked, the value that RESET goes back to. */
void settings_fix(struct settings *s, enum setting i, const char *value);

/* From the startup packet: checked; RESET goes back to it. ERR_UNKNOWN_SETTING, ERR_BAD_SETTING. */
MUST_USE enum status settings_start(struct settings *s, struct str name, struct str value,
                                    struct error *e);

/* The value as it would be shown if it were set. */
MUST_USE enum status settings_check(enum setting i, struct str value, char out[SETTING_VALUE_MAX],
                                    struct error *e);

enum settings_scope {
    SETTINGS_SESSION,     /* outside of a transaction */
    SETTINGS_TRANSACTION, /* inside: COMMIT keeps it */
    SETTINGS_LOCAL        /* inside: gone at its end */
};
MUST_USE enum status settings_set(struct settings *s, enum setting i, struct str value,
                                  enum settings_scope scope, struct error *e);
MUST_USE enum status settings_reset(struct settings *s, enum setting i, enum settings_scope scope,
                                    struct error *e);
void settings_reset_all(struct settings *s, enum settings_scope scope);

/* The values of now, of the open transaction, to come back to: SAVEPOINT. */
struct settings_mark;
struct settings_mark *settings_mark_new(const struct settings *s);
size_t settings_mark_size(const struct settings *s); /* of one that is made now */
void settings_mark_free(struct settings_mark *m);
void settings_return(struct settings *s, const struct settings_mark *m);

/* The end of a transaction. */
void settings_end(struct settings *s, bool committed);

/* A ParameterStatus message for each reported parameter whose value isn't what was reported last.
 */
void settings_report(struct settings *s, struct buf *out);

#endif
