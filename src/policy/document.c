/* Reading a policy document. Strict: a field that we don't know is a mistake, not an extension,
 * since a rule that silently does less than its author meant is a hole. */
#include <ctype.h>
#include <stdio.h>

#include <jansson.h>

#include "policy/rules.h"

enum { GROUP_SIZE_LEAST = 2, GROUP_SIZE_MOST = 1000000 };
enum { VISIBLE_CHARS_DEFAULT = 4, VISIBLE_CHARS_MAX = 64, NAME_MAX_BYTES = 256 };

struct reader {
    struct arena *arena;
    const struct policy_label *policy;
    struct rules *out;
    struct error *error; /* of what is being read */
    struct mistakes *mistakes;
};

/* What stands apart in a document is read apart, so that one reading tells all that is wrong: keeps
 * the mistake of a part and lets the reading go on. */
static bool good(const struct reader *r, enum status status)
{
    if (status != OK) {
        VEC_PUSH(r->arena, r->mistakes->list, *r->error);
    }
    return status == OK;
}

static enum status wrong(const struct reader *r, const char *path, const char *field,
                         const char *what)
{
    return error_set(r->error, ERR_VALIDATION, "%s%s%.60s: %s", path, *path ? "." : "", field,
                     what);
}

/* Every field is among the allowed, which are a list such as "table, column". */
static void only_fields(const struct reader *r, const char *path, json_t *object,
                        const char *allowed)
{
    const char *key;
    json_t *v;
    json_object_foreach(object, key, v)
    {
        struct str rest = str_of(allowed);
        bool found = false;
        while (!found && rest.n) {
            found = str_is(str_trim(str_cut(&rest, ',')), key);
        }
        if (!found) {
            wrong(r, path, key, "unknown field");
            good(r, error_hint(r->error, "The fields are %s.", allowed));
        }
    }
}

static enum status get_text(const struct reader *r, const char *path, json_t *object,
                            const char *field, bool required, struct str *out)
{
    json_t *v = json_object_get(object, field);
    *out = STR_NULL;
    if (!v) {
        return required ? wrong(r, path, field, "is missing") : OK;
    }
    if (!json_is_string(v) || json_string_length(v) == 0) {
        return wrong(r, path, field, "must be a text that isn't empty");
    }
    *out = arena_str(r->arena, (struct str){json_string_value(v), json_string_length(v)});
    return OK;
}

static enum status get_bool(const struct reader *r, const char *path, json_t *object,
                            const char *field, bool otherwise, bool *out)
{
    json_t *v = json_object_get(object, field);
    if (v && !json_is_boolean(v)) {
        return wrong(r, path, field, "must be true or false");
    }
    *out = v ? json_is_true(v) : otherwise;
    return OK;
}

static enum status get_list(const struct reader *r, const char *path, json_t *object,
                            const char *field, struct str_list *out)
{
    json_t *v = json_object_get(object, field);
    *out = (struct str_list){0};
    if (!v) {
        return OK;
    }
    size_t n = json_array_size(v);
    if (!json_is_array(v) || n > POLICY_LIST_MAX) {
        return wrong(r, path, field, "must be a list of texts");
    }
    out->at = ARENA_ARRAY(r->arena, struct str, n);
    for (size_t i = 0; i < n; i++) {
        json_t *item = json_array_get(v, i);
        if (!json_is_string(item) || json_string_length(item) == 0) {
            return wrong(r, path, field, "must be a list of texts");
        }
        out->at[out->n++] =
            arena_str(r->arena, (struct str){json_string_value(item), json_string_length(item)});
    }
    return OK;
}

static void lower(struct str s)
{
    char *p = (char *)(uintptr_t)s.p;
    for (size_t i = 0; i < s.n; i++) {
        p[i] = (char)tolower((unsigned char)p[i]);
    }
}

/* "orders", "shared.orders", "tag:pii" or, where allowed, "*". The text is ours and is folded. */
static enum status parse_selector(const struct reader *r, const char *path, const char *field,
                                  struct str text, bool any, struct selector *out)
{
    lower(text);
    if (str_is(text, "*")) {
        *out = (struct selector){SELECT_ANY, STR_NULL};
        return any ? OK : wrong(r, path, field, "must name one table or tag:NAME");
    }
    *out = (struct selector){SELECT_NAME, text};
    if (str_starts(text, "tag:")) {
        *out = (struct selector){SELECT_TAG, {text.p + 4, text.n - 4}};
    }
    if (out->text.n == 0 || text.n > NAME_MAX_BYTES || memchr(out->text.p, '*', out->text.n) ||
        memchr(out->text.p, '"', out->text.n)) {
        return wrong(r, path, field, "must be a name without quotes, tag:NAME or *");
    }
    return OK;
}

