/* Any bytes as a configuration file. What is accepted, printed and read again gives the same. */
#include <stdlib.h>

#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct arena *a = arena_new(0);
    struct config c, again;
    struct buf mistakes = BUF_INIT(0), printed = BUF_INIT(0), second = BUF_INIT(0);
    struct str text = {(const char *)data, n};
    if (config_read(text, "fuzz", &c, a, &mistakes) == OK) {
        config_print(&c, &printed);
        if (config_read(buf_str(&printed), "printed", &again, a, &mistakes) != OK) {
            abort();
        }
        again.sources = c.sources;
        config_print(&again, &second);
        if (!str_eq(buf_str(&printed), buf_str(&second))) {
            abort();
        }
    } else if (mistakes.n == 0) {
        abort();
    }
    buf_free(&mistakes);
    buf_free(&printed);
    buf_free(&second);
    arena_free(a);
    return 0;
}
