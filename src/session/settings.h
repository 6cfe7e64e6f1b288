/* The parameters of a session: SET, SHOW, RESET, and what the startup packet may say.
 *
 * One table names them all. A value that this server can't honour is refused, never swallowed.
 * Values follow transactions as PostgreSQL's do: SET inside of one is kept by COMMIT and undone by
 * ROLLBACK, SET LOCAL ends with it. */
#ifndef SESSION_SETTINGS_H
#define SESSION_SETTINGS_H

#include "base/buf.h"
#include "base/error.h"

/* enumerator, name as shown, default, check, flags, description */
#define SETTINGS(X)                                                                                \
    X(SET_APPLICATION_NAME, "application_name", "", check_name, REPORT,                            \
      "The application's name, for the audit log.")                                                \
    X(SET_BYTEA_OUTPUT, "bytea_output", "hex", check_hex, 0, "The text form of bytea.")            \
    X(SET_CLIENT_ENCODING, "client_encoding", "UTF8", check_utf8, REPORT, "Always UTF8.")          \
    X(SET_CLIENT_MIN_MESSAGES, "client_min_messages", "notice", check_level, 0,                    \
      "The least level of messages that are sent.")                                                \
    X(SET_DATESTYLE, "DateStyle", "ISO, MDY", check_datestyle, REPORT, "The form of dates.")       \
    X(SET_DEFAULT_ISOLATION, "default_transaction_isolation", "repeatable read", check_isolation,  \
      0, "What a new transaction gets: always a snapshot.")                                        \
    X(SET_DEFAULT_READ_ONLY, "default_transaction_read_only", "off", check_bool, REPORT,           \
      "Whether new transactions only read.")                                                       \
    X(SET_EXTRA_FLOAT_DIGITS, "extra_float_digits", "1", check_float_digits, 0,                    \
      "Floats always have as many digits as are needed to read them back.")                        \
    X(SET_AGENT_ID, "hatidata_agent_id", "", check_label, 0, "What the agent calls itself.")       \
    X(SET_FRAMEWORK, "hatidata_framework", "", check_label, 0, "What the agent is built with.")    \
    X(SET_PRIORITY, "hatidata_priority", "normal", check_priority, 0,                              \
      "low, normal, high or critical.")                                                            \
    X(SET_REQUEST_ID, "hatidata_request_id", "", check_label, 0,                                   \
      "The client's own name of its request, for the audit log.")                                  \
    X(SET_PARENT_REQUEST_ID, "hatidata_parent_request_id", "", check_label, 0,                     \
      "The request that this one is a part of, for the audit log.")                                \
    X(SET_REASONING_STEP, "hatidata_reasoning_step", "", check_label, 0,                           \
      "The step of the client's reasoning, for the audit log.")                                    \
    X(SET_CATALOG_NAMES, "hatidata.catalog_names", "dialect", check_names, 0,                      \
      "How catalogs show names: as the dialect does, or as stored.")                               \
    X(SET_DIALECT, "hatidata.dialect", "snowflake", check_dialect, 0,                              \
      "snowflake, postgres or duckdb: how statements are read.")                                   \
    X(SET_DATABASE, "hatidata.database", "", check_label, 0,                                       \
      "The database that names without one are of; empty: the environment's own.")                 \
    X(SET_ENVIRONMENT, "hatidata.environment", "", NULL, 0, "The environment of this session.")    \
    X(SET_GRANT, "hatidata.grant", "", NULL, 0,                                                    \
      "The just-in-time grant that gives the role; empty: none.")                                  \
    X(SET_ROLE, "hatidata.role", "", NULL, 0, "The role that statements are decided by now.")      \
    X(SET_TRANSPILE, "hatidata.transpile", "on", check_transpile, 0,                               \
      "Statements are always rewritten for the engine.")                                           \
    X(SET_IDLE_TIMEOUT, "idle_in_transaction_session_timeout", "0", check_time, 0,                 \
      "How long a transaction may wait for its client.")                                           \
    X(SET_IN_HOT_STANDBY, "in_hot_standby", "off", NULL, REPORT, "Always off.")                    \
    X(SET_INTEGER_DATETIMES, "integer_datetimes", "on", NULL, REPORT, "Always on.")                \
    X(SET_INTERVALSTYLE, "IntervalStyle", "postgres", check_intervalstyle, REPORT,                 \
      "The form of intervals.")                                                                    \
    X(SET_IS_SUPERUSER, "is_superuser", "off", NULL, REPORT, "Always off.")                        \
    X(SET_LOCK_TIMEOUT, "lock_timeout", "0", check_time, 0,                                        \
      "Nothing here waits for a lock: conflicts fail at once.")                                    \
    X(SET_MAX_IDENTIFIER, "max_identifier_length", "63", NULL, 0, "Bytes of a name.")              \
    X(SET_ROW_SECURITY, "row_security", "on", check_bool, 0,                                       \
      "Off: a statement fails that a row filter would change.")                                    \
    X(SET_SEARCH_PATH, "search_path", "\"$user\", public", check_search_path, 0,                   \
      "Where bare names of tables are looked up.")                                                 \
    X(SET_SERVER_ENCODING, "server_encoding", "UTF8", NULL, REPORT, "Always UTF8.")                \
    X(SET_SERVER_VERSION, "server_version", "15.0", NULL, REPORT, "The version we speak.")         \
    X(SET_SERVER_VERSION_NUM, "server_version_num", "150000", NULL, 0, "The same as a number.")    \
    X(SET_SESSION_AUTHORIZATION, "session_authorization", "", NULL, REPORT, "The user.")           \
    X(SET_STANDARD_STRINGS, "standard_conforming_strings", "on", check_on, REPORT,                 \
      "A backslash in '...' is a backslash.")                                                      \
    X(SET_STATEMENT_TIMEOUT, "statement_timeout", "0", check_time, 0,                              \
      "How long a statement may run; 0: the server's own limit.")                                  \
    X(SET_TIMEZONE, "TimeZone", "UTC", check_timezone, REPORT, "Always UTC.")                      \
    X(SET_ISOLATION, "transaction_isolation", "repeatable read", check_isolation, 0,               \
      "What the transaction has: a snapshot.")                                                     \
    X(SET_READ_ONLY, "transaction_read_only", "off", NULL, 0, "Whether the transaction only reads.")

