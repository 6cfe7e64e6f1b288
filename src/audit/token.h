/* The ends of SQL's tokens, as far as redaction and fingerprint need them. Made for text that
 * nobody has parsed: anything is some token, and what isn't closed ends with the text. */
#ifndef AUDIT_TOKEN_H
#define AUDIT_TOKEN_H

#include <stdbool.h>

#include "base/str.h"

enum token_kind {
    TOKEN_END,
    TOKEN_SPACE,
    TOKEN_COMMENT,
    TOKEN_WORD,   /* letters, digits, _ and $, and any byte above 0x7F */
    TOKEN_QUOTED, /* "identifier" */
    TOKEN_STRING, /* '...' */
    TOKEN_DOLLAR, /* $tag$...$tag$ */
    TOKEN_NUMBER,
    TOKEN_PARAMETER, /* $1, ? */
    TOKEN_MARK       /* one byte of anything else */
};

struct token {
    enum token_kind kind;
    struct str text;  /* with its quotes */
    struct str inner; /* STRING, DOLLAR, QUOTED, COMMENT: between the quotes */
    bool doubled;     /* STRING, QUOTED: its quote stands in it, twice for once */
    bool escapes;     /* STRING: E'...', where a backslash escapes */
    bool unicode;     /* STRING, QUOTED: U&'...', where `mark` escapes */
    bool hex;         /* STRING: X'...' */
    char mark;        /* a backslash, or what UESCAPE says */
};

/* The token at `at`; the caller goes on at its end. `snowflake`: as that dialect has it, where a
 * backslash escapes in every string in single quotes, // begins a comment, and block comments don't
 * nest. */
struct token token_at(struct str sql, size_t at, bool snowflake);

/* Whether the word is one of those, letters of either case; NULL ends them. */
bool token_is_any(struct str word, const char *const *words);

/* Whether it is one of these marks. */
bool token_is_mark(const struct token *t, const char *marks);

#endif
