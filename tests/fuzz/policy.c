/* Any bytes as a policy: as a whole document, and as the text of a row filter. What is accepted
 * must compile, and a filter that was accepted must have one parameter for each of its attributes.
 */
#include <stdlib.h>

#include "policy/rules.h"
#include "sql/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static enum walk check_param(struct node **n, void *ctx)
{
    const struct str_list *attributes = ctx;
    if ((*n)->kind == NODE_PARAM) {
        int32_t number = node_param(*n)->number;
        if (number < 1 || (size_t)number > attributes->n) {
            abort();
        }
    }
    return WALK_ON;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new(0);
    struct str text = arena_str(a, (struct str){(const char *)data, n});
    struct policy_document d = {
        .id = STR("p"), .org_id = STR("o"), .name = STR("p"), .json = text, .enabled = true};
    struct error e = ERROR_INIT;
    struct filter_condition filter;
    struct error *mistakes;
    size_t count = policy_mistakes(&d, a, &mistakes);
    for (size_t i = 0; i < count; i++) {
        if (mistakes[i].position < 0 || (size_t)mistakes[i].position > text.n) {
            abort();
        }
    }
    if (policy_validate(&d, &e) == OK) {
        policy_unref(policy_compile(&d, 1, 1));
    } else if (e.code != ERR_VALIDATION) {
        abort();
    }
    if ((count == 0) != (e.code == ERR_NONE)) {
        abort();
    }
    if (filter_read(text, a, &filter, &e) == OK) {
        struct node *tree = node_copy(a, filter.tree);
        node_walk(&tree, check_param, &filter.attributes);
    }
    arena_free(a);
    return 0;
}
