/* Snowflake: text and bytes. */
#include "dialect/rules.h"

#include <stdio.h>

/* CONCAT and CONCAT_WS give NULL where an argument is; the engine's look over it. */
static struct node *concat(struct rewriting *r, struct node_func *f)
{
    struct node *out = f->args.at[0];
    if (f->args.n == 1) {
        return EXPAND(r, &f->base, "coalesce($1)", out);
    }
    for (uint32_t i = 1; i < f->args.n; i++) {
        out = rule_binary(r, OP_CONCAT, out, f->args.at[i]);
    }
    return out;
}

static struct node *concat_ws(struct rewriting *r, struct node_func *f)
{
    struct node *separator = f->args.at[0], *out = f->args.at[1];
    if (f->args.n == 2) {
        return EXPAND(r, &f->base, "CASE WHEN $1 IS NULL THEN NULL ELSE $2 END", separator, out);
    }
    for (uint32_t i = 2; i < f->args.n; i++) {
        struct node *between = i == 2 ? separator : rule_copy(r, separator);
        out = rule_binary(r, OP_CONCAT, rule_binary(r, OP_CONCAT, out, between), f->args.at[i]);
    }
    return out;
}

/* A count that may be less than 0, where Snowflake gives nothing and the engine counts from the
 * other end. */
static struct node *at_least_zero(struct rewriting *r, struct node *n)
{
    int64_t value;
    return rule_int(n, &value) && value >= 0 ? n : EXPAND(r, n, "greatest($1, 0)", n);
}

static struct node *side(struct rewriting *r, struct node_func *f)
{
    int64_t value;
    if (rule_int(f->args.at[1], &value) && value >= 0) {
        return &f->base;
    }
    struct node *count = at_least_zero(r, f->args.at[1]);
    bool left = str_iis(rule_name(f), "left");
    return left ? CALL(r, &f->base, "left", f->args.at[0], count)
                : CALL(r, &f->base, "right", f->args.at[0], count);
}

/* SUBSTR(x, 0) begins at 1. */
static struct node *substring(struct rewriting *r, struct node_func *f)
{
    int64_t value;
    struct node *start = f->args.at[1];
    bool known = rule_int(start, &value);
    if (known && value != 0 && f->args.n == 2) {
        return &f->base;
    }
    start = !known       ? EXPAND(r, start, "CASE WHEN $1 = 0 THEN 1 ELSE $1 END", start)
            : value == 0 ? rule_integer(r, start, 1)
                         : start;
    return f->args.n == 2 ? CALL(r, &f->base, "substring", f->args.at[0], start)
                          : CALL(r, &f->base, "substring", f->args.at[0], start,
                                 at_least_zero(r, f->args.at[2]));
}

/* Padding with nothing leaves the text as it is, but for its length. */
static struct node *pad(struct rewriting *r, struct node_func *f)
{
    bool left = str_iis(rule_name(f), "lpad");
    struct node *x = f->args.at[0], *n = f->args.at[1];
    int64_t value;
    n = rule_int(n, &value) ? n : rule_cast(r, n, "integer");
    if (f->args.n == 2) {
        return left ? EXPAND(r, &f->base, "lpad($1, $2, ' ')", x, n)
                    : EXPAND(r, &f->base, "rpad($1, $2, ' ')", x, n);
    }
    struct node *with = f->args.at[2];
    if (rule_is_string(with) && rule_word(with).n) {
        return left ? CALL(r, &f->base, "lpad", x, n, with) : CALL(r, &f->base, "rpad", x, n, with);
    }
    return left
               ? EXPAND(r, &f->base,
                        "CASE WHEN $3 = '' THEN left($1, $2) ELSE lpad($1, $2, $3) END", x, n, with)
               : EXPAND(r, &f->base,
                        "CASE WHEN $3 = '' THEN left($1, $2) ELSE rpad($1, $2, $3) END", x, n,
                        with);
}