static enum status read_audience(const struct reader *r, const char *path, json_t *rule,
                                 struct audience *out)
{
    struct str_list roles;
    out->environments = r->out->environments;
    if (get_list(r, path, rule, "exempt_roles", &roles) != OK ||
        get_list(r, path, rule, "agents", &out->agents) != OK ||
        get_list(r, path, rule, "frameworks", &out->frameworks) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < roles.n; i++) {
        enum role role;
        if (!role_parse(roles.at[i], &role) || role == ROLE_NONE) {
            wrong(r, path, "exempt_roles", "names an unknown role");
            return error_hint(r->error, "One of owner, admin, analyst, auditor, developer, "
                                        "service_account.");
        }
        out->exempt_roles |= 1u << role;
    }
    return OK;
}

/* {"size","key"}: how many must stand behind an aggregate, and what tells them apart. */
static enum status read_group(const struct reader *r, const char *path, json_t *rule,
                              struct mask_rule *out)
{
    json_t *size = json_object_get(rule, "size");
    if (out->usage.kind != USAGE_MIN_GROUP) {
        const char *field = size ? "size" : json_object_get(rule, "key") ? "key" : NULL;
        return field ? wrong(r, path, field, "is for the function min_group only") : OK;
    }
    json_int_t n = json_integer_value(size);
    if (!size) {
        return wrong(r, path, "size", "is missing");
    }
    if (!json_is_integer(size) || n < GROUP_SIZE_LEAST || n > GROUP_SIZE_MOST) {
        return wrong(r, path, "size", "must be a whole number from 2 to 1000000");
    }
    out->group_size = (int)n;
    if (get_text(r, path, rule, "key", false, &out->group_key) != OK) {
        return FAIL;
    }
    lower(out->group_key);
    return out->group_key.n <= NAME_MAX_BYTES ? OK : wrong(r, path, "key", "is too long");
}

/* "enforce", which is the default, or "shadow". */
static enum status read_mode(const struct reader *r, json_t *document, bool *shadow)
{
    struct str mode;
    if (get_text(r, "", document, "mode", false, &mode) != OK) {
        return FAIL;
    }
    *shadow = str_is(mode, "shadow");
    return *shadow || !mode.n || str_is(mode, "enforce")
               ? OK
               : wrong(r, "", "mode", "must be enforce or shadow");
}

/* The environments that the policy is for; all where it names none. */
static enum status read_environments(const struct reader *r, json_t *document)
{
    struct str_list *out = &r->out->environments;
    if (get_list(r, "", document, "environments", out) != OK) {
        return FAIL;
    }
    return json_object_get(document, "environments") && out->n == 0
               ? wrong(r, "", "environments", "is empty; leave it out for every environment")
               : OK;
}

static enum status read_function(const struct reader *r, const char *path, json_t *rule,
                                 struct mask_rule *out)
{
    static const struct {
        const char *name;
        enum mask_function function;
        enum usage_kind usage;
    } functions[] = {{"full", MASK_FULL, USAGE_FREE},
                     {"partial", MASK_PARTIAL, USAGE_FREE},
                     {"hash", MASK_HASH, USAGE_FREE},
                     {"null", MASK_NULL, USAGE_FREE},
                     {"no_projection", MASK_NONE, USAGE_NO_PROJECTION},
                     {"min_group", MASK_NONE, USAGE_MIN_GROUP},
                     {"deny", MASK_NONE, USAGE_DENIED}};
    struct mask *m = &out->mask;
    struct str name;
    if (get_text(r, path, rule, "function", true, &name) != OK ||
        get_bool(r, path, rule, "as_text", false, &m->as_text) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < sizeof functions / sizeof *functions; i++) {
        if (str_is(name, functions[i].name)) {
            m->function = functions[i].function;
            out->usage.kind = functions[i].usage;
        }
    }
    if (m->function == MASK_NONE && out->usage.kind == USAGE_FREE) {
        return wrong(r, path, "function",
                     "must be full, partial, hash, null, no_projection, min_group or deny");
    }
    if (m->function == MASK_NONE && json_object_get(rule, "as_text")) {
        return wrong(r, path, "as_text", "is for functions that show something of the value");
    }
    json_t *visible = json_object_get(rule, "visible_chars");
    if (visible && m->function != MASK_PARTIAL) {
        return wrong(r, path, "visible_chars", "is for the function partial only");
    }
    json_int_t n = visible ? json_integer_value(visible) : VISIBLE_CHARS_DEFAULT;
    if (visible && (!json_is_integer(visible) || n < 0 || n > VISIBLE_CHARS_MAX)) {
        return wrong(r, path, "visible_chars", "must be a whole number from 0 to 64");
    }
    m->visible_chars = m->function == MASK_PARTIAL ? (int)n : 0;
    return read_group(r, path, rule, out);
}

