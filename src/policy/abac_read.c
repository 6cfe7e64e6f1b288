/* Reading conditions from their document. Attributes and operators are a closed list: a misspelt
 * one would otherwise be an attribute that is always absent. */
#include <arpa/inet.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

#include "policy/abac.h"

static const char *const attribute_names[ATTR_COUNT] = {
    [ATTR_ROLE] = "role",
    [ATTR_USER] = "user",
    [ATTR_USER_EMAIL] = "user.email",
    [ATTR_AGENT_ID] = "agent.id",
    [ATTR_AGENT_FRAMEWORK] = "agent.framework",
    [ATTR_RESOURCE_TABLE] = "resource.table",
    [ATTR_RESOURCE_TAG] = "resource.tag",
    [ATTR_RESOURCE_COLUMN] = "resource.column",
    [ATTR_ACTION] = "action",
    [ATTR_SOURCE_IP] = "source_ip",
    [ATTR_TIME_OF_WEEK] = "time_of_week",
    [ATTR_ENVIRONMENT] = "environment",
    [ATTR_CREDENTIAL] = "attr.NAME",
};

#define CREDENTIAL_PREFIX "attr."

static const struct {
    const char *name;
    enum operator operator;
    bool is_list;
} operators_known[] = {
    {"in", OPERATOR_IN, true},         {"eq", OPERATOR_IN, false},
    {"not_in", OPERATOR_NOT_IN, true}, {"not_eq", OPERATOR_NOT_IN, false},
    {"cidr", OPERATOR_CIDR, true},     {"outside_hours", OPERATOR_OUTSIDE_HOURS, false},
};

static enum status find_attribute(const char *path, const char *text, struct condition *c,
                                  struct error *e)
{
    if (str_starts(str_of(text), CREDENTIAL_PREFIX) && text[sizeof CREDENTIAL_PREFIX - 1]) {
        c->attribute = ATTR_CREDENTIAL;
        c->name = str_of(text + sizeof CREDENTIAL_PREFIX - 1);
        return OK;
    }
    for (int i = 0; i < ATTR_CREDENTIAL; i++) {
        if (strcmp(attribute_names[i], text) == 0) {
            c->attribute = (enum attribute_kind)i;
            return OK;
        }
    }
    error_set(e, ERR_VALIDATION, "%s: unknown attribute \"%.60s\"", path, text);
    return error_hint(e, "One of role, user, user.email, agent.id, agent.framework, "
                         "resource.table, resource.tag, resource.column, action, source_ip, "
                         "time_of_week, environment, attr.NAME.");
}

/* What a value of the attribute must look like; the lower-case form where case doesn't matter. */
static enum status check_value(struct arena *a, const char *path, const struct condition *c,
                               struct str *v, struct error *e)
{
    enum role role;
    switch (c->attribute) {
    case ATTR_ROLE:
        if (!role_parse(*v, &role) || role == ROLE_NONE) {
            error_set(e, ERR_VALIDATION, "%s: unknown role \"%.40s\"", path, v->p);
            return error_hint(e,
                              "One of owner, admin, analyst, auditor, developer, service_account.");
        }
        return OK;
    case ATTR_ACTION:
        for (int i = ACTION_QUERY; i <= ACTION_DDL; i++) {
            if (str_is(*v, action_name((enum action)i))) {
                return OK;
            }
        }
        return error_set(e, ERR_VALIDATION, "%s: may be query, write, delete or ddl", path);
    case ATTR_RESOURCE_TABLE:
    case ATTR_RESOURCE_TAG:
    case ATTR_RESOURCE_COLUMN:
    case ATTR_USER_EMAIL: {
        char *lower = arena_strdup(a, *v);
        for (size_t i = 0; i < v->n; i++) {
            lower[i] = (char)tolower((unsigned char)lower[i]);
        }
        v->p = lower;
        return OK;
    }
    default:
        return OK;
    }
}

static enum status read_value(struct arena *a, const char *path, struct condition *c, json_t *v,
                              struct str *out, struct error *e)
{
    if (!json_is_string(v) || json_string_length(v) == 0) {
        return error_set(e, ERR_VALIDATION, "%s: must be a text that isn't empty", path);
    }
    *out = arena_str(a, (struct str){json_string_value(v), json_string_length(v)});
    return check_value(a, path, c, out, e);
}

