/* Files that hold secrets: only their owner may read them, and they appear whole or not at all. */
#ifndef CRYPTO_KEYFILE_H
#define CRYPTO_KEYFILE_H

#include "base/error.h"
#include "base/str.h"

/* Reads the whole file into `out` (at most `max` bytes; sets *n). ERR_NOT_FOUND where there is
 * none; ERR_KEY where it is not a regular file, belongs to another user, or its mode lets others
 * in. */
MUST_USE enum status keyfile_read(const char *path, void *out, size_t max, size_t *n,
                                  struct error *e);

/* Writes a new file with `mode`, durable when this returns. ERR_EXISTS where there is one. */
MUST_USE enum status keyfile_create(const char *path, unsigned mode, struct str content,
                                    struct error *e);

/* The same with mode 0600, in the place of the file of that name where there is one. */
MUST_USE enum status keyfile_replace(const char *path, struct str content, struct error *e);

#endif
