/* Conditions over attributes of a request: the language of ABAC rules.
 *
 * A condition is true, false or unknown (its attribute is absent). Unknown goes against the asker:
 * a deny rule then matches and an allow rule doesn't. */
#ifndef POLICY_ABAC_H
#define POLICY_ABAC_H

#include <jansson.h>

#include "policy/policy.h"

enum truth { NO, UNKNOWN, YES };

struct str_list {
    struct str *at;
    size_t n;
};

enum attribute_kind {
    ATTR_ROLE,
    ATTR_USER,
    ATTR_USER_EMAIL,
    ATTR_AGENT_ID,
    ATTR_AGENT_FRAMEWORK,
    ATTR_RESOURCE_TABLE,
    ATTR_RESOURCE_TAG,
    ATTR_RESOURCE_COLUMN,
    ATTR_ACTION,
    ATTR_SOURCE_IP,
    ATTR_TIME_OF_WEEK,
    ATTR_ENVIRONMENT,
    ATTR_CREDENTIAL, /* attr.NAME */
    ATTR_COUNT
};

enum operator{ OPERATOR_IN, OPERATOR_NOT_IN, OPERATOR_CIDR, OPERATOR_OUTSIDE_HOURS };

struct network {
    uint8_t address[16]; /* IPv4 as ::ffff:a.b.c.d */
    int bits;
};

struct hours {
    unsigned days; /* bit 0 is Monday */
    int from, to;  /* minutes since midnight; to before from: until the next day */
    int offset;    /* minutes east of UTC */
};

struct condition {
    enum attribute_kind attribute;
    enum operator operator;
    struct str name; /* ATTR_CREDENTIAL */
    struct str_list values;
    struct network *networks;
    size_t network_count;
    struct hours hours;
};

/* What a condition is asked about. */
struct facts {
    const struct principal *principal;
    enum action action;
    const struct table *table; /* NULL: none */
    const bool *columns_used;  /* NULL: not known which */
    int64_t now_us;
};

/* Reads the value of one attribute in "conditions": {operator: value(s), ...} becomes one condition
 * an operator, appended to `*out`. `path` is where it stands, for errors. */
MUST_USE enum status conditions_read(struct arena *a, const char *path, const char *attribute,
                                     json_t *operators, struct condition **out, size_t *count,
                                     struct error *e);

/* All of them together: false wins over unknown. None: true. */
enum truth conditions_hold(const struct condition *c, size_t count, const struct facts *f);

#endif
