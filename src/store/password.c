#include "store/password.h"

#include "base/clock.h"
#include "base/id.h"
#include "store/change.h"
#include "store/userrow.h"

#define PASSWORD_IMAGE "si", "SELECT id, set_us FROM passwords WHERE user_id = ?1"

enum status store_password_find(struct store *s, struct str org, struct str user, struct arena *a,
                                struct store_password *out, struct error *e)
{
    struct query q;

    *out = (struct store_password){0};
    read_begin(&q, s, e,
               "SELECT o.name, p.id, p.hash, o.require_factor, f.user_id IS NOT NULL, " USER_COLUMNS
               " FROM users u JOIN organizations o ON o.id = u.org_id"
               " JOIN passwords p ON p.user_id = u.id"
               " LEFT JOIN factors f ON f.user_id = u.id AND f.confirmed = 1"
               " WHERE (u.id = ?1 OR u.email = lower(?1)) AND (?2 = '' OR ?2 = o.id OR "
               "lower(o.name) = lower(?2))"
               " ORDER BY u.created_us, u.id LIMIT 1",
               "ss", user, org);
    if (query_next(&q)) {
        out->org_name = query_text(&q, a, 0);
        out->id = query_text(&q, a, 1);
        out->hash = query_text(&q, a, 2);
        out->factor_required = query_int(&q, 3) != 0;
        out->has_factor = query_int(&q, 4) != 0;
        user_read(&q, a, 5, &out->user);
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "there is no such user with a password");
    }
    return read_end(&q);
}

/* Within the change: a new row, for the schema ends with the old one what was signed in by it. */
static void set_password(struct change *c, struct str org_id, struct str user_id, struct str hash)
{
    struct str before = change_image(c, PASSWORD_IMAGE, user_id);
    char id[ID_UUID_SIZE];

    id_uuid(id);
    change_run(c, "DELETE FROM invitations WHERE user_id = ?1", "s", user_id);
    change_run(c, "DELETE FROM passwords WHERE user_id = ?1", "s", user_id);
    change_run(c, "INSERT INTO passwords (id, user_id, hash, set_us) VALUES (?1, ?2, ?3, ?4)",
               "sssi", str_of(id), user_id, hash, clock_wall_us());
    change_note(c, org_id, "password.set", "user", user_id, before,
                change_image(c, PASSWORD_IMAGE, user_id));
}

enum status store_password_set(struct store *s, struct str actor, struct str org_id,
                               struct str id_or_email, struct str hash, struct error *e)
{
    struct store_user user;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_user(&c, org_id, id_or_email, &user)) {
        set_password(&c, org_id, user.id, hash);
    }
    return change_close(&c);
}

enum status store_invitation_set(struct store *s, struct str actor, struct str org_id,
                                 struct str id_or_email, struct str digest, int64_t expires_us,
                                 struct error *e)
{
    struct store_user user;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_user(&c, org_id, id_or_email, &user)) {
        change_run(&c, "DELETE FROM invitations WHERE user_id = ?1", "s", user.id);
        change_run(&c, "INSERT INTO invitations (digest, user_id, expires_us) VALUES (?1, ?2, ?3)",
                   "ssi", digest, user.id, expires_us);
        change_note(&c, org_id, "user.invite", "user", user.id, STR(""),
                    change_image(&c, "i", "SELECT expires_us FROM invitations WHERE user_id = ?1",
                                 user.id));
    }
    return change_close(&c);
}

#define INVITED                                                                                    \
    "SELECT " USER_COLUMNS " FROM invitations i JOIN users u ON u.id = i.user_id"                  \
    " WHERE i.digest = ?1 AND i.expires_us > ?2 AND u.status = 'active'"

static enum status find_invited(struct db *db, struct str digest, int64_t now_us, struct arena *a,
                                struct store_user *out, struct error *e)
{
    struct query q;

    query_begin(&q, db, e, INVITED, "si", digest, now_us);
    if (query_next(&q)) {
        user_read(&q, a, 0, out);
    } else if (q.status == OK) {
        q.status = error_set(e, ERR_NOT_FOUND, "the invitation is unknown, used, or over");
    }
    return query_end(&q);
}

enum status store_invitation_find(struct store *s, struct str digest, int64_t now_us,
                                  struct arena *a, struct store_user *out, struct error *e)
{
    struct db *db = db_borrow(s, e);
    enum status status = find_invited(db, digest, now_us, a, out, e);

    db_return(db);
    return status;
}

enum status store_invitation_accept(struct store *s, struct str digest, struct str hash,
                                    int64_t now_us, struct error *e)
{
    struct store_user user;
    struct change c;

    change_open(&c, s, STR(""), e);
    if (change_check(&c,
                     c.status == OK ? find_invited(c.db, digest, now_us, c.a, &user, e) : FAIL)) {
        c.actor = str_of(arena_printf(c.a, "user:%.*s by invitation", STR_ARG(user.id)));
        set_password(&c, user.org_id, user.id, hash);
    }
    return change_close(&c);
}