static enum status read_values(struct arena *a, const char *path, struct condition *c, json_t *v,
                               bool is_list, struct error *e)
{
    bool single = !is_list || (c->operator== OPERATOR_CIDR && json_is_string(v));
    size_t n = single ? 1 : json_array_size(v);
    if (!single && (!json_is_array(v) || n == 0 || n > POLICY_LIST_MAX)) {
        return error_set(e, ERR_VALIDATION, "%s: must be a list of 1 to %d texts", path,
                         POLICY_LIST_MAX);
    }
    c->values.at = ARENA_ARRAY(a, struct str, n);
    c->values.n = n;
    for (size_t i = 0; i < n; i++) {
        json_t *item = single ? v : json_array_get(v, i);
        if (read_value(a, path, c, item, &c->values.at[i], e) != OK) {
            return FAIL;
        }
    }
    return OK;
}

/* "10.0.0.0/8", "fd00::/8", or a single address. */
static bool parse_network(struct str text, struct network *out)
{
    struct str rest = text, address = str_cut(&rest, '/');
    char z[INET6_ADDRSTRLEN];
    int64_t bits = -1;
    if (address.n >= sizeof z || (rest.p && !str_to_i64(rest, &bits)) || (rest.p && bits < 0)) {
        return false;
    }
    memcpy(z, address.p, address.n);
    z[address.n] = 0;
    static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};
    if (inet_pton(AF_INET6, z, out->address) == 1) {
        out->bits = rest.p ? (int)bits : 128;
        return bits <= 128;
    }
    memcpy(out->address, mapped, sizeof mapped);
    if (inet_pton(AF_INET, z, out->address + 12) != 1) {
        return false;
    }
    out->bits = rest.p ? (int)bits + 96 : 128;
    return bits <= 32;
}

static enum status read_networks(struct arena *a, const char *path, struct condition *c,
                                 struct error *e)
{
    c->networks = ARENA_ARRAY(a, struct network, c->values.n);
    c->network_count = c->values.n;
    for (size_t i = 0; i < c->values.n; i++) {
        if (!parse_network(c->values.at[i], &c->networks[i])) {
            error_set(e, ERR_VALIDATION, "%s: \"%.50s\" is no network", path, c->values.at[i].p);
            return error_hint(e, "Such as 10.0.0.0/8 or fd00::/8.");
        }
    }
    return OK;
}

