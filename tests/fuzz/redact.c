/* Any bytes through redaction and fingerprint: valid UTF-8 comes out. */
#include <stdlib.h>

#include "audit/fingerprint.h"
#include "audit/redact.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const uint8_t key[32];
    struct str sql = {(const char *)data, n};
    struct buf out = BUF_INIT(0);
    char print[FINGERPRINT_TEXT];
    redact_sql(sql, &(struct redact_rules){.snowflake = n % 2}, &out);
    if (!str_is_utf8(buf_str(&out))) {
        abort();
    }
    fingerprint_sql(key, sql, n % 2, print);
    buf_free(&out);
    return 0;
}