/* The text of a character class: each character of a literal escaped. */
static struct node *class_of(struct rewriting *r, struct node *delimiters, const char *prefix)
{
    if (!rule_is_string(delimiters)) {
        struct node *open = rule_text(r, delimiters, prefix);
        return EXPAND(r, delimiters, "$1 || regexp_escape($2) || ']'", open, delimiters);
    }
    struct str s = rule_word(delimiters);
    char *text = arena_alloc(r->a, 2 * s.n + 8), *to = text;
    to += snprintf(to, 4, "%s", prefix);
    for (size_t i = 0; i < s.n; i++) {
        bool is_word = (s.p[i] >= '0' && s.p[i] <= '9') || (s.p[i] >= 'a' && s.p[i] <= 'z') ||
                       (s.p[i] >= 'A' && s.p[i] <= 'Z') || (unsigned char)s.p[i] >= 128;
        if (!is_word) {
            *to++ = '\\';
        }
        *to++ = s.p[i];
    }
    *to++ = ']';
    *to = 0;
    return rule_text(r, delimiters, text);
}

#define WORD_ENDS " \t\n\r\f\v!?@\"^#$&~_,.:;+-*%/|\\[](){}<>"

static struct node *initcap(struct rewriting *r, struct node_func *f)
{
    struct node *delimiters = f->args.n > 1 ? f->args.at[1] : rule_text(r, &f->base, WORD_ENDS);
    if (rule_is_string(delimiters) && rule_word(delimiters).n == 0) {
        return EXPAND(r, &f->base, "upper(left($1, 1)) || lower(substring($1, 2))", f->args.at[0]);
    }
    struct node *in = class_of(r, delimiters, "["),
                *not_in = class_of(r, rule_copy(r, delimiters), "[^");
    return EXPAND(r, &f->base,
                  "array_to_string(list_transform(regexp_extract_all($1, $2 || '+|' || $3 || '+'), "
                  "lambda word: upper(left(word, 1)) || lower(substring(word, 2))), '')",
                  f->args.at[0], not_in, in);
}

static struct node *token_of(struct rewriting *r, struct node_func *f)
{
    struct node *delimiters = f->args.n > 1 ? f->args.at[1] : rule_text(r, &f->base, " ");
    struct node *part = f->args.n > 2 ? f->args.at[2] : rule_integer(r, &f->base, 1);
    if (!rule_is_string(delimiters) || rule_word(delimiters).n == 0) {
        rule_fail(r, delimiters, ERR_UNSUPPORTED,
                  "STRTOK with delimiters that are no literal text is not supported");
        return &f->base;
    }
    return EXPAND(r, &f->base,
                  "CASE WHEN $3 < 1 THEN NULL ELSE list_extract(list_filter(string_split_regex($1, "
                  "$2), lambda word: word <> ''), $3) END",
                  f->args.at[0], class_of(r, delimiters, "["), part);
}

/* The characters for 62, 63 and the padding may be others than + / =. */
static struct node *decoded_base64(struct rewriting *r, struct node_func *f)
{
    struct node *x = f->args.at[0];
    if (f->args.n == 1) {
        return x;
    }
    struct node *alphabet = f->args.at[1];
    if (!rule_is_string(alphabet)) {
        rule_fail(r, alphabet, ERR_UNSUPPORTED,
                  "an alphabet that is no literal text is not supported");
    }
    size_t n = rule_word(alphabet).n < 3 ? rule_word(alphabet).n : 3;
    static const char *const plain[] = {"", "+", "+/", "+/="};
    return CALL(r, &f->base, "translate", x, alphabet, rule_text(r, alphabet, plain[n]));
}

static struct node *base64_to_text(struct rewriting *r, struct node_func *f)
{
    return EXPAND(r, &f->base, "decode(from_base64($1))", decoded_base64(r, f));
}

static struct node *base64_to_bytes(struct rewriting *r, struct node_func *f)
{
    return CALL(r, &f->base, "from_base64", decoded_base64(r, f));
}

#define BASE64_TEXT "'([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?'"

static struct node *try_base64_to_text(struct rewriting *r, struct node_func *f)
{
    return EXPAND(r, &f->base,
                  "CASE WHEN regexp_full_match($1, " BASE64_TEXT
                  ") THEN decode(from_base64($1)) END",
                  decoded_base64(r, f));
}

