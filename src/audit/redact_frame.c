#include "audit/redact_frame.h"

#include "audit/redact_scan.h"

struct frame *frame_top(struct places *p)
{
    return &p->frames[p->depth];
}

static bool is_secret_at(const struct places *p, struct list l, size_t place)
{
    return l.n > 0 && (l.all || (place < l.n && p->flags.p[l.at + place]));
}

static bool has_secret(const struct places *p, struct list l)
{
    return l.n > 0 && (l.all || memchr(p->flags.p + l.at, 1, l.n));
}

/* --- terms and items --- */

void frame_mark(struct places *p, size_t spot, bool numbers)
{
    for (size_t i = spot; i < p->n; i++) {
        p->spots[i].is_secret |= numbers || !p->spots[i].is_number;
    }
}

bool frame_is_secret(const struct places *p, const struct frame *f)
{
    return f->all || f->item_secret ||
           (f->has_places && (f->gives_secret || is_secret_at(p, f->list, f->place)));
}

/* Each constant of a term is marked once where it has both, and those that follow at once. */
static void judge_term(struct places *p, struct frame *f, bool is_more)
{
    if (is_more && f->compared && f->named != UNNAMED) {
        frame_mark(p, f->term_spot, f->named == NAMED);
        f->term_secret = true;
    }
}

void frame_compare(struct places *p, struct frame *f)
{
    bool is_more = !f->compared;
    f->compared = true;
    judge_term(p, f, is_more);
}

void frame_name_secret(struct places *p, struct frame *f, enum named how)
{
    bool is_more = how > f->named;
    f->named = is_more ? how : f->named;
    judge_term(p, f, is_more);
}

void frame_end_term(struct places *p, struct frame *f)
{
    f->seen = !f->compared && f->named > f->seen ? f->named : f->seen;
    f->compared = f->between = f->term_secret = false;
    f->named = UNNAMED;
    f->term_spot = p->n;
}

void frame_begin_item(struct places *p, struct frame *f)
{
    frame_end_term(p, f);
    f->item_begins = true;
    f->item_secret = f->item_has_name = false;
    f->item_spot = p->n;
}

bool frame_has_secret_place(const struct places *p, const struct frame *f)
{
    return f->has_places && (f->gives_secret || has_secret(p, f->list));
}

void frame_let_flow(struct places *p)
{
    p->flow = p->flows && p->flow < p->depth ? p->flow : p->depth;
    p->flows = true;
}

void frame_end_item(struct places *p, struct frame *f)
{
    bool is_made = f->named == NAMED_WITHIN && token_is_mark(&p->last, ")");
    f->passes_secret |= f->is_call && !f->compared && (p->last_is_secret || is_made);
    if (f->item_has_name && frame_is_secret(p, f)) {
        frame_let_flow(p);
    }
}

void frame_end_statement(struct places *p)
{
    for (size_t i = p->statement_spot; p->flows && i < p->n; i++) {
        p->spots[i].is_secret |= !p->spots[i].is_number && p->spots[i].level > p->flow;
    }
    p->statement_spot = p->n;
    p->flows = false;
}

/* f(password, 'y') compares, mostly, and what is neither letter nor digit is no secret. */
static void mark_arguments(struct places *p, const struct frame *f)
{
    for (size_t i = f->first_spot; i < p->n; i++) {
        struct spot *s = &p->spots[i];
        for (size_t at = s->begin + s->open; !s->is_number && at < s->begin + s->close; at++) {
            s->is_secret |= scan_is_alnum((unsigned char)p->sql.p[at]);
        }
    }
}

/* --- lists of names --- */

void frame_end_name(struct places *p, struct frame *f)
{
    f->is_names &= f->has_name;
    if (f->is_names) {
        buf_u8(&p->flags, f->name_is_secret);
        f->names.n++;
    }
    f->has_name = false;
}

void frame_list_name(const struct places *p, struct frame *f, bool is_secret)
{
    f->is_names &= f->has_name == token_is_mark(&p->last, ".");
    f->has_name = true;
    f->name_is_secret = is_secret;
}

/* (...) AS v (name, password): by their places. */
static void name_derived(struct places *p, const struct frame *f, struct list names)
{
    for (size_t i = f->derived.spot; i < p->n; i++) {
        struct spot *s = &p->spots[i];
        bool is_direct = s->level == f->derived.level;
        s->is_secret |= is_direct ? is_secret_at(p, names, s->place) : s->level > f->derived.level;
    }
}

