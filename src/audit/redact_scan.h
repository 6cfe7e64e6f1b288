/* Inside redaction: one pass over a text, and the rules that are asked at an anchor. */
#ifndef AUDIT_REDACT_SCAN_H
#define AUDIT_REDACT_SCAN_H

#include "audit/pattern.h"
#include "audit/redact_kind.h"
#include "audit/redact_next.h"
#include "base/buf.h"

struct scan {
    struct str text;
    const char *from; /* what isn't written yet begins here */
    size_t done;      /* nothing before here belongs to another match */
    size_t at;
    size_t matches;
    unsigned kinds;                /* 1 << enum redact_kind: what was found */
    struct redact_cursor *anchors; /* of `text`, or of what it is a part of */
    bool literal;
    struct buf *out;
    struct spans *spans; /* where there are own patterns: what was found, instead of `out` */
};

/* Writes what is before `begin`, and the kind in the place of what is from there to `end`. */
void scan_match(struct scan *s, size_t begin, size_t end, enum redact_kind kind);

/* Rules for secrets (redact_secret.c), each asked at its anchor: scan_match(), or s->at goes on. */
void scan_issued(struct scan *s);    /* at the mark that ends a known prefix: ghp_ */
void scan_jwt(struct scan *s);       /* at the J of eyJ */
void scan_cloud_key(struct scan *s); /* at the I of AKIA, ASIA, AIza */
void scan_word(struct scan *s);      /* at the b of bearer, the B of -----BEGIN */

static inline unsigned char scan_peek(const struct scan *s, size_t at)
{
    return at < s->text.n ? (unsigned char)s->text.p[at] : 0;
}

static inline bool scan_is_digit(unsigned char c)
{
    return c >= '0' && c <= '9';
}

static inline bool scan_is_alnum(unsigned char c)
{
    return scan_is_digit(c) || ((c | 0x20) >= 'a' && (c | 0x20) <= 'z');
}

#endif
