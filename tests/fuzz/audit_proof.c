/* Any bytes as a proof, as a checkpoint and as a key. What an untouched key signs is the only thing
 * that may pass as proven. */
#include <stdlib.h>

#include "audit/prove.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const uint8_t seed[NOTE_SEED_SIZE] = {42};
    struct str text = {(const char *)data, n};
    struct note_key key, read;
    struct checkpoint c;
    struct proof_shown shown;
    struct error e = ERROR_INIT;
    struct arena *a = arena_new(0);
    if (note_key_of("hatidata.audit/fuzz", seed, &key, &e) != OK ||
        proof_check(text, &key, 1, a, &shown, &e) == OK ||
        checkpoint_open(text, &key, 1, &c, &e) == OK) {
        abort();
    }
    (void)!checkpoint_open(text, NULL, 0, &c, &e);
    (void)!checkpoint_read(text, &c, &e);
    (void)!note_key_read(text, &read, &e);
    arena_free(a);
    return 0;
}
