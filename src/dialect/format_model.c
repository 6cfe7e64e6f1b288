#include "dialect/format_model.h"

#include <string.h>

struct element {
    const char *name;           /* upper case; of two that begin alike the longer first */
    const char *writes, *reads; /* NULL: no equal */
    char what;                  /* D date, T time, Z zone */
};

/* clang-format off */
static const struct element snowflake[] = {
    {"YYYY", "%Y", "%Y", 'D'}, {"YY", "%y", "%y", 'D'},
    {"MMMM", "%B", "%B", 'D'}, {"MON", "%b", "%b", 'D'}, {"MM", "%m", "%m", 'D'},
    {"DD", "%d", "%d", 'D'}, {"DY", "%a", "%a", 'D'},
    {"HH24", "%H", "%H", 'T'}, {"HH12", "%I", "%I", 'T'}, {"HH", "%H", "%H", 'T'},
    {"AM", "%p", "%p", 'T'}, {"PM", "%p", "%p", 'T'},
    {"MI", "%M", "%M", 'T'}, {"SS", "%S", "%S", 'T'},
    {"FF0", "", NULL, 'T'}, {"FF3", "%g", "%f", 'T'}, {"FF6", "%f", "%f", 'T'}, {"FF9", "%n", "%f", 'T'},
    {"FF1", NULL, "%f", 'T'}, {"FF2", NULL, "%f", 'T'}, {"FF4", NULL, "%f", 'T'}, {"FF5", NULL, "%f", 'T'},
    {"FF7", NULL, "%f", 'T'}, {"FF8", NULL, "%f", 'T'}, {"FF", "%n", "%n", 'T'},
    {"TZH:TZM", NULL, "%z", 'Z'}, {"TZHTZM", NULL, "%z", 'Z'}, {"TZH", NULL, "%z", 'Z'},
    {"TZISO", NULL, NULL, 'Z'}, {"TZD", NULL, NULL, 'Z'},
    {NULL, NULL, NULL, 0},
};

/* Names that PostgreSQL pads with blanks have no equal; FM in front takes the blanks away. */
static const struct element postgres[] = {
    {"FMMONTH", "%B", "%B", 'D'}, {"FMDAY", "%A", "%A", 'D'}, {"FMDDD", NULL, NULL, 'D'},
    {"FMDD", "%-d", "%d", 'D'}, {"FMMM", "%-m", "%m", 'D'}, {"FMHH24", "%-H", "%H", 'T'},
    {"FMHH12", "%-I", "%I", 'T'}, {"FMHH", "%-I", "%I", 'T'}, {"FMMI", "%-M", "%M", 'T'}, {"FMSS", "%-S", "%S", 'T'},
    {"FM", NULL, NULL, 'D'}, {"TM", NULL, NULL, 'D'},
    {"YYYY", "%Y", "%Y", 'D'}, {"IYYY", "%G", "%G", 'D'}, {"YYY", NULL, NULL, 'D'}, {"YY", "%y", "%y", 'D'},
    {"IYY", NULL, NULL, 'D'}, {"IY", NULL, NULL, 'D'}, {"IW", "%V", "%V", 'D'}, {"ID", "%u", NULL, 'D'}, {"IDDD", NULL, NULL, 'D'},
    {"Y,YYY", NULL, NULL, 'D'}, {"Y", NULL, NULL, 'D'}, {"I", NULL, NULL, 'D'},
    {"MONTH", NULL, "%B", 'D'}, {"MON", "%b", "%b", 'D'}, {"MM", "%m", "%m", 'D'}, {"MS", "%g", NULL, 'T'}, {"MI", "%M", "%M", 'T'},
    {"DDD", "%j", "%j", 'D'}, {"DD", "%d", "%d", 'D'}, {"DAY", NULL, "%A", 'D'}, {"DY", "%a", "%a", 'D'}, {"D", NULL, NULL, 'D'},
    {"HH24", "%H", "%H", 'T'}, {"HH12", "%I", "%I", 'T'}, {"HH", "%I", "%I", 'T'},
    {"AM", "%p", "%p", 'T'}, {"PM", "%p", "%p", 'T'}, {"A.M.", NULL, NULL, 'T'}, {"P.M.", NULL, NULL, 'T'},
    {"SSSSS", NULL, NULL, 'T'}, {"SSSS", NULL, NULL, 'T'}, {"SS", "%S", "%S", 'T'}, {"US", "%f", "%f", 'T'},
    {"FF3", "%g", NULL, 'T'}, {"FF6", "%f", NULL, 'T'}, {"FF", NULL, NULL, 'T'},
    {"TZH:TZM", NULL, "%z", 'Z'}, {"TZH", NULL, "%z", 'Z'}, {"TZ", NULL, NULL, 'Z'}, {"OF", "%z", "%z", 'Z'},
    {"CC", NULL, NULL, 'D'}, {"Q", NULL, NULL, 'D'}, {"WW", NULL, NULL, 'D'}, {"W", NULL, NULL, 'D'}, {"J", NULL, NULL, 'D'},
    {"BC", NULL, NULL, 'D'}, {"AD", NULL, NULL, 'D'}, {"RM", NULL, NULL, 'D'},
    {NULL, NULL, NULL, 0},
};
/* clang-format on */

