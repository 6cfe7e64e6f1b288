#include "identity/provider.h"

enum { TEMPLATE_MAX = 254, LIST_MAX = 64, CONDITIONS_MAX = 16, MINUTES_MAX = 12 * 60 };

static struct str text_of(const json_t *value)
{
    return (struct str){json_string_value(value), json_string_length(value)};
}

/* ---- the configuration ---- */

static enum status wrong(struct error *e, const char *member, const char *what)
{
    return error_set(e, ERR_VALIDATION, "identity provider: \"%s\" %s", member, what);
}

static enum status only_known(const json_t *object, const char *const *known, size_t n,
                              struct error *e)
{
    json_t *value;
    const char *key;

    json_object_foreach((json_t *)object, key, value)
    {
        bool found = false;

        for (size_t i = 0; i < n; i++) {
            found = found || strcmp(key, known[i]) == 0;
        }
        if (!found) {
            return error_set(e, ERR_VALIDATION, "identity provider: there is no member \"%.64s\"",
                             key);
        }
    }
    return OK;
}

/* A text of 1 to `most` bytes; `*out` stays where the member isn't there. */
static enum status read_text(const json_t *object, const char *name, size_t most, struct arena *a,
                             struct str *out, struct error *e)
{
    const json_t *value = json_object_get(object, name);

    if (!value) {
        return OK;
    }
    if (!json_is_string(value) || json_string_length(value) < 1 ||
        json_string_length(value) > most) {
        return error_set(e, ERR_VALIDATION,
                         "identity provider: \"%s\" must be a text of 1 to %zu bytes", name, most);
    }
    *out = arena_str(a, text_of(value));
    return OK;
}

static enum status read_bool(const json_t *object, const char *name, bool *out, struct error *e)
{
    const json_t *value = json_object_get(object, name);

    if (value && !json_is_boolean(value)) {
        return wrong(e, name, "must be true or false");
    }
    *out = json_is_true(value);
    return OK;
}

static enum status read_list(const json_t *object, const char *name, struct arena *a,
                             struct store_list *out, struct error *e)
{
    const json_t *list = json_object_get(object, name), *one;
    struct str *texts;
    size_t i;

    if (!list) {
        return OK;
    }
    if (!json_is_array(list) || json_array_size(list) < 1 || json_array_size(list) > LIST_MAX) {
        return wrong(e, name, "must be a list of 1 to 64 texts");
    }
    texts = ARENA_ARRAY(a, struct str, json_array_size(list));
    json_array_foreach(list, i, one)
    {
        if (!json_is_string(one) || json_string_length(one) == 0) {
            return wrong(e, name, "must be a list of texts that aren't empty");
        }
        texts[i] = arena_str(a, text_of(one));
    }
    *out = (struct store_list){texts, i};
    return OK;
}

static bool is_https(struct str url)
{
    for (size_t i = 0; i < url.n; i++) {
        if ((unsigned char)url.p[i] <= ' ' || strchr("@#?\\\x7f", url.p[i])) {
            return false;
        }
    }
    return str_starts(url, "https://") && url.n > strlen("https://");
}

static bool is_region(struct str s)
{
    for (size_t i = 0; i < s.n; i++) {
        if (!(s.p[i] >= 'a' && s.p[i] <= 'z') && !(s.p[i] >= '0' && s.p[i] <= '9') &&
            s.p[i] != '-') {
            return false;
        }
    }
    return s.n <= 32;
}

/* A condition's value as text: what a claim is compared with. */
static bool value_text(const json_t *value, struct arena *a, struct str *out)
{
    if (json_is_boolean(value)) {
        *out = json_is_true(value) ? STR("true") : STR("false");
    } else if (json_is_integer(value)) {
        *out = str_of(arena_printf(a, "%lld", (long long)json_integer_value(value)));
    } else if (json_is_string(value) && json_string_length(value) > 0) {
        *out = arena_str(a, text_of(value));
    } else {
        return false;
    }
    return true;
}

static enum status read_condition(const char *claim, const json_t *value, struct arena *a,
                                  struct provider_condition *out, struct error *e)
{
    size_t n = json_is_array(value) ? json_array_size(value) : 1;
    struct str *values = ARENA_ARRAY(a, struct str, n);

    for (size_t i = 0; i < n; i++) {
        if (!value_text(json_is_array(value) ? json_array_get(value, i) : value, a, &values[i])) {
            return wrong(e, "when",
                         "has for each claim a text, a whole number, true or false, or a "
                         "list of such");
        }
        if (str_is(values[i], "*")) {
            return wrong(e, "when", "has a value that holds for everything");
        }
    }
    if (n < 1 || n > LIST_MAX || !*claim) {
        return wrong(e, "when", "has a claim without a name, or without 1 to 64 values");
    }
    *out = (struct provider_condition){arena_str(a, str_of(claim)), {values, n}};
    return OK;
}

static enum status read_conditions(const json_t *when, struct arena *a, struct provider_rule *out,
                                   struct error *e)
{
    size_t n = json_object_size(when);
    struct provider_condition *conditions = ARENA_ARRAY(a, struct provider_condition, n);
    const char *claim;
    json_t *value;

