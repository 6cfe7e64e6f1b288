/* Column masks: which columns of a table are masked for a principal, and where the masks of a
 * statement act: on its outputs, where these are the columns themselves, or at each reference,
 * where anything else is done with one. What lineage can't prove is refused. */
#include "policy/rules.h"

bool audience_exempts(const struct audience *w, const struct principal *p)
{
    return w->exempt_roles >> p->role & 1;
}

bool environments_have(const struct str_list *l, const struct principal *p)
{
    bool found = l->n == 0;
    for (size_t i = 0; !found && i < l->n; i++) {
        found = str_eq(l->at[i], p->environment);
    }
    return found;
}

bool audience_has(const struct audience *w, const struct principal *p)
{
    if (audience_exempts(w, p) || !environments_have(&w->environments, p)) {
        return false;
    }
    if (!w->agents.n && !w->frameworks.n) {
        return true;
    }
    for (size_t i = 0; i < w->agents.n; i++) {
        if (str_eq(w->agents.at[i], p->agent_id)) {
            return true;
        }
    }
    for (size_t i = 0; i < w->frameworks.n; i++) {
        if (str_ieq(w->frameworks.at[i], p->agent_framework)) {
            return true;
        }
    }
    /* An agent whose framework nobody vouches for could be any of them. */
    return w->frameworks.n && p->agent_id.n && !p->agent_framework.n;
}

static bool is_stricter(const struct mask *m, const struct mask *than)
{
    if (m->function != than->function) {
        return m->function > than->function;
    }
    return m->function == MASK_PARTIAL && m->visible_chars < than->visible_chars;
}

void mask_tighten(struct mask *m, const struct mask *other)
{
    bool had_one = m->function != MASK_NONE;
    bool as_text = other->as_text && (!had_one || m->as_text);
    if (is_stricter(other, m)) {
        *m = *other;
    }
    m->as_text = as_text;
}

const struct type *mask_type(const struct type *t, const struct mask *m)
{
    bool keeps = !m || m->function == MASK_NONE || m->function == MASK_NULL ||
                 (!type_is_text(t) && !m->as_text);
    return keeps ? t : type_simple(TYPE_TEXT);
}

struct collecting {
    const struct principal *principal;
    const struct table *table;
    struct arena *arena;
    struct column_rules *enforced, *shadow;
};

static void make_room(struct collecting *c, struct column_rules *out)
{
    out->masks = ARENA_ARRAY(c->arena, struct mask, c->table->column_count);
    out->usages = ARENA_ARRAY(c->arena, struct usage, c->table->column_count);
}

static void apply_to_column(struct collecting *c, const struct mask_rule *rule, size_t column)
{
    struct column_rules *out = rule->shadow ? c->shadow : c->enforced;
    if (!out->masks) {
        make_room(c, out);
    }
    if (rule->mask.function != MASK_NONE) {
        mask_tighten(&out->masks[column], &rule->mask);
        return;
    }
    struct usage u;
    if (usage_of_rule(rule, c->table, c->arena, &u) != OK) {
        out->missing = rule;
        return;
    }
    usage_tighten(&out->usages[column], &u, c->arena);
}

static void apply_rule(struct collecting *c, const struct mask_rule *rule)
{
    const struct table *t = c->table;
    if (!audience_has(&rule->audience, c->principal)) {
        return;
    }
    if (rule->column.kind == SELECT_NAME) {
        int column = table_column(t, rule->column.text);
        if (column < 0) {
            (rule->shadow ? c->shadow : c->enforced)->missing = rule;
        } else {
            apply_to_column(c, rule, (size_t)column);
        }
        return;
    }
    for (size_t i = 0; i < t->column_count; i++) {
        if (rule->column.kind == SELECT_ANY || column_has_tag(&t->columns[i], rule->column.text)) {
            apply_to_column(c, rule, i);
        }
    }
}

/* Rules for one column of whatever table. */
static void apply_to_any(struct collecting *c, const struct bucket *b, size_t column)
{
    for (size_t i = 0; b && i < b->masks.n; i++) {
        if (audience_has(&b->masks.at[i]->audience, c->principal)) {
            apply_to_column(c, b->masks.at[i], column);
        }
    }
}

