/* Errors: one table of codes, one structure that a caller owns and a callee fills.
 *
 * A function that can fail returns enum status and takes a struct error; on FAIL the error is
 * filled, on OK it is untouched. Messages never carry a value of a masked column, a secret, or the
 * name of an object that the caller may not see: whoever fills an error is responsible for that. */
#ifndef BASE_ERROR_H
#define BASE_ERROR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_USE               __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum status { OK = 0, FAIL = 1 };

/* name, stable code (DETAIL on the wire, "code" in JSON), SQLSTATE, HTTP status, what to do. */
#define ERROR_CODES(X)                                                                             \
    X(ERR_BAD_SQL, "HATI_ERR_400_BAD_SQL", "42601", 400, "Correct the statement at the position.") \
    X(ERR_UNSUPPORTED, "HATI_ERR_400_UNSUPPORTED", "0A000", 400,                                   \
      "Write the statement another way.")                                                          \
    X(ERR_UNKNOWN_TABLE, "HATI_ERR_404_TABLE", "42P01", 404, "Check the name and your grants.")    \
    X(ERR_UNKNOWN_COLUMN, "HATI_ERR_404_COLUMN", "42703", 404, "Check the column's name.")         \
    X(ERR_AMBIGUOUS_COLUMN, "HATI_ERR_400_AMBIGUOUS", "42702", 400, "Qualify the column's name.")  \
    X(ERR_UNKNOWN_FUNCTION, "HATI_ERR_404_FUNCTION", "42883", 404, "Check the function's name.")   \
    X(ERR_UNKNOWN_TYPE, "HATI_ERR_404_TYPE", "42704", 404, "Check the type's name.")               \
    X(ERR_UNKNOWN_SCHEMA, "HATI_ERR_404_SCHEMA", "3F000", 404, "Check the schema's name.")         \
    X(ERR_DUPLICATE_TABLE, "HATI_ERR_409_TABLE", "42P07", 409, "Choose another name.")             \
    X(ERR_DUPLICATE_ALIAS, "HATI_ERR_400_ALIAS", "42712", 400, "Give each source its own alias.")  \
    X(ERR_DUPLICATE_COLUMN, "HATI_ERR_400_COLUMN", "42701", 400, "Name each column once.")         \
    X(ERR_DUPLICATE_STATEMENT, "HATI_ERR_409_STATEMENT", "42P05", 409, "Close it, or rename.")     \
    X(ERR_UNKNOWN_STATEMENT, "HATI_ERR_404_STATEMENT", "26000", 404, "Prepare it first.")          \
    X(ERR_UNKNOWN_PORTAL, "HATI_ERR_404_PORTAL", "34000", 404, "Bind it first.")                   \
    X(ERR_DATATYPE_MISMATCH, "HATI_ERR_400_TYPE", "42804", 400, "Cast one side.")                  \
    X(ERR_BAD_TABLE, "HATI_ERR_400_TABLE", "42P16", 400, "Correct the table's definition.")        \
    X(ERR_UNTYPED_PARAMETER, "HATI_ERR_400_PARAMETER", "42P18", 400, "Cast it, as in $1::int.")    \
    X(ERR_BAD_VALUE, "HATI_ERR_400_VALUE", "22P02", 400, "Correct the value.")                     \
    X(ERR_OUT_OF_RANGE, "HATI_ERR_400_RANGE", "22003", 400, "Use a wider type.")                   \
    X(ERR_DIVISION_BY_ZERO, "HATI_ERR_400_DIVISION", "22012", 400, "Guard it with NULLIF.")        \
    X(ERR_MANY_ROWS, "HATI_ERR_400_MANY_ROWS", "21000", 400, "Narrow the sub-query to one row.")   \
    X(ERR_BAD_ENCODING, "HATI_ERR_400_ENCODING", "22021", 400, "Send valid UTF-8 without NUL.")    \
    X(ERR_BAD_COPY, "HATI_ERR_400_COPY", "22P04", 400, "Correct the COPY data.")                   \
    X(ERR_CONSTRAINT, "HATI_ERR_409_CONSTRAINT", "23000", 409, "Change the row.")                  \
    X(ERR_NOT_NULL, "HATI_ERR_409_NOT_NULL", "23502", 409, "Give the column a value.")             \
    X(ERR_UNIQUE, "HATI_ERR_409_UNIQUE", "23505", 409, "Change the key.")                          \
    X(ERR_CHECK, "HATI_ERR_409_CHECK", "23514", 409, "Change the row.")                            \
    X(ERR_FOREIGN_KEY, "HATI_ERR_409_FOREIGN_KEY", "23503", 409, "Change what the key refers to.") \
    X(ERR_DEPENDENT, "HATI_ERR_409_DEPENDENT", "2BP01", 409, "Drop what depends on it first.")     \
    X(ERR_CONFLICT, "HATI_ERR_409_CONFLICT", "40001", 409, "Try the transaction again.")           \
    X(ERR_IN_FAILED_TRANSACTION, "HATI_ERR_409_TRANSACTION", "25P02", 409, "Send ROLLBACK first.") \
    X(ERR_IN_TRANSACTION, "HATI_ERR_409_IN_TRANSACTION", "25001", 409, "Send COMMIT or ROLLBACK.") \
    X(ERR_NO_TRANSACTION, "HATI_ERR_409_NO_TRANSACTION", "25P01", 409, "Send BEGIN first.")        \
    X(ERR_READ_ONLY, "HATI_ERR_403_READ_ONLY", "25006", 403, "Use a transaction that may write.")  \
    X(ERR_UNKNOWN_SAVEPOINT, "HATI_ERR_404_SAVEPOINT", "3B001", 404, "Check the name.")            \
    X(ERR_STATEMENT_TOO_COMPLEX, "HATI_ERR_413_COMPLEX", "54001", 413, "Split the statement.")     \
    X(ERR_TOO_LARGE, "HATI_ERR_413_TOO_LARGE", "54000", 413, "Send less at once.")                 \
    X(ERR_ROW_LIMIT, "HATI_ERR_413_ROWS", "54000", 413, "Add a LIMIT or a narrower predicate.")    \
    X(ERR_DENIED, "HATI_ERR_403_POLICY", "42501", 403, "Ask an administrator for access.")         \
    X(ERR_MASKED_USE, "HATI_ERR_403_MASKED_USE", "42501", 403,                                     \
      "The mask of a column can't be kept in this use of it.")                                     \
    X(ERR_ENGINE_DISAGREES, "HATI_ERR_403_SECOND_OPINION", "42501", 403, "Tell an operator.")      \
    X(ERR_QUOTA_EXCEEDED, "HATI_ERR_429_QUOTA_EXCEEDED", "53400", 429,                             \
      "Wait for the next period or ask for more credits.")                                         \
    X(ERR_TOO_MANY_STATEMENTS, "HATI_ERR_429_STATEMENTS", "53300", 429, "Try again shortly.")      \
    X(ERR_TOO_MANY_CONNECTIONS, "HATI_ERR_429_CONNECTIONS", "53300", 429, "Close some, or wait.")  \
    X(ERR_AUTH, "HATI_ERR_401_UNAUTHORIZED", "28P01", 401, "Check the user and the API key.")      \
    X(ERR_FACTOR, "HATI_ERR_401_SECOND_FACTOR", "28000", 401,                                      \
      "Send the code of the second factor, too.")                                                  \
    X(ERR_ENROL, "HATI_ERR_403_ENROL", "28000", 403, "Enrol a second factor, then sign in.")       \
    X(ERR_THROTTLED, "HATI_ERR_429_SIGN_IN", "28000", 429, "Wait, then try again.")                \
    X(ERR_AUTH_REQUIRED, "HATI_ERR_401_REQUIRED", "28000", 401, "Send credentials over TLS 1.3.")  \
    X(ERR_PROTOCOL, "HATI_ERR_400_PROTOCOL", "08P01", 400, "Use a PostgreSQL 3.0 client.")         \
    X(ERR_UNKNOWN_SETTING, "HATI_ERR_404_SETTING", "42704", 404, "Check the parameter's name.")    \
    X(ERR_BAD_SETTING, "HATI_ERR_400_SETTING", "22023", 400, "Check the parameter's value.")       \
    X(ERR_FIXED_SETTING, "HATI_ERR_403_SETTING", "55P02", 403, "The server decides it.")           \
    X(ERR_DEADLOCK, "HATI_ERR_409_DEADLOCK", "40P01", 409, "Take locks in one order.")             \
    X(ERR_LOCK_TIMEOUT, "HATI_ERR_409_LOCK", "55P03", 409, "Try again, or raise lock_timeout.")    \
    X(ERR_CANCELED, "HATI_ERR_499_CANCELED", "57014", 499, "The statement was cancelled.")         \
    X(ERR_TIMEOUT, "HATI_ERR_408_TIMEOUT", "57014", 408, "Narrow it, or raise statement_timeout.") \
    X(ERR_SHUTDOWN, "HATI_ERR_503_SHUTDOWN", "57P01", 503, "Connect again.")                       \
    X(ERR_REVOKED, "HATI_ERR_401_REVOKED", "57P01", 401, "Use a valid key.")                       \
    X(ERR_NOT_READY, "HATI_ERR_503_NOT_READY", "57P03", 503, "Try again shortly.")                 \
    X(ERR_AUDIT, "HATI_ERR_503_AUDIT", "58030", 503,                                               \
      "The audit log can't be written; see the log.")                                              \
    X(ERR_IO, "HATI_ERR_500_IO", "58030", 500, "See the server's log.")                            \
    X(ERR_MEMORY, "HATI_ERR_507_MEMORY", "53200", 507, "Narrow the statement.")                    \
    X(ERR_DISK_FULL, "HATI_ERR_507_DISK", "53100", 507, "Free disk space.")                        \
    X(ERR_CONFIG, "HATI_ERR_500_CONFIG", "F0000", 500, "Correct the configuration.")               \
    X(ERR_KEY, "HATI_ERR_503_KEY", "58000", 503, "Check the key-management provider.")             \
    X(ERR_CORRUPT, "HATI_ERR_500_CORRUPT", "XX001", 500, "Restore from a backup.")                 \
    X(ERR_EXISTS, "HATI_ERR_409_EXISTS", "42710", 409, "Choose another name.")                     \
    X(ERR_NOT_FOUND, "HATI_ERR_404_NOT_FOUND", "42704", 404, "Check the name.")                    \
    X(ERR_VALIDATION, "HATI_ERR_400_VALIDATION", "22023", 400, "Correct the field.")               \
    X(ERR_METHOD, "HATI_ERR_405_METHOD", "0A000", 405, "Use a method that the path has.")          \
    X(ERR_MEDIA_TYPE, "HATI_ERR_415_MEDIA_TYPE", "0A000", 415, "Send application/json.")           \
    X(ERR_RATE_LIMITED, "HATI_ERR_429_RATE", "53400", 429, "Wait as long as Retry-After says.")    \
    X(ERR_NOT_HERE, "HATI_ERR_501_NOT_HERE", "0A000", 501,                                         \
      "This server doesn't have the feature.")                                                     \
    X(ERR_ENGINE, "HATI_ERR_500_ENGINE", "58000", 500, "See the message.")                         \
    X(ERR_INTERNAL, "HATI_ERR_500_INTERNAL", "XX000", 500, "Report this with the request id.")

