/* Signed notes: a text with a signature below it, as C2SP's signed-note defines them, so that the
 * tools of others check ours. Ed25519 (RFC 8032) alone.
 *
 *     the text, of whole lines
 *
 *     — NAME base64(key id || signature)
 *
 * A key's id is the first four bytes of SHA-256(name || LF || 1 || public key). */
#ifndef CRYPTO_NOTE_H
#define CRYPTO_NOTE_H

#include "base/buf.h"
#include "base/error.h"

enum { NOTE_SEED_SIZE = 32, NOTE_KEY_SIZE = 32, NOTE_NAME_MAX = 127, NOTE_MAX = 64 * 1024 };

/* A public key. */
struct note_key {
    char name[NOTE_NAME_MAX + 1];
    uint8_t id[4], bytes[NOTE_KEY_SIZE];
};

/* From a key's text, as note_key_write() gives it: NAME+hex(id)+base64(1 || public key). ERR_KEY
 * where it isn't one, or its id isn't that of its name and bytes. */
MUST_USE enum status note_key_read(struct str text, struct note_key *out, struct error *e);
void note_key_write(const struct note_key *k, struct buf *out); /* without a newline */

/* The public key of a seed. The name has no white space, no plus sign and at most NOTE_NAME_MAX
 * bytes (ERR_KEY). */
MUST_USE enum status note_key_of(const char *name, const uint8_t seed[NOTE_SEED_SIZE],
                                 struct note_key *out, struct error *e);

/* Appends the note of a text that ends with a newline. */
MUST_USE enum status note_sign(const struct note_key *k, const uint8_t seed[NOTE_SEED_SIZE],
                               struct str text, struct buf *out, struct error *e);

/* The text of a note, unsigned as far as this knows; STR_NULL where it isn't one. */
struct str note_text(struct str note);

/* Gives the text (within `note`) where one of the keys signed it. ERR_CORRUPT: not a note; ERR_KEY:
 * no signature of these keys, or a wrong one. */
MUST_USE enum status note_open(struct str note, const struct note_key *keys, size_t count,
                               struct str *text, struct error *e);

#endif
