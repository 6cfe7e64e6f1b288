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

/* The end of the string that begins at `i`: past its closing quote. The text is JSON. */
static size_t past_string(struct str text, size_t i)
{
    for (i++; text.p[i] != '"'; i++) {
        i += text.p[i] == '\\';
    }
    return i + 1;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool rowjson_put(struct json *j, struct str text)
{
    json_t *root = json_loadb(text.p, text.n, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    struct buf compact = BUF_INIT(0);

    if (!root) {
        return false;
    }
    json_decref(root);
    for (size_t i = 0; i < text.n;) {
        size_t end = text.p[i] == '"' ? past_string(text, i) : i + 1;

        if (!is_space(text.p[i])) {
            buf_put(&compact, text.p + i, end - i);
        }
        i = end;
    }
    json_raw(j, buf_str(&compact));
    buf_free(&compact);
    return true;
}

/* Where the value of the object's own field "enabled" begins and ends; false where there is none.
 * The text is a JSON object. */
static bool find_enabled(struct str text, size_t *from, size_t *to)
{
    static const char name[] = "\"enabled\"";
    bool at_name = true, found = false;
    int depth = 0;

    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];

        if (c == '"') {
            size_t end = past_string(text, i);

            found |= depth == 1 && at_name && end - i == sizeof name - 1 &&
                     memcmp(text.p + i, name, end - i) == 0;
            i = end - 1;
        } else if (c == ':' && depth == 1) {
            at_name = false;
            *from = i + 1;
        } else if (c == '}' || c == ']' || (c == ',' && depth == 1)) {
            if (found && depth == 1) {
                *to = i;
                return true;
            }
            at_name = depth == 1;
            depth -= c != ',';
        } else {
            depth += c == '{' || c == '[';
        }
    }
    return false;
}

struct str rowjson_enable(struct arena *a, struct str text, bool enabled)
{
    json_t *root = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, NULL);
    bool is_object = json_is_object(root);
    size_t from = 0, to = 0;

    json_decref(root);
    if (!is_object || !find_enabled(text, &from, &to)) {
        return text;
    }
    return str_of(arena_printf(a, "%.*s%s%.*s", (int)from, text.p, enabled ? "true" : "false",
                               (int)(text.n - to), text.p + to));
}

struct store_list list_of_words(struct arena *a, struct str text)
{
    VEC_OF(struct str) list = {0};
    while (text.p) {
        struct str part = str_trim(str_cut(&text, ','));
        if (part.n) {
            VEC_PUSH(a, list, part);
        }
    }
    return (struct store_list){list.at, list.n};
}