enum error_code {
    ERR_NONE = 0,
#define X(name, code, sqlstate, http, advice) name,
    ERROR_CODES(X)
#undef X
        ERR_COUNT
};

struct error_info {
    const char *name; /* "HATI_ERR_400_BAD_SQL" */
    const char *sqlstate;
    int http;
    const char *advice; /* the hint where the error has none of its own */
};

/* The row of the table above. `code` out of range gives the row of ERR_INTERNAL. */
const struct error_info *error_info(enum error_code code);

/* Names, empty where there is none or it isn't to be told. A longer one is none. */
enum { ERROR_NAME = 128 };
struct error_object {
    char schema[ERROR_NAME], table[ERROR_NAME], column[ERROR_NAME], constraint[ERROR_NAME];
};

struct error {
    enum error_code code; /* ERR_NONE while nothing failed */
    char message[512];
    char hint[256];             /* empty: error_info(code)->advice */
    int64_t position;           /* byte offset into the statement's text, or -1 */
    int retry_s;                /* seconds after which it may go better; 0: not known */
    struct error_object object; /* what a broken constraint is of, as far as the caller may know */
    char clue[256];             /* what the engine called it (duckdb_error.c); never shown */
};

#define ERROR_INIT                                                                                 \
    {                                                                                              \
        .code = ERR_NONE, .position = -1                                                           \
    }

/* Fills `e` and returns FAIL, so that callers can write `return error_set(e, ...)`. The message is
 * cut at the structure's size. `e` may be NULL. */
enum status error_set(struct error *e, enum error_code code, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

/* As error_set, with the byte offset into the statement's text. */
enum status error_at(struct error *e, enum error_code code, size_t offset, const char *fmt, ...)
    PRINTF_LIKE(4, 5);

/* Adds a hint to a filled error; returns FAIL. */
enum status error_hint(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The hint to show: the error's own or its code's advice. Never NULL. */
const char *error_advice(const struct error *e);

#endif
