/* Bytes as text: hexadecimal digits, base64 (RFC 4648, section 4), and base64url (section 5) as
 * JOSE writes it. */
#ifndef BASE_TEXT_H
#define BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

/* 2n lower-case digits and a NUL. */
void text_hex(const void *bytes, size_t n, char *out);

/* Reads exactly 2n digits of either case; false where `s` is anything else. */
bool text_unhex(struct str s, void *out, size_t n);

/* Sizes of the text of `n` bytes (without the NUL) and of the bytes of a text of `n`. */
#define TEXT_BASE64URL_SIZE(n)   (((n)*4 + 2) / 3)
#define TEXT_UNBASE64URL_SIZE(n) ((n)*3 / 4)

/* Without padding; writes TEXT_BASE64URL_SIZE(n) characters and a NUL. */
void text_base64url(const void *bytes, size_t n, char *out);

/* Writes TEXT_UNBASE64URL_SIZE(s.n) bytes. False where `s` isn't what text_base64url writes:
 * padding, another character, a length that no bytes have, unused bits that aren't zero. */
bool text_unbase64url(struct str s, void *out);

/* The size of the text of `n` bytes, without the NUL. */
#define TEXT_BASE64_SIZE(n) (((n) + 2) / 3 * 4)

/* With padding; writes TEXT_BASE64_SIZE(n) characters and a NUL. */
void text_base64(const void *bytes, size_t n, char *out);

/* Reads exactly n bytes; false where `s` isn't what text_base64() writes of them. */
bool text_unbase64(struct str s, void *out, size_t n);

#endif
