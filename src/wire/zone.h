/* Time zones of the system's tz database: what the offset is at a moment, and what moment a wall
 * clock means. Files as in RFC 8536 (TZif), of version 2 or later; after their last transition the
 * rule at their end holds.
 *
 * A zone is read once and kept as long as the process; any thread may use it. */
#ifndef WIRE_ZONE_H
#define WIRE_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/str.h"

struct zone;

/* By name in any case, "Europe/Berlin"; "UTC" where that is meant by another word. NULL where the
 * database has none of that name, or isn't installed. */
const struct zone *zone_find(struct str name);

/* As the database spells it. */
const char *zone_name(const struct zone *z);

/* At a moment in seconds from 1970 UTC: seconds east of UTC; `*abbreviation` as "CET", of the
 * zone, unless NULL. */
int32_t zone_offset(const struct zone *z, int64_t at, const char **abbreviation);

/* Whether that is daylight saving time. */
bool zone_is_saving(const struct zone *z, int64_t at);

/* Calls fn for each zone of the database, in no order; the zone is gone afterwards. Folders of the
 * same zones once more, posix/ and right/, are left out. */
void zone_each(void (*fn)(const struct zone *z, void *ctx), void *ctx);

/* What is east of UTC where the zone's clocks show `local`, in seconds from 1970 as if in UTC. A
 * wall clock that they skip is taken by the offset before, one that comes twice by the offset
 * after: as PostgreSQL's DetermineTimeZoneOffset() does. */
int32_t zone_offset_of_local(const struct zone *z, int64_t local);

#endif