/* {"table","column"}, or {"tag"} for the columns so tagged of any (or the given) table. */
static enum status read_mask_columns(const struct reader *r, const char *path, json_t *rule,
                                     struct mask_rule *out)
{
    struct str table, column, tag;
    if (get_text(r, path, rule, "table", false, &table) != OK ||
        get_text(r, path, rule, "column", false, &column) != OK ||
        get_text(r, path, rule, "tag", false, &tag) != OK) {
        return FAIL;
    }
    if (tag.n > NAME_MAX_BYTES) {
        return wrong(r, path, "tag", "is too long");
    }
    if ((column.n != 0) == (tag.n != 0)) {
        return wrong(r, path, "column", "give either a column or a tag");
    }
    if (!table.n && !tag.n) {
        return wrong(r, path, "table", "is missing");
    }
    out->table = (struct selector){SELECT_ANY, STR_NULL};
    if (table.n && parse_selector(r, path, "table", table, true, &out->table) != OK) {
        return FAIL;
    }
    if (tag.n) {
        lower(tag);
        out->column = (struct selector){SELECT_TAG, tag};
        return OK;
    }
    return parse_selector(r, path, "column", column, true, &out->column);
}

static void read_mask_rule(const struct reader *r, const char *path, json_t *rule, size_t at)
{
    struct mask_rule *m = &r->out->masks[at];
    only_fields(r, path, rule,
                "table, column, tag, function, visible_chars, as_text, size, key, exempt_roles, "
                "agents, frameworks");
    bool named = good(r, read_mask_columns(r, path, rule, m));
    good(r, read_function(r, path, rule, m));
    good(r, read_audience(r, path, rule, &m->audience));
    if (named && m->table.kind == SELECT_ANY && m->column.kind == SELECT_ANY) {
        good(r, wrong(r, path, "table", "every column of every table; name one of them"));
    }
    m->shadow = r->out->shadow;
    m->mask.policy_id = r->policy->id;
    m->mask.policy_name = r->policy->name;
    m->usage.policy_id = r->policy->id;
    m->usage.policy_name = r->policy->name;
}

enum {
    USES_OF_OLD = 1u << ROWS_SELECTED | 1u << ROWS_UPDATED | 1u << ROWS_DELETED,
    USES_OF_FRESH = 1u << ROWS_INSERTED | 1u << ROWS_CHANGED
};

/* {"commands"}: what is done with rows; all of it when left out. */
static enum status read_commands(const struct reader *r, const char *path, json_t *rule,
                                 struct filter_rule *f)
{
    static const struct {
        const char *name;
        unsigned uses;
    } commands[] = {{"select", 1u << ROWS_SELECTED},
                    {"insert", 1u << ROWS_INSERTED},
                    {"update", 1u << ROWS_UPDATED | 1u << ROWS_CHANGED},
                    {"delete", 1u << ROWS_DELETED}};
    struct str_list list;
    f->uses = USES_OF_OLD | USES_OF_FRESH;
    if (get_list(r, path, rule, "commands", &list) != OK) {
        return FAIL;
    }
    if (!json_object_get(rule, "commands")) {
        return OK;
    }
    f->uses = 0;
    for (size_t i = 0; i < list.n; i++) {
        unsigned uses = 0;
        for (size_t k = 0; k < sizeof commands / sizeof *commands; k++) {
            uses |= str_is(list.at[i], commands[k].name) ? commands[k].uses : 0;
        }
        if (!uses) {
            return wrong(r, path, "commands", "may name select, insert, update and delete");
        }
        f->uses |= uses;
    }
    return f->uses ? OK : wrong(r, path, "commands", "is empty; leave it out for every command");
}

