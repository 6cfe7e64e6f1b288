#include "dialect/number_model.h"

#include <string.h>

#include "base/buf.h"

enum { MOST_DIGITS = 64 };

enum element { PLAIN, NINE, ZERO, POINT, GROUP, CURRENCY, FILL, TH, S, MI, PL, SG, PR, NO_EQUAL };

static const struct {
    const char *name; /* upper case; of two that begin alike the longer first */
    enum element is;
} elements[] = {
    {"9", NINE},      {"0", ZERO},      {".", POINT},     {"D", POINT},    {",", GROUP},
    {"G", GROUP},     {"FM", FILL},     {"L", CURRENCY},  {"MI", MI},      {"PL", PL},
    {"PR", PR},       {"SG", SG},       {"SP", NO_EQUAL}, {"S", S},        {"TH", TH},
    {"V", NO_EQUAL},  {"RN", NO_EQUAL}, {"E", NO_EQUAL},  {"B", NO_EQUAL}, {"C", NO_EQUAL},
    {NULL, NO_EQUAL},
};

/* What a model says, and the SQL being made of it over d: the sign, then all digits, which stand at
 * fixed places since the model says how many there are. */
struct layout {
    struct rewriting *r;
    const struct node *model;
    int whole, fraction; /* digits before and behind the point */
    int shown;           /* from this digit on, counted from 0, zeros are written, too */
    int kept;            /* so many digits of the fraction FM doesn't cut off */
    bool has_point, is_fill, sign_is_last;
    enum element sign; /* PLAIN: only a minus is written, in front of the first digit */

    struct node *args[TEMPLATE_MOST_ARGS]; /* the number, then what stands for itself */
    size_t n_args;
};

/* The element at the beginning of `s`, and how long it is: of what stands for itself, all of it up
 * to the next element, quoted or not. */
static enum element element_at(struct str s, size_t *n)
{
    for (size_t i = 0; elements[i].name; i++) {
        *n = strlen(elements[i].name);
        if (s.n >= *n && str_iis((struct str){s.p, *n}, elements[i].name)) {
            return elements[i].is;
        }
    }
    *n = 1;
    while (s.p[0] == '"' && *n < s.n && s.p[*n] != '"') {
        ++*n;
    }
    *n += s.p[0] == '"' && *n < s.n;
    return PLAIN;
}

