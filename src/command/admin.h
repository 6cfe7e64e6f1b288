/* What the administrators' commands share: verbs, the control store, the organization, and text
 * that becomes lists, attributes and numbers. */
#ifndef COMMAND_ADMIN_H
#define COMMAND_ADMIN_H

#include "base/arena.h"
#include "command/command.h"
#include "command/options.h"
#include "command/remote.h"
#include "policy/principal.h"
#include "store/org.h"
#include "store/store.h"

struct pipeline;
struct trial_site;

/* One verb of a command, such as "add"; a table of them ends with name NULL. */
struct verb {
    const char *name;
    const char *usage;                 /* what follows "hatidata COMMAND VERB" */
    int (*run)(int argc, char **argv); /* argv[0] is the verb */
};

/* Runs the verb that argv[1] names; --help anywhere prints the usages. Gives the exit code. */
int verbs_run(int argc, char **argv, const struct verb *verbs);

struct admin {
    const char *data, *org_name; /* of --data, --org */
    const char *dir;             /* the data folder */
    struct arena *a;
    struct store *store;
    struct str actor; /* "cli:" and the operating system's user */
    struct store_org org;
    struct error e;
    int code; /* where admin_begin gave false */

    /* Of commands that go through the API (command/api.h). */
    const char *control;       /* of --control */
    struct remote *remote;     /* NULL: a data folder */
    const char *org_part;      /* the organization, as paths name it */
    struct principal who;      /* on a data folder: the operator, or whom he has verified */
    bool is_operator;          /* he is */
    struct identity *identity; /* on a data folder, where a command needs it */
    int64_t jit_minutes_max;   /* on a data folder, likewise, as what follows */
    struct pipeline *pipeline; /* not closed by admin_end() */
    const struct trial_site *trials;
    json_t *answers;           /* freed at the end */
    struct remote_fault fault; /* what an error is about */
};

#define ADMIN_INIT                                                                                 \
    {                                                                                              \
        .e = ERROR_INIT                                                                            \
    }
#define ADMIN_DATA(admin)                                                                          \
    {                                                                                              \
        "--data", OPTION_TEXT, .text = &(admin).data                                               \
    }
#define ADMIN_ORG(admin)                                                                           \
    {                                                                                              \
        "--org", OPTION_TEXT, .text = &(admin).org_name                                            \
    }

/* Parses; checks that there are as many positional arguments as `rest` has room for; opens
 * data folder (--data, $HATIDATA_DATA_DIR, else ./data) or of $HATIDATA_STORE, which must be there;
 * finds the organization where the table of options has --org, which is then required. False after
 * a message; `code` is set. */
bool admin_begin(struct admin *ad, int argc, char **argv, const struct option *known,
                 const char **rest, size_t rest_count);

/* The same with `least` to `most` positional arguments; those that aren't given stay as they are.
 */
bool admin_begin_upto(struct admin *ad, int argc, char **argv, const struct option *known,
                      const char **rest, size_t least, size_t most);

/* The halves of admin_begin_upto(), for who decides between them what to open. */
bool admin_parse(struct admin *ad, int argc, char **argv, const struct option *known,
                 const char **rest, size_t least, size_t most);
bool admin_open(struct admin *ad, const struct option *known, const char *command);

/* Does the table of options have --org? */
bool admin_takes_org(const struct admin *ad, const struct option *known);

/* Gives the store the key of the policies' history, from the data folder's keyring: before a change
 * of policies, and before the history is read. */
MUST_USE enum status admin_seal(struct admin *ad);

/* After command_fail(): the field that it is about and the request's id, where there are. */
void command_fault(const struct remote_fault *f);

/* FAIL with the admin's error, after the trail has that he was refused: "ACTION.refuse". For what
 * is refused before it comes to be a change of the store. */
MUST_USE enum status admin_refused(struct admin *ad, const char *action, const char *resource);

/* Prints the error where `status` is FAIL, closes everything, and gives the exit code. */
int admin_end(struct admin *ad, enum status status);

/* Who acts, for the IAM trail: "cli:" and the operating system's user. */
struct str command_actor(struct arena *a);

/* A whole number from `least` to `most`; `what` begins the message. */
MUST_USE enum status admin_number(const char *what, const char *text, int64_t least, int64_t most,
                                  int64_t *out, struct error *e);

#endif