static int day_of(struct str s)
{
    static const char *const days[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
    for (int i = 0; i < 7; i++) {
        if (str_iis(s, days[i])) {
            return i;
        }
    }
    return -1;
}

/* "mon-fri", "sat", "fri-mon" into the bits. */
static bool parse_days(const char *text, unsigned *bits)
{
    struct str rest = str_of(text), first = str_cut(&rest, '-');
    int from = day_of(first), to = rest.p ? day_of(rest) : from;
    if (!text || from < 0 || to < 0) {
        return false;
    }
    for (int d = from;; d = (d + 1) % 7) {
        *bits |= 1u << d;
        if (d == to) {
            return true;
        }
    }
}

static bool two_digits(const char *p, int max, int *out)
{
    if (!isdigit((unsigned char)p[0]) || !isdigit((unsigned char)p[1])) {
        return false;
    }
    *out = (p[0] - '0') * 10 + (p[1] - '0');
    return *out <= max;
}

/* "08:30", and "24:00" for the end of the day. */
static bool parse_clock(const char *text, int *minutes)
{
    int h, m;
    if (!text || strlen(text) != 5 || text[2] != ':' || !two_digits(text, 24, &h) ||
        !two_digits(text + 3, 59, &m)) {
        return false;
    }
    *minutes = h * 60 + m;
    return *minutes <= 24 * 60;
}

/* "UTC" or a fixed offset, "+02:00". Zones with summer time would need tables from disk. */
static bool parse_zone(const char *text, int *offset)
{
    *offset = 0;
    if (!text || strcmp(text, "UTC") == 0) {
        return true;
    }
    if ((text[0] != '+' && text[0] != '-') || !parse_clock(text + 1, offset)) {
        return false;
    }
    *offset = text[0] == '-' ? -*offset : *offset;
    return abs(*offset) <= 14 * 60;
}

static bool read_days(json_t *days, unsigned *bits)
{
    if (json_is_string(days)) {
        return parse_days(json_string_value(days), bits);
    }
    for (size_t i = 0; i < json_array_size(days); i++) {
        json_t *day = json_array_get(days, i);
        if (!json_is_string(day) || !parse_days(json_string_value(day), bits)) {
            return false;
        }
    }
    return *bits != 0;
}

static enum status read_hours(const char *path, struct hours *h, json_t *v, struct error *e)
{
    if (!json_is_object(v)) {
        return error_set(e, ERR_VALIDATION, "%s: must be {\"days\",\"from\",\"to\",\"tz\"}", path);
    }
    const char *key;
    json_t *field;
    json_object_foreach(v, key, field)
    {
        bool known = strcmp(key, "days") == 0 || strcmp(key, "from") == 0 ||
                     strcmp(key, "to") == 0 || strcmp(key, "tz") == 0;
        if (!known || (strcmp(key, "days") != 0 && !json_is_string(field))) {
            return error_set(e, ERR_VALIDATION, "%s.%.40s: %s", path, key,
                             known ? "must be text" : "unknown; may be days, from, to, tz");
        }
    }
    if (!read_days(json_object_get(v, "days"), &h->days)) {
        return error_set(e, ERR_VALIDATION,
                         "%s.days: must be days such as \"mon-fri\" or [\"sat\",\"sun\"]", path);
    }
    if (!parse_clock(json_string_value(json_object_get(v, "from")), &h->from) ||
        !parse_clock(json_string_value(json_object_get(v, "to")), &h->to) || h->from == h->to) {
        return error_set(e, ERR_VALIDATION, "%s: from and to must be times such as \"08:00\"",
                         path);
    }
    if (!parse_zone(json_string_value(json_object_get(v, "tz")), &h->offset)) {
        return error_set(e, ERR_VALIDATION, "%s.tz: must be UTC or an offset such as +02:00", path);
    }
    return OK;
}

static enum status read_one(struct arena *a, const char *path, struct condition *c,
                            const char *operator, json_t * v, struct error *e)
{
    size_t i = 0, n = sizeof operators_known / sizeof *operators_known;
    while (i < n && strcmp(operators_known[i].name, operator) != 0) {
        i++;
    }
    if (i == n) {
        error_set(e, ERR_VALIDATION, "%s: unknown operator \"%.40s\"", path, operator);
        return error_hint(e, "One of in, not_in, eq, not_eq, cidr, outside_hours.");
    }
    c->operator= operators_known[i].operator;
    bool is_hours = c->operator== OPERATOR_OUTSIDE_HOURS, is_cidr = c->operator== OPERATOR_CIDR;
    if (is_hours != (c->attribute == ATTR_TIME_OF_WEEK)) {
        return error_set(e, ERR_VALIDATION, "%s: outside_hours and time_of_week go together", path);
    }
    if (is_cidr && c->attribute != ATTR_SOURCE_IP) {
        return error_set(e, ERR_VALIDATION, "%s: cidr is for source_ip only", path);
    }
    if (is_hours) {
        return read_hours(path, &c->hours, v, e);
    }
    if (read_values(a, path, c, v, operators_known[i].is_list, e) != OK) {
        return FAIL;
    }
    /* Addresses are compared as addresses whatever the operator: one has many spellings. */
    return c->attribute == ATTR_SOURCE_IP ? read_networks(a, path, c, e) : OK;
}

enum status conditions_read(struct arena *a, const char *path, const char *attribute,
                            json_t *operators, struct condition **out, size_t *count,
                            struct error *e)
{
    struct condition proto = {0};
    if (find_attribute(path, arena_strdup(a, str_of(attribute)), &proto, e) != OK) {
        return FAIL;
    }
    if (!json_is_object(operators) || json_object_size(operators) == 0) {
        return error_set(e, ERR_VALIDATION, "%s.%.60s: must be {operator: value}", path, attribute);
    }
    const char *operator;
    json_t *v;
    json_object_foreach(operators, operator, v)
    {
        const char *at = arena_printf(a, "%s.%.60s.%.40s", path, attribute, operator);
        *out = arena_grow(a, *out, *count * sizeof **out, (*count + 1) * sizeof **out);
        (*out)[*count] = proto;
        if (read_one(a, at, &(*out)[(*count)++], operator, v, e) != OK) {
            return FAIL;
        }
    }
    return OK;
}
