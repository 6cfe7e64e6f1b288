/* Inside the store: the statements of a connection to SQLite. Preparing one takes longer than
 * running it, so each text is prepared once and kept; SQLite prepares it anew by itself where the
 * schema has changed. */
#ifndef STORE_SQLITE_STATEMENTS_H
#define STORE_SQLITE_STATEMENTS_H

#include <sqlite3.h>
#include <stdbool.h>

enum { SQLITE_STATEMENTS_MAX = 256 /* kept; there are some 200 texts in the program */ };

struct map;

struct sqlite_statements {
    sqlite3 *db;
    struct map *kept; /* by text */
};

struct sqlite_statement {
    sqlite3_stmt *stmt;
    bool is_kept, is_taken;
};

void sqlite_statements_open(struct sqlite_statements *s, sqlite3 *db);
void sqlite_statements_close(struct sqlite_statements *s); /* before the connection */

/* For the caller alone, until he gives it back. NULL: SQLite refuses the text, and has the error.
 */
struct sqlite_statement *sqlite_statement_take(struct sqlite_statements *s, const char *sql);

/* Nothing of its values or rows stays. NULL is allowed. */
void sqlite_statement_return(struct sqlite_statement *t);

#endif
