#include "store/patterns.h"

#include "base/clock.h"
#include "store/change.h"

enum status store_patterns(struct store *s, struct str org_id, struct arena *a,
                           struct store_pattern **rows, size_t *n, struct error *e)
{
    VEC_OF(struct store_pattern) list = {0};
    struct query q;
    read_begin(&q, s, e,
               "SELECT org_id, name, pattern, created_us FROM redaction_patterns"
               " WHERE ?1 = '' OR org_id = ?1 ORDER BY org_id, name",
               "s", org_id.p ? org_id : STR(""));
    while (query_next(&q)) {
        struct store_pattern row = {query_text(&q, a, 0), query_text(&q, a, 1),
                                    query_text(&q, a, 2), query_int(&q, 3)};
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

struct found {
    struct str before; /* the row; empty: there is none */
    size_t others;
};

static struct found find(struct change *c, struct str org_id, struct str name)
{
    struct found out = {.before = STR("")};
    struct query q;
    if (c->status != OK) {
        return out;
    }
    query_begin(&q, c->db, c->e,
                "SELECT name, pattern FROM redaction_patterns WHERE org_id = ?1 ORDER BY name", "s",
                org_id);
    while (query_next(&q)) {
        if (str_eq(query_text(&q, c->a, 0), name)) {
            out.before = query_object(&q, c->a, "ss");
        } else {
            out.others++;
        }
    }
    change_check(c, query_end(&q));
    return out;
}

enum status store_pattern_set(struct store *s, struct str actor, struct str org_id, struct str name,
                              struct str text, size_t most, struct error *e)
{
    struct change c;
    change_open(&c, s, actor, e);
    struct found f = find(&c, org_id, name);
    if (c.status == OK && !f.before.n && f.others >= most) {
        change_check(
            &c, error_set(e, ERR_VALIDATION, "an organization has at most %zu patterns", most));
    }
    change_run(&c,
               "INSERT INTO redaction_patterns (org_id, name, pattern, created_us)"
               " VALUES (?1, ?2, ?3, ?4)"
               " ON CONFLICT (org_id, name) DO UPDATE SET pattern = ?3",
               "sssi", org_id, name, text, clock_wall_us());
    change_note(&c, org_id, "pattern.set", "pattern", name, f.before,
                find(&c, org_id, name).before);
    return change_close(&c);
}

enum status store_pattern_remove(struct store *s, struct str actor, struct str org_id,
                                 struct str name, struct error *e)
{
    struct change c;
    change_open(&c, s, actor, e);
    struct found f = find(&c, org_id, name);
    if (c.status == OK && !f.before.n) {
        change_check(&c, error_set(e, ERR_NOT_FOUND, "there is no such pattern"));
    }
    change_run(&c, "DELETE FROM redaction_patterns WHERE org_id = ?1 AND name = ?2", "ss", org_id,
               name);
    change_note(&c, org_id, "pattern.remove", "pattern", name, f.before, STR(""));
    return change_close(&c);
}
