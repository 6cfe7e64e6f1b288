/* Cursors: DECLARE, FETCH, MOVE, CLOSE. The query runs when the cursor is declared, through all
 * stages as any other, and its rows wait in a held result; so a cursor sees one moment, and WITH
 * HOLD costs nothing. It gives its rows away as it goes forward; one that scrolls keeps them, in
 * memory and bounded (scroll.h). Rows that were taken under other policies or another
 * role than those of now are shown to nobody any more. */
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "session/evaluate.h"
#include "session/scroll.h"

struct cursor {
    struct plan *plan;
    struct result rows;
    uint64_t number;       /* session.opened when it was declared */
    int64_t left;          /* rows not fetched yet */
    struct scroll *scroll; /* has the rows instead; NULL: it only goes forward */
    bool holds, is_binary;
    bool is_settled; /* the transaction that declared it was committed, or there was none */
};

static void cursor_free(void *p)
{
    struct cursor *c = p;
    result_fini(&c->rows);
    scroll_free(c->scroll);
    plan_free(c->plan);
    free(c);
}

static enum status no_such(struct str name, struct error *e)
{
    return error_set(e, ERR_UNKNOWN_PORTAL, "cursor \"%.*s\" does not exist",
                     name.n > 64 ? 64 : (int)name.n, name.p);
}

/* ---- DECLARE ---- */

static enum status check_declared(struct session *s, const struct node_declare_cursor *n,
                                  struct str name, struct error *e)
{
    if (!n->hold && s->block != BLOCK_OPEN && !s->implicit) {
        return error_at(e, ERR_BAD_SQL, n->base.offset,
                        "DECLARE CURSOR can only be used in transaction blocks");
    }
    if (map_get(s->cursors, name)) {
        return error_set(e, ERR_DUPLICATE_STATEMENT, "cursor \"%.*s\" already exists",
                         name.n > 64 ? 64 : (int)name.n, name.p);
    }
    if (map_count(s->cursors) >= s->env->max_statements) {
        return error_set(e, ERR_TOO_LARGE, "this session has %zu cursors, the most that is allowed",
                         map_count(s->cursors));
    }
    return OK;
}

enum status cursor_declare(struct session *s, const struct node *stmt, struct error *e)
{
    const struct node_declare_cursor *n = node_declare_cursor_const(stmt);
    struct str name = node_ident_const(n->name)->text;
    int16_t format = n->binary ? 1 : 0;
    if (check_declared(s, n, name, e)) {
        return FAIL;
    }
    struct cursor *c = mem_alloc(sizeof *c);
    c->number = ++s->opened;
    c->holds = n->hold;
    c->is_binary = n->binary;
    c->is_settled = s->block != BLOCK_OPEN && !s->implicit;
    size_t params = 0;
    if (plan_make(s->governor, n->query, evaluate_text(s, stmt), NULL, 0, &c->plan, e)) {
        free(c);
        return FAIL;
    }
    plan_params(c->plan, &params);
    enum status status = params > 0
                             ? error_set(e, ERR_UNTYPED_PARAMETER, "there is no parameter $1")
                             : rows_run(s, c->plan, NULL, 0, &format, 1, NULL, &c->rows, e);
    if (status == OK && n->scroll == SAID_YES) {
        status = scroll_new(c->rows.rows, &s->statement_bytes, STATEMENT_BYTES_MAX, &c->scroll, e);
    }
    if (status) {
        cursor_free(c);
        return FAIL;
    }
    c->left = c->rows.count;
    map_put(s->cursors, name, c);
    return OK;
}

/* ---- FETCH, MOVE ---- */

/* How many rows, INT64_MAX for all. */
static enum status fetch_count(const struct node_fetch *n, int64_t *out, struct error *e)
{
    const struct node *c = n->count;
    bool negative = c && c->kind == NODE_UNARY && node_unary_const(c)->op == OP_NEG;
    *out = n->all ? INT64_MAX : 1;
    c = negative ? node_unary_const(c)->operand : c;
    if (c && (c->kind != NODE_LITERAL || node_literal_const(c)->lit != LIT_INTEGER ||
              !str_to_i64(node_literal_const(c)->text, out))) {
        return error_at(e, ERR_OUT_OF_RANGE, n->base.offset, "FETCH takes a whole number");
    }
    *out = negative ? -*out : *out;
    return OK;
}

static enum status check_forward(const struct node_fetch *n, int64_t count, struct error *e)
{
    if (n->direction == FETCH_FORWARD && count >= 0) {
        return OK;
    }
    error_at(e, ERR_UNSUPPORTED, n->base.offset, "this cursor only goes forward");
    return error_hint(e, "Declare it as a SCROLL CURSOR.");
}

static enum status find(struct session *s, const struct node *name, struct cursor **out,
                        struct error *e)
{
    *out = map_get(s->cursors, node_ident_const(name)->text);
    if (!*out) {
        return no_such(node_ident_const(name)->text, e);
    }
    if (!plan_policy_holds((*out)->plan)) {
        error_set(e, ERR_DENIED,
                  "policies have changed, or the role, since the cursor was declared");
        return error_hint(e, "Declare it again.");
    }
    return OK;
}

static enum status take_rows(struct session *s, struct cursor *c, int64_t max, struct held **out,
                             int64_t *moved, struct error *e)
{
    *out = held_new(s->env->held);
    *moved = 0;
    if (c->left == 0 || max == 0) {
        return OK;
    }
    int64_t want = max < c->left ? max : c->left;
    if (held_move_messages(c->rows.rows, *out, want, moved, e)) {
        held_free(*out);
        *out = NULL;
        return FAIL;
    }
    c->left -= *moved;
    return OK;
}