static void apply_any_table(struct collecting *c, const struct org_rules *o)
{
    for (size_t i = 0; i < c->table->column_count; i++) {
        const struct column *column = &c->table->columns[i];
        if (o->has_any_table_masks) {
            apply_to_any(c, bucket_find(o, BUCKET_COLUMN, column->name), i);
        }
        for (size_t k = 0; o->has_column_tag_masks && k < column->tag_count; k++) {
            apply_to_any(c, bucket_find(o, BUCKET_COLUMN_TAG, column->tags[k]), i);
        }
    }
}

/* Were those of shadow mode enforced, the others still were too. */
static void join_enforced(struct collecting *c)
{
    for (size_t i = 0; c->shadow->masks && i < c->table->column_count; i++) {
        if (c->enforced->masks[i].function != MASK_NONE) {
            mask_tighten(&c->shadow->masks[i], &c->enforced->masks[i]);
        }
        usage_tighten(&c->shadow->usages[i], &c->enforced->usages[i], c->arena);
    }
}

/* What is generated of a masked column would show it, in a form that no rule chose: it is NULL,
 * unless a rule masks it by itself. */
static void cover_generated(const struct table *t, struct mask *masks)
{
    struct mask covering = {.function = MASK_NULL};
    for (size_t i = 0; masks && i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        const struct mask *source = NULL;
        for (size_t k = 0; k < c->from_count && !source; k++) {
            const struct mask *m = &masks[c->from[k]];
            source = m->function != MASK_NONE ? m : NULL;
        }
        if (source && masks[i].function == MASK_NONE) {
            covering.policy_id = source->policy_id;
            covering.policy_name = source->policy_name;
            masks[i] = covering;
        }
    }
}

void masks_collect(const struct org_rules *o, const struct table_rules *rules,
                   const struct principal *p, const struct table *t, struct arena *a,
                   struct column_rules *enforced, struct column_rules *shadow)
{
    struct collecting c = {p, t, a, enforced, shadow};
    *enforced = *shadow = (struct column_rules){0};
    make_room(&c, enforced);
    for (size_t i = 0; i < rules->count; i++) {
        for (size_t k = 0; k < rules->at[i]->masks.n; k++) {
            apply_rule(&c, rules->at[i]->masks.at[k]);
        }
    }
    if (o && (o->has_any_table_masks || o->has_column_tag_masks)) {
        apply_any_table(&c, o);
    }
    join_enforced(&c);
    cover_generated(t, enforced->masks);
    cover_generated(t, shadow->masks);
}

bool column_rules_any(const struct table *t, const struct mask *masks, const struct usage *usages)
{
    bool any = false;
    for (size_t i = 0; i < t->column_count; i++) {
        any |= masks[i].function != MASK_NONE || usages[i].kind != USAGE_FREE;
    }
    return any;
}

static bool table_is_masked(const struct table_verdict *v)
{
    for (size_t i = 0; i < v->table->table->column_count; i++) {
        if (v->masks[i].function != MASK_NONE) {
            return true;
        }
    }
    return false;
}

/* The mask of an origin; NULL where it has none. A table that isn't of the decision was never
 * decided on: *known turns false. */
static const struct mask *mask_of(const struct decision *d, const struct origin *o, bool *known)
{
    for (size_t i = 0; i < d->table_count; i++) {
        const struct table *t = d->tables[i].table->table;
        if (t == o->table && o->column >= 0 && (size_t)o->column < t->column_count) {
            const struct mask *m = &d->tables[i].masks[o->column];
            return m->function == MASK_NONE ? NULL : m;
        }
    }
    *known = false;
    return NULL;
}

/* Who reads a view alone didn't write the name of what lies beneath it, and needn't know it. */
static bool is_beneath_view(const struct decision *d, const struct table *t)
{
    for (size_t i = 0; i < d->table_count; i++) {
        if (d->tables[i].table->table == t && !d->tables[i].table->in_view) {
            return false;
        }
    }
    return true;
}

/* A statement whose masks are looked at. */
struct masking {
    const struct decision *decision;
    const struct binding *binding;
    struct error *error;
};

static enum status refuse_use(const struct masking *m, const struct origin *o, const char *why,
                              const char *hint)
{
    struct str name = o->table->columns[o->column].name;
    if (is_beneath_view(m->decision, o->table)) {
        error_set(
            m->error, ERR_MASKED_USE,
            "a view or function in this statement uses a column that is masked for you and %s",
            why);
    } else {
        error_set(m->error, ERR_MASKED_USE, "column \"%.*s\" is masked for you and %s",
                  STR_ARG(name), why);
    }
    (void)refusal_point_at(m->binding, o, m->error);
    return error_hint(m->error, "%s", hint);
}

