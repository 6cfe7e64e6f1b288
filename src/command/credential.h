/* A person who acts by a command: said with --as, proved with his own API key, as at a login. */
#ifndef COMMAND_CREDENTIAL_H
#define COMMAND_CREDENTIAL_H

#include "command/admin.h"
#include "policy/principal.h"

struct credential {
    const char *user, *key_file, *environment; /* of --as, --key-file, --env */
};

#define CREDENTIAL_OPTIONS(c)                                                                      \
    {"--as", OPTION_TEXT, .text = &(c).user}, {"--key-file", OPTION_TEXT, .text = &(c).key_file},  \
    {                                                                                              \
        "--env", OPTION_TEXT, .text = &(c).environment                                             \
    }
#define CREDENTIAL_USAGE "--as USER [--key-file FILE] [--env NAME]"

/* The key comes from --key-file (which nobody else may read), else $HATIDATA_API_KEY, else from the
 * terminal, else from a line of standard input. It must be a user's, not an agent's, of the
 * organization that --org names. Sets the actor of `ad` to "user:ID via cli:NAME". In ad's arena.
 */
MUST_USE enum status credential_verify(struct admin *ad, const struct credential *c,
                                       struct principal **out);

/* A secret: one line from the terminal, without echo, else of standard input. The caller wipes it.
 */
enum { CREDENTIAL_LINE = 512 };
MUST_USE enum status credential_ask(const char *prompt, const char *user, char out[CREDENTIAL_LINE],
                                    struct error *e);

/* The same from the first line of a file, which must be the user's own and nobody else's to read.
 */
MUST_USE enum status credential_read_file(const char *path, char out[CREDENTIAL_LINE],
                                          struct error *e);

#endif
