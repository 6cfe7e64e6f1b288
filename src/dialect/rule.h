/* What a rule is, and the pieces that rules are written with. Private to src/dialect/.
 *
 * A rule gets a node whose children are done and gives the node that stands in its place: another
 * one, the same one changed, or `n` itself where it has nothing to do. It never gives NULL. A rule
 * that finds something wrong calls rule_fail() and gives `n`. */
#ifndef DIALECT_RULE_H
#define DIALECT_RULE_H

#include "dialect/dialect.h"
#include "sql/make.h"

struct rewriting {
    struct arena *a;
    enum dialect dialect;
    struct error *e;
    struct dialect_trace *trace; /* may be NULL */
    size_t added;                /* nodes that copies made */
    bool failed;
};

/* Of calls, by the function's name. */
struct function_rule {
    const char *name; /* lower case; of several rules of a name the first that acts counts */
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

/* The tables of a dialect, ended by one whose members are NULL. */
const struct rule_table *rules_of(enum dialect dialect);

void rule_fail(struct rewriting *r, const struct node *at, enum error_code code, const char *fmt,
               ...) PRINTF_LIKE(4, 5);

/* Pieces. `at` gives the position; nothing here fails. */
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

/* The value of a string literal; a bare word (a column reference of one part) too, since parts of
 * dates may be written so. Its text is empty where it is neither. */
struct str rule_word(const struct node *n);
bool rule_is_null(const struct node *n); /* the literal NULL */

/* What the tree alone tells of an expression's type: of literals, casts and known functions.
 * TYPE_UNKNOWN where it doesn't. */
enum type_kind rule_type(const struct node *n);

#endif
