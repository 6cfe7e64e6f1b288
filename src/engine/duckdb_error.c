/* The engine's errors as ours.
 *
 * An error at execution can echo any value of any row (a failed cast, a broken constraint), also of
 * a masked column, and the engine has no way to leave it out. So its text stays inside: each class
 * has one fixed text, and what is added to it (a type's name, a column's name) is taken only from a
 * place in the message where no value can stand, and only when it looks as such a name must. Where
 * a decision reads the message, it reads its fixed beginning or end, never its middle, where a
 * value may be. */
#include "engine/duckdb_internal.h"

#include <ctype.h>
#include <stdio.h>

#include "sql/rewrite.h"

struct error_class {
    const char *prefix; /* of the engine's message */
    enum error_code code;
    const char *text;
};

/* The first prefix that fits decides: the special before the general. */
static const struct error_class classes[] = {
    {"Conversion Error: ", ERR_BAD_VALUE, "A value could not be converted"},
    {"Out of Range Error: ", ERR_OUT_OF_RANGE, "A number is out of its type's range."},
    {"Decimal Error: ", ERR_OUT_OF_RANGE, "A number is out of its type's range."},
    {"Divide by Zero Error: ", ERR_DIVISION_BY_ZERO, "Division by zero."},
    {"Object Size Error: ", ERR_TOO_LARGE, "A value is too large."},
    {"Mismatch Type Error: ", ERR_DATATYPE_MISMATCH, "The types do not match."},
    {"Invalid type Error: ", ERR_DATATYPE_MISMATCH, "The types do not match."},
    {"Unknown Type Error: ", ERR_UNKNOWN_TYPE, "The type does not exist."},

    {"Constraint Error: NOT NULL constraint failed: ", ERR_NOT_NULL, "A column must have a value"},
    {"Constraint Error: Duplicate key ", ERR_UNIQUE, "The key is there already."},
    {"Constraint Error: PRIMARY KEY or UNIQUE ", ERR_UNIQUE, "The key is there already."},
    {"Constraint Error: CHECK constraint failed", ERR_CHECK, "A row breaks a CHECK constraint."},
    {"Constraint Error: Violates foreign key", ERR_FOREIGN_KEY, "A row breaks a foreign key."},
    {"Constraint Error: ", ERR_CONSTRAINT, "A row breaks a constraint."},

    {"TransactionContext Error: Current transaction is aborted", ERR_IN_FAILED_TRANSACTION,
     "The transaction failed; commands are ignored until it ends."},
    {"TransactionContext Error: cannot start a transaction", ERR_BAD_SQL,
     "A transaction is open already."},
    {"TransactionContext Error: cannot ", ERR_BAD_SQL, "No transaction is open."},
    {"TransactionContext Error: Failed to commit: Constraint Error: ", ERR_UNIQUE,
     "The key is there already."},
    {"TransactionContext Error: Failed to commit: PRIMARY KEY or UNIQUE ", ERR_UNIQUE,
     "The key is there already."},
    {"TransactionContext Error: Failed to commit: ", ERR_CONFLICT,
     "Another transaction changed the same rows."},
    {"TransactionContext Error: Catalog write-write conflict", ERR_CONFLICT,
     "Another transaction changes the same object."},
    {"TransactionContext Error: ", ERR_CONFLICT, "Another transaction changed the same rows."},

    {"Catalog Error: Table with name ", ERR_UNKNOWN_TABLE, "The table does not exist."},
    {"Catalog Error: View with name ", ERR_UNKNOWN_TABLE, "The view does not exist."},
    {"Catalog Error: Schema with name ", ERR_UNKNOWN_SCHEMA, "The schema does not exist."},
    {"Catalog Error: Type with name ", ERR_UNKNOWN_TYPE, "The type does not exist."},
    {"Catalog Error: Scalar Function with name ", ERR_UNKNOWN_FUNCTION,
     "The function does not exist."},
    {"Catalog Error: Aggregate Function with name ", ERR_UNKNOWN_FUNCTION,
     "The function does not exist."},
    {"Catalog Error: Table Function with name ", ERR_UNKNOWN_FUNCTION,
     "The function does not exist."},
    {"Catalog Error: Could not drop the table because", ERR_DEPENDENT,
     "Other objects depend on it."},
    {"Catalog Error: Cannot open encrypted database", ERR_KEY, "The database needs its key."},
    {"Catalog Error: A key is explicitly specified", ERR_KEY,
     "The database file is not encrypted; it is not one of ours."},
    {"Catalog Error: ", ERR_ENGINE, "The object does not exist, or another of its name does."},

    {"Binder Error: Referenced column ", ERR_UNKNOWN_COLUMN, "The column does not exist."},
    {"Binder Error: Ambiguous reference", ERR_AMBIGUOUS_COLUMN, "A column's name is ambiguous."},
    {"Binder Error: No function matches", ERR_UNKNOWN_FUNCTION,
     "The function does not exist for arguments of these types."},
    {"Binder Error: Could not choose a best candidate function", ERR_UNKNOWN_FUNCTION,
     "The function does not exist for arguments of these types."},
    {"Binder Error: Cannot compare values of type", ERR_DATATYPE_MISMATCH,
     "Values of these types can't be compared."},
    {"Binder Error: ", ERR_BAD_SQL, "The engine does not accept the statement."},
    {"Parser Error: ", ERR_BAD_SQL, "The engine does not accept the statement."},
    {"Syntax Error: ", ERR_BAD_SQL, "The engine does not accept the statement."},
    {"Not implemented Error: ", ERR_UNSUPPORTED, "The engine can't do this."},

    {"Invalid Input Error: " REWRITE_DIVISION_BY_ZERO, ERR_DIVISION_BY_ZERO, "Division by zero."},
    {"Invalid Input Error: " REWRITE_TOO_LARGE, ERR_TOO_LARGE,
     "A value made by repetition would be too large."},
    {"Invalid Input Error: " REWRITE_BAD_ESCAPE, ERR_BAD_VALUE,
     "The escape of a LIKE must be one character or none, and not the pattern's last."},
    {"Invalid Input Error: " REWRITE_LONG_REGEX, ERR_TOO_LARGE,
     "A text is too long for its regular expression."},
    {"Invalid Input Error: " REWRITE_FLOAT_DIGITS, ERR_BAD_VALUE,
     "The format has more digits than a floating-point number of the values keeps, or one is NaN "
     "or "
     "infinite: cast it to NUMERIC."},
    {"Invalid Input Error: " REWRITE_ROW_POLICY, ERR_DENIED, "A new row violates a row policy."},
    {"Invalid Input Error: More than one row returned by a subquery", ERR_MANY_ROWS,
     "More than one row came of a sub-query that stands for one value."},
    {"Invalid Input Error: Wrong encryption key", ERR_KEY,
     "The data key does not open the database."},
    {"Invalid Input Error: Failure while replaying WAL", ERR_CORRUPT,
     "The database's log is damaged: its authentication tag does not fit."},
    {"Invalid Input Error: Computed AES tag", ERR_CORRUPT,
     "The database file was damaged or changed: its authentication tag does not fit."},
    {"Invalid Input Error: ", ERR_BAD_VALUE, "A value or an argument is not valid."},
    {"IO Error: Corrupt database file", ERR_CORRUPT, "The database file is damaged."},
    {"IO Error: Could not read enough bytes", ERR_CORRUPT, "The database file is cut short."},
    {"IO Error: Failure while replaying WAL", ERR_CORRUPT, "The database's log is damaged."},
    {"IO Error: ", ERR_IO, "The engine could not read or write a file."},
    {"Serialization Error: ", ERR_CORRUPT, "The database file is damaged."},
    {"Out of Memory Error: ", ERR_MEMORY, "The statement needs more memory than it may use."},
    {"INTERRUPT Error: ", ERR_CANCELED, "The statement was cancelled."},
    {"Permission Error: ", ERR_DENIED, "The engine is locked down and does not do this."},
    {"Dependency Error: ", ERR_DEPENDENT, "Other objects depend on it."},
    {"Parameter Not Resolved Error: ", ERR_UNTYPED_PARAMETER, "A parameter's type is not known."},
    {"Sequence Error: ", ERR_OUT_OF_RANGE, "The sequence has no further value."},
};