enum status masks_refuse_unknown(struct error *e)
{
    error_set(e, ERR_MASKED_USE,
              "it can't be proved that this statement keeps masked columns "
              "masked");
    return error_hint(e, "Select the columns that you need by name.");
}

static bool is_written(const struct decision *d, const struct table *t)
{
    for (size_t i = 0; i < d->table_count; i++) {
        if (d->tables[i].table->table == t && d->tables[i].table->written) {
            return true;
        }
    }
    return false;
}

/* Can the engine make the text that outputs show of a value, so that both make the same mask
 * (row_filter_mask.c)? */
static bool has_one_text(const struct type *t)
{
    switch (t->kind) {
    case TYPE_INT1:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_INT16:
    case TYPE_UINT1:
    case TYPE_UINT2:
    case TYPE_UINT4:
    case TYPE_UINT8:
    case TYPE_UINT16:
    case TYPE_DECIMAL:
    case TYPE_UUID:
    case TYPE_BOOL:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
        return true;
    default:
        return type_is_text(t);
    }
}

/* Can a statement compute with what the mask shows, in the place of the column? */
static enum status check_reference(const struct masking *all, const struct origin *o,
                                   const struct mask *m)
{
    const struct type *t = o->table->columns[o->column].type;
    if (is_written(all->decision, o->table)) {
        return refuse_use(all, o, "this statement changes its table",
                          "Take it out of predicates, expressions and assignments.");
    }
    bool looks_at_text = m->function == MASK_PARTIAL || m->function == MASK_HASH;
    if (looks_at_text && mask_type(t, m)->kind == TYPE_TEXT && !has_one_text(t)) {
        return refuse_use(all, o, "can only be selected as it is",
                          "Take it out of predicates, expressions, joins, grouping and ordering.");
    }
    return OK;
}

/* Finds whether a masked value is used otherwise than `bare`: *used turns true where it is, and can
 * be at the reference. */
static enum status check_lineage(const struct masking *all, const struct lineage *l,
                                 bool bare_allowed, bool *used)
{
    if (l->is_unknown) {
        return masks_refuse_unknown(all->error);
    }
    for (size_t i = 0; i < l->n; i++) {
        bool known = true;
        const struct mask *m = mask_of(all->decision, &l->at[i], &known);
        if (!known) {
            return masks_refuse_unknown(all->error);
        }
        if (m && !(bare_allowed && origin_is_bare(&l->at[i]))) {
            *used = true;
            if (check_reference(all, &l->at[i], m) != OK) {
                return FAIL;
            }
        }
    }
    return OK;
}

/* Is a masked column read of a table that the statement doesn't change? */
static bool reads_masked(const struct decision *d)
{
    for (size_t i = 0; i < d->table_count; i++) {
        const struct table_verdict *v = &d->tables[i];
        for (size_t c = 0; !v->table->written && c < v->table->table->column_count; c++) {
            if (v->table->columns_used[c] && v->masks[c].function != MASK_NONE) {
                return true;
            }
        }
    }
    return false;
}

/* Where masks act at the reference, every masked column that is read must be able to. */
static enum status check_reads(const struct masking *all)
{
    const struct decision *d = all->decision;
    for (size_t i = 0; i < d->table_count; i++) {
        const struct table_verdict *v = &d->tables[i];
        for (size_t c = 0; c < v->table->table->column_count; c++) {
            struct origin o = {.table = v->table->table, .column = (int)c};
            if (v->table->columns_used[c] && v->masks[c].function != MASK_NONE &&
                check_reference(all, &o, &v->masks[c]) != OK) {
                return FAIL;
            }
        }
    }
    return OK;
}

/* Is the column written, or one that it is made of? */
static bool is_fed(const struct bound_table *t, size_t column)
{
    const struct column *c = &t->table->columns[column];
    bool fed = t->columns_written[column];
    for (size_t i = 0; i < c->from_count; i++) {
        fed |= t->columns_written[c->from[i]];
    }
    return fed;
}

