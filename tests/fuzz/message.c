/* Messages and startup packets from bytes that a client chose. */
#include <stdlib.h>

#include "wire/message.h"
#include "wire/startup.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_values(const struct wire_bind *m)
{
    struct wire_reader values = m->values;
    for (size_t i = 0; i < m->value_count; i++) {
        wire_read_value(&values);
        (void)wire_format_of(m->formats, m->format_count, i);
    }
    if (!wire_read_end(&values)) {
        abort(); /* a Bind that was accepted holds exactly its values */
    }
}

static void read_message(const struct wire_message *m)
{
    union {
        struct wire_parse parse;
        struct wire_bind bind;
        struct wire_target target;
        struct wire_execute execute;
        struct str text;
    } u;
    struct error e = ERROR_INIT;
    switch (m->type) {
    case 'P':
        if (wire_get_parse(m->body, &u.parse, &e) == OK &&
            u.parse.types.n != u.parse.type_count * 4) {
            abort();
        }
        break;
    case 'B':
        if (wire_get_bind(m->body, &u.bind, &e) == OK) {
            read_values(&u.bind);
        }
        break;
    case 'D':
    case 'C':
        (void)!wire_get_target(m->body, &u.target, &e);
        break;
    case 'E':
        (void)!wire_get_execute(m->body, &u.execute, &e);
        break;
    default:
        (void)!wire_get_text(m->body, "any", &u.text, &e);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str in = {(const char *)data, size};
    struct startup_head h = startup_peek(in);
    if (h.kind == STARTUP_SESSION && h.size <= size) {
        struct arena *a = arena_new(0);
        struct startup s;
        struct error e = ERROR_INIT;
        (void)!startup_parse(a, (struct str){in.p, h.size}, &s, &e);
        arena_free(a);
    }
    for (;;) {
        struct wire_message m;
        size_t n;
        if (wire_frame(in, 1 << 20, &m, &n) != FRAME_WHOLE) {
            return 0;
        }
        read_message(&m);
        in = (struct str){in.p + n, in.n - n};
    }
}