/* {"combine"}: "all", which is the default, or "any". */
static enum status read_combine(const struct reader *r, const char *path, json_t *rule,
                                struct filter_rule *f)
{
    struct str text;
    if (get_text(r, path, rule, "combine", false, &text) != OK) {
        return FAIL;
    }
    f->is_any = str_is(text, "any");
    return f->is_any || !text.n || str_is(text, "all")
               ? OK
               : wrong(r, path, "combine", "must be all or any");
}

static enum status read_condition(const struct reader *r, const char *path, json_t *rule,
                                  const char *field, struct filter_condition *out)
{
    struct str text;
    struct error why = ERROR_INIT;
    if (get_text(r, path, rule, field, true, &text) != OK) {
        return FAIL;
    }
    if (filter_read(text, r->arena, out, &why) != OK) {
        error_set(r->error, ERR_VALIDATION, "%s.%s: %.300s (at byte %lld)", path, field,
                  why.message, (long long)(why.position < 0 ? 0 : why.position));
        return why.hint[0] ? error_hint(r->error, "%s", why.hint) : FAIL;
    }
    return OK;
}

/* "filter" is of rows that are there; "check" of new ones, which must be as the filter says where
 * there is none. */
static void read_conditions_of_rows(const struct reader *r, const char *path, json_t *rule,
                                    struct filter_rule *f)
{
    bool of_old = f->uses & USES_OF_OLD, of_fresh = f->uses & USES_OF_FRESH;
    bool has_filter = json_object_get(rule, "filter"), has_check = json_object_get(rule, "check");
    if (!of_old && has_filter) {
        good(r, wrong(r, path, "filter", "is of rows that are there; for insert give check"));
    } else if (of_old) {
        good(r, read_condition(r, path, rule, "filter", &f->old));
    }
    if (!of_fresh && has_check) {
        good(r, wrong(r, path, "check", "is for the commands insert and update"));
    } else if (of_fresh && (has_check || !of_old)) {
        good(r, read_condition(r, path, rule, "check", &f->fresh));
    }
}

static enum status read_filter_table(const struct reader *r, const char *path, json_t *rule,
                                     struct filter_rule *f)
{
    struct str table;
    return get_text(r, path, rule, "table", true, &table) == OK
               ? parse_selector(r, path, "table", table, false, &f->table)
               : FAIL;
}

static void read_filter_rule(const struct reader *r, const char *path, json_t *rule, size_t at)
{
    struct filter_rule *f = &r->out->filters[at];
    only_fields(r, path, rule,
                "table, filter, check, commands, combine, exempt_roles, agents, frameworks");
    good(r, read_filter_table(r, path, rule, f));
    good(r, read_combine(r, path, rule, f));
    if (good(r, read_commands(r, path, rule, f))) {
        read_conditions_of_rows(r, path, rule, f);
    }
    good(r, read_audience(r, path, rule, &f->audience));
    f->policy = r->policy;
    f->shadow = r->out->shadow;
}

static void read_rules(const struct reader *r, json_t *document, bool is_mask)
{
    json_t *rules = json_object_get(document, "rules");
    size_t n = json_array_size(rules);
    only_fields(r, "", document, "name, type, enabled, mode, environments, rules");
    if (n == 0 || n > POLICY_RULES_MAX) {
        good(r, wrong(r, "", "rules", "must be a list of 1 to 1000 rules"));
        return;
    }
    r->out->masks = is_mask ? ARENA_ARRAY(r->arena, struct mask_rule, n) : NULL;
    r->out->filters = is_mask ? NULL : ARENA_ARRAY(r->arena, struct filter_rule, n);
    r->out->mask_count = is_mask ? n : 0;
    r->out->filter_count = is_mask ? 0 : n;
    for (size_t i = 0; i < n; i++) {
        char path[32];
        snprintf(path, sizeof path, "rules[%zu]", i);
        json_t *rule = json_array_get(rules, i);
        if (!json_is_object(rule)) {
            good(r, wrong(r, "", path, "must be an object"));
        } else {
            (is_mask ? read_mask_rule : read_filter_rule)(r, path, rule, i);
        }
    }
}

