#include "store/sqlite_statements.h"

#include <stdlib.h>

#include "base/map.h"
#include "base/mem.h"

void sqlite_statements_open(struct sqlite_statements *s, sqlite3 *db)
{
    *s = (struct sqlite_statements){.db = db, .kept = map_new()};
}

static void drop(void *value)
{
    struct sqlite_statement *t = value;

    sqlite3_finalize(t->stmt);
    free(t);
}

void sqlite_statements_close(struct sqlite_statements *s)
{
    map_free(s->kept, drop);
}

struct sqlite_statement *sqlite_statement_take(struct sqlite_statements *s, const char *sql)
{
    struct str text = str_of(sql);
    struct sqlite_statement *t = map_get(s->kept, text);
    bool is_new = !t; /* else one whose rows are being read stays with its reader */
    sqlite3_stmt *stmt = NULL;

    if (t && !t->is_taken) {
        t->is_taken = true;
        return t;
    }
    if (sqlite3_prepare_v3(s->db, sql, -1, SQLITE_PREPARE_PERSISTENT, &stmt, NULL) != SQLITE_OK) {
        return NULL;
    }
    t = mem_alloc(sizeof *t);
    *t = (struct sqlite_statement){.stmt = stmt, .is_taken = true};
    if (is_new && map_count(s->kept) < SQLITE_STATEMENTS_MAX) {
        t->is_kept = true;
        map_put(s->kept, text, t);
    }
    return t;
}

void sqlite_statement_return(struct sqlite_statement *t)
{
    if (t && t->is_kept) {
        sqlite3_reset(t->stmt);
        sqlite3_clear_bindings(t->stmt);
        t->is_taken = false;
    } else if (t) {
        drop(t);
    }
}