static enum status scroll_rows(struct session *s, struct cursor *c, const struct node_fetch *n,
                               int64_t count, struct held **out, int64_t *moved, struct error *e)
{
    *out = held_new(s->env->held);
    if (scroll_fetch(c->scroll, (enum fetch_direction)n->direction, count, *out, moved, e)) {
        held_free(*out);
        return FAIL;
    }
    return OK;
}

static void copy_columns(const struct result *from, struct result *to)
{
    to->arena = arena_new(0);
    to->column_count = from->column_count;
    to->columns = ARENA_ARRAY(to->arena, struct wire_column, from->column_count);
    for (size_t i = 0; i < from->column_count; i++) {
        to->columns[i] = from->columns[i];
        to->columns[i].name = arena_str(to->arena, from->columns[i].name);
    }
}

/* MOVE in a portal that Bind named and Execute has begun: asyncpg's cursors do so. */
static enum status move_portal(struct session *s, struct portal *p, int64_t max, struct result *out,
                               struct error *e)
{
    struct held *passed = held_new(s->env->held);
    int64_t moved = 0;
    enum status status = held_move_messages(p->result.rows, passed, max, &moved, e);
    held_free(passed);
    p->result.count -= moved;
    *out = (struct result){.count = moved};
    result_tag(out, "MOVE", moved);
    return status;
}

static struct portal *open_portal(struct session *s, const struct node_fetch *n)
{
    struct str name = node_ident_const(n->cursor)->text;
    struct portal *p = n->move && !map_get(s->cursors, name) ? map_get(s->portals, name) : NULL;
    return p && p->ran && !p->done && p->result.rows && p->result.returns_rows ? p : NULL;
}

enum status cursor_fetch(struct session *s, const struct node *stmt, const int16_t *formats,
                         size_t format_count, struct result *out, struct error *e)
{
    const struct node_fetch *n = node_fetch_const(stmt);
    struct cursor *c;
    struct held *rows;
    int64_t max = 0, moved = 0;
    if (fetch_count(n, &max, e)) {
        return FAIL;
    }
    struct portal *p = open_portal(s, n);
    if (p) {
        return check_forward(n, max, e) ? FAIL : move_portal(s, p, max, out, e);
    }
    if (find(s, n->cursor, &c, e)) {
        return FAIL;
    }
    for (size_t i = 0; i < format_count && !n->move; i++) {
        if ((formats[i] != 0) != c->is_binary) {
            return error_set(e, ERR_UNSUPPORTED, "the cursor's rows are in the %s format",
                             c->is_binary ? "binary" : "text");
        }
    }
    if (c->scroll ? scroll_rows(s, c, n, max, &rows, &moved, e)
                  : check_forward(n, max, e) || take_rows(s, c, max, &rows, &moved, e)) {
        return FAIL;
    }
    *out = (struct result){.count = moved};
    result_tag(out, n->move ? "MOVE" : "FETCH", moved);
    if (n->move) {
        held_free(rows);
        return OK;
    }
    copy_columns(&c->rows, out);
    out->rows = rows;
    out->returns_rows = true;
    return OK;
}

/* ---- the end ---- */

enum status cursor_close(struct session *s, const struct node *stmt, struct error *e)
{
    const struct node *name = node_close_cursor_const(stmt)->cursor;
    if (!name) {
        cursor_drop_all(s);
        return OK;
    }
    struct cursor *c = map_remove(s->cursors, node_ident_const(name)->text);
    if (!c) {
        return no_such(node_ident_const(name)->text, e);
    }
    cursor_free(c);
    return OK;
}

/* Those that `stays` wants are kept. */
static void drop(struct session *s, bool (*stays)(struct cursor *c, uint64_t arg), uint64_t arg)
{
    struct map *kept = map_new();
    size_t at = 0;
    struct str key;
    void *value;
    while (map_next(s->cursors, &at, &key, &value)) {
        if (stays && stays(value, arg)) {
            map_put(kept, key, value);
        } else {
            cursor_free(value);
        }
    }
    map_free(s->cursors, NULL);
    s->cursors = kept;
}

static bool outlives(struct cursor *c, uint64_t committed)
{
    c->is_settled |= committed != 0;
    return c->holds && c->is_settled;
}

void cursor_drop(struct session *s, struct str name)
{
    struct cursor *c = map_remove(s->cursors, name);
    if (c) {
        cursor_free(c);
    }
}

void cursor_end_transaction(struct session *s, bool committed)
{
    if (map_count(s->cursors) > 0) {
        drop(s, outlives, committed);
    }
}

void cursor_drop_all(struct session *s)
{
    drop(s, NULL, 0);
}

static bool is_older(struct cursor *c, uint64_t opened)
{
    return c->number <= opened;
}

void cursor_drop_since(struct session *s, uint64_t opened)
{
    drop(s, is_older, opened);
}

size_t cursor_named_columns(struct session *s, struct str name, struct arena *a,
                            struct wire_column **out)
{
    const struct cursor *c = map_get(s->cursors, name);
    size_t n = c ? c->rows.column_count : 0;
    *out = ARENA_ARRAY(a, struct wire_column, n);
    for (size_t i = 0; i < n; i++) {
        (*out)[i] = c->rows.columns[i];
        (*out)[i].name = arena_str(a, c->rows.columns[i].name);
    }
    return n;
}

size_t cursor_columns(struct session *s, const struct node *stmt, struct arena *a,
                      struct wire_column **out)
{
    const struct node_fetch *n = node_fetch_const(stmt);
    *out = NULL;
    return n->move ? 0 : cursor_named_columns(s, node_ident_const(n->cursor)->text, a, out);
}
