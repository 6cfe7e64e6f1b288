#include "control/absent.h"

#include <stddef.h>

#include "base/str.h"

/* By the segment after /v1/, after /v1/organizations/{org}/, or after a key of agents. */
static const struct {
    const char *segment, *feature;
} features[] = {
    {"agent-memory", "agent memory"}, {"triggers", "semantic triggers"},
    {"branches", "branches of data"}, {"branch-usage", "branches of data"},
    {"cot", "traces of reasoning"},   {"transpile", "search by meaning in SQL"},
};

const char *absent_feature(const char *path)
{
    struct str rest = str_of(path);
    while (rest.p) {
        struct str segment = str_cut(&rest, '/');
        for (size_t i = 0; i < sizeof features / sizeof *features; i++) {
            if (str_is(segment, features[i].segment)) {
                return features[i].feature;
            }
        }
    }
    return NULL;
}