static bool ends_with(struct str s, const char *tail)
{
    size_t n = strlen(tail);
    return s.n >= n && memcmp(s.p + s.n - n, tail, n) == 0;
}

/* Without the picture of the statement ("\n\nLINE 1: ...") that follows most messages. */
static struct str without_picture(struct str s)
{
    for (size_t i = s.n; i-- > 0;) {
        if (str_starts((struct str){s.p + i, s.n - i}, "\n\nLINE ")) {
            return (struct str){s.p, i};
        }
    }
    return s;
}

static bool is_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* Without " when casting from source column x" at the end. */
static struct str without_column(struct str s)
{
    static const char words[] = " when casting from source column ";
    size_t n = s.n;
    while (n > 0 && is_word(s.p[n - 1])) {
        n--;
    }
    if (ends_with((struct str){s.p, n}, words)) {
        s.n = n - strlen(words);
    }
    return s;
}

/* Conversion errors end in the name of the type: "... to INT32", "... destination type INT8". */
static enum status conversion_error(struct error *e, struct str message)
{
    static const char *const names[][2] = {
        {"BOOL", "BOOLEAN"},        {"INT8", "TINYINT"},      {"INT16", "SMALLINT"},
        {"INT32", "INTEGER"},       {"INT64", "BIGINT"},      {"INT128", "HUGEINT"},
        {"UINT8", "UTINYINT"},      {"UINT16", "USMALLINT"},  {"UINT32", "UINTEGER"},
        {"UINT64", "UBIGINT"},      {"UINT128", "UHUGEINT"},  {"FLOAT", "FLOAT"},
        {"DOUBLE", "DOUBLE"},       {"DATE", "DATE"},         {"TIME", "TIME"},
        {"TIMESTAMP", "TIMESTAMP"}, {"INTERVAL", "INTERVAL"}, {"UUID", "UUID"},
    };
    struct str s = without_column(without_picture(message));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str head = s;
        if (!ends_with(s, names[i][0])) {
            continue;
        }
        head.n -= strlen(names[i][0]);
        if (ends_with(head, "out of range for the destination type ")) {
            return error_set(e, ERR_OUT_OF_RANGE, "A number is out of range for %s.", names[i][1]);
        }
        if (ends_with(head, " to ")) {
            return error_set(e, ERR_BAD_VALUE, "A value could not be converted to %s.",
                             names[i][1]);
        }
    }
    return error_set(e, ERR_BAD_VALUE, "A value could not be converted to the type it must have.");
}

