#include "crypto/note.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <string.h>

#include "base/text.h"

#define DASH "\xe2\x80\x94 " /* an em dash and a space: what a signature's line begins with */

enum { ED25519 = 1, ID_SIZE = 4, SIGNATURE_SIZE = 64 };

static enum status failed(struct error *e, const char *doing)
{
    ERR_clear_error();
    return error_set(e, ERR_KEY, "OpenSSL can't %s", doing);
}

static void put_base64(struct buf *out, const uint8_t *bytes, size_t n)
{
    char text[TEXT_BASE64_SIZE(ID_SIZE + SIGNATURE_SIZE) + 1];
    text_base64(bytes, n, text);
    buf_puts(out, text);
}

/* --- keys --- */

static bool is_name(struct str name)
{
    for (size_t i = 0; i < name.n; i++) {
        if ((unsigned char)name.p[i] <= ' ' || (unsigned char)name.p[i] >= 0x7f ||
            name.p[i] == '+') {
            return false;
        }
    }
    return name.n > 0 && name.n <= NOTE_NAME_MAX;
}

/* Makes the id of a key whose name and bytes are there. */
static bool make_id(struct note_key *k)
{
    uint8_t text[NOTE_NAME_MAX + 2 + NOTE_KEY_SIZE], digest[EVP_MAX_MD_SIZE];
    size_t n = strlen(k->name);
    memcpy(text, k->name, n);
    text[n++] = '\n';
    text[n++] = ED25519;
    memcpy(text + n, k->bytes, sizeof k->bytes);
    if (!EVP_Digest(text, n + sizeof k->bytes, digest, NULL, EVP_sha256(), NULL)) {
        return false;
    }
    memcpy(k->id, digest, sizeof k->id);
    return true;
}

static bool set_name(struct note_key *k, struct str name)
{
    *k = (struct note_key){0};
    if (!is_name(name)) {
        return false;
    }
    memcpy(k->name, name.p, name.n);
    return true;
}

enum status note_key_read(struct str text, struct note_key *out, struct error *e)
{
    const char *plus = memchr(text.p, '+', text.n);
    size_t name = plus ? (size_t)(plus - text.p) : 0, rest = text.n - name;
    uint8_t id[ID_SIZE], bytes[1 + NOTE_KEY_SIZE];
    if (!plus || rest < 2 + 2 * ID_SIZE || plus[1 + 2 * ID_SIZE] != '+' ||
        !set_name(out, (struct str){text.p, name}) ||
        !text_unhex((struct str){plus + 1, 2 * ID_SIZE}, id, ID_SIZE) ||
        !text_unbase64((struct str){plus + 2 + 2 * ID_SIZE, rest - 2 - 2 * ID_SIZE}, bytes,
                       sizeof bytes) ||
        bytes[0] != ED25519) {
        error_set(e, ERR_KEY, "this is not an Ed25519 key of signed notes");
        return error_hint(e, "It looks like NAME+0123abcd+AbC...=, as one line.");
    }
    memcpy(out->bytes, bytes + 1, sizeof out->bytes);
    if (!make_id(out) || memcmp(out->id, id, sizeof id) != 0) {
        error_set(e, ERR_KEY, "the key's id is not that of its name and bytes");
        return error_hint(e, "Copy the key again, whole.");
    }
    return OK;
}

void note_key_write(const struct note_key *k, struct buf *out)
{
    uint8_t bytes[1 + NOTE_KEY_SIZE] = {ED25519};
    char id[2 * ID_SIZE + 1];
    text_hex(k->id, ID_SIZE, id);
    memcpy(bytes + 1, k->bytes, sizeof k->bytes);
    buf_printf(out, "%s+%s+", k->name, id);
    put_base64(out, bytes, sizeof bytes);
}

enum status note_key_of(const char *name, const uint8_t seed[NOTE_SEED_SIZE], struct note_key *out,
                        struct error *e)
{
    if (!set_name(out, str_of(name))) {
        return error_set(e, ERR_KEY, "a note's key can't have this name");
    }
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NOTE_SEED_SIZE);
    size_t n = sizeof out->bytes;
    bool done = key && EVP_PKEY_get_raw_public_key(key, out->bytes, &n) == 1 && make_id(out);
    EVP_PKEY_free(key);
    return done ? OK : failed(e, "make an Ed25519 key");
}

/* --- notes --- */

static bool sign_text(const uint8_t seed[NOTE_SEED_SIZE], struct str text,
                      uint8_t out[SIGNATURE_SIZE])
{
    EVP_PKEY *key = EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, NOTE_SEED_SIZE);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    size_t n = SIGNATURE_SIZE;
    bool done = key && ctx && EVP_DigestSignInit(ctx, NULL, NULL, NULL, key) == 1 &&
                EVP_DigestSign(ctx, out, &n, (const unsigned char *)text.p, text.n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    return done;
}

