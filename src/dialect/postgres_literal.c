/* String literals that a cast makes bytes or a time of: PostgreSQL reads them by its own rules, and
 * the engine by others. '\x00ff'::bytea are two bytes, and '... +05'::timestamp keeps the clock
 * that it shows. What doesn't read so is left as it is, for the engine to refuse. */
#include "base/text.h"
#include "dialect/rules.h"
#include "wire/datetime.h"
#include "wire/param.h"

static struct node *with_operand(struct rewriting *r, struct node *cast, struct node *operand)
{
    struct node *out = node_shallow_copy(r->a, cast);
    operand->offset = cast->offset;
    node_cast(out)->operand = operand;
    return out;
}

static struct node *bytes_of(struct rewriting *r, struct node *cast, struct str text)
{
    struct value v;
    struct error e = ERROR_INIT;
    if (param_from_text(type_simple(TYPE_BYTES), NULL, text, r->a, &v, &e) != OK) {
        rule_fail(r, node_cast(cast)->operand, ERR_BAD_VALUE, "invalid input for type bytea");
        return cast;
    }
    char *digits = arena_alloc(r->a, 2 * v.as.bytes.n + 1);
    text_hex(v.as.bytes.p, v.as.bytes.n, digits);
    return with_operand(r, cast,
                        make_literal(r->a, LIT_BYTES, (struct str){digits, 2 * v.as.bytes.n}));
}

static bool ends_with_era(struct str s)
{
    s = str_trim(s);
    return s.n > 3 && str_iis((struct str){s.p + s.n - 2, 2}, "BC");
}

/* Behind the hours, where no sign or letter is of the date. */
static bool has_zone(struct str s)
{
    const char *colon = memchr(s.p, ':', s.n);
    for (const char *p = colon; p && p < s.p + s.n; p++) {
        if (*p == '+' || *p == '-' || *p == 'Z' || *p == 'z' || *p == 'U' || *p == 'G') {
            return true;
        }
    }
    return false;
}

/* As the engine writes it: "0044-03-15 (BC) 10:00:00". */
static struct node *stamp_of(struct rewriting *r, struct node *cast, int64_t us, const char *zone)
{
    static const struct datetime_style iso;
    char shown[DATETIME_ROOM];
    struct str s = {shown, (size_t)(datetime_put_stamp(shown, us, &iso) - shown)};
    bool is_before = ends_with_era(s);
    s.n -= is_before ? 3 : 0;
    struct str date = str_cut(&s, ' ');
    return with_operand(r, cast,
                        rule_text(r, cast,
                                  arena_printf(r->a, "%.*s%s %.*s%s", STR_ARG(date),
                                               is_before ? " (BC)" : "", STR_ARG(s), zone)));
}

static struct node *cast_of(struct rewriting *r, struct node *n)
{
    const struct node_cast *cast = node_cast_const(n);
    const struct node_type_name *target = node_type_name_const(cast->target);
    int64_t us;
    if (!rule_is_string(cast->operand) || target->dims || target->args.n || cast->is_try) {
        return n;
    }
    struct str text = rule_word(cast->operand);
    if (str_iis(target->text, "bytea")) {
        return bytes_of(r, n, text);
    }
    int32_t days;
    if (str_iis(target->text, "date") && ends_with_era(text) && datetime_read_date(text, &days)) {
        struct str day = {text.p, text.n};
        day = str_trim(day);
        day.n -= 2;
        return with_operand(
            r, n, rule_text(r, n, arena_printf(r->a, "%.*s (BC)", STR_ARG(str_trim(day)))));
    }
    if (str_iis(target->text, "timestamp") && (has_zone(text) || ends_with_era(text)) &&
        datetime_read_stamp(text, &us)) {
        return stamp_of(r, n, us, "");
    }
    /* One without a zone is of the session's, which the engine knows. */
    if (str_iis(target->text, "timestamptz") && has_zone(text) && ends_with_era(text) &&
        datetime_read_zoned(text, NULL, &us)) {
        return stamp_of(r, n, us, "+00");
    }
    return n;
}

const struct node_rule postgres_literal_nodes[] = {
    {NODE_CAST, "literals",
     "'\\x00ff'::bytea is hexadecimal; '... +05'::timestamp looks over the zone", cast_of},
    {NODE_KIND_COUNT, NULL, NULL, NULL},
};