/* "NOT NULL constraint failed: table.column": no value is in it. */
static enum status not_null_error(struct error *e, struct str rest)
{
    size_t dot = rest.n;
    while (dot > 0 && rest.p[dot - 1] != '.') {
        if (!isalnum((unsigned char)rest.p[dot - 1]) && rest.p[dot - 1] != '_') {
            return error_set(e, ERR_NOT_NULL, "A column must have a value and got NULL.");
        }
        dot--;
    }
    return error_set(e, ERR_NOT_NULL, "The column \"%.*s\" must have a value and got NULL.",
                     (int)(rest.n - dot < 64 ? rest.n - dot : 64), rest.p + dot);
}

static struct str after(struct str s, const char *words)
{
    const char *at = memmem(s.p, s.n, words, strlen(words));
    size_t skip = at ? (size_t)(at - s.p) + strlen(words) : s.n;
    return (struct str){s.p + skip, s.n - skip};
}

/* STR_NULL where the words aren't there. */
static struct str before(struct str s, const char *words)
{
    const char *at = memmem(s.p, s.n, words, strlen(words));
    return at ? (struct str){s.p, (size_t)(at - s.p)} : STR_NULL;
}

/* Which constraint it is, in words that no value is among: of a key its first column, which stands
 * before any value; of a CHECK its condition, which stands before what failed in it. Who looks the
 * constraint up (pgcatalog/broken.h) believes none of them that the catalog doesn't know. */
static void note_clue(struct error *e, struct str rest)
{
    struct str clue = STR_NULL, key = before(after(rest, "\""), ": ");
    const char *kind = "";
    switch (e ? e->code : ERR_NONE) {
    case ERR_NOT_NULL:
        clue = rest; /* table.column */
        break;
    case ERR_UNIQUE:
        kind = ends_with(rest, "violates primary key constraint.") ? "primary" : "unique ";
        clue = ends_with(rest, "violates unique constraint.") ? key : STR_NULL;
        break;
    case ERR_FOREIGN_KEY:
        kind = ends_with(rest, "in the referenced table") ? "to " : "from ";
        clue = key;
        break;
    case ERR_CHECK:
        clue = after(rest, " with expression CHECK(");
        clue = before(clue, " (Error: ").p ? before(clue, " (Error: ") : clue;
        clue.n -= ends_with(clue, ")");
        break;
    default:
        return;
    }
    snprintf(e->clue, sizeof e->clue, "%s%.*s", kind, STR_ARG(clue));
}