static bool is_signed(const struct note_key *k, struct str text, const uint8_t *signature)
{
    EVP_PKEY *key = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, k->bytes, NOTE_KEY_SIZE);
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool right = key && ctx && EVP_DigestVerifyInit(ctx, NULL, NULL, NULL, key) == 1 &&
                 EVP_DigestVerify(ctx, signature, SIGNATURE_SIZE, (const unsigned char *)text.p,
                                  text.n) == 1;
    EVP_MD_CTX_free(ctx);
    EVP_PKEY_free(key);
    ERR_clear_error();
    return right;
}

enum status note_sign(const struct note_key *k, const uint8_t seed[NOTE_SEED_SIZE], struct str text,
                      struct buf *out, struct error *e)
{
    uint8_t bytes[ID_SIZE + SIGNATURE_SIZE];
    memcpy(bytes, k->id, ID_SIZE);
    if (!sign_text(seed, text, bytes + ID_SIZE)) {
        return failed(e, "sign a note");
    }
    buf_put_str(out, text);
    buf_printf(out, "\n" DASH "%s ", k->name);
    put_base64(out, bytes, sizeof bytes);
    buf_u8(out, '\n');
    return OK;
}

/* Where the text ends and its signatures begin: at the last empty line. 0: there is none. */
static size_t end_of_text(struct str note)
{
    for (size_t at = note.n; at >= 2; at--) {
        if (note.p[at - 1] == '\n' && note.p[at - 2] == '\n') {
            return at - 1;
        }
    }
    return 0;
}

static bool has_control(struct str note)
{
    for (size_t i = 0; i < note.n; i++) {
        if ((unsigned char)note.p[i] < ' ' && note.p[i] != '\n') {
            return true;
        }
    }
    return false;
}

struct signature {
    struct str name;
    uint8_t id[ID_SIZE], bytes[SIGNATURE_SIZE];
    bool known; /* of the length of ours: others' are passed over */
};

/* Reads the next line of signatures. */
static bool read_signature(struct str *rest, struct signature *out)
{
    size_t dash = strlen(DASH);
    const char *end = memchr(rest->p, '\n', rest->n);
    struct str line = {rest->p, (size_t)(end - rest->p)};
    *rest = (struct str){end + 1, rest->n - line.n - 1};
    if (line.n < dash || memcmp(line.p, DASH, dash) != 0) {
        return false;
    }
    line = (struct str){line.p + dash, line.n - dash};
    const char *space = memchr(line.p, ' ', line.n);
    if (!space) {
        return false;
    }
    out->name = (struct str){line.p, (size_t)(space - line.p)};
    uint8_t bytes[ID_SIZE + SIGNATURE_SIZE];
    out->known =
        text_unbase64((struct str){space + 1, line.n - out->name.n - 1}, bytes, sizeof bytes);
    memcpy(out->id, bytes, out->known ? ID_SIZE : 0);
    memcpy(out->bytes, bytes + ID_SIZE, out->known ? SIGNATURE_SIZE : 0);
    return is_name(out->name);
}

static bool are_signatures(struct str rest)
{
    struct signature s;
    while (rest.n > 0) {
        if (!read_signature(&rest, &s)) {
            return false;
        }
    }
    return true;
}

struct str note_text(struct str note)
{
    size_t end = end_of_text(note);
    bool whole = note.n > 0 && note.n <= NOTE_MAX && note.p[note.n - 1] == '\n' && end > 0 &&
                 end + 1 < note.n && !has_control(note) && str_is_utf8(note) &&
                 are_signatures((struct str){note.p + end + 1, note.n - end - 1});
    return whole ? (struct str){note.p, end} : STR_NULL;
}

static const struct note_key *key_of(const struct note_key *keys, size_t count,
                                     const struct signature *s)
{
    for (size_t i = 0; s->known && i < count; i++) {
        if (str_is(s->name, keys[i].name) && memcmp(s->id, keys[i].id, ID_SIZE) == 0) {
            return &keys[i];
        }
    }
    return NULL;
}

enum status note_open(struct str note, const struct note_key *keys, size_t count, struct str *text,
                      struct error *e)
{
    struct str signed_text = note_text(note);
    if (!signed_text.p) {
        return error_set(e, ERR_CORRUPT, "this is not a signed note");
    }
    struct str rest = {note.p + signed_text.n + 1, note.n - signed_text.n - 1};
    bool found = false;
    while (rest.n > 0) {
        struct signature s;
        (void)read_signature(&rest, &s); /* note_text() has */
        const struct note_key *k = key_of(keys, count, &s);
        if (k && !is_signed(k, signed_text, s.bytes)) {
            error_set(e, ERR_KEY, "the signature of %s is wrong", k->name);
            return error_hint(e, "The text was changed, or signed by another key of that name.");
        }
        found = found || k;
    }
    if (!found) {
        error_set(e, ERR_KEY, "none of the keys given has signed it");
        return error_hint(e, "Give the signer's public key, from a source that you trust.");
    }
    *text = signed_text;
    return OK;
}
