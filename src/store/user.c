#include "store/user.h"

#include "base/clock.h"
#include "base/id.h"
#include "store/change.h"
#include "store/check.h"
#include "store/jitrow.h"
#include "store/userrow.h"

#define USER_IMAGE     "ssssj", "SELECT id, email, role, status, attributes FROM users WHERE id = ?1"
#define BY_ID_OR_EMAIL "WHERE org_id = ?1 AND (id = ?2 OR email = lower(?2)) "

void user_read(struct query *q, struct arena *a, int at, struct store_user *out)
{
    out->id = query_text(q, a, at);
    out->org_id = query_text(q, a, at + 1);
    out->email = query_text(q, a, at + 2);
    out->role = query_text(q, a, at + 3);
    out->active = str_is(query_text(q, a, at + 4), "active");
    out->attributes = query_pairs(q, a, at + 5);
    out->created_us = query_int(q, at + 6);
}

enum status user_find(struct db *db, struct str org_id, struct str id_or_email, struct arena *a,
                      struct store_user *out, struct error *e)
{
    struct query q;

    query_begin(&q, db, e, "SELECT " USER_COLUMNS " FROM users u " BY_ID_OR_EMAIL, "ss", org_id,
                id_or_email);
    if (query_next(&q)) {
        user_read(&q, a, 0, out);
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "the organization has no user \"%.*s\"",
                             STR_ARG(id_or_email));
    }
    return query_end(&q);
}

bool change_user(struct change *c, struct str org_id, struct str id_or_email,
                 struct store_user *out)
{
    return change_check(c, c->status == OK ? user_find(c->db, org_id, id_or_email, c->a, out, c->e)
                                           : FAIL);
}

/* The rule of the header, asked after the change was made inside its transaction. */
static void keep_an_owner(struct change *c, struct str org_id)
{
    struct query q;
    bool broken;

    if (c->status != OK) {
        return;
    }
    query_begin(&q, c->db, c->e,
                "SELECT NOT EXISTS (SELECT 1 FROM users WHERE org_id = ?1 AND role = 'owner'"
                " AND status = 'active')",
                "s", org_id);
    broken = query_next(&q) && query_int(&q, 0);
    if (change_check(c, query_end(&q)) && broken) {
        error_set(c->e, ERR_CONSTRAINT, "the organization would be left without an active owner");
        error_hint(c->e, "Add or promote another owner first.");
        c->status = FAIL;
    }
}

void change_user_add(struct change *c, struct str org_id, struct str email, struct str role,
                     struct store_pairs attributes, struct arena *a, struct store_user *out)
{
    char id[ID_UUID_SIZE];

    id_uuid(id);
    change_run(c,
               "INSERT INTO users (id, org_id, email, role, status, attributes, created_us)"
               " VALUES (?1, ?2, ?3, ?4, 'active', ?5, ?6)",
               "sssssi", str_of(id), org_id, email, role, pairs_json(c->a, attributes),
               clock_wall_us());
    keep_an_owner(c, org_id);
    change_note(c, org_id, "user.create", "user", str_of(id), STR(""),
                change_image(c, USER_IMAGE, str_of(id)));
    change_check(c, c->status == OK ? user_find(c->db, org_id, str_of(id), a, out, c->e) : FAIL);
}

enum status store_user_create(struct store *s, struct str actor, struct str org_id,
                              struct str email, struct str role, struct store_pairs attributes,
                              struct arena *a, struct store_user *out, struct error *e)
{
    struct change c;

    if (check_email(email, a, &email, e) != OK || check_role(role, e) != OK ||
        check_pairs(attributes, e) != OK) {
        return FAIL;
    }
    change_open(&c, s, actor, e);
    change_user_add(&c, org_id, email, role, attributes, a, out);
    return change_close(&c);
}

enum status store_user_find(struct store *s, struct str org_id, struct str id_or_email,
                            struct arena *a, struct store_user *out, struct error *e)
{
    struct db *db = db_borrow(s, e);
    enum status status = user_find(db, org_id, id_or_email, a, out, e);

    db_return(db);
    return status;
}

