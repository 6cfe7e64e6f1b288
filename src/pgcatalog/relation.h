/* Relations that are made of what the catalog says: a query of constants that the binder takes as
 * it takes a view's. They read no table, so no policy acts on them; who makes the rows leaves out
 * what the caller may not know of. */
#ifndef PGCATALOG_RELATION_H
#define PGCATALOG_RELATION_H

#include "sql/bind.h"

struct relation_column {
    struct str name;
    const struct type *type;
};

struct relation_cell;

struct relation {
    const struct bind_context *ctx;
    const struct relation_column *columns;
    size_t column_count;
    const struct relation_wanted *wanted; /* a row with another value isn't kept */
    size_t wanted_count;
    VEC_OF(struct relation_cell *) rows;
    struct relation_cell *row; /* being made; NULL between two */
    size_t at;                 /* the column whose cell comes next */
    bool is_named;             /* the row was begun by relation_row() */
    struct relation_cell *list;
};

/* Columns as text, "oid oid, relname name, conkey _int2": names, and types as pg_type calls them,
 * a list's with an underscore. varchar, inet, pg_lsn, anyarray and the like are text here. The
 * array is the arena's. */
size_t relation_columns(struct arena *a, const char *text, const struct relation_column **out);

/* Starts an empty relation; memory is the context's arena. */
struct relation relation_new(const struct bind_context *ctx, const char *columns);

/* The cells of one row, in the order of the columns; a row that got all of them is added. Texts
 * must be there until the query is made. */
void relation_text(struct relation *r, struct str text);  /* STR_NULL: NULL */
void relation_word(struct relation *r, const char *text); /* NULL: NULL */
void relation_number(struct relation *r, int64_t number);
void relation_number_or_null(struct relation *r, int number); /* below 0: NULL */
void relation_bool(struct relation *r, bool value);
void relation_null(struct relation *r);

/* Begins a row of which only some cells are named; it ends where the next begins. The others are
 * what PostgreSQL's catalogs have where there is nothing: false, 0, an empty name or "char", and
 * NULL for text, lists and moments. */
void relation_row(struct relation *r);
/* The same of one whose other cells are all NULL, as in the views of information_schema. */
void relation_null_row(struct relation *r);
/* The next cell is this column's; gives `r`. There is such a column. */
struct relation *relation_at(struct relation *r, const char *column);

static inline void relation_put_text(struct relation *r, const char *column, struct str text)
{
    relation_text(relation_at(r, column), text);
}

static inline void relation_put_word(struct relation *r, const char *column, const char *text)
{
    relation_word(relation_at(r, column), text);
}

static inline void relation_put_number(struct relation *r, const char *column, int64_t number)
{
    relation_number(relation_at(r, column), number);
}

static inline void relation_put_bool(struct relation *r, const char *column, bool value)
{
    relation_bool(relation_at(r, column), value);
}

static inline void relation_put_null(struct relation *r, const char *column)
{
    relation_null(relation_at(r, column));
}

/* May there be a row with that value? False: one needn't be made. */
bool relation_wants_text(const struct relation *r, const char *column, struct str value);
bool relation_wants_number(const struct relation *r, const char *column, int64_t value);

/* A cell of a list: what is added between these two is its items. */
void relation_begin_list(struct relation *r);
void relation_end_list(struct relation *r);

/* A name as the session's dialect shows it: Snowflake's in upper case, unless it needs quotes or
 * the session wants names as they are stored. */
void relation_name(struct relation *r, struct str name);

/* Behind the last cell, before what follows: the last row is whole. */
void relation_end(struct relation *r);

/* The rows that are whole, and their cells; such a column is there and of that kind. */
size_t relation_count(const struct relation *r);
struct str relation_text_at(const struct relation *r, size_t row, const char *column);
int64_t relation_number_at(const struct relation *r, size_t row, const char *column);

/* SELECT columns FROM (VALUES rows): a QUERY, to be bound. */
struct node *relation_query(struct relation *r);

#endif
