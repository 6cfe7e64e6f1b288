#include "command/policy_steps.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"

/* Past this many lines a document is shown as replaced: the table below grows with the square. */
enum { LINES_MAX = 2000 };

struct lines {
    char *text; /* the JSON, indented, with fields in order, so that only what differs shows */
    struct str at[LINES_MAX];
    size_t n;
};

static void read_lines(struct str json, struct lines *out)
{
    json_t *root = json_loadb(json.p, json.n, 0, NULL);
    out->text = root ? json_dumps(root, JSON_INDENT(2) | JSON_SORT_KEYS) : NULL;
    out->n = 0;
    json_decref(root);
    for (struct str rest = str_of(out->text); rest.p && out->n < LINES_MAX;) {
        out->at[out->n++] = str_cut(&rest, '\n');
    }
}

static void put_line(char mark, struct str line)
{
    printf("    %c %.*s\n", mark, STR_ARG(line));
}

/* common[i][j]: the longest common subsequence of the lines from i and from j on. */
static void put_difference(const struct lines *a, const struct lines *b)
{
    size_t width = b->n + 1;
    uint16_t *common = mem_calloc((a->n + 1) * width, sizeof *common);
    for (size_t i = a->n; i-- > 0;) {
        for (size_t j = b->n; j-- > 0;) {
            uint16_t down = common[(i + 1) * width + j], right = common[i * width + j + 1];
            common[i * width + j] = str_eq(a->at[i], b->at[j])
                                        ? (uint16_t)(common[(i + 1) * width + j + 1] + 1)
                                    : down > right ? down
                                                   : right;
        }
    }
    for (size_t i = 0, j = 0; i < a->n || j < b->n;) {
        if (i < a->n && j < b->n && str_eq(a->at[i], b->at[j])) {
            i++, j++;
        } else if (j == b->n ||
                   (i < a->n && common[(i + 1) * width + j] >= common[i * width + j + 1])) {
            put_line('-', a->at[i++]);
        } else {
            put_line('+', b->at[j++]);
        }
    }
    free(common);
}

static void put_documents(const struct store_policy_step *s)
{
    struct lines *a = mem_alloc(sizeof *a), *b = mem_alloc(sizeof *b);
    read_lines(s->before, a);
    read_lines(s->after, b);
    put_difference(a, b);
    if (a->n == LINES_MAX || b->n == LINES_MAX) {
        printf("    (and more: the document is longer than %d lines)\n", LINES_MAX);
    }
    free(a->text);
    free(b->text);
    free(a);
    free(b);
}

static const char *state(bool enabled)
{
    return enabled ? "" : " (disabled)";
}

static void put_step(const struct store_policy_step *s, bool prunes)
{
    if (!s->before.n) {
        printf("+ %.*s%s\n", STR_ARG(s->name), state(s->is_enabled));
    } else if (!s->after.n) {
        printf("- %.*s%s\n", STR_ARG(s->name),
               prunes ? "" : " (in no file; apply --prune removes it)");
    } else {
        printf("~ %.*s%s\n", STR_ARG(s->name),
               s->was_enabled == s->is_enabled ? ""
               : s->is_enabled                 ? " (becomes enabled)"
                                               : " (becomes disabled)");
        put_documents(s);
    }
}

void policy_steps_print(const struct store_applied *applied, bool prunes)
{
    size_t made = 0, changed = 0, removed = 0;
    for (size_t i = 0; i < applied->count; i++) {
        const struct store_policy_step *s = &applied->steps[i];
        made += !s->before.n;
        removed += !s->after.n;
        changed += s->before.n && s->after.n;
        put_step(s, prunes);
    }
    printf("%zu new, %zu changed, %zu %s\n", made, changed, removed,
           prunes ? "removed" : "in no file");
}

void policy_version_print(const struct store_applied *applied, bool dry_run)
{
    if (applied->version) {
        printf("version %lld\n", (long long)applied->version);
    } else {
        puts(dry_run ? "nothing was changed: it was a dry run" : "nothing had to be changed");
    }
}

void policy_applied_read(const json_t *answer, struct arena *a, struct store_applied *out)
{
    const json_t *steps = json_object_get(answer, "steps");
    size_t n = json_array_size(steps);
    *out = (struct store_applied){.steps = ARENA_ARRAY(a, struct store_policy_step, n),
                                  .count = n,
                                  .base = api_int(answer, "base_version"),
                                  .version = api_int(answer, "version")};
    for (size_t i = 0; i < n; i++) {
        const json_t *s = json_array_get(steps, i);
        out->steps[i] = (struct store_policy_step){
            .name = api_text(s, "name"),
            .before = api_text(s, "before"),
            .after = api_text(s, "after"),
            .was_enabled = api_bool(s, "was_enabled"),
            .is_enabled = api_bool(s, "is_enabled"),
        };
    }
}

enum status policy_expect(struct admin *ad, json_t *body, const char *if_version)
{
    int64_t version;
    if (!if_version) {
        return OK;
    }
    if (admin_number("--if-version", if_version, 0, INT64_MAX, &version, &ad->e) != OK) {
        return FAIL;
    }
    json_object_set_new(body, "expected_version", json_integer(version));
    return OK;
}
