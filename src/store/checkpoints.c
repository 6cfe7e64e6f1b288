#include "store/checkpoints.h"

#include <inttypes.h>

#include "store/change.h"

#define KEPT_OF_LOG "FROM proxy_checkpoints WHERE proxy_id = ?1 AND log_id = ?2 AND refused = 0"

/* What is known of the log already. */
struct past {
    int64_t newest;   /* entries; 0: nothing */
    bool has_it;      /* this very checkpoint */
    bool has_another; /* of as many entries */
    int64_t logs;     /* of this proxy */
    bool has_refused; /* one of this log was refused before */
};

static struct past read_past(struct change *c, const struct store_checkpoint *row)
{
    struct past past = {0};
    struct query q;
    if (c->status != OK) {
        return past;
    }
    query_begin(&q, c->db, c->e,
                "SELECT (SELECT coalesce(max(entries), 0) " KEPT_OF_LOG "),"
                " (SELECT count(*) " KEPT_OF_LOG " AND entries = ?3 AND root = ?4),"
                " (SELECT count(*) " KEPT_OF_LOG " AND entries = ?3 AND root <> ?4),"
                " (SELECT count(DISTINCT log_id) FROM proxy_checkpoints"
                " WHERE proxy_id = ?1 AND log_id <> ?2),"
                " (SELECT count(*) FROM proxy_checkpoints"
                " WHERE proxy_id = ?1 AND log_id = ?2 AND refused = 1)",
                "ssis", row->proxy_id, row->log_id, row->entries, row->root);
    if (query_next(&q)) {
        past = (struct past){query_int(&q, 0), query_int(&q, 1) > 0, query_int(&q, 2) > 0,
                             query_int(&q, 3), query_int(&q, 4) > 0};
    }
    change_check(c, query_end(&q));
    return past;
}

static struct str id_of(struct change *c, const struct store_checkpoint *row, int64_t entries,
                        bool refused)
{
    return str_of(arena_printf(c->a, "%.*s/%018" PRId64 "/%.*s%s", STR_ARG(row->log_id), entries,
                               STR_ARG(row->proxy_id), refused ? "/refused" : ""));
}

static struct str add(struct change *c, const struct store_checkpoint *row, bool refused)
{
    struct str id = id_of(c, row, row->entries, refused);
    change_run(c,
               "INSERT INTO proxy_checkpoints"
               " (id, proxy_id, log_id, entries, root, note, received_us, refused)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
               "sssissii", id, row->proxy_id, row->log_id, row->entries, row->root, row->note,
               row->received_us, (int64_t)refused);
    return id;
}

static struct str image(struct change *c, struct str id)
{
    return change_image(c, "sis",
                        "SELECT log_id, entries, root FROM proxy_checkpoints WHERE id = ?1", id);
}

static void keep(struct change *c, const struct store_checkpoint *row, const struct past *past)
{
    struct str id = add(c, row, false);
    change_run(c,
               "DELETE FROM proxy_checkpoints WHERE proxy_id = ?1 AND log_id = ?2 AND refused = 0"
               " AND entries <= (SELECT entries " KEPT_OF_LOG
               " ORDER BY entries DESC LIMIT 1 OFFSET ?3)",
               "ssi", row->proxy_id, row->log_id, (int64_t)STORE_CHECKPOINTS_MAX);
    if (past->newest == 0) {
        change_note(c, STR(""), "proxy.begin-log", "proxy", row->proxy_id, STR(""), image(c, id));
    }
}

static void refuse(struct change *c, const struct store_checkpoint *row, const struct past *past)
{
    if (!past->has_refused) {
        struct str before = image(c, id_of(c, row, past->newest, false));
        struct str id = add(c, row, true);
        change_note(c, STR(""), "proxy.contradict-log", "proxy", row->proxy_id, before,
                    image(c, id));
    }
}

enum status store_checkpoint_add(struct store *s, const struct store_checkpoint *row,
                                 struct error *e)
{
    struct change c;
    bool contradicts = false;
    change_open(&c, s, STR(""), e);
    c.actor = str_of(arena_printf(c.a, "proxy:%.*s", STR_ARG(row->proxy_id)));
    struct past past = read_past(&c, row);
    if (c.status == OK && past.logs >= STORE_LOGS_MAX) {
        change_check(&c, error_set(e, ERR_TOO_LARGE, "this proxy has had %d logs", STORE_LOGS_MAX));
    } else if (!past.has_it && !past.has_another && (row->late || row->entries > past.newest)) {
        keep(&c, row, &past);
    } else if (!past.has_it) {
        contradicts = true;
        refuse(&c, row, &past);
    }
    if (change_close(&c) != OK) {
        return FAIL;
    }
    if (!contradicts) {
        return OK;
    }
    error_set(e, ERR_CONFLICT,
              "the control plane has a checkpoint of %" PRId64
              " entries of this log, which one of %" PRId64 " contradicts",
              past.newest, row->entries);
    return error_hint(e, "The log was put back from a copy, or is a fork: verify it with --anchor "
                         "control.");
}

enum status store_checkpoints(struct store *s, struct str log_id, struct str after, int64_t limit,
                              struct arena *a, struct store_checkpoint **rows, size_t *n,
                              struct error *e)
{
    VEC_OF(struct store_checkpoint) list = {0};
    struct query q;
    read_begin(&q, s, e,
               "SELECT id, proxy_id, log_id, root, note, entries, received_us, refused"
               " FROM proxy_checkpoints WHERE (?1 = '' OR log_id = ?1) AND id > ?2"
               " ORDER BY id LIMIT ?3",
               "ssi", log_id.p ? log_id : STR(""), after.p ? after : STR(""), limit);
    while (query_next(&q)) {
        struct store_checkpoint row = {.id = query_text(&q, a, 0),
                                       .proxy_id = query_text(&q, a, 1),
                                       .log_id = query_text(&q, a, 2),
                                       .root = query_text(&q, a, 3),
                                       .note = query_text(&q, a, 4),
                                       .entries = query_int(&q, 5),
                                       .received_us = query_int(&q, 6),
                                       .refused = query_int(&q, 7) != 0};
        VEC_PUSH(a, list, row);
    }
    *rows = list.at;
    *n = list.n;
    return read_end(&q);
}
