#include "store/factor.h"

#include "store/change.h"
#include "store/userrow.h"

#define FACTOR_IMAGE                                                                               \
    "bi", "SELECT confirmed, (SELECT count(*) FROM recovery_codes r WHERE r.user_id = f.user_id)"  \
          " AS recovery_codes FROM factors f WHERE user_id = ?1"
#define ORG_IMAGE "ssb", "SELECT id, name, require_factor FROM organizations WHERE id = ?1"

enum status store_factor_get(struct store *s, struct str user_id, struct arena *a,
                             struct store_factor *out, struct error *e)
{
    struct query q;

    *out = (struct store_factor){.secret = STR("")};
    read_begin(&q, s, e,
               "SELECT secret, confirmed, last_step,"
               " (SELECT count(*) FROM recovery_codes r WHERE r.user_id = f.user_id)"
               " FROM factors f WHERE user_id = ?1",
               "s", user_id);
    if (query_next(&q)) {
        out->secret = query_text(&q, a, 0);
        out->confirmed = query_int(&q, 1) != 0;
        out->last_step = query_int(&q, 2);
        out->recovery_codes = query_int(&q, 3);
    }
    return read_end(&q);
}

static void note(struct change *c, struct str org_id, const char *action, struct str user_id,
                 struct str before)
{
    change_note(c, org_id, action, "user", user_id, before, change_image(c, FACTOR_IMAGE, user_id));
}

enum status store_factor_enrol(struct store *s, struct str actor, struct str org_id,
                               struct str user_id, struct str secret, struct error *e)
{
    struct change c;
    struct str before;

    change_open(&c, s, actor, e);
    before = change_image(&c, FACTOR_IMAGE, user_id);
    change_run(&c, "DELETE FROM factors WHERE user_id = ?1 AND confirmed = 0", "s", user_id);
    change_run(&c,
               "INSERT INTO factors (user_id, secret, confirmed, last_step) VALUES (?1, ?2, 0, 0)",
               "ss", user_id, secret);
    note(&c, org_id, "factor.enrol", user_id, before);
    return change_close(&c);
}

static void put_recovery(struct change *c, struct str user_id, struct store_list digests)
{
    change_run(c, "DELETE FROM recovery_codes WHERE user_id = ?1", "s", user_id);
    for (size_t i = 0; i < digests.n && i < STORE_RECOVERY_CODES_MAX; i++) {
        change_run(c, "INSERT INTO recovery_codes (user_id, digest) VALUES (?1, ?2)", "ss", user_id,
                   digests.at[i]);
    }
}

/* Fails the change where the statement before it found no row. */
static void want_row(struct change *c, int rows, enum error_code code, const char *why)
{
    if (c->status == OK && rows == 0) {
        c->status = error_set(c->e, code, "%s", why);
    }
}

enum status store_factor_confirm(struct store *s, struct str actor, struct str org_id,
                                 struct str user_id, struct str secret, int64_t step,
                                 struct store_list recovery, struct error *e)
{
    struct change c;
    struct str before;

    change_open(&c, s, actor, e);
    before = change_image(&c, FACTOR_IMAGE, user_id);
    want_row(&c,
             change_run(&c,
                        "UPDATE factors SET confirmed = 1, last_step = ?3"
                        " WHERE user_id = ?1 AND secret = ?2 AND confirmed = 0",
                        "ssi", user_id, secret, step),
             ERR_CONSTRAINT, "no second factor waits to be confirmed");
    put_recovery(&c, user_id, recovery);
    note(&c, org_id, "factor.confirm", user_id, before);
    return change_close(&c);
}

enum status store_factor_recovery(struct store *s, struct str actor, struct str org_id,
                                  struct str user_id, struct store_list recovery, struct error *e)
{
    struct change c;
    struct str before;

    change_open(&c, s, actor, e);
    before =
        change_text(&c, "SELECT 'yes' FROM factors WHERE user_id = ?1 AND confirmed = 1", user_id);
    want_row(&c, before.n > 0, ERR_NOT_FOUND, "there is no second factor");
    before = change_image(&c, FACTOR_IMAGE, user_id);
    put_recovery(&c, user_id, recovery);
    note(&c, org_id, "factor.recovery-codes", user_id, before);
    return change_close(&c);
}

enum status store_factor_use(struct store *s, struct str user_id, int64_t step, bool *fresh,
                             struct error *e)
{
    struct change c;

    change_open(&c, s, STR(""), e);
    *fresh = change_run(&c,
                        "UPDATE factors SET last_step = ?2"
                        " WHERE user_id = ?1 AND confirmed = 1 AND last_step < ?2",
                        "si", user_id, step) == 1;
    return change_close(&c);
}

enum status store_factor_recover(struct store *s, struct str actor, struct str org_id,
                                 struct str user_id, struct str digest, bool *fresh,
                                 struct error *e)
{
    struct change c;
    struct str before;

    change_open(&c, s, actor, e);
    before = change_image(&c, FACTOR_IMAGE, user_id);
    *fresh = change_run(&c,
                        "DELETE FROM recovery_codes WHERE user_id = ?1 AND digest = ?2"
                        " AND EXISTS (SELECT 1 FROM factors WHERE user_id = ?1 AND confirmed = 1)",
                        "ss", user_id, digest) == 1;
    if (*fresh) {
        note(&c, org_id, "factor.recover", user_id, before);
    }
    return change_close(&c);
}

enum status store_factor_remove(struct store *s, struct str actor, struct str org_id,
                                struct str id_or_email, struct error *e)
{
    struct store_user user;
    struct change c;

    change_open(&c, s, actor, e);
    if (change_user(&c, org_id, id_or_email, &user)) {
        struct str before = change_image(&c, FACTOR_IMAGE, user.id);

        want_row(&c, change_run(&c, "DELETE FROM factors WHERE user_id = ?1", "s", user.id),
                 ERR_NOT_FOUND, "there is no second factor");
        change_run(&c, "DELETE FROM sign_ins WHERE user_id = ?1", "s", user.id);
        note(&c, org_id, "factor.remove", user.id, before);
    }
    return change_close(&c);
}

enum status store_factor_require(struct store *s, struct str actor, struct str org_id,
                                 bool required, struct error *e)
{
    struct change c;
    struct str before;

    change_open(&c, s, actor, e);
    before = change_image(&c, ORG_IMAGE, org_id);
    change_run(&c, "UPDATE organizations SET require_factor = ?2 WHERE id = ?1", "si", org_id,
               (int64_t)required);
    change_note(&c, org_id, "org.require-factor", "org", org_id, before,
                change_image(&c, ORG_IMAGE, org_id));
    return change_close(&c);
}

enum status store_factor_required(struct store *s, struct str org_id, bool *out, struct error *e)
{
    struct query q;

    *out = true;
    read_begin(&q, s, e, "SELECT require_factor FROM organizations WHERE id = ?1", "s", org_id);
    if (query_next(&q)) {
        *out = query_int(&q, 0) != 0;
    }
    return read_end(&q);
}
