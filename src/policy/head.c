#include <jansson.h>

#include "policy/policy.h"

enum status policy_head_read(struct str text, struct arena *a, struct policy_document *out,
                             struct error *e)
{
    json_error_t why;
    json_t *root = json_loadb(text.p ? text.p : "", text.n, JSON_REJECT_DUPLICATES, &why);
    const json_t *name = json_object_get(root, "name"), *enabled = json_object_get(root, "enabled");
    enum status status = OK;
    if (!root) {
        status = error_at(e, ERR_VALIDATION, (size_t)(why.position < 0 ? 0 : why.position),
                          "not JSON: line %d, column %d: %.120s", why.line, why.column, why.text);
    } else if (!json_is_string(name)) {
        status = error_at(e, ERR_VALIDATION, policy_place(text, name ? "name: " : ""),
                          "the policy's \"name\" is missing or not text");
    } else {
        out->name = arena_str(a, (struct str){json_string_value(name), json_string_length(name)});
        out->enabled = !enabled || json_is_true(enabled);
        out->json = text;
    }
    json_decref(root);
    return status;
}