static char upper(char c)
{
    return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

static const struct element *element_at(const struct element *e, struct str s)
{
    for (; e->name; e++) {
        size_t n = strlen(e->name), i = 0;
        while (i < n && i < s.n && upper(s.p[i]) == e->name[i]) {
            i++;
        }
        if (i == n) {
            return e;
        }
    }
    return NULL;
}

/* Names of months and days come as "Jan" from the engine; PostgreSQL writes JAN for MON. */
static bool is_spelled_otherwise(enum dialect dialect, const struct element *e, struct str s)
{
    size_t skip = e->name[0] == 'F' && e->name[1] == 'M' ? 2 : 0;
    bool is_name = e->writes && (!strcmp(e->writes, "%b") || !strcmp(e->writes, "%B") ||
                                 !strcmp(e->writes, "%a") || !strcmp(e->writes, "%A"));
    bool is_noon = e->writes && !strcmp(e->writes, "%p");
    bool first_upper = s.p[skip] >= 'A' && s.p[skip] <= 'Z';
    bool second_upper = s.p[skip + 1] >= 'A' && s.p[skip + 1] <= 'Z';
    if (dialect != DIALECT_POSTGRES) {
        return false;
    }
    return (is_name && (!first_upper || second_upper)) || (is_noon && !first_upper);
}

static void put(char **to, const char *text)
{
    size_t n = strlen(text);
    memcpy(*to, text, n);
    *to += n;
}

/* A character that stands for itself. */
static void put_plain(char **to, char c)
{
    if (c == '%') {
        *(*to)++ = '%';
    }
    *(*to)++ = c;
}

static bool no_equal(struct rewriting *r, const struct node *model, const struct element *e)
{
    rule_fail(r, model, ERR_UNSUPPORTED, "%s in a format is not supported", e->name);
    rule_hint(r,
              strcmp(e->name, "MONTH") == 0 || strcmp(e->name, "DAY") == 0
                  ? "Write FM%s, which doesn't pad with blanks."
                  : "Take the part with EXTRACT or date_part() instead of %s.",
              e->name);
    return false;
}

bool format_model_read(struct rewriting *r, const struct node *model, enum format_use use,
                       struct format_model *out)
{
    struct str s = rule_word(model);
    if (!rule_is_string(model)) {
        rule_fail(r, model, ERR_UNSUPPORTED, "a format that is no literal is not supported");
        return false;
    }
    const struct element *elements = r->dialect == DIALECT_POSTGRES ? postgres : snowflake;
    char *text = arena_alloc(r->a, 3 * s.n + 8), *to = text;
    *out = (struct format_model){.text = text};
    for (size_t i = 0; i < s.n;) {
        const struct element *e = element_at(elements, (struct str){s.p + i, s.n - i});
        if (s.p[i] == '"') {
            for (i++; i < s.n && s.p[i] != '"'; i++) {
                put_plain(&to, s.p[i]);
            }
            i++;
        } else if (!e) {
            put_plain(&to, s.p[i++]);
        } else {
            const char *how = use == FORMAT_WRITES ? e->writes : e->reads;
            if (!how || (use == FORMAT_WRITES &&
                         is_spelled_otherwise(r->dialect, e, (struct str){s.p + i, s.n - i}))) {
                return no_equal(r, model, e);
            }
            put(&to, how);
            out->has_date |= e->what == 'D';
            out->has_time |= e->what == 'T';
            out->has_zone |= e->what == 'Z';
            i += strlen(e->name);
        }
    }
    return true;
}

bool format_model_is_number(struct str s)
{
    bool has_digit = false;
    for (size_t i = 0; i < s.n; i++) {
        if (!strchr("09.,$SMIGDLFXTE-+ ", upper(s.p[i]))) {
            return false;
        }
        has_digit |= s.p[i] == '9' || s.p[i] == '0' || upper(s.p[i]) == 'X';
    }
    return has_digit;
}
