/* Tests of policies as text: who asks what, and what must come out. docs/policies.md has the form.
 *
 *     who role=analyst attr.department=sales     trial/asker.h; holds until the next
 *     dialect postgres                           holds until the next; snowflake at the start
 *     table people (name text, phone text)       a table of the test's own, before the first ask
 *       ('ann', '5551234')                       its rows
 *     ask SELECT name, phone FROM people         more lines of it are indented
 *     expect allowed                             or denied, or a code; then a part of the message
 *     masks phone=partial:2                      and what else is to be looked at, whole lists
 *     filters people=own department
 *     rows                                       of a file with tables: what comes, "none" or
 *       ('ann', '***34')                         a row a line */
#ifndef TRIAL_CASE_H
#define TRIAL_CASE_H

#include "base/arena.h"
#include "base/error.h"
#include "sql/parse.h"
#include "trial/rows.h"

enum case_list {
    CASE_MASKS,   /* COLUMN=FUNCTION: every column that is read masked */
    CASE_FILTERS, /* TABLE=POLICY, TABLE=(tenant): every filter under a table */
    CASE_READS,   /* TABLE */
    CASE_WRITES,  /* TABLE */
    CASE_RULES,   /* deny=POLICY, allow=POLICY, would_deny=POLICY: every rule that spoke */
    CASE_LIST_COUNT
};
extern const char *const case_list_names[CASE_LIST_COUNT];

struct policy_case {
    int line; /* of its "ask"; from 1, as who_line */
    struct str who;
    int who_line;
    enum dialect dialect;
    struct str statement;
    struct str outcome;                /* "allowed", "denied", "HATI_ERR_..." */
    struct str says;                   /* what the refusal's message holds; empty: anything */
    struct str lists[CASE_LIST_COUNT]; /* items by commas, "none" for none; p NULL: not looked at */
    bool has_rows, has_no_rows;        /* is "rows" said, and with "none"? */
    struct policy_rows rows;
};

/* What a file gives: the tables that its statements are run over. */
struct case_table {
    int line;
    enum dialect dialect;
    struct str name;    /* letters, digits and '_', with or without "shared." before it */
    struct str columns; /* "(name text)" */
    struct str tenant;  /* of a shared one: its tenant column; empty: not said */
    struct str rows;    /* "('ann'), ('bob')"; empty: none */
};

struct policy_cases {
    struct case_table *tables; /* none: the data folder's are asked for, and nothing is run */
    size_t table_count;
    struct policy_case *at;
    size_t n;
};

/* Reads a file's text, in the arena. ERR_VALIDATION, with the position, at the first line that
 * isn't of the form, for a case that expects nothing, and where there is no case at all: each would
 * be a test that can't fail. */
MUST_USE enum status policy_cases_read(struct str text, struct arena *a, struct policy_cases *out,
                                       struct error *e);

#endif