enum status store_users(struct store *s, struct str org_id, struct arena *a,
                        struct store_user **rows, size_t *n, struct error *e)
{
    VEC_OF(struct store_user) list = {0};
    struct query q;

    read_begin(&q, s, e, "SELECT " USER_COLUMNS " FROM users u WHERE org_id = ?1 ORDER BY email",
               "s", org_id);
    while (query_next(&q)) {
        struct store_user row;

        user_read(&q, a, 0, &row);
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}

/* One column of one user, with the trail and the rule. */
static enum status set_column(struct store *s, struct str actor, struct str org_id,
                              struct str id_or_email, const char *action, const char *sql,
                              struct str value, struct error *e)
{
    struct store_user user;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_user(&c, org_id, id_or_email, &user)) {
        struct str before = change_image(&c, USER_IMAGE, user.id);

        change_run(&c, sql, "ss", user.id, value);
        keep_an_owner(&c, org_id);
        change_note(&c, org_id, action, "user", user.id, before,
                    change_image(&c, USER_IMAGE, user.id));
        jit_sweep(&c, clock_wall_us());
    }
    return change_close(&c);
}

enum status store_user_set_role(struct store *s, struct str actor, struct str org_id,
                                struct str id_or_email, struct str role, struct error *e)
{
    if (check_role(role, e) != OK) {
        return FAIL;
    }
    return set_column(s, actor, org_id, id_or_email, "user.set-role",
                      "UPDATE users SET role = ?2 WHERE id = ?1", role, e);
}

enum status store_user_set_active(struct store *s, struct str actor, struct str org_id,
                                  struct str id_or_email, bool active, struct error *e)
{
    return set_column(s, actor, org_id, id_or_email, active ? "user.resume" : "user.suspend",
                      "UPDATE users SET status = ?2 WHERE id = ?1",
                      active ? STR("active") : STR("suspended"), e);
}

enum status store_user_set_attributes(struct store *s, struct str actor, struct str org_id,
                                      struct str id_or_email, struct store_pairs attributes,
                                      struct error *e)
{
    struct arena *a;
    enum status status;

    if (check_pairs(attributes, e) != OK) {
        return FAIL;
    }
    a = arena_new(0);
    status =
        set_column(s, actor, org_id, id_or_email, "user.set-attributes",
                   "UPDATE users SET attributes = ?2 WHERE id = ?1", pairs_json(a, attributes), e);
    arena_free(a);
    return status;
}

#define REMOVED_KEY_IMAGE                                                                          \
    "ssssb", "SELECT id, prefix, name, user_id, revoked_us <> 0 AS revoked FROM api_keys"          \
             " WHERE id = ?1"

/* The keys go with the user (ON DELETE CASCADE); the trail names each of them. */
static void note_keys(struct change *c, struct str org_id, struct str user_id)
{
    VEC_OF(struct str) ids = {0};
    struct query q;

    if (c->status != OK) {
        return;
    }
    query_begin(&q, c->db, c->e, "SELECT id FROM api_keys WHERE user_id = ?1 ORDER BY id", "s",
                user_id);
    while (query_next(&q)) {
        struct str id = query_text(&q, c->a, 0);

        VEC_PUSH(c->a, ids, id);
    }
    change_check(c, query_end(&q));
    for (size_t i = 0; i < ids.n; i++) {
        change_note(c, org_id, "key.remove", "key", ids.at[i],
                    change_image(c, REMOVED_KEY_IMAGE, ids.at[i]), STR(""));
    }
}

enum status store_user_remove(struct store *s, struct str actor, struct str org_id,
                              struct str id_or_email, struct error *e)
{
    struct store_user user;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_user(&c, org_id, id_or_email, &user)) {
        struct str before = change_image(&c, USER_IMAGE, user.id);

        note_keys(&c, org_id, user.id);
        change_run(&c, "DELETE FROM users WHERE id = ?1", "s", user.id);
        keep_an_owner(&c, org_id);
        change_note(&c, org_id, "user.remove", "user", user.id, before, STR(""));
        jit_sweep(&c, clock_wall_us());
    }
    return change_close(&c);
}
