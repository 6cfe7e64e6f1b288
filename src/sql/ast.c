/* The functions that treat all nodes alike, each a loop over a table of fields made from the node
 * list: a node or field added there is copied, compared, walked and dumped without a line here.
 * Recursion is as deep as the tree, which the parser bounds (parse.h). */
#include "sql/ast.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"

#define FIELD_OF(kind_, member) {.kind = kind_, .offset = offsetof(self, member), .name = #member},
#define FIELD_N(member)         FIELD_OF(FIELD_NODE, member)
#define FIELD_L(member)         FIELD_OF(FIELD_NODES, member)
#define FIELD_S(member)         FIELD_OF(FIELD_TEXT, member)
#define FIELD_I(member)         FIELD_OF(FIELD_INT, member)
#define FIELD_A(type, member)

const struct node_member *node_members(enum node_kind kind)
{
    switch (kind) {
#define X(kind_, tag)                                                                              \
    case NODE_##kind_: {                                                                           \
        typedef struct node_##tag self __attribute__((unused));                                    \
        static const struct node_member fields[] = {                                               \
            FIELDS_##kind_(FIELD_N, FIELD_L, FIELD_S, FIELD_I, FIELD_A){.kind = FIELD_END}};       \
        return fields;                                                                             \
    }
        NODES(X)
#undef X
    case NODE_KIND_COUNT:
        break;
    }
    abort();
}

static const size_t node_sizes[] = {
#define X(kind, tag) sizeof(struct node_##tag),
    NODES(X)
#undef X
};

const char *node_kind_name(enum node_kind kind)
{
    static const char *const names[] = {
#define X(kind_, tag) #kind_,
        NODES(X)
#undef X
    };
    return kind < NODE_KIND_COUNT ? names[kind] : "?";
}

const char *op_text(enum op op)
{
    static const char *const texts[] = {
#define X(name, text) text,
        OPERATORS(X)
#undef X
    };
    return op < OP_COUNT ? texts[op] : "?";
}

const char *object_words(enum object_kind object)
{
    static const char *const words[] = {
#define X(name, words) words,
        OBJECTS(X)
#undef X
    };
    return object < OBJECT_COUNT ? words[object] : "?";
}

static void wrong_kind(const struct node *n, enum node_kind wanted)
{
    fprintf(stderr, "sql: a %s node where %s is meant\n", n ? node_kind_name(n->kind) : "missing",
            node_kind_name(wanted));
    abort();
}

