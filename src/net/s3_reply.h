/* Inside net: reading S3's answers, which are XML. What has a document type is refused. */
#ifndef NET_S3_REPLY_H
#define NET_S3_REPLY_H

#include "net/s3.h"

enum { S3_MARKER_SIZE = 1100 };

/* <ListVersionsResult>: the versions that it names, appended to `out` (at most `max` in all), and
 * where the next page begins; `*more` false: there is none. ERR_CORRUPT, ERR_TOO_LARGE. */
struct s3_page {
    bool more;
    char key[S3_MARKER_SIZE], version[S3_MARKER_SIZE];
};
MUST_USE enum status s3_read_versions(struct str xml, size_t max, struct arena *a,
                                      struct s3_versions *out, struct s3_page *page,
                                      struct error *e);

/* The first text of an element of that name; letters and digits alone, else "". */
void s3_read_word(struct str xml, const char *element, char *out, size_t size);

#endif