static void take_list(struct places *p, struct frame *f, struct list names)
{
    if (f->derived.is_open && has_secret(p, names)) {
        name_derived(p, f, names);
    }
    bool is_kept = f->list_lasts && f->list.n > 0 && !f->awaits_list;
    if (!f->has_places && !f->has_rows && !is_kept) {
        f->list = names;
        f->list_is_next = true;
        f->list_lasts = f->awaits_list;
        f->awaits_list = false;
    } else if (has_secret(p, names)) {
        frame_name_secret(p, f, NAMED_WITHIN);
    }
}

void frame_leave_list(struct frame *f)
{
    f->list_is_next = false;
    if (!f->list_lasts && !f->has_rows && !f->has_places) {
        f->list.n = 0;
    }
}

void frame_begin_query(struct frame *f)
{
    if (!f->list_is_next && !f->list_lasts) {
        f->list.n = 0;
    }
    f->is_query = f->list_lasts = true;
    f->list_is_next = f->awaits_list = false;
    f->place = 0;
}

/* --- frames --- */

bool frame_is_clause(struct str word)
{
    static const char *const clauses[] = {
        "from",      "where",     "group",   "having", "order",  "limit", "offset",
        "union",     "except",    "on",      "using",  "window", "fetch", "into",
        "insert",    "intersect", "qualify", "values", "select", "set",   "when",
        "returning", "by",        "join",    "then",   "else",   NULL};
    return token_is_any(word, clauses);
}

static bool is_call(const struct token *before)
{
    static const char *const never[] = {"in", "and", "or", "not", "as", "row", "any", "all", NULL};
    bool is_word = before->kind == TOKEN_WORD && !token_is_any(before->text, never) &&
                   !frame_is_clause(before->text);
    return is_word || before->kind == TOKEN_QUOTED;
}

void frame_open(struct places *p, char close)
{
    static const char *const of_pairs[] = {"json_build_object", "jsonb_build_object", "json_object",
                                           "object_construct",  "set_config",         NULL};
    struct frame *f = frame_top(p);
    f->item_begins = f->is_names = false;
    if (p->depth + 1 == FRAMES_MAX) {
        p->deeper++;
        return;
    }
    struct frame *in = &p->frames[++p->depth];
    bool is_row = close == ')' && f->has_rows, is_next = f->list_is_next || f->awaits_list;
    *in = (struct frame){
        .close = close,
        .is_call = is_call(&p->last),
        .has_pairs = token_is_any(p->last.text, of_pairs),
        .all = frame_is_secret(p, f) || f->term_secret,
        .first_spot = p->n,
        .is_names = close == ')',
        .names.at = p->flags.n,
    };
    if (close == ')' && (is_row || is_next)) {
        in->list = f->list;
        in->list_lasts = in->list.n > 0;
        in->has_rows = in->list.n > 0 && !is_row && str_iis(p->last.text, "in");
        in->has_places = is_row || (in->list.n > 0 && !in->has_rows);
    }
    frame_begin_item(p, in);
}

static void close_top(struct places *p)
{
    struct frame *in = frame_top(p), *f = in - 1;
    size_t level = p->depth + in->has_rows;
    if (in->is_names) {
        frame_end_name(p, in);
    }
    frame_end_item(p, in);
    frame_end_term(p, in);
    if (in->passes_secret && !in->is_query) {
        mark_arguments(p, in);
    }
    p->depth--;
    f->item_has_name |= in->has_column;
    frame_leave_list(f);
    bool is_list = in->is_names && in->names.n > 0;
    if (is_list) {
        take_list(p, f, in->names);
    }
    if (in->seen != UNNAMED && !in->is_query && (!is_list || in->names.n == 1 || in->is_call)) {
        frame_name_secret(p, f, NAMED_WITHIN);
    }
    f->derived.is_open = in->is_query;
    f->derived.has_alias = false;
    f->derived.spot = in->first_spot;
    f->derived.level = level;
}

void frame_close(struct places *p, char close)
{
    size_t depth = p->depth;
    if (p->deeper > 0) {
        p->deeper--;
        return;
    }
    while (depth > 0 && p->frames[depth].close != close && p->frames[depth].close == 'e') {
        depth--;
    }
    while (p->frames[depth].close == close && p->depth >= depth) {
        close_top(p);
    }
}
