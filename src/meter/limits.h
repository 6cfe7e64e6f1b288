/* Inside the meter: limits by role out of the store. */
#ifndef METER_LIMITS_H
#define METER_LIMITS_H

#include "meter/meter.h"

/* Fills of_roles. A role that isn't known fails (ERR_CORRUPT): its limit must not be lost. */
MUST_USE enum status limits_read(struct store *s, struct str org_id, struct quota *q,
                                 struct error *e);

#endif
