/* A folder of policies, as it lies in version control: one document a file, NAME.json in any nested
 * folder. Files and folders whose name begins with a point are passed over; tests of
 * policies, NAME.test, are too. Other files are no policies, and are listed so that a mistyped
 * ending doesn't go unseen. */
#ifndef COMMAND_POLICY_FOLDER_H
#define COMMAND_POLICY_FOLDER_H

#include "base/arena.h"
#include "base/error.h"
#include "policy/policy.h"

/* Limits of a folder. */
enum { FOLDER_FILES_MAX = 10000, FOLDER_DEPTH_MAX = 16 };

struct policy_file {
    const char *path;                /* with the folder's */
    struct policy_document document; /* name, json, enabled; no id, no organization */
    size_t name_place;               /* the offset of its name in the file */
};

struct policy_folder {
    struct policy_file *files; /* by path */
    size_t count;
    const char **others; /* what is no policy: paths */
    size_t other_count;
};

/* Reads and checks every file, in the arena. Each mistake of each file is told on standard error,
 * with its line, its column and what to do; `*mistakes` is their number. FAIL only where a folder
 * or file can't be read at all, or a limit is passed. */
MUST_USE enum status policy_folder_read(const char *dir, struct arena *a, struct policy_folder *out,
                                        size_t *mistakes, struct error *e);

/* The files below the folder whose names end so (".test"), by path, in the arena. */
MUST_USE enum status policy_folder_list(const char *dir, const char *ending, struct arena *a,
                                        const char ***paths, size_t *count, struct error *e);

#endif
