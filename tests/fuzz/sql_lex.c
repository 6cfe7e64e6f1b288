/* Any well-formed text, in each dialect: tokens come in order, inside the text, until the end or an
 * error at a place in it, and the end stays the end. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "sql/lex.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1) {
        return 0;
    }
    struct str text = {(const char *)data + 1, size - 1};
    if (!str_is_utf8(text) || memchr(text.p, 0, text.n)) {
        return 0;
    }
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct lexer lx = {.arena = a, .text = text, .dialect = (enum dialect)(data[0] % 3)};
    struct token t = {0};
    size_t end = 0;
    enum status read;
    while ((read = lex_next(&lx, &t, &e)) == OK && t.kind != TOK_END) {
        if (t.length == 0 || t.offset < end || (size_t)t.offset + t.length > text.n) {
            abort();
        }
        end = (size_t)t.offset + t.length;
    }
    if (read == OK ? lex_next(&lx, &t, &e) || t.kind != TOK_END
                   : e.position < 0 || e.position > (int64_t)text.n) {
        abort();
    }
    arena_free(a);
    return 0;
}
