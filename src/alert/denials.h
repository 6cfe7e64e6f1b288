/* Who is denied again and again: for each principal the times of the last denials, as many as the
 * limit. Of at most DENIALS_PRINCIPALS_MAX at once; whoever was denied longest ago makes room.
 * Used by one thread at a time. */
#ifndef ALERT_DENIALS_H
#define ALERT_DENIALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

enum { DENIALS_PRINCIPALS_MAX = 4096 };

struct denials;

/* More than `limit` (1 to 1,000) within `within_us` are too many. Never NULL. */
struct denials *denials_new(size_t limit, int64_t within_us);
void denials_free(struct denials *d); /* NULL is allowed */

/* One more of this principal; true: they are too many now, and are counted from nothing again. */
bool denials_add(struct denials *d, struct str principal, int64_t now_us);

#endif
