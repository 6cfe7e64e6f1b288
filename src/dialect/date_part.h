/* The parts of dates and times by all their names. */
#ifndef DIALECT_DATE_PART_H
#define DIALECT_DATE_PART_H

#include "dialect/rule.h"

/* Our name of the part, such as "year" for "yy"; NULL where Snowflake has no such part. */
const char *date_part_name(struct str word);

/* The part that the argument names, a literal or a bare word, as a literal of our name; NULL after
 * a failure. `takes`: the parts that are allowed here, separated and ended by blanks; NULL: all. */
struct node *date_part_literal(struct rewriting *r, struct node *n, const char *takes);

/* A text literal that is a moment, cast to what it looks like: a date, a timestamp, or one with a
 * time zone. Any other expression as it is. */
struct node *date_of_literal(struct rewriting *r, struct node *n);

/* A literal of a timestamp without the time zone at its end, which TIMESTAMP_NTZ looks over. */
struct str date_without_zone(struct str text);

/* Digits alone are a count since 1970, whose unit follows from its size: 0 seconds, 3 thousandths
 * of one, 6, 9. */
bool date_is_count(struct str text, int64_t *scale);

/* The same with the time zone where it stands, but no blank before it, which the engine refuses. */
struct str date_zone_joined(struct arena *a, struct str text);

#endif