bool number_model_is(struct str s)
{
    bool has_digit = false;
    for (size_t i = 0, n; i < s.n; i += n) {
        enum element e = element_at((struct str){s.p + i, s.n - i}, &n);
        char c = s.p[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
        if (e == PLAIN && (is_letter || (c >= '1' && c <= '8'))) {
            return false;
        }
        has_digit |= e == NINE || e == ZERO || (e == NO_EQUAL && (c == 'R' || c == 'r'));
    }
    return has_digit;
}

static bool fail(struct layout *l, const char *what)
{
    rule_fail(l->r, l->model, ERR_UNSUPPORTED, "%s in a format of numbers is not supported", what);
    rule_hint(l->r, "Formats have 9 0 . , D G, one of S MI PL SG PR, L FM TH and plain text.");
    return false;
}

/* Counts. The elements of a sign stand before the first or behind the last digit. */
static bool read_model(struct layout *l, struct str s)
{
    bool has_shown = false, is_behind = false;
    for (size_t i = 0, n; i < s.n; i += n) {
        enum element e = element_at((struct str){s.p + i, s.n - i}, &n);
        bool is_digit = e == NINE || e == ZERO;
        if (e == NO_EQUAL) {
            return fail(l, arena_printf(l->r->a, "%.*s", (int)n, s.p + i));
        }
        if ((is_digit || e == POINT) && is_behind) {
            return fail(l, "a sign or TH between digits");
        }
        if (e == POINT && l->has_point) {
            return fail(l, "a second point");
        }
        if (e == GROUP && (l->has_point || !l->whole)) {
            return fail(l, "a separator of groups that is not between digits before the point");
        }
        if (is_digit && !l->has_point) {
            l->shown = e == ZERO && !has_shown ? l->whole : l->shown;
            has_shown |= e == ZERO;
            l->whole++;
        } else if (is_digit) {
            l->kept = ++l->fraction > 0 && e == ZERO ? l->fraction : l->kept;
        }
        l->has_point |= e == POINT;
        l->is_fill |= e == FILL;
        if (e >= S) {
            if (l->sign != PLAIN) {
                return fail(l, "a second sign");
            }
            l->sign = e;
            l->sign_is_last = l->whole || l->has_point;
        }
        is_behind |= (e >= S || e == TH) && (l->whole || l->has_point);
        if (e == TH && !is_behind) {
            return fail(l, "TH before the digits");
        }
    }
    if (!has_shown) {
        l->shown = l->fraction ? l->whole : l->whole - 1;
    }
    if (!l->whole || (l->has_point && !l->fraction)) {
        return fail(l, "a point without a digit on either side");
    }
    if (l->sign == PR && !l->sign_is_last) {
        return fail(l, "PR before the digits");
    }
    return l->whole + l->fraction <= MOST_DIGITS || fail(l, "so many digits");
}

/* Text as an argument of the template; quoted text without its quotes. */
static bool put_text(struct layout *l, struct buf *to, struct str text)
{
    if (l->n_args == TEMPLATE_MOST_ARGS) {
        return fail(l, "so much plain text");
    }
    if (text.p[0] == '"') {
        text = (struct str){text.p + 1, text.n - 1};
        text.n -= text.n && text.p[text.n - 1] == '"';
    }
    l->args[l->n_args++] = rule_text(l->r, l->model, arena_strdup(l->r->a, text));
    buf_printf(to, " || $%zu", l->n_args);
    return true;
}

static void put_sign(const struct layout *l, struct buf *to, const char *minus, const char *plus)
{
    buf_printf(to, " || CASE left(d, 1) WHEN '-' THEN '%s' ELSE '%s' END", minus,
               l->is_fill && *plus == ' ' ? "" : plus);
}

/* An ordinal's ending; none of what doesn't fit. */
static void put_ending(const struct layout *l, struct buf *to, bool is_upper)
{
    if (!l->has_point) {
        buf_printf(to,
                   " || CASE WHEN left(d, 1) = '-' OR contains(d, '#') THEN '' "
                   "ELSE %s(CASE WHEN substring(d, %d, 1) = '1' THEN 'th' ELSE CASE right(d, 1) "
                   "WHEN '1' THEN 'st' WHEN '2' THEN 'nd' WHEN '3' THEN 'rd' ELSE 'th' END END) END",
                   is_upper ? "upper" : "lower", l->whole);
    }
}

/* What a sign's element writes in its own place. */
static void put_own_sign(const struct layout *l, struct buf *to)
{
    if (l->sign == MI) {
        put_sign(l, to, "-", " ");
    } else if (l->sign == PL) {
        put_sign(l, to, l->is_fill ? "" : " ", "+");
    } else if (l->sign == SG || (l->sign == S && l->sign_is_last)) {
        put_sign(l, to, "-", "+");
    } else if (l->sign == PR) {
        put_sign(l, to, ">", " ");
    }
}

/* What stands in front of the first digit that is written, wherever that is. */
static void put_moving_sign(const struct layout *l, struct buf *to)
{
    if (l->sign == S && !l->sign_is_last) {
        put_sign(l, to, "-", "+");
    } else if (l->sign == PR) {
        put_sign(l, to, "<", "");
    } else if (l->sign == PLAIN || l->sign == PL) {
        put_sign(l, to, "-", "");
    }
}

/* The digits before the point: those that are blank where they are zeros, the sign, the others. */
static void put_whole(struct layout *l, struct buf *to, const struct buf *leading, int width)
{
    bool has_place = l->sign == PLAIN || l->sign == PL || l->sign == PR ||
                     (l->sign == S && !l->sign_is_last);
    buf_puts(to, l->is_fill ? " || (''" : " || lpad(''");
    put_moving_sign(l, to);
    buf_puts(to, " || ltrim(''");
    buf_put_str(to, buf_str(leading));
    buf_puts(to, ", '0,')");
    if (l->is_fill && l->shown == l->whole && !l->kept) {
        buf_puts(to, " || CASE WHEN ltrim(substring(d, 2), '0') = '' THEN '0' ELSE '' END");
    }
    if (l->is_fill) {
        buf_puts(to, ")");
    } else {
        buf_printf(to, ", %d, ' ')", width + has_place);
    }
}

static void put_fraction(struct layout *l, struct buf *to)
{
    int at = l->whole + 2;
    buf_printf(to, " || '.' || substring(d, %d, %d)", at, l->is_fill ? l->kept : l->fraction);
    if (l->is_fill) {
        buf_printf(to, " || rtrim(substring(d, %d), '0')", at + l->kept);
    }
}

/* All in the order of the model. The digits that are always written begin with `shown`, or with the
 * point. */
static bool put_all(struct layout *l, struct str s, struct buf *to)
{
    struct buf leading = {0};
    int at = 0, width = 0, last = l->whole + l->fraction;
    bool ok = true, is_placed = false;
    for (size_t i = 0, n; ok && i < s.n; i += n) {
        enum element e = element_at((struct str){s.p + i, s.n - i}, &n);
        bool is_digit = e == NINE || e == ZERO;
        bool may_be_missing = at <= l->shown || at >= l->whole;
        if (!is_placed && (e == POINT || (is_digit && at == l->shown))) {
            put_whole(l, to, &leading, width);
            is_placed = true;
        }
        if ((is_digit && at < l->whole) || e == GROUP) {
            width += !is_placed;
            at += is_digit;
            buf_printf(is_placed ? to : &leading,
                       is_digit ? " || substring(d, %d, 1)" : " || ','", at + 1);
        } else if (is_digit) {
            at++;
        } else if (e == POINT) {
            put_fraction(l, to);
        } else if (e >= S) {
            put_own_sign(l, to);
        } else if (e == TH) {
            put_ending(l, to, s.p[i] == 'T');
        } else if (e == PLAIN && at > 0 && at < last && may_be_missing) {
            ok = fail(l, "text between digits that may be missing");
        } else if (e == PLAIN || e == CURRENCY) {
            ok = put_text(l, to, e == PLAIN ? (struct str){s.p + i, n} : STR(" "));
        }
    }
    buf_free(&leading);
    return ok;
}

struct node *number_model_write(struct rewriting *r, struct node *x, const struct node *model)
{
    static const char too_many[MOST_DIGITS + 1] =
        "################################################################";
    struct str s = rule_word(model);
    struct layout l = {.r = r, .model = model, .args = {x}, .n_args = 1};
    struct node *out = NULL;
    struct buf sql = {0};
    if (!read_model(&l, s)) {
        return NULL;
    }
    /* A number with more digits than the model has them as #. */
    buf_printf(&sql,
               "list_extract(list_transform(list_transform([number_digits($1, %d)], "
               "lambda t: CASE WHEN starts_with(t, '-') THEN '-' ELSE '+' END || "
               "CASE WHEN length(ltrim(split_part(t, '.', 1), '-')) > %d THEN '%s' "
               "ELSE lpad(ltrim(split_part(t, '.', 1), '-'), %d, '0') || "
               "rpad(split_part(t, '.', 2), %d, '0') END), lambda d: ''",
               l.fraction, l.whole,
               too_many + MOST_DIGITS - l.whole - l.fraction,
               l.whole, l.fraction);
    if (put_all(&l, s, &sql)) {
        buf_puts(&sql, "), 1)");
        /* The tree's names and numbers are pieces of the text. */
        out = rule_expand(r, model, arena_strdup(r->a, buf_str(&sql)), l.n_args, l.args);
    }
    buf_free(&sql);
    return out;
}
