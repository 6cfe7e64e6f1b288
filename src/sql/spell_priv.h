/* What the files of spell share. */
#ifndef SQL_SPELL_PRIV_H
#define SQL_SPELL_PRIV_H

#include "sql/function.h"
#include "sql/infer.h"
#include "sql/spell.h"

/* A letter for each argument's type: B bytes, S text, D date, T time, P timestamp, Z timestamp with
 * time zone, V interval, I integer, M decimal, F floating point, N any number, L boolean, J JSON,
 * A list, R struct, K map, 0 the literal NULL, U not known, * any; + at the end: the letter before
 * it any number of times, none too. The first row whose letters fit is taken. */
struct spelling {
    const char *name, *types;
    const char *text; /* a template; NULL: `apply` */
    struct node *(*apply)(struct spelling_state *s, struct node_func *f);
};

extern const struct spelling date_spellings[];
extern const struct spelling json_spellings[];
extern const struct spelling array_spellings[];

/* The binder's type of an argument, or what the tree alone tells. Never NULL. */
const struct type *spell_type(const struct node *n);

/* spell_result() of the functions of one file; NULL where the function isn't of that file. */
const struct type *json_result(struct arena *a, const char *name, const struct node_func *f);
const struct type *array_result(struct arena *a, const char *name, const struct node_func *f);

/* The template `text` over the arguments, bound: functions found, types resolved. */
struct node *spell_text(struct spelling_state *s, const struct node *at, const char *text, size_t n,
                        struct node *const *args);
#define SPELL(s, at, text, ...)                                                                    \
    spell_text(s, at, text, sizeof((struct node *[]){__VA_ARGS__}) / sizeof(struct node *),        \
               (struct node *[]){__VA_ARGS__})

/* CAST of a number to a moment. */
bool spell_moment_cast(struct spelling_state *s, struct node **n);

void spell_fail(struct spelling_state *s, const struct node *at, const char *what);

/* The called function's name, without a schema. */
struct str spell_name(const struct node_func *f);

/* The text of a string literal; STR_NULL for anything else. */
struct str spell_word(const struct node *n);

#endif
