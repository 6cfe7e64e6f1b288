/* Any bytes as a segment of the log. When the chain is called intact, each line's hash must be the
 * one that the line carries. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "audit/verify.h"
#include "base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

/* What a fuzzer can't find by itself is the hash: every line gets its right one where one stands.
 */
static void mend(struct hasher *h, char *text, size_t n)
{
    for (char *at = text, *end; at < text + n; at = end + 1) {
        end = memchr(at, '\n', (size_t)(text + n - at));
        end = end ? end : text + n;
        struct line line;
        uint8_t hash[HASHER_SIZE];
        char text_hash[LINE_HASH_TEXT + 1];
        if (!line_read((struct str){at, (size_t)(end - at)}, &line)) {
            line_hash(h, line.version, line.covered, hash);
            text_hex(hash, sizeof hash, text_hash);
            memcpy(at + (line.entry_hash.p - at), text_hash, LINE_HASH_TEXT);
            line_member(line.body, 0, "entry_id", NULL);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct hasher *h;
    h = h ? h : hasher_new();
    char *text = malloc(n + 1), path[64];
    memcpy(text, data, n);
    mend(h, text, n);
    int fd = memfd_create("segment", 0);
    struct audit_report r;
    struct error e = ERROR_INIT;
    if (fd < 0 || write(fd, text, n) != (ssize_t)n) {
        abort();
    }
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (audit_verify(path, NULL, &r, &e) == OK && r.valid && r.entries == 0) {
        abort();
    }
    close(fd);
    free(text);
    return 0;
}