/* The first line of a binder's message, without the names of our database and schemas. */
static enum status binder_error(struct error *e, enum error_code code, struct str rest)
{
    struct buf b = BUF_INIT(400);
    struct str line = str_cut(&rest, '\n');
    for (size_t i = 0; i < line.n && !b.failed;) {
        size_t n = 0;
        bool starts_word = i == 0 || !is_word(line.p[i - 1]);
        struct str at = {line.p + i, line.n - i};
        if (starts_word && (str_starts(at, "org_") || str_starts(at, ENGINE_DATABASE "."))) {
            while (i + n < line.n && is_word(line.p[i + n])) {
                n++;
            }
            n += i + n < line.n && line.p[i + n] == '.';
        }
        if (n == 0) {
            buf_u8(&b, (uint8_t)line.p[i]);
            n = 1;
        }
        i += n;
    }
    struct str s = buf_str(&b);
    (void)!error_set(e, code, "%.*s", STR_ARG(s));
    buf_free(&b);
    return FAIL;
}

static enum status storage_error(struct error *e, const struct error_class *c, struct str message)
{
    if (memmem(message.p, message.n, "No space left on device", 23) ||
        memmem(message.p, message.n, "max_temp_directory_size", 23)) {
        return error_set(e, ERR_DISK_FULL, "The disk is full.");
    }
    if (memmem(message.p, message.n, "is not a valid DuckDB database", 30)) {
        return error_set(e, ERR_CORRUPT, "The file is not a database of the engine, or damaged.");
    }
    return error_set(e, c->code, "%s", c->text);
}

static enum status catalog_error(struct error *e, const struct error_class *c, struct str message)
{
    if (ends_with(without_picture(message), "already exists!")) {
        return error_set(e, ERR_DUPLICATE_TABLE, "An object of that name exists already.");
    }
    return error_set(e, c->code, "%s", c->text);
}

enum status error_from_engine(struct error *e, enum error_stage stage, const char *message)
{
    struct str m = message ? str_of(message) : STR("");
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        const struct error_class *c = &classes[i];
        if (!str_starts(m, c->prefix)) {
            continue;
        }
        struct str rest = {m.p + strlen(c->prefix), m.n - strlen(c->prefix)};
        if (str_starts(m, "Conversion Error: ")) {
            return conversion_error(e, m);
        }
        if (c->code == ERR_NOT_NULL) {
            (void)!not_null_error(e, rest);
            note_clue(e, rest);
            return FAIL;
        }
        if (str_starts(m, "IO Error: ") || str_starts(m, "Out of Memory Error: ")) {
            return storage_error(e, c, m);
        }
        if (str_starts(m, "Catalog Error: ")) {
            return catalog_error(e, c, m);
        }
        if (stage == STAGE_PREPARE && str_starts(m, "Binder Error: ")) {
            return binder_error(e, c->code, (struct str){m.p + 14, m.n - 14});
        }
        (void)!error_set(e, c->code, "%s", c->text);
        note_clue(e, rest);
        return FAIL;
    }
    if (memmem(m.p, m.n, "database has been invalidated", 29)) {
        return error_set(e, ERR_CORRUPT, "The engine stopped after an error in its database.");
    }
    return error_set(e, ERR_ENGINE, "The engine could not run the statement.");
}

/* The appender's messages lack the name of their class. */
enum status error_from_data(struct error *e, duckdb_error_data data)
{
    static const struct {
        duckdb_error_type type;
        const char *prefix;
    } prefixes[] = {
        {DUCKDB_ERROR_OUT_OF_RANGE, "Out of Range Error: "},
        {DUCKDB_ERROR_CONVERSION, "Conversion Error: "},
        {DUCKDB_ERROR_TRANSACTION, "TransactionContext Error: "},
        {DUCKDB_ERROR_CATALOG, "Catalog Error: "},
        {DUCKDB_ERROR_PARSER, "Parser Error: "},
        {DUCKDB_ERROR_CONSTRAINT, "Constraint Error: "},
        {DUCKDB_ERROR_BINDER, "Binder Error: "},
        {DUCKDB_ERROR_IO, "IO Error: "},
        {DUCKDB_ERROR_INTERRUPT, "INTERRUPT Error: "},
        {DUCKDB_ERROR_INVALID_INPUT, "Invalid Input Error: "},
        {DUCKDB_ERROR_OUT_OF_MEMORY, "Out of Memory Error: "},
    };
    static const char head[] = "Failed to append: ";
    struct str m = str_of(duckdb_error_data_message(data));
    struct buf b = BUF_INIT(0);
    if (str_starts(m, head)) {
        m = (struct str){m.p + strlen(head), m.n - strlen(head)};
    }
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        if (prefixes[i].type == duckdb_error_data_error_type(data) &&
            !str_starts(m, prefixes[i].prefix)) {
            buf_puts(&b, prefixes[i].prefix);
        }
    }
    buf_put_str(&b, m);
    enum status st = error_from_engine(e, STAGE_EXECUTE, buf_cstr(&b));
    buf_free(&b);
    return st;
}
