/* Any bytes as a message of the other plane: a login's answer, an error, a proxy's question. What
 * is read is text without NUL, in its bounds, or refused by name. */
#include <stdlib.h>

#include "planes/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void read_fields(struct str text, struct arena *a)
{
    static const char *const names[] = {"token", "request", "org", "period", "user", "secret"};
    struct error e = ERROR_INIT;
    struct reading r;
    reading_open(&r, text, a, &e);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str s = read_text(&r, names[i], MESSAGE_ID_MAX);
        if (s.n > MESSAGE_ID_MAX || memchr(s.p, 0, s.n)) {
            abort();
        }
    }
    int64_t wait = read_number(&r, "wait_ms", 0, MESSAGE_WAIT_MAX_MS);
    if (wait < 0 || wait > MESSAGE_WAIT_MAX_MS) {
        abort();
    }
    (void)read_object(&r, "held");
    if (reading_close(&r) != OK && e.code != ERR_VALIDATION) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct str text = {(const char *)data, n};
    struct arena *a = arena_new(0);
    struct error e = ERROR_INIT;
    struct principal p;
    uint64_t position;
    if (message_read_login(text, a, &p, &position, &e) == OK &&
        ((p.proof != PROOF_PASSWORD && p.proof != PROOF_FEDERATED) || p.base_role == ROLE_NONE)) {
        abort();
    }
    if (message_read_error(text, 500, &e) != FAIL || e.code <= ERR_NONE || e.code >= ERR_COUNT) {
        abort();
    }
    read_fields(text, a);
    arena_free(a);
    return 0;
}
