/* hatidata audit: what works on a log's files, mostly without keys and without a server. */
#ifndef COMMAND_AUDIT_H
#define COMMAND_AUDIT_H

#include "audit/anchor.h"
#include "audit/verify.h"
#include "command/options.h"

int audit_command_prove(int argc, char **argv); /* audit_prove.c */
int audit_command_check(int argc, char **argv);
int audit_command_export(int argc, char **argv);    /* audit_export.c */
int audit_command_retention(int argc, char **argv); /* audit_retention.c */
int audit_command_holds(int argc, char **argv);
int audit_command_hold(int argc, char **argv);
int audit_command_lift(int argc, char **argv);

/* What was given of a log from elsewhere: public keys (texts, or files of them, a line a key),
 * checkpoints (files, or folders of them as an anchor has), and anchors that are asked for theirs
 * of the log in `path` (which may be NULL where there are none). In the arena. */
struct audit_given {
    struct option_values keys, checkpoints, anchors;
    struct anchor_options options; /* of anchors */
    struct audit_known known;
};
MUST_USE enum status audit_given_read(struct audit_given *g, const char *path, struct arena *a,
                                      struct error *e);

/* A whole file of at most `max` bytes, in the arena. */
MUST_USE enum status audit_file(const char *path, size_t max, struct arena *a, struct str *out,
                                struct error *e);

#endif
