/* Text as pointer and length. Not NUL-terminated unless a function says so; never
 * owns its bytes. */
#ifndef BASE_STR_H
#define BASE_STR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct str {
    const char *p; /* NULL only in STR_NULL */
    size_t n;
};

#define STR(literal) ((struct str){(literal), sizeof(literal) - 1})
#define STR_NULL     ((struct str){NULL, 0})
#define STR_ARG(s)   (int)(s).n, (s).p ? (s).p : "" /* for "%.*s" */

static inline struct str str_of(const char *z) /* NULL gives STR_NULL */
{
    return z ? (struct str){z, strlen(z)} : STR_NULL;
}

static inline bool str_eq(struct str a, struct str b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

static inline bool str_is(struct str a, const char *z)
{
    return a.n == strlen(z) && (a.n == 0 || memcmp(a.p, z, a.n) == 0);
}

/* Equal when ASCII letters are folded; other bytes must match exactly. */
bool str_ieq_bytes(const char *a, const char *b, size_t n);

static inline bool str_ieq(struct str a, struct str b)
{
    return a.n == b.n && str_ieq_bytes(a.p, b.p, a.n);
}

static inline bool str_iis(struct str a, const char *z)
{
    return str_ieq(a, str_of(z));
}

/* Negative, zero, positive; bytes as unsigned, shorter first on a common prefix. */
int str_cmp(struct str a, struct str b);

bool str_starts(struct str s, const char *prefix);

/* ASCII space, tab, CR and LF off both ends. */
struct str str_trim(struct str s);

/* Cuts `*rest` at the first `sep`: gives what stands before it and leaves what follows. Gives all
 * and leaves STR_NULL where there is none. */
struct str str_cut(struct str *rest, char sep);

/* True and the value where the whole of `s` is a decimal number that fits. */
bool str_to_i64(struct str s, int64_t *out);
bool str_to_f64(struct str s, double *out);

bool str_has_control(struct str s); /* a byte below 0x20 */

/* True when `s` is well-formed UTF-8 (RFC 3629: no surrogates, no overlong forms) without NUL. */
bool str_is_utf8(struct str s);

/* Characters of UTF-8. */
size_t str_chars(struct str utf8);

/* Equal in time that depends on the lengths alone: for digests and keys. */
bool str_same_secret(struct str a, struct str b);

#endif