    if (n < 1 || n > CONDITIONS_MAX) {
        return wrong(e, "when",
                     "must be an object of 1 to 16 claims: a rule never holds for "
                     "everybody");
    }
    json_object_foreach((json_t *)when, claim, value)
    {
        if (read_condition(claim, value, a, &conditions[out->when_count++], e) != OK) {
            return FAIL;
        }
    }
    out->when = conditions;
    return OK;
}

static enum status read_rule(const json_t *rule, struct arena *a, struct provider_rule *out,
                             struct error *e)
{
    static const char *const known[] = {"when", "role", "user"};
    struct str role = STR("");

    if (!json_is_object(rule)) {
        return wrong(e, "rules", "must be a list of objects");
    }
    if (only_known(rule, known, 3, e) != OK || read_text(rule, "role", 32, a, &role, e) != OK ||
        read_text(rule, "user", TEMPLATE_MAX, a, &out->user, e) != OK) {
        return FAIL;
    }
    if (!role_parse(role, &out->role) || out->role == ROLE_OWNER) {
        return wrong(e, "role",
                     "must be admin, analyst, auditor, developer or service_account: "
                     "nobody becomes an owner by a rule");
    }
    return read_conditions(json_object_get(rule, "when"), a, out, e);
}

static enum status read_rules(const json_t *root, struct arena *a, struct provider *out,
                              struct error *e)
{
    const json_t *rules = json_object_get(root, "rules"), *rule;
    struct provider_rule *list;
    size_t i;

    if (!json_is_array(rules) || json_array_size(rules) < 1 ||
        json_array_size(rules) > PROVIDER_RULES_MAX) {
        return wrong(e, "rules", "must be a list of 1 to 256 rules");
    }
    list = ARENA_ARRAY(a, struct provider_rule, json_array_size(rules));
    json_array_foreach(rules, i, rule)
    {
        if (read_rule(rule, a, &list[i], e) != OK) {
            return FAIL;
        }
    }
    out->rules = list;
    out->rule_count = i;
    return OK;
}

static enum status read_scopes(const json_t *root, struct arena *a, struct provider *out,
                               struct error *e)
{
    struct store_list names = {0};
    enum scope scope;

    if (read_list(root, "scopes", a, &names, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < names.n; i++) {
        if (!scope_parse(names.at[i], &scope)) {
            return wrong(e, "scopes", "has a scope that doesn't exist");
        }
        out->scopes |= scope;
    }
    if (names.n == 0) {
        out->scopes = SCOPE_QUERY_READ | SCOPE_QUERY_WRITE | SCOPE_SCHEMA_READ | SCOPE_SCHEMA_WRITE;
    }
    return OK;
}

static enum status read_openid(const json_t *root, struct arena *a, struct provider *out,
                               struct error *e)
{
    if (read_text(root, "issuer", 512, a, &out->issuer, e) != OK ||
        read_text(root, "jwks_uri", 1024, a, &out->jwks_uri, e) != OK) {
        return FAIL;
    }
    if (!is_https(out->issuer)) {
        return wrong(e, "issuer",
                     "must be an https address without query, as tokens have it in iss");
    }
    if (out->jwks_uri.n && !is_https(out->jwks_uri)) {
        return wrong(e, "jwks_uri", "must be an https address without query");
    }
    if (json_object_get(root, "regions") || json_object_get(root, "session_minutes")) {
        return wrong(e, "type", "is oidc: regions and session_minutes are AWS's");
    }
    return OK;
}

static enum status read_aws(const json_t *root, struct arena *a, struct provider *out,
                            struct error *e)
{
    static const struct str home[] = {{"us-east-1", 9}};
    const json_t *minutes = json_object_get(root, "session_minutes");

    out->aws = true;
    out->issuer = STR(PROVIDER_AWS_ISSUER);
    out->regions = (struct store_list){home, 1};
    out->session_minutes = minutes ? json_integer_value(minutes) : 60;
    if (json_object_get(root, "issuer") || json_object_get(root, "jwks_uri")) {
        return wrong(e, "type", "is aws: issuer and jwks_uri are OpenID's");
    }
    if (out->session_minutes < 1 || out->session_minutes > MINUTES_MAX) {
        return wrong(e, "session_minutes", "must be a whole number from 1 to 720");
    }
    if (read_list(root, "regions", a, &out->regions, e) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < out->regions.n; i++) {
        if (!is_region(out->regions.at[i])) {
            return wrong(e, "regions", "has a region that isn't as in eu-central-1");
        }
    }
    return OK;
}

static enum status read_all(const json_t *root, struct arena *a, struct provider *out,
                            struct error *e)
{
    static const char *const known[] = {"type",
                                        "issuer",
                                        "jwks_uri",
                                        "audiences",
                                        "user",
                                        "email_is_verified",
                                        "provision",
                                        "environments",
                                        "scopes",
                                        "regions",
                                        "session_minutes",
                                        "rules"};
    static const struct str usual[] = {{"hatidata", 8}};
    struct str type = STR("");