static struct node *try_base64_to_bytes(struct rewriting *r, struct node_func *f)
{
    return EXPAND(r, &f->base,
                  "CASE WHEN regexp_full_match($1, " BASE64_TEXT ") THEN from_base64($1) END",
                  decoded_base64(r, f));
}

static struct node *hex_encode(struct rewriting *r, struct node_func *f)
{
    int64_t upper = 1;
    if (f->args.n > 1 && !rule_int(f->args.at[1], &upper)) {
        rule_fail(r, f->args.at[1], ERR_UNSUPPORTED,
                  "a case that is no literal number is not supported");
    }
    return upper ? CALL(r, &f->base, "hex_of", f->args.at[0])
                 : EXPAND(r, &f->base, "lower(hex_of($1))", f->args.at[0]);
}

/* The engine has SHA-256 alone. */
static struct node *sha2(struct rewriting *r, struct node_func *f)
{
    int64_t bits = 256;
    if (f->args.n > 1 && (!rule_int(f->args.at[1], &bits) || (bits != 256 && bits != 0))) {
        rule_fail(r, f->args.at[1], ERR_UNSUPPORTED,
                  "SHA-2 of another length than 256 is not supported");
        rule_hint(r, "Use a digest of 256 bits.");
        return &f->base;
    }
    bool binary = str_iis(rule_name(f), "sha2_binary");
    return binary ? EXPAND(r, &f->base, "unhex(sha256($1))", f->args.at[0])
                  : CALL(r, &f->base, "sha256", f->args.at[0]);
}

