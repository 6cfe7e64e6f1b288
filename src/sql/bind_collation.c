/* Collations of columns: those that the engine has of itself, by a list. */
#include "sql/bind_ddl.h"

/* Ways of comparing text, and languages. */
static const char *const known[] = {
    "nocase", "noaccent", "nfc",   "binary", "c",     "posix", "icu_noaccent", "af",     "am",
    "ar",     "ar_sa",    "as",    "az",     "be",    "bg",    "bn",           "bo",     "br",
    "bs",     "ca",       "ceb",   "chr",    "cs",    "cy",    "da",           "de",     "de_at",
    "dsb",    "dz",       "ee",    "el",     "en",    "en_us", "eo",           "es",     "et",
    "fa",     "fa_af",    "ff",    "fi",     "fil",   "fo",    "fr",           "fr_ca",  "fy",
    "ga",     "gl",       "gu",    "ha",     "haw",   "he",    "he_il",        "hi",     "hr",
    "hsb",    "hu",       "hy",    "id",     "id_id", "ig",    "is",           "it",     "ja",
    "ka",     "kk",       "kl",    "km",     "kn",    "ko",    "kok",          "ku",     "ky",
    "lb",     "lij",      "lkt",   "ln",     "lo",    "lt",    "lv",           "mk",     "ml",
    "mn",     "mr",       "ms",    "mt",     "my",    "nb",    "nb_no",        "ne",     "nl",
    "nn",     "nso",      "om",    "or",     "pa",    "pa_in", "pl",           "ps",     "pt",
    "ro",     "ru",       "sa",    "se",     "si",    "sk",    "sl",           "smn",    "sq",
    "sr",     "sr_ba",    "sr_me", "sr_rs",  "st",    "sv",    "sw",           "ta",     "te",
    "th",     "tk",       "tn",    "to",     "tr",    "ug",    "uk",           "ur",     "uz",
    "vi",     "wae",      "wo",    "xh",     "yi",    "yo",    "yue",          "yue_cn", "zh",
    "zh_cn",  "zh_hk",    "zh_mo", "zh_sg",  "zh_tw", "zu"};

static bool is_known(struct str name)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (str_iis(name, known[i])) {
            return true;
        }
    }
    return false;
}

enum status bind_collation(struct binder *b, struct node **collation, const struct type *type)
{
    struct node *n = *collation;
    if (type->kind != TYPE_TEXT) {
        return bind_fail(b, n, ERR_BAD_SQL, "collations are only supported for text");
    }
    if (n->kind == NODE_LITERAL) { /* as Snowflake writes it */
        struct node *name = node_new(b->a, NODE_NAME, n->offset);
        node_push(b->a, &node_name(name)->parts, bind_ident(b, node_literal(n)->text, n));
        *collation = n = name;
    }
    struct node_list *parts = &node_name(n)->parts;
    if (parts->n == 2 && str_iis(ident_text(parts->at[0]), "pg_catalog")) {
        parts->at[0] = parts->at[1];
        parts->n = 1;
    }
    if (parts->n == 1 && str_iis(ident_text(parts->at[0]), "default")) {
        *collation = NULL;
        return OK;
    }
    for (uint32_t i = 0; i < parts->n; i++) {
        if (parts->n > 3 || !is_known(ident_text(parts->at[i]))) {
            return bind_fail(b, n, ERR_UNSUPPORTED, "collation \"%.*s\" is not supported",
                             STR_ARG(ident_text(parts->at[i])));
        }
    }
    return OK;
}