/* Who writes values of his own where he sees digests learns which digest is whose. */
static enum status check_writes(const struct masking *all)
{
    const struct decision *d = all->decision;
    for (size_t i = 0; i < d->table_count; i++) {
        const struct table_verdict *v = &d->tables[i];
        const struct table *t = v->table->table;
        for (size_t c = 0; v->table->columns_written && c < t->column_count; c++) {
            if (v->masks[c].function == MASK_HASH && is_fed(v->table, c)) {
                struct origin o = {.table = t, .column = (int)c};
                error_set(all->error, ERR_MASKED_USE,
                          "column \"%.*s\" is hashed for you and can't be written",
                          STR_ARG(t->columns[c].name));
                (void)refusal_point_at(all->binding, &o, all->error);
                return error_hint(all->error, "Leave it out, or ask for a mask other than hash.");
            }
        }
    }
    return OK;
}

/* Into a table a value would go unmasked, and be read back from there. A view keeps its text: it is
 * bound, and masked, for whoever reads it. */
static bool keeps_values(const struct binding *b)
{
    bool shows =
        b->kind == STATEMENT_QUERY || b->kind == STATEMENT_EXPLAIN || b->kind == STATEMENT_COPY_OUT;
    return !shows && !b->view_definition.n;
}

enum status masks_check_uses(const struct decision *d, const struct binding *b, bool *at_reference,
                             struct error *e)
{
    const struct masking all = {d, b, e};
    bool any = false, used = false;
    *at_reference = false;
    for (size_t i = 0; !any && i < d->table_count; i++) {
        any = table_is_masked(&d->tables[i]);
    }
    if (!any) {
        return OK;
    }
    if (check_writes(&all) != OK || check_lineage(&all, b->uses, false, &used) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < b->output_count; i++) {
        if (check_lineage(&all, b->outputs[i].origins, true, &used) != OK) {
            return FAIL;
        }
    }
    used |= keeps_values(b) && reads_masked(d);
    *at_reference = used;
    for (size_t i = 0; used && i < b->output_count; i++) {
        if (check_lineage(&all, b->outputs[i].origins, false, &used) != OK) {
            return FAIL;
        }
    }
    return used ? check_reads(&all) : OK;
}

static void output_mask(const struct decision *d, const struct lineage *l, struct arena *a,
                        const struct mask **out)
{
    static const struct mask none = {.function = MASK_NONE};
    struct mask strictest = none;
    for (size_t i = 0; i < l->n; i++) {
        bool known = true;
        const struct mask *m = mask_of(d, &l->at[i], &known);
        if (m) {
            mask_tighten(&strictest, m);
        }
    }
    *out = &none;
    if (strictest.function != MASK_NONE) {
        struct mask *kept = ARENA_NEW(a, struct mask);
        *kept = strictest;
        *out = kept;
    }
}

enum status policy_output_masks(const struct decision *d, const struct binding *b, struct arena *a,
                                const struct mask ***out, struct error *e)
{
    bool at_reference;
    if (masks_check_uses(d, b, &at_reference, e) != OK) {
        return FAIL;
    }
    if (at_reference != d->masks_at_reference) {
        return error_set(e, ERR_INTERNAL, "the decision is of another statement");
    }
    *out = ARENA_ARRAY(a, const struct mask *, b->output_count);
    for (size_t i = 0; i < b->output_count; i++) {
        /* What is masked at the reference isn't masked again. */
        output_mask(d, at_reference ? lineage_none() : b->outputs[i].origins, a, &(*out)[i]);
    }
    return OK;
}

const struct type *decision_shown_type(const void *decision, const struct table *t, size_t column)
{
    const struct decision *d = decision;
    for (size_t i = 0; i < d->table_count; i++) {
        if (d->tables[i].table->table == t) {
            return mask_type(t->columns[column].type, &d->tables[i].masks[column]);
        }
    }
    return t->columns[column].type;
}

bool decision_changes_types(const struct decision *d)
{
    bool changes = false;
    for (size_t i = 0; i < d->table_count && d->masks_at_reference; i++) {
        const struct table_verdict *v = &d->tables[i];
        for (size_t c = 0; c < v->table->table->column_count; c++) {
            const struct type *t = v->table->table->columns[c].type;
            changes |= v->table->columns_used[c] && mask_type(t, &v->masks[c]) != t;
        }
    }
    return changes;
}
