/* Where in a document a mistake stands. The JSON library keeps no places, so the way that the
 * message names ("rules[2].exempt_roles", "conditions.agent.framework.in") is walked through the
 * text once more. The text is JSON already; on one that isn't, the walk only ends early. */
#include "policy/rules.h"

struct walk {
    struct str text;
    size_t at;
};

static char now(const struct walk *w)
{
    return w->at < w->text.n ? w->text.p[w->at] : 0;
}

static void skip_space(struct walk *w)
{
    while (now(w) && strchr(" \t\r\n", now(w))) {
        w->at++;
    }
}

/* Past a string; what stands between its quotes, escapes as they are. */
static struct str skip_string(struct walk *w)
{
    size_t begin = ++w->at;
    while (w->at < w->text.n && now(w) != '"') {
        w->at += now(w) == '\\' ? 2 : 1;
    }
    size_t end = w->at < w->text.n ? w->at : w->text.n;
    w->at = end + 1;
    return (struct str){w->text.p + begin, end - begin};
}

/* Past any value, without recursion: brackets are counted. */
static void skip_value(struct walk *w)
{
    size_t depth = 0;
    skip_space(w);
    do {
        char c = now(w);
        if (c == '"') {
            skip_string(w);
        } else if (depth == 0 && (c == ',' || c == '}' || c == ']')) {
            return;
        } else {
            depth += c == '{' || c == '[';
            depth -= c == '}' || c == ']';
            w->at++;
        }
    } while (w->at < w->text.n && (depth || !strchr(",}] \t\r\n", now(w))));
}

/* Is `key` the next part of the way? Then it is taken off. A key may itself hold points. */
static bool take_key(struct str *way, struct str key)
{
    if (key.n == 0 || way->n < key.n || memcmp(way->p, key.p, key.n) != 0 ||
        (way->n > key.n && way->p[key.n] != '.' && way->p[key.n] != '[')) {
        return false;
    }
    size_t skip = key.n + (way->n > key.n && way->p[key.n] == '.');
    *way = (struct str){way->p + skip, way->n - skip};
    return true;
}

/* "[12]" or "[12]." at the head of the way. */
static bool take_index(struct str *way, size_t *index)
{
    struct str rest = *way, digits = str_cut(&rest, ']');
    int64_t value;
    if (digits.n < 2 || digits.p[0] != '[' || !rest.p ||
        !str_to_i64((struct str){digits.p + 1, digits.n - 1}, &value) || value < 0) {
        return false;
    }
    *index = (size_t)value;
    *way = rest.n && rest.p[0] == '.' ? (struct str){rest.p + 1, rest.n - 1} : rest;
    return true;
}

/* Into the field of an object that the way names; `*found` is where its key stands. */
static bool enter_field(struct walk *w, struct str *way, size_t *found)
{
    for (w->at++;; w->at++) {
        skip_space(w);
        if (now(w) != '"') {
            return false;
        }
        size_t begin = w->at;
        struct str key = skip_string(w);
        skip_space(w);
        w->at++; /* the colon */
        if (take_key(way, key)) {
            *found = begin;
            skip_space(w);
            return true;
        }
        skip_value(w);
        skip_space(w);
        if (now(w) != ',') {
            return false;
        }
    }
}

static bool enter_item(struct walk *w, struct str *way, size_t *found)
{
    size_t index;
    if (!take_index(way, &index)) {
        return false;
    }
    for (w->at++; index > 0; index--, w->at++) {
        skip_value(w);
        skip_space(w);
        if (now(w) != ',') {
            return false;
        }
    }
    skip_space(w);
    *found = w->at;
    return true;
}

size_t policy_place(struct str json, const char *message)
{
    const char *colon = strstr(message, ": ");
    struct str way = {message, colon ? (size_t)(colon - message) : 0};
    struct walk w = {json, 0};
    skip_space(&w);
    size_t found = w.at;
    while (way.n && (now(&w) == '{'   ? enter_field(&w, &way, &found)
                     : now(&w) == '[' ? enter_item(&w, &way, &found)
                                      : false)) {
    }
    return found < json.n ? found : json.n;
}