/* clang-format off */
const struct function_rule snowflake_text_functions[] = {
    {"startswith", 2, 2, "starts_with($1, $2)", NULL},
    {"endswith", 2, 2, "ends_with($1, $2)", NULL},
    {"charindex", 2, 2, "strpos($2, $1)", NULL},
    {"charindex", 3, 3, "CASE WHEN strpos(substring($2, $3), $1) = 0 THEN 0 ELSE strpos(substring($2, $3), $1) + $3 - 1 END", NULL},
    {"position", 2, 2, "strpos($2, $1)", NULL},
    {"position", 3, 3, "CASE WHEN strpos(substring($2, $3), $1) = 0 THEN 0 ELSE strpos(substring($2, $3), $1) + $3 - 1 END", NULL},
    {"length", 1, 1, "length_of($1)", NULL},
    {"len", 1, 1, "length_of($1)", NULL},
    {"char_length", 1, 1, "length_of($1)", NULL},
    {"character_length", 1, 1, "length_of($1)", NULL},
    {"octet_length", 1, 1, "octets_of($1)", NULL},
    {"bit_length", 1, 1, "octets_of($1) * 8", NULL},
    {"concat", 1, -1, "a || b ..., NULL where an argument is", concat},
    {"concat_ws", 2, -1, "a || separator || b ..., NULL where an argument is", concat_ws},
    {"left", 2, 2, "left($1, greatest($2, 0))", side},
    {"right", 2, 2, "right($1, greatest($2, 0))", side},
    {"substr", 2, 3, "substring(), beginning at 1 for 0", substring},
    {"substring", 2, 3, "substring(), beginning at 1 for 0", substring},
    {"lpad", 2, 3, "lpad(), with blanks where no padding is given", pad},
    {"rpad", 2, 3, "rpad(), with blanks where no padding is given", pad},
    {"replace", 2, 2, "replace($1, $2, '')", NULL},
    {"split_part", 3, 3,
     "CASE WHEN $2 = '' THEN (CASE WHEN (CASE WHEN $3 = 0 THEN 1 ELSE $3 END) = 1 OR (CASE WHEN $3 = 0 THEN 1 ELSE $3 END) = -1 "
     "THEN $1 ELSE '' END) ELSE split_part($1, $2, (CASE WHEN $3 = 0 THEN 1 ELSE $3 END)) END", NULL},
    {"strtok", 1, 3, "the n-th of the pieces between delimiters that isn't empty", token_of},
    {"initcap", 1, 2, "each word with a capital, the rest in lower case", initcap},
    {"insert", 4, 4, "left($1, $2 - 1) || $4 || substring($1, $2 + $3)", NULL},
    {"space", 1, 1, "repeat(' ', CAST($1 AS bigint))", NULL},
    {"unicode", 1, 1, "CASE WHEN $1 = '' THEN 0 ELSE unicode($1) END", NULL},
    {"chr", 1, 1, "chr(CAST($1 AS integer))", NULL},
    {"char", 1, 1, "chr(CAST($1 AS integer))", NULL},
    {"editdistance", 2, 2, "levenshtein($1, $2)", NULL},
    {"editdistance", 3, 3, "CASE WHEN levenshtein($1, $2) IS NULL OR $3 IS NULL THEN NULL ELSE least(levenshtein($1, $2), $3) END", NULL},
    {"jarowinkler_similarity", 2, 2, "CAST(jaro_winkler_similarity(upper($1), upper($2)) * 100 AS integer)", NULL},
    {"soundex", 1, 1,
     "list_transform([regexp_replace(upper($1), '[^A-Z]', '', 'g')], lambda word: CASE WHEN word = '' THEN '' ELSE "
     "left(left(word, 1) || replace(substring(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace(regexp_replace("
     "translate(left(word, 1) || replace(replace(substring(word, 2), 'H', ''), 'W', ''), 'BFPVCGJKQSXZDTLMNRAEIOUYHW', '11112222222233455600000000'), "
     "'1+', '1', 'g'), '2+', '2', 'g'), '3+', '3', 'g'), '4+', '4', 'g'), '5+', '5', 'g'), '6+', '6', 'g'), 2), '0', '') || '000', 4) END)[1]", NULL},
    {"rtrimmed_length", 1, 1, "length(rtrim($1))", NULL},
    {"base64_encode", 1, 1, "to_base64(bytes_of($1))", NULL},
    {"base64_decode_string", 1, 2, "decode(from_base64($1))", base64_to_text},
    {"base64_decode_binary", 1, 2, "from_base64($1)", base64_to_bytes},
    {"try_base64_decode_string", 1, 2, "decode(from_base64($1)), NULL where it isn't base 64", try_base64_to_text},
    {"try_base64_decode_binary", 1, 2, "from_base64($1), NULL where it isn't base 64", try_base64_to_bytes},
    {"hex_encode", 1, 2, "hex_of($1)", hex_encode},
    {"hex_decode_string", 1, 1, "decode(unhex($1))", NULL},
    {"hex_decode_binary", 1, 1, "unhex($1)", NULL},
    {"try_hex_decode_string", 1, 1, "CASE WHEN regexp_full_match($1, '([0-9A-Fa-f]{2})*') THEN decode(unhex($1)) END", NULL},
    {"try_hex_decode_binary", 1, 1, "CASE WHEN regexp_full_match($1, '([0-9A-Fa-f]{2})*') THEN unhex($1) END", NULL},
    {"md5_hex", 1, 1, "md5($1)", NULL},
    {"md5_binary", 1, 1, "unhex(md5($1))", NULL},
    {"md5_number_lower64", 1, 1, "CAST('0x' || substring(md5($1), 17, 16) AS ubigint)", NULL},
    {"md5_number_upper64", 1, 1, "CAST('0x' || substring(md5($1), 1, 16) AS ubigint)", NULL},
    {"sha1_hex", 1, 1, "sha1($1)", NULL},
    {"sha1_binary", 1, 1, "unhex(sha1($1))", NULL},
    {"sha2", 1, 2, "sha256($1)", sha2},
    {"sha2_hex", 1, 2, "sha256($1)", sha2},
    {"sha2_binary", 1, 2, "unhex(sha256($1))", sha2},
    {"uuid_string", 0, 0, "CAST(uuid() AS varchar)", NULL},
    {"uuid_string", 2, 2,
     "list_transform([sha1(unhex(replace($1, '-', '')) || encode($2))], lambda h: "
     "substring(h, 1, 8) || '-' || substring(h, 9, 4) || '-5' || substring(h, 14, 3) || '-' || "
     "substring('89ab', CAST('0x' || substring(h, 17, 1) AS integer) % 4 + 1, 1) || substring(h, 18, 3) || '-' || substring(h, 21, 12))[1]", NULL},
    {NULL, 0, 0, NULL, NULL},
};
