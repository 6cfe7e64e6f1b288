/* Asking conditions: three-valued, without memory of its own, no I/O. */
#include "policy/abac.h"

#include <arpa/inet.h>

static bool list_has(const struct str_list *l, struct str v)
{
    for (size_t i = 0; i < l->n; i++) {
        if (str_eq(l->at[i], v)) {
            return true;
        }
    }
    return false;
}

static bool list_has_folded(const struct str_list *l, struct str v)
{
    for (size_t i = 0; i < l->n; i++) {
        if (str_ieq(l->at[i], v)) {
            return true;
        }
    }
    return false;
}

static enum truth truth_of(bool b)
{
    return b ? YES : NO;
}

/* An empty text is an absent one. */
static enum truth text_among(const struct condition *c, struct str v)
{
    return v.n ? truth_of(list_has(&c->values, v)) : UNKNOWN;
}

/* A person has no agent: that is known. An agent without a framework is one that we don't know. */
static enum truth agent_among(const struct condition *c, const struct principal *p, struct str v)
{
    if (p->agent_id.n == 0 && p->agent_framework.n == 0) {
        return NO;
    }
    return text_among(c, v);
}

static enum truth credential_among(const struct condition *c, const struct principal *p)
{
    for (size_t i = 0; i < p->attribute_count; i++) {
        if (str_eq(p->attributes[i].name, c->name)) {
            return text_among(c, p->attributes[i].value);
        }
    }
    return UNKNOWN;
}

static enum truth tag_among(const struct condition *c, const struct facts *f)
{
    for (size_t i = 0; f->table && i < f->table->tag_count; i++) {
        if (list_has_folded(&c->values, f->table->tags[i])) {
            return YES;
        }
    }
    return NO;
}

static enum truth column_among(const struct condition *c, const struct facts *f)
{
    if (f->table && !f->columns_used) {
        return UNKNOWN;
    }
    for (size_t i = 0; f->table && i < f->table->column_count; i++) {
        if (f->columns_used[i] && list_has_folded(&c->values, f->table->columns[i].name)) {
            return YES;
        }
    }
    return NO;
}

static bool parse_address(struct str text, uint8_t out[16])
{
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    char z[INET6_ADDRSTRLEN];
    if (text.n == 0 || text.n >= sizeof z) {
        return false;
    }
    memcpy(z, text.p, text.n);
    z[text.n] = 0;
    if (inet_pton(AF_INET6, z, out) == 1) {
        return true;
    }
    memcpy(out, mapped, sizeof mapped);
    return inet_pton(AF_INET, z, out + 12) == 1;
}

static bool network_has(const struct network *n, const uint8_t address[16])
{
    int bytes = n->bits / 8, rest = n->bits % 8;
    if (memcmp(n->address, address, (size_t)bytes) != 0) {
        return false;
    }
    unsigned mask = 0xff00u >> rest & 0xff;
    return rest == 0 || (n->address[bytes] & mask) == (address[bytes] & mask);
}

static enum truth address_among(const struct condition *c, struct str text)
{
    uint8_t address[16];
    if (!parse_address(text, address)) {
        return UNKNOWN;
    }
    for (size_t i = 0; i < c->network_count; i++) {
        if (network_has(&c->networks[i], address)) {
            return YES;
        }
    }
    return NO;
}

/* A span that passes midnight belongs to the day on which it begins. */
static bool within_hours(const struct hours *h, int64_t now_us)
{
    enum { DAY = 24 * 60, WEEK = 7 * DAY };
    int64_t minutes = now_us / 60000000 - (now_us % 60000000 < 0) + h->offset;
    int64_t of_week = ((minutes + 3 * DAY) % WEEK + WEEK) % WEEK; /* 1970-01-01 was a Thursday */
    int day = (int)(of_week / DAY), at = (int)(of_week % DAY);
    bool today = h->days >> day & 1, yesterday = h->days >> ((day + 6) % 7) & 1;
    if (h->from < h->to) {
        return today && at >= h->from && at < h->to;
    }
    return (today && at >= h->from) || (yesterday && at < h->to);
}

/* Is (one of) the attribute's value among the condition's? */
static enum truth among(const struct condition *c, const struct facts *f)
{
    const struct principal *p = f->principal;
    switch (c->attribute) {
    case ATTR_ROLE:
        return p->role == ROLE_NONE ? UNKNOWN : text_among(c, str_of(role_name(p->role)));
    case ATTR_USER:
        return text_among(c, p->user_id);
    case ATTR_USER_EMAIL:
        return p->user_email.n ? truth_of(list_has_folded(&c->values, p->user_email)) : UNKNOWN;
    case ATTR_AGENT_ID:
        return agent_among(c, p, p->agent_id);
    case ATTR_AGENT_FRAMEWORK:
        return agent_among(c, p, p->agent_framework);
    case ATTR_RESOURCE_TABLE:
        return truth_of(f->table && (list_has_folded(&c->values, f->table->qualified) ||
                                     list_has_folded(&c->values, f->table->name)));
    case ATTR_RESOURCE_TAG:
        return tag_among(c, f);
    case ATTR_RESOURCE_COLUMN:
        return column_among(c, f);
    case ATTR_ACTION:
        return text_among(c, str_of(action_name(f->action)));
    case ATTR_SOURCE_IP:
        return address_among(c, p->source_ip);
    case ATTR_ENVIRONMENT:
        return text_among(c, p->environment);
    case ATTR_CREDENTIAL:
        return credential_among(c, p);
    case ATTR_TIME_OF_WEEK:
    case ATTR_COUNT:
        break;
    }
    return UNKNOWN;
}

static enum truth holds(const struct condition *c, const struct facts *f)
{
    switch (c->operator) {
    case OPERATOR_IN:
    case OPERATOR_CIDR:
        return among(c, f);
    case OPERATOR_NOT_IN:
        return (enum truth)(YES - among(c, f));
    case OPERATOR_OUTSIDE_HOURS:
        return truth_of(!within_hours(&c->hours, f->now_us));
    }
    return UNKNOWN;
}

enum truth conditions_hold(const struct condition *c, size_t count, const struct facts *f)
{
    enum truth all = YES;
    for (size_t i = 0; i < count; i++) {
        enum truth t = holds(&c[i], f);
        if (t == NO) {
            return NO;
        }
        all = t < all ? t : all;
    }
    return all;
}
