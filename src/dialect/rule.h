/* What a rule is, and the pieces that rules are written with. Private to src/dialect/.
 *
 * A rule gets a node whose children are done and gives the node that stands in its place: another
 * one, the same one changed, or `n` itself where it has nothing to do. It never gives NULL. A rule
 * that finds something wrong calls rule_fail() and gives `n`. */
#ifndef DIALECT_RULE_H
#define DIALECT_RULE_H

#include "dialect/dialect.h"
#include "sql/infer.h"
#include "sql/make.h"
#include "sql/template.h"

struct rewriting {
    struct arena *a;
    enum dialect dialect;
    struct error *e;
    struct dialect_trace *trace; /* may be NULL */
    size_t added;                /* nodes that copies made */
    bool failed;
};

/* Of calls, by the function's name. Where `apply` is NULL, `says` is the rule: a template
 * (sql/template.h) whose $1 is the first argument. */
struct function_rule {
    const char *name; /* lower case; of several rules of a name and a count the first that acts */
    int least, most;  /* arguments; most -1: any number */
    const char *says; /* what the call becomes, in a line */
    struct node *(*apply)(struct rewriting *r, struct node_func *f);
};

/* Of all other nodes, by their kind. */
struct node_rule {
    enum node_kind kind;
    const char *name;
    const char *says;
    struct node *(*apply)(struct rewriting *r, struct node *n);
};

struct rule_table {
    const struct function_rule *functions; /* ends with name NULL */
    const struct node_rule *nodes;         /* ends with name NULL */
};

struct rule_entry {
    const struct function_rule *rule; /* NULL ends the rules of a name */
    struct template template;
};

/* The rules of a function's name, in the order of the tables, or NULL; no allocation. */
const struct rule_entry *rules_of_call(enum dialect dialect, struct str name);

/* The rules of a kind of node, ended by NULL, or NULL. */
const struct node_rule *const *rules_of_kind(enum dialect dialect, enum node_kind kind);

/* Whether the dialect has rules at all. */
bool rules_exist(enum dialect dialect);

/* The i-th function rule of a dialect in the order of the names, or NULL: for tests and documents.
 */
const struct function_rule *rules_at(enum dialect dialect, size_t i);

void rule_fail(struct rewriting *r, const struct node *at, enum error_code code, const char *fmt,
               ...) PRINTF_LIKE(4, 5);

/* Adds what to do instead to the failure just made. */
void rule_hint(struct rewriting *r, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Pieces. `at` gives the position; nothing here fails. */

/* Our own SQL with the arguments in the place of $1, $2 ... An argument that is needed twice and
 * isn't the same each time, such as random(), is computed once. */
struct node *rule_fill(struct rewriting *r, const struct template *t, const struct node *at,
                       size_t n, struct node *const *args);
struct node *rule_expand(struct rewriting *r, const struct node *at, const char *text, size_t n,
                         struct node *const *args);
#define EXPAND(r, at, text, ...)                                                                   \
    rule_expand(r, at, text, sizeof((struct node *[]){__VA_ARGS__}) / sizeof(struct node *),       \
                (struct node *[]){__VA_ARGS__})
struct node *rule_call(struct rewriting *r, const struct node *at, const char *name, size_t n,
                       struct node *const *args);
#define CALL(r, at, name, ...)                                                                     \
    rule_call(r, at, name, sizeof((struct node *[]){__VA_ARGS__}) / sizeof(struct node *),         \
              (struct node *[]){__VA_ARGS__})
struct node *rule_text(struct rewriting *r, const struct node *at, const char *text);
struct node *rule_integer(struct rewriting *r, const struct node *at, int64_t value);
struct node *rule_null(struct rewriting *r, const struct node *at);
struct node *rule_binary(struct rewriting *r, enum op op, struct node *left, struct node *right);
struct node *rule_unary(struct rewriting *r, enum op op, struct node *operand);
struct node *rule_cast(struct rewriting *r, struct node *operand, const char *type);
struct node *rule_try_cast(struct rewriting *r, struct node *operand, const char *type);

/* A copy, for an operand that is needed twice; counted against the limit. */
struct node *rule_copy(struct rewriting *r, const struct node *n);

/* The last part of a call's name, as written. */
struct str rule_name(const struct node_func *f);

/* The i-th argument, whatever its name; NULL where there is none. */
struct node *rule_arg(const struct node_func *f, uint32_t i);

/* The value of an integer literal, with a sign or without. */
bool rule_int(const struct node *n, int64_t *out);

/* Whether the value may differ from one evaluation to the next. */
bool rule_is_volatile(const struct node *n);

/* The value of a string literal; a bare word (a column reference of one part) too, since parts of
 * dates may be written so. Its text is empty where it is neither. */
struct str rule_word(const struct node *n);
bool rule_is_null(const struct node *n);   /* the literal NULL */
bool rule_is_string(const struct node *n); /* a string literal: its value is rule_word() */

/* What the tree alone tells of an expression's type (sql/infer.h). */
#define rule_type infer_type

#endif
