/* Statements at random over the whole grammar of random_grammar.h. What is chosen comes from a
 * seed, or from bytes, so that a fuzzer that changes a byte changes a choice. */
#ifndef TESTS_SQL_RANDOM_TEXT_H
#define TESTS_SQL_RANDOM_TEXT_H

#include "base/buf.h"
#include "sql/parse.h"

struct random_text {
    enum dialect dialect;
    uint64_t seed; /* where the choices come from when `choices` is empty */
    struct str
        choices; /* a byte a choice; past their end the first production, which leads to an end */
};

/* Appends one statement to `out`. The same `from` gives the same text. A production that the
 * grammar lacks ends the program: the grammar is wrong, not the parser. */
void random_statement(struct random_text from, struct buf *out);

#endif
