#include "store/rowjson.h"

#include <jansson.h>
#include <stdbool.h>

static struct str copy(struct arena *a, const json_t *string)
{
    return arena_str(a, (struct str){json_string_value(string), json_string_length(string)});
}

bool rowjson_list(struct str text, struct arena *a, struct store_list *out)
{
    json_t *root = json_loadb(text.p, text.n, 0, NULL), *item;
    VEC_OF(struct str) list = {0};
    bool good = json_is_array(root);
    size_t i;

    json_array_foreach(root, i, item)
    {
        good = good && json_is_string(item);
        if (good) {
            VEC_PUSH(a, list, copy(a, item));
        }
    }
    json_decref(root);
    *out = (struct store_list){list.at, list.n};
    return good;
}

bool rowjson_pairs(struct str text, struct arena *a, struct store_pairs *out)
{
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, NULL), *item;
    VEC_OF(struct store_pair) pairs = {0};
    bool good = json_is_object(root);
    const char *key;

    json_object_foreach(root, key, item)
    {
        good = good && json_is_string(item);
        if (good) {
            struct store_pair pair = {arena_str(a, str_of(key)), copy(a, item)};

            VEC_PUSH(a, pairs, pair);
        }
    }
    json_decref(root);
    *out = (struct store_pairs){pairs.at, pairs.n};
    return good;
}

bool rowjson_same(struct str a, struct str b)
{
    json_t *x = json_loadb(a.p, a.n, JSON_REJECT_DUPLICATES, NULL);
    json_t *y = json_loadb(b.p, b.n, JSON_REJECT_DUPLICATES, NULL);
    bool same = x && y ? json_equal(x, y) : str_eq(a, b);

    json_decref(x);
    json_decref(y);
    return same;
}
