/* Statements from a file, and errors that point into them. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "command/command.h"
#include "command/source.h"

enum { LARGEST_SOURCE = 64 << 20, WIDEST_LINE = 160 };

bool source_dialect(const char *name, enum dialect *out)
{
    static const char *const names[] = {"snowflake", "postgres", "duckdb"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(name, names[i]) == 0) {
            *out = (enum dialect)i;
            return true;
        }
    }
    fprintf(stderr, "hatidata: there is no dialect '%s': use snowflake, postgres or duckdb\n",
            name);
    return false;
}

enum status source_read(const char *path, struct buf *out, struct error *e)
{
    bool is_stdin = !path || strcmp(path, "-") == 0;
    FILE *f = is_stdin ? stdin : fopen(path, "re");
    enum status status = OK;
    char piece[8192];
    size_t n;
    if (!f) {
        return error_set(e, ERR_NOT_FOUND, "%s: %s", path, strerror(errno));
    }
    *out = (struct buf)BUF_INIT(LARGEST_SOURCE);
    while ((n = fread(piece, 1, sizeof piece, f)) > 0) {
        buf_put(out, piece, n);
    }
    if (ferror(f)) {
        status =
            error_set(e, ERR_IO, "%s: %s", is_stdin ? "standard input" : path, strerror(errno));
    } else if (out->failed) {
        status = error_set(e, ERR_TOO_LARGE, "the text has more than %d bytes", LARGEST_SOURCE);
    }
    if (!is_stdin) {
        fclose(f);
    }
    return status;
}

struct place {
    size_t line, column; /* from 1; the column in characters */
    struct str text;     /* of the line, or the part of a long one around the place */
    size_t caret;        /* characters before the caret */
};

static struct place place_of(struct str text, size_t offset)
{
    struct place p = {.line = 1};
    size_t start = 0, end = offset < text.n ? offset : text.n, at = end;
    for (size_t i = 0; i < at; i++) {
        if (text.p[i] == '\n') {
            p.line++;
            start = i + 1;
        }
    }
    while (end < text.n && text.p[end] != '\n') {
        end++;
    }
    p.column = str_chars((struct str){text.p + start, at - start}) + 1;
    if (at - start > WIDEST_LINE / 2) {
        start = at - WIDEST_LINE / 2;
    }
    if (end - start > WIDEST_LINE) {
        end = start + WIDEST_LINE;
    }
    p.text = (struct str){text.p + start, end - start};
    p.caret = str_chars((struct str){text.p + start, at - start});
    return p;
}

int source_fail(const char *path, struct str text, const struct error *e)
{
    const char *name = path && strcmp(path, "-") != 0 ? path : "<stdin>";
    if (e->position < 0) {
        fprintf(stderr, "%s: %s\n", name, e->message);
    } else {
        struct place p = place_of(text, (size_t)e->position);
        fprintf(stderr, "%s:%zu:%zu: %s\n", name, p.line, p.column, e->message);
        fprintf(stderr, "%5zu | %.*s\n      | ", p.line, STR_ARG(p.text));
        for (size_t i = 0; i < p.caret; i++) {
            fputc(i < p.text.n && p.text.p[i] == '\t' ? '\t' : ' ', stderr);
        }
        fputs("^\n", stderr);
    }
    fprintf(stderr, "hint: %s [%s]\n", error_advice(e), error_info(e->code)->name);
    return EXIT_FAILED;
}