    if (!json_is_object(root)) {
        return error_set(e, ERR_VALIDATION,
                         "identity provider: the configuration must be a JSON object of unique "
                         "members");
    }
    *out = (struct provider){.user = STR("{email}"), .environments = {usual, 1}};
    if (only_known(root, known, sizeof known / sizeof *known, e) != OK ||
        read_text(root, "type", 16, a, &type, e) != OK ||
        read_list(root, "audiences", a, &out->audiences, e) != OK ||
        read_text(root, "user", TEMPLATE_MAX, a, &out->user, e) != OK ||
        read_bool(root, "email_is_verified", &out->email_is_verified, e) != OK ||
        read_bool(root, "provision", &out->provision, e) != OK ||
        read_list(root, "environments", a, &out->environments, e) != OK ||
        read_scopes(root, a, out, e) != OK || read_rules(root, a, out, e) != OK) {
        return FAIL;
    }
    if (out->audiences.n == 0) {
        return wrong(e, "audiences",
                     "must tell for whom tokens are: without it, a token for any "
                     "other service would do");
    }
    if (str_is(type, "oidc")) {
        return read_openid(root, a, out, e);
    }
    return str_is(type, "aws") ? read_aws(root, a, out, e)
                               : wrong(e, "type", "must be oidc or aws");
}

enum status provider_read(struct str json, struct arena *a, struct provider *out, struct error *e)
{
    json_t *root = json_loadb(json.p, json.n, JSON_REJECT_DUPLICATES, NULL);
    enum status status = read_all(root, a, out, e);

    json_decref(root);
    return status;
}

/* ---- claims ---- */

static bool value_holds(struct str pattern, struct str value)
{
    if (pattern.n && pattern.p[pattern.n - 1] == '*') {
        return value.n >= pattern.n - 1 && memcmp(pattern.p, value.p, pattern.n - 1) == 0;
    }
    return str_eq(pattern, value);
}

/* Of a claim that is a list, one is enough. */
static bool condition_holds(const struct provider_condition *c, const json_t *claims,
                            struct arena *a)
{
    const json_t *claim = json_object_get(claims, arena_strdup(a, c->claim));
    size_t n = json_is_array(claim) ? json_array_size(claim) : 1;

    for (size_t i = 0; i < n; i++) {
        const json_t *one = json_is_array(claim) ? json_array_get(claim, i) : claim;
        struct str value;

        for (size_t k = 0; value_text(one, a, &value) && k < c->values.n; k++) {
            if (value_holds(c->values.at[k], value)) {
                return true;
            }
        }
    }
    return false;
}

static bool rule_holds(const struct provider_rule *r, const json_t *claims, struct arena *a)
{
    for (size_t i = 0; i < r->when_count; i++) {
        if (!condition_holds(&r->when[i], claims, a)) {
            return false;
        }
    }
    return r->when_count > 0;
}

static bool is_verified(const struct provider *p, const json_t *claims)
{
    const json_t *verified = json_object_get(claims, "email_verified");

    return p->email_is_verified || json_is_true(verified) ||
           (json_is_string(verified) && strcmp(json_string_value(verified), "true") == 0);
}

static enum status put_claim(const struct provider *p, const json_t *claims, struct str name,
                             struct arena *a, struct buf *out, struct error *e)
{
    const json_t *claim = json_object_get(claims, arena_strdup(a, name));
    struct str value;

    if (json_is_array(claim) || json_is_boolean(claim) || !value_text(claim, a, &value)) {
        return error_set(e, ERR_AUTH, "the token has no claim %.*s to name its user by",
                         STR_ARG(name));
    }
    if (str_is(name, "email") && !is_verified(p, claims)) {
        return error_set(e, ERR_AUTH, "the token's e-mail address isn't said to be verified");
    }
    buf_put_str(out, value);
    return OK;
}

static enum status expand(const struct provider *p, const json_t *claims, struct str rest,
                          struct arena *a, struct buf *out, struct error *e)
{
    while (rest.p) {
        buf_put_str(out, str_cut(&rest, '{'));
        if (rest.p && put_claim(p, claims, str_cut(&rest, '}'), a, out, e) != OK) {
            return FAIL;
        }
    }
    return out->failed ? error_set(e, ERR_AUTH, "the user's name is too long") : OK;
}

enum status provider_match(const struct provider *p, const json_t *claims, struct arena *a,
                           struct provider_match *out, struct error *e)
{
    struct buf email = BUF_INIT(TEMPLATE_MAX);
    const struct provider_rule *r = p->rules, *end = p->rules + p->rule_count;
    enum status status;

    while (r < end && !rule_holds(r, claims, a)) {
        r++;
    }
    if (r == end) {
        return error_set(e, ERR_AUTH, "no rule of the provider holds for the token");
    }
    status = expand(p, claims, r->user.n ? r->user : p->user, a, &email, e);
    *out = (struct provider_match){arena_str(a, buf_str(&email)), r->role};
    buf_free(&email);
    return status;
}
