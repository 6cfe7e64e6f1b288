/* Bytes as text: hexadecimal digits. */
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

#endif
