/* Quoting for the few statements that this folder writes itself. */
#include "engine/duckdb_internal.h"

static void put_quoted(struct buf *b, struct str s, char quote)
{
    buf_u8(b, (uint8_t)quote);
    for (size_t i = 0; i < s.n; i++) {
        if (s.p[i] == quote) {
            buf_u8(b, (uint8_t)quote);
        }
        buf_u8(b, (uint8_t)s.p[i]);
    }
    buf_u8(b, (uint8_t)quote);
}

void put_literal(struct buf *b, struct str s)
{
    put_quoted(b, s, '\'');
}

void put_identifier(struct buf *b, struct str s)
{
    put_quoted(b, s, '"');
}
