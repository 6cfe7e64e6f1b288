/* Relations that are made of what the catalog says: a query of constants that the binder takes as
 * it takes a view's. They read no table, so no policy acts on them; who makes the rows leaves out
 * what the caller may not know of. */
#ifndef PGCATALOG_RELATION_H
#define PGCATALOG_RELATION_H

#include "sql/bind.h"

struct relation_column {
    const char *name;
    enum type_kind kind; /* TEXT, INT4, INT8 or BOOL */
    bool is_list;        /* of these */
};

struct relation {
    const struct bind_context *ctx;
    const struct relation_column *columns;
    size_t column_count;
    struct node *values;
    struct node *row;  /* being made; NULL between two */
    struct node *list; /* likewise */
};

/* Starts an empty relation; memory is the context's arena. */
struct relation relation_new(const struct bind_context *ctx, const struct relation_column *columns,
                             size_t column_count);

/* The cells of one row, in the order of the columns; a row that got all of them is added. */
void relation_text(struct relation *r, struct str text);  /* STR_NULL: NULL */
void relation_word(struct relation *r, const char *text); /* NULL: NULL */
void relation_number(struct relation *r, int64_t number);
void relation_number_or_null(struct relation *r, int number); /* below 0: NULL */
void relation_bool(struct relation *r, bool value);
void relation_null(struct relation *r);

/* A cell of a list: what is added between these two is its items. */
void relation_begin_list(struct relation *r);
void relation_end_list(struct relation *r);

/* A name as the session's dialect shows it: Snowflake's in upper case, unless it needs quotes or
 * the session wants names as they are stored. */
void relation_name(struct relation *r, struct str name);

/* SELECT columns FROM (VALUES rows): a QUERY, to be bound. */
struct node *relation_query(const struct relation *r);

#endif
