/* The administrators' commands as clients of the REST API. A command is written once, as requests;
 * they are answered by a control plane, as whoever is signed in there, or by the same routes in
 * this process, on a data folder, as the operator of the installation. What is printed is made of
 * the answers alone.
 *
 * Remote where --control URL says so, or where a sign-in is saved and no data folder was named
 * (--data, $HATIDATA_DATA_DIR). */
#ifndef COMMAND_API_H
#define COMMAND_API_H

#include <jansson.h>

#include "command/admin.h"
#include "command/credential.h"

#define API_TARGET(admin)                                                                          \
    ADMIN_DATA(admin),                                                                             \
    {                                                                                              \
        "--control", OPTION_TEXT, .text = &(admin).control                                         \
    }

/* As admin_begin(); --org, where the table has it, may be left out remotely: there it is one's own.
 * End with admin_end(). */
bool api_begin(struct admin *ad, int argc, char **argv, const struct option *known,
               const char **rest, size_t rest_count);
bool api_begin_upto(struct admin *ad, int argc, char **argv, const struct option *known,
                    const char **rest, size_t least, size_t most);

/* Acts for an organization that isn't --org's. FAIL where there is none such. */
MUST_USE enum status api_org(struct admin *ad, const char *name);

/* On a data folder, what some routes need of it; remotely nothing. With `secrets` also what people
 * sign in by. */
MUST_USE enum status api_identity(struct admin *ad, bool secrets);
MUST_USE enum status api_seal(struct admin *ad);

/* On a data folder: who is named by --as acts, when he has proved it. Remotely that is who is
 * signed in, and --as is refused. */
MUST_USE enum status api_act_as(struct admin *ad, const struct credential *c);

/* "/v1/organizations/ORG/a/b", each of the segments, up to NULL, percent-encoded; in the arena. And
 * "/v1/environments/ENV/a/b", for an environment of NULL that of who acts. */
const char *api_path(struct admin *ad, ...) __attribute__((sentinel));
const char *api_env_path(struct admin *ad, const char *environment, ...) __attribute__((sentinel));

/* Percent-encoded, in the arena. */
const char *api_escape(struct admin *ad, struct str raw);

/* One request. `body`, which is taken over, may be NULL. The answer (NULL: not wanted) is valid
 * until admin_end(). */
MUST_USE enum status api_call(struct admin *ad, const char *method, const char *path, json_t *body,
                              const json_t **answer);

/* All rows of a list, in the order of the texts of `field`. */
MUST_USE enum status api_list(struct admin *ad, const char *path, const char *field,
                              const json_t **rows);

/* Whole verbs, as the exit code: one that prints each row of an organization's COLLECTION in the
 * order of the texts of `field`; and one that asks METHOD of COLLECTION/NAME[/ACTION], where NAME
 * is the verb's only argument. */
int api_run_list(int argc, char **argv, const char *collection, const char *field,
                 void (*print)(const json_t *row));
int api_run_change(int argc, char **argv, const char *method, const char *collection,
                   const char *action);

/* A text of an object, empty where it has none; and its whole numbers and truths. */
struct str api_text(const json_t *object, const char *name);
int64_t api_int(const json_t *object, const char *name);
bool api_bool(const json_t *object, const char *name);

/* "a,b,c" as an array of texts, NULL for NULL: for bodies. */
json_t *api_texts(struct admin *ad, const char *list);

/* "name=value" options as an object of texts; FAIL where one has no "=". */
MUST_USE enum status api_pairs(struct admin *ad, const struct option_values *values, json_t **out);

#endif
