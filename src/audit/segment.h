/* The files of a log: audit-000001.jsonl, audit-000002.jsonl and so on in one folder, and reading
 * their lines. */
#ifndef AUDIT_SEGMENT_H
#define AUDIT_SEGMENT_H

#include "audit/line.h"

enum { SEGMENT_NAME_SIZE = 32 };

void segment_name(unsigned number, char out[SEGMENT_NAME_SIZE]);

/* The number in a segment's file name; 0 when it isn't one. */
unsigned segment_number(const char *name);

/* The numbers of the segments of a folder, rising. *out is the caller's to free(); NULL when none.
 */
MUST_USE enum status segment_list(int dir_fd, unsigned **out, size_t *n, struct error *e);

/* The name of a file in the folder that looks like a segment's, audit-*.jsonl, and is none; false
 * where there is none. */
bool segment_stranger(int dir_fd, char out[256]);

/* Reads a file line by line, in blocks. */
struct segment_reader {
    int fd;
    char *block;
    size_t begin, end, cap;
    uint64_t line;   /* number of the last line given, from 1 */
    uint64_t offset; /* bytes before the next line */
    bool patient;    /* the file may still be growing: wait a moment for the rest of a last line */
};

void segment_reader_init(struct segment_reader *r, int fd, bool patient);
void segment_reader_fini(struct segment_reader *r); /* doesn't close the file */

enum segment_read {
    SEGMENT_LINE, /* *out is a line without its newline, valid until the next call */
    SEGMENT_END,
    SEGMENT_TORN, /* bytes without a newline stand at the end of the file */
    SEGMENT_LONG, /* a line of more than LINE_BYTES_MAX bytes */
    SEGMENT_ERROR /* errno says why */
};
enum segment_read segment_read(struct segment_reader *r, struct str *out);

#endif