/* "*", "table:*", "table:orders", "table:shared.*", "schema:shared", "tag:pii". */
static enum status parse_resource(const struct reader *r, const char *path, struct str text,
                                  struct selector *out)
{
    static const struct {
        const char *prefix;
        enum selector_kind kind;
    } kinds[] = {{"table:", SELECT_NAME}, {"tag:", SELECT_TAG}, {"schema:", SELECT_SCHEMA}};
    lower(text);
    if (str_is(text, "*") || str_is(text, "table:*")) {
        *out = (struct selector){text.n == 1 ? SELECT_EVERYTHING : SELECT_ANY, STR_NULL};
        return OK;
    }
    *out = (struct selector){0};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t skip = strlen(kinds[i].prefix);
        if (str_starts(text, kinds[i].prefix)) {
            *out = (struct selector){kinds[i].kind, {text.p + skip, text.n - skip}};
        }
    }
    struct str name = out->text;
    if (out->kind == SELECT_NAME && name.n > 2 && memcmp(name.p + name.n - 2, ".*", 2) == 0) {
        *out = (struct selector){SELECT_SCHEMA, {name.p, name.n - 2}};
    }
    if (out->text.n == 0 || text.n > NAME_MAX_BYTES || memchr(out->text.p, '*', out->text.n)) {
        wrong(r, "", path, "not a resource");
        return error_hint(r->error, "Such as table:*, table:shared.orders, schema:shared, tag:pii "
                                    "or *.");
    }
    return OK;
}

static enum status read_resources(const struct reader *r, json_t *document, struct abac_rule *rule)
{
    struct str_list list;
    if (get_list(r, "", document, "resources", &list) != OK) {
        return FAIL;
    }
    if (json_object_get(document, "resources") && list.n == 0) {
        return wrong(r, "", "resources", "is empty; leave it out for everything");
    }
    rule->resource_count = list.n ? list.n : 1;
    rule->resources = ARENA_ARRAY(r->arena, struct selector, rule->resource_count);
    rule->resources[0].kind = SELECT_EVERYTHING;
    for (size_t i = 0; i < list.n; i++) {
        char path[32];
        snprintf(path, sizeof path, "resources[%zu]", i);
        good(r, parse_resource(r, path, list.at[i], &rule->resources[i]));
    }
    return OK;
}

static enum status read_actions(const struct reader *r, json_t *document, struct abac_rule *rule)
{
    const unsigned all = (1u << (ACTION_DDL + 1)) - 1;
    struct str_list list;
    if (get_list(r, "", document, "actions", &list) != OK) {
        return FAIL;
    }
    if (json_object_get(document, "actions") && list.n == 0) {
        return wrong(r, "", "actions", "is empty; leave it out for every action");
    }
    rule->actions = list.n ? 0 : all;
    for (size_t i = 0; i < list.n; i++) {
        unsigned found = str_is(list.at[i], "*") ? all : 0;
        for (int a = ACTION_QUERY; a <= ACTION_DDL; a++) {
            found |= str_is(list.at[i], action_name((enum action)a)) ? 1u << a : 0;
        }
        if (!found) {
            char path[32];
            snprintf(path, sizeof path, "actions[%zu]", i);
            good(r, wrong(r, "", path, "may be query, write, delete, ddl or *"));
        }
        rule->actions |= found;
    }
    return OK;
}

static enum status read_conditions(const struct reader *r, json_t *document, struct abac_rule *rule)
{
    json_t *conditions = json_object_get(document, "conditions"), *operators;
    if (!conditions) {
        return OK;
    }
    if (!json_is_object(conditions)) {
        return wrong(r, "", "conditions", "must be {attribute: {operator: value}}");
    }
    const char *attribute;
    json_object_foreach(conditions, attribute, operators)
    {
        good(r, conditions_read(r->arena, "conditions", attribute, operators, &rule->conditions,
                                &rule->condition_count, r->error));
    }
    return OK;
}

static enum status read_effect(const struct reader *r, json_t *document, struct abac_rule *rule)
{
    struct str effect;
    if (get_text(r, "", document, "effect", true, &effect) != OK) {
        return FAIL;
    }
    rule->deny = str_is(effect, "deny");
    return rule->deny || str_is(effect, "allow") ? OK
                                                 : wrong(r, "", "effect", "must be deny or allow");
}

