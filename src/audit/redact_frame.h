/* What redact_place.c knows of a place in a statement: the frames around it, the item and term in
 * each, and lists of names. */
#ifndef AUDIT_REDACT_FRAME_H
#define AUDIT_REDACT_FRAME_H

#include "audit/token.h"
#include "base/buf.h"

enum { FRAMES_MAX = 64 }; /* what is deeper counts as part of the deepest */

/* A constant. */
struct spot {
    size_t begin, end;  /* the token */
    size_t open, close; /* what is between its quotes; a number: the token */
    size_t level;       /* the innermost frame around it whose items have places; 0: none */
    size_t place;       /* in that */
    bool is_number, is_secret;
};

/* Names, and at `at` of the flags of all lists which are secrets'. */
struct list {
    size_t at, n;
    bool all; /* any place's is */
};

enum named { UNNAMED, NAMED_WITHIN, NAMED }; /* within: in a frame in the term, as of a call */

struct frame {
    char close; /* ')', ']', '}', or 'e' of CASE ... END */
    bool is_call;
    bool has_pairs;    /* its arguments are names and values in turn, or begin so */
    bool is_query;     /* has SELECT or VALUES */
    bool has_rows;     /* the frames in it are rows */
    bool has_places;   /* its items count: a row, a select list */
    bool sets;         /* behind SET: items are name = value */
    bool all;          /* all constants in it are secrets */
    bool gives_secret; /* what its select list gives is one */
    size_t first_spot;
    size_t place;

    struct list list;  /* of the values here */
    bool list_lasts;   /* a statement's, or of the frame around */
    bool list_is_next; /* its values may follow now */
    bool awaits_list;  /* INSERT INTO */

    /* Whether it is a list of names itself. */
    bool is_names, has_name, name_is_secret;
    struct list names;

    /* The item, and the term in it. */
    bool item_begins, item_secret;
    bool has_column;    /* a name that is neither a secret's nor a function's ... */
    bool item_has_name; /* ... in the item */
    size_t item_spot;
    bool passes_secret; /* a call, of which an argument is a secret's name */
    bool compared, between, term_secret;
    enum named named;
    size_t term_spot;
    enum named seen;    /* in any of its terms that has no comparison */
    enum named operand; /* CASE password WHEN */
    enum named altered; /* ALTER COLUMN password SET */

    /* The sub-query in it that was closed last, while names for it may follow. */
    struct {
        bool is_open, has_alias;
        size_t spot, level;
    } derived;
};

struct places {
    struct str sql;
    struct list columns; /* of the table that an INSERT without a list fills */
    struct buf flags;
    struct spot *spots;
    size_t n, cap;
    struct frame frames[FRAMES_MAX];
    size_t depth; /* of the top, from 0 */
    size_t deeper;
    struct token last;   /* that is neither space nor comment */
    bool last_is_name;   /* and no word of SQL's operators and clauses */
    bool name_is_secret; /* the name that take_name() saw last */
    bool last_is_secret; /* a secret's name, or the type that it is cast to */

    /* The statement: its first constant, and whether it gives a secret's place what comes from a
     * query within: of that a constant may be anything. `flow`: the least frame of such a place. */
    size_t statement_spot;
    bool flows;
    size_t flow;
};

struct frame *frame_top(struct places *p);

/* At '(', '[', '{' or CASE, by the mark that ends it. */
void frame_open(struct places *p, char close);

/* What isn't closed in it is closed, too; what was never opened is passed over. */
void frame_close(struct places *p, char close);

/* SELECT or VALUES: the list is of what it gives. */
void frame_begin_query(struct frame *f);

/* A word that begins a clause: it ends a term, and most end a select list and what SET begins. */
bool frame_is_clause(struct str word);

/* The constants from this one on are secrets; `numbers`: such, too. */
void frame_mark(struct places *p, size_t spot, bool numbers);

/* Whether the item that stands in the frame now is one. */
bool frame_is_secret(const struct places *p, const struct frame *f);

/* The end of an item, before the next one begins: where it has the place of a secret and the name
 * of something else, what it is comes from elsewhere in the statement. */
void frame_end_item(struct places *p, struct frame *f);
void frame_let_flow(struct places *p);
bool frame_has_secret_place(const struct places *p, const struct frame *f);

/* The end of a statement. */
void frame_end_statement(struct places *p);

/* The term has a comparison, or the name of a secret: its constants go when it has both. */
void frame_compare(struct places *p, struct frame *f);
void frame_name_secret(struct places *p, struct frame *f, enum named how);
void frame_end_term(struct places *p, struct frame *f);
void frame_begin_item(struct places *p, struct frame *f); /* ends a term */

/* In what may be a list of names: a name, and the end of one: a, s.b, "c" */
void frame_list_name(const struct places *p, struct frame *f, bool is_secret);
void frame_end_name(struct places *p, struct frame *f);

/* A list is for what follows at once, but for that of INSERT. */
void frame_leave_list(struct frame *f);

#endif
