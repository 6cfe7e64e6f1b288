#include "command/credential.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/mem.h"
#include "command/saved.h"
#include "identity/identity.h"
#include "store/user.h"

/* The next line of the descriptor, and nothing past it: another secret may follow. */
static enum status read_line(int fd, char out[CREDENTIAL_LINE], struct error *e)
{
    size_t n = 0;
    ssize_t got;

    do {
        got = read(fd, out + n, 1);
        n += got > 0 ? 1 : 0;
    } while ((got > 0 && out[n - 1] != '\n' && n < CREDENTIAL_LINE - 1) ||
             (got < 0 && errno == EINTR));
    if (got < 0) {
        return error_set(e, ERR_IO, "the secret can't be read: %s", strerror(errno));
    }
    out[n] = '\0';
    out[strcspn(out, "\r\n")] = '\0';
    return OK;
}

enum status credential_read_file(const char *path, char out[CREDENTIAL_LINE], struct error *e)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum status status;

    if (fd < 0) {
        return error_set(e, ERR_IO, "%s: %s", path, strerror(errno));
    }
    status = saved_check_private(fd, path, e) == OK ? read_line(fd, out, e) : FAIL;
    close(fd);
    return status;
}

/* Without echo; `prompt` and `user` make the question. */
static enum status read_terminal(const char *prompt, const char *user, char out[CREDENTIAL_LINE],
                                 struct error *e)
{
    struct termios shown, hidden;
    enum status status;

    if (tcgetattr(STDIN_FILENO, &shown) != 0) {
        return error_set(e, ERR_IO, "the terminal can't be used: %s", strerror(errno));
    }
    hidden = shown;
    hidden.c_lflag &= ~(tcflag_t)ECHO;
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
    fprintf(stderr, "%s of %s: ", prompt, user);
    status = read_line(STDIN_FILENO, out, e);
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown);
    fputc('\n', stderr);
    return status;
}

enum status credential_ask(const char *prompt, const char *user, char out[CREDENTIAL_LINE],
                           struct error *e)
{
    return isatty(STDIN_FILENO) ? read_terminal(prompt, user, out, e)
                                : read_line(STDIN_FILENO, out, e);
}

static enum status read_key(const struct credential *c, char out[CREDENTIAL_LINE], struct error *e)
{
    const char *given = getenv("HATIDATA_API_KEY");

    if (c->key_file) {
        return credential_read_file(c->key_file, out, e);
    }
    if (given && *given) {
        snprintf(out, CREDENTIAL_LINE, "%s", given);
        return OK;
    }
    return credential_ask("API key", c->user, out, e);
}

static enum status verify(struct admin *ad, const struct credential *c, const char *key,
                          struct principal **out)
{
    static const struct identity_config config = IDENTITY_CONFIG_DEFAULT;
    struct identity *identity;
    enum status status;

    if (identity_open(ad->store, &config, &identity, &ad->e) != OK) {
        return FAIL;
    }
    status = identity_verify(identity, str_of(c->user), str_of(key),
                             c->environment ? str_of(c->environment) : STR(""), STR("127.0.0.1"),
                             ad->a, out, &ad->e);
    identity_close(identity);
    return status;
}

/* What was given as a user is named only where it is one: it might be a key. */
static enum status refused(struct admin *ad, const struct credential *c)
{
    struct error ignored = ERROR_INIT;
    struct store_user user;
    bool known =
        store_user_find(ad->store, ad->org.id, str_of(c->user), ad->a, &user, &ignored) == OK;

    return admin_refused(ad, "credential.use",
                         known ? arena_printf(ad->a, "user/%.*s", STR_ARG(user.id)) : "user");
}

enum status credential_verify(struct admin *ad, const struct credential *c, struct principal **out)
{
    char key[CREDENTIAL_LINE];
    enum status status;

    if (!c->user) {
        return error_set(&ad->e, ERR_VALIDATION, "--as USER is missing");
    }
    status = read_key(c, key, &ad->e);
    if (status == OK) {
        status = verify(ad, c, key, out);
    }
    mem_wipe(key, sizeof key);
    if (status == OK && (!str_eq((*out)->org_id, ad->org.id) || (*out)->agent_id.n > 0)) {
        status = error_set(&ad->e, ERR_DENIED, "the key isn't one of a user of the organization");
    }
    if (status != OK) {
        return refused(ad, c);
    }
    ad->actor = str_of(
        arena_printf(ad->a, "user:%.*s via %.*s", STR_ARG((*out)->user_id), STR_ARG(ad->actor)));
    return OK;
}