enum setting {
#define X(id, name, initial, check, flags, about) id,
    SETTINGS(X)
#undef X
        SETTING_COUNT
};

enum { SETTINGS_PATH_MAX = 16 /* schemas in search_path */ };

struct settings;

struct settings *settings_new(void);
void settings_free(struct settings *s); /* NULL is allowed */

/* By name in any case, with "time zone", "names" and "transaction isolation level" as SQL has them;
 * SETTING_COUNT where there is none. */
enum setting settings_find(struct str name);

const char *settings_name(enum setting i);
const char *settings_about(enum setting i);
const char *settings_get(const struct settings *s, enum setting i); /* now; never NULL */

/* What the value means in milliseconds, or as a yes. */
int64_t settings_ms(const struct settings *s, enum setting i);
bool settings_is_on(const struct settings *s, enum setting i);

/* Of the server or the login: unchecked, the value that RESET goes back to. */
void settings_fix(struct settings *s, enum setting i, const char *value);

/* From the startup packet: checked; RESET goes back to it. ERR_UNKNOWN_SETTING, ERR_BAD_SETTING. */
MUST_USE enum status settings_start(struct settings *s, struct str name, struct str value,
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

/* The end of a transaction. */
void settings_end(struct settings *s, bool committed);

/* A ParameterStatus message for each reported parameter whose value isn't what was reported last.
 */
void settings_report(struct settings *s, struct buf *out);

#endif
