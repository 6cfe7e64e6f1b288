/* What redaction knows. */
#ifndef AUDIT_REDACT_KIND_H
#define AUDIT_REDACT_KIND_H

#define REDACT_KINDS(X)                                                                            \
    X(REDACT_NONE, "")                                                                             \
    X(REDACT_EMAIL, "email")                                                                       \
    X(REDACT_SSN, "ssn")                                                                           \
    X(REDACT_CARD, "card")                                                                         \
    X(REDACT_PHONE, "phone")                                                                       \
    X(REDACT_IBAN, "iban")                                                                         \
    X(REDACT_IP, "ip")                                                                             \
    X(REDACT_SECRET, "secret")

enum redact_kind {
#define X(id, name) id,
    REDACT_KINDS(X)
#undef X
        REDACT_KIND_COUNT
};

/* As it stands between < and > in the place of what was found. */
const char *redact_kind_name(enum redact_kind kind);

#endif
