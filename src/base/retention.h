/* How long the audit log's entries are kept at least, whatever anybody wishes. */
#ifndef BASE_RETENTION_H
#define BASE_RETENTION_H

enum {
    /* Seven years, two leap days among them: 17 CFR 210.2-06 (Sarbanes-Oxley) wants seven, 45 CFR
     * 164.316 (HIPAA) six. */
    RETENTION_LAW_DAYS = 7 * 365 + 2,
    RETENTION_MAX_DAYS = 100 * 365
};

#endif