static void read_abac(const struct reader *r, json_t *document)
{
    struct abac_rule *rule = ARENA_NEW(r->arena, struct abac_rule);
    rule->policy = r->policy;
    rule->shadow = r->out->shadow;
    rule->environments = r->out->environments;
    r->out->abac = rule;
    only_fields(r, "", document,
                "name, type, enabled, mode, environments, effect, conditions, actions, resources");
    good(r, read_effect(r, document, rule));
    good(r, read_actions(r, document, rule));
    good(r, read_resources(r, document, rule));
    good(r, read_conditions(r, document, rule));
}

static void read_typed(const struct reader *r, json_t *document)
{
    struct str type;
    if (!json_object_get(document, "type") && json_object_get(document, "effect")) {
        read_abac(r, document);
    } else if (good(r, get_text(r, "", document, "type", true, &type))) {
        bool is_mask = str_is(type, "column_masking");
        if (str_is(type, "abac")) {
            read_abac(r, document);
        } else if (is_mask || str_is(type, "row_level_security")) {
            read_rules(r, document, is_mask);
        } else {
            good(r, wrong(r, "", "type", "must be column_masking, row_level_security or abac"));
        }
    }
}

static void read_document(const struct reader *r, json_t *document)
{
    struct str name;
    if (!json_is_object(document)) {
        good(r, error_set(r->error, ERR_VALIDATION, "the policy must be a JSON object"));
        return;
    }
    good(r, get_text(r, "", document, "name", false, &name));
    good(r, get_bool(r, "", document, "enabled", true, &r->out->enabled));
    good(r, read_mode(r, document, &r->out->shadow));
    good(r, read_environments(r, document));
    read_typed(r, document);
}

/* All that is wrong with the document, in the order of reading. */
static void read_all(const struct policy_document *d, struct arena *a, struct rules *out,
                     struct mistakes *mistakes)
{
    struct error e = ERROR_INIT;
    struct policy_label *label = ARENA_NEW(a, struct policy_label);
    struct reader r = {.arena = a, .policy = label, .out = out, .error = &e, .mistakes = mistakes};
    *out = (struct rules){0};
    *label = (struct policy_label){arena_str(a, d->id), arena_str(a, d->name)};
    if (d->json.n > POLICY_JSON_MAX) {
        good(&r,
             error_set(&e, ERR_VALIDATION, "the policy is longer than %d bytes", POLICY_JSON_MAX));
        return;
    }
    json_error_t why;
    json_t *document =
        json_loadb(d->json.n ? d->json.p : "", d->json.n, JSON_REJECT_DUPLICATES, &why);
    if (document) {
        read_document(&r, document);
        json_decref(document);
        return;
    }
    good(&r, error_at(&e, ERR_VALIDATION, (size_t)(why.position < 0 ? 0 : why.position),
                      "not JSON: line %d, column %d: %.120s", why.line, why.column, why.text));
}

enum status document_read(const struct policy_document *d, struct arena *a, struct rules *out,
                          struct error *e)
{
    struct mistakes mistakes = {0};
    read_all(d, a, out, &mistakes);
    if (mistakes.list.n == 0) {
        return OK;
    }
    if (e) {
        *e = mistakes.list.at[0];
        e->position = -1;
    }
    return FAIL;
}

enum status policy_validate(const struct policy_document *d, struct error *e)
{
    struct arena *a = arena_new(0);
    struct rules ignored;
    enum status status = document_read(d, a, &ignored, e);
    arena_free(a);
    return status;
}

size_t policy_mistakes(const struct policy_document *d, struct arena *a, struct error **out)
{
    struct rules ignored;
    struct mistakes mistakes = {0};
    read_all(d, a, &ignored, &mistakes);
    for (size_t i = 0; i < mistakes.list.n; i++) {
        struct error *e = &mistakes.list.at[i];
        e->position = e->position < 0 ? (int64_t)policy_place(d->json, e->message) : e->position;
    }
    *out = mistakes.list.at;
    return mistakes.list.n;
}

size_t policy_environments(const struct policy_document *d, struct arena *a, struct str **out)
{
    struct rules rules;
    bool readable = document_read(d, a, &rules, NULL) == OK;
    *out = readable ? rules.environments.at : NULL;
    return readable ? rules.environments.n : 0;
}