#define X(kind_, tag)                                                                              \
    struct node_##tag *node_##tag(struct node *n)                                                  \
    {                                                                                              \
        if (!n || n->kind != NODE_##kind_) {                                                       \
            wrong_kind(n, NODE_##kind_);                                                           \
        }                                                                                          \
        return (struct node_##tag *)n;                                                             \
    }                                                                                              \
    const struct node_##tag *node_##tag##_const(const struct node *n)                              \
    {                                                                                              \
        if (!n || n->kind != NODE_##kind_) {                                                       \
            wrong_kind(n, NODE_##kind_);                                                           \
        }                                                                                          \
        return (const struct node_##tag *)n;                                                       \
    }
NODES(X)
#undef X

static void *member_at(const struct node *n, const struct node_member *f)
{
    return (char *)(uintptr_t)n + f->offset;
}

struct node **node_child(const struct node *n, const struct node_member *f)
{
    return member_at(n, f);
}

struct node_list *node_children(const struct node *n, const struct node_member *f)
{
    return member_at(n, f);
}

static struct str field_text(const struct node *n, const struct node_member *f)
{
    return *(const struct str *)member_at(n, f);
}

static int32_t field_int(const struct node *n, const struct node_member *f)
{
    return *(const int32_t *)member_at(n, f);
}

struct node *node_new(struct arena *a, enum node_kind kind, size_t offset)
{
    struct node *n = arena_alloc(a, node_sizes[kind]);
    n->kind = kind;
    n->offset = (uint32_t)offset;
    return n;
}

void node_push(struct arena *a, struct node_list *list, struct node *n)
{
    VEC_PUSH(a, *list, n);
}

struct node *node_shallow_copy(struct arena *a, const struct node *n)
{
    struct node *copy = arena_alloc(a, node_sizes[n->kind]);
    memcpy(copy, n, node_sizes[n->kind]);
    return copy;
}

static void copy_children(struct arena *a, struct node_list *list)
{
    struct node **from = list->at;
    list->cap = list->n;
    list->at = list->n ? ARENA_ARRAY(a, struct node *, list->n) : NULL;
    for (uint32_t i = 0; i < list->n; i++) {
        list->at[i] = node_copy(a, from[i]);
    }
}

struct node *node_copy(struct arena *a, const struct node *n)
{
    if (!n) {
        return NULL;
    }
    struct node *copy = node_shallow_copy(a, n);
    for (const struct node_member *f = node_members(n->kind); f->kind != FIELD_END; f++) {
        if (f->kind == FIELD_NODE) {
            *node_child(copy, f) = node_copy(a, *node_child(n, f));
        } else if (f->kind == FIELD_NODES) {
            copy_children(a, node_children(copy, f));
        } else if (f->kind == FIELD_TEXT) {
            struct str *text = member_at(copy, f);
            *text = text->p ? arena_str(a, *text) : STR_NULL;
        }
    }
    return copy;
}

static bool lists_equal(const struct node_list *a, const struct node_list *b)
{
    if (a->n != b->n) {
        return false;
    }
    for (uint32_t i = 0; i < a->n; i++) {
        if (!node_equal(a->at[i], b->at[i])) {
            return false;
        }
    }
    return true;
}

static bool fields_equal(const struct node *a, const struct node *b, const struct node_member *f)
{
    switch (f->kind) {
    case FIELD_NODE:
        return node_equal(*node_child(a, f), *node_child(b, f));
    case FIELD_NODES:
        return lists_equal(node_children(a, f), node_children(b, f));
    case FIELD_TEXT:
        return str_eq(field_text(a, f), field_text(b, f));
    case FIELD_INT:
        return field_int(a, f) == field_int(b, f);
    case FIELD_END:
        break;
    }
    return true;
}

bool node_equal(const struct node *a, const struct node *b)
{
    if (a == b) {
        return true;
    }
    if (!a || !b || a->kind != b->kind) {
        return false;
    }
    for (const struct node_member *f = node_members(a->kind); f->kind != FIELD_END; f++) {
        if (!fields_equal(a, b, f)) {
            return false;
        }
    }
    return true;
}

static void dump_children(const struct node_member *f, const struct node_list *list,
                          struct buf *out)
{
    buf_printf(out, " %s=[", f->name);
    for (uint32_t i = 0; i < list->n; i++) {
        if (i > 0) {
            buf_u8(out, ' ');
        }
        node_dump(list->at[i], out);
    }
    buf_u8(out, ']');
}

static bool int_is_operator(enum node_kind kind, const struct node_member *f)
{
    return strcmp(f->name, "op") == 0 &&
           (kind == NODE_UNARY || kind == NODE_BINARY || kind == NODE_QUANTIFIED);
}

/* What is absent, empty or zero is left out. */
static void dump_field(const struct node *n, const struct node_member *f, struct buf *out)
{
    switch (f->kind) {
    case FIELD_NODE:
        if (*node_child(n, f)) {
            buf_printf(out, " %s=", f->name);
            node_dump(*node_child(n, f), out);
        }
        break;
    case FIELD_NODES:
        if (node_children(n, f)->n) {
            dump_children(f, node_children(n, f), out);
        }
        break;
    case FIELD_TEXT:
        if (field_text(n, f).n) {
            buf_printf(out, " %s=`%.*s`", f->name, STR_ARG(field_text(n, f)));
        }
        break;
    case FIELD_INT:
        if (int_is_operator(n->kind, f)) {
            buf_printf(out, " %s=`%s`", f->name, op_text((enum op)field_int(n, f)));
        } else if (field_int(n, f)) {
            buf_printf(out, " %s=%d", f->name, (int)field_int(n, f));
        }
        break;
    case FIELD_END:
        break;
    }
}

void node_dump(const struct node *n, struct buf *out)
{
    if (!n) {
        buf_puts(out, "NULL");
        return;
    }
    buf_printf(out, "(%s", node_kind_name(n->kind));
    for (const struct node_member *f = node_members(n->kind); f->kind != FIELD_END; f++) {
        dump_field(n, f, out);
    }
    buf_u8(out, ')');
}
