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
    redact_sql(sql, &out);
    if (!str_is_utf8(buf_str(&out))) {
        abort();
    }
    fingerprint_sql(key, sql, print);
    buf_free(&out);
    return 0;
}
