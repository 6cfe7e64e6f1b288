/* hatidata login, logout, whoami: the saved sign-in at a control plane. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/mem.h"
#include "command/api.h"
#include "command/source.h"

enum { FINGERPRINT_DIGITS = 64 };

struct login {
    const char *user, *key_file, *password_file, *org, *environment, *ca_file, *fingerprint;
    struct arena *a;
    struct saved who; /* as it will be saved */
    struct remote *remote;
    struct remote_fault fault;
    struct error e;
};

/* As OpenSSL prints it, with or without colons, or as 64 digits. */
static enum status read_fingerprint(struct login *l)
{
    char *out = arena_alloc(l->a, FINGERPRINT_DIGITS + 1);
    size_t n = 0;
    const char *p = l->fingerprint;
    for (; *p && n < FINGERPRINT_DIGITS && (isxdigit((unsigned char)*p) || *p == ':'); p++) {
        if (*p != ':') {
            out[n++] = (char)tolower((unsigned char)*p);
        }
    }
    out[n] = '\0';
    if (*p || n != FINGERPRINT_DIGITS) {
        error_set(
            &l->e, ERR_VALIDATION,
            "--fingerprint: it must be the SHA-256 of the certificate, 64 hexadecimal digits");
        return error_hint(&l->e, "On the server: openssl x509 -in server.pem -noout -fingerprint "
                                 "-sha256");
    }
    l->who.fingerprint = out;
    return OK;
}

static enum status read_authority(struct login *l)
{
    struct buf text = BUF_INIT(0);
    enum status status = source_read(l->ca_file, &text, &l->e);
    if (status == OK) {
        l->who.ca = arena_strdup(l->a, buf_str(&text));
        status = strstr(l->who.ca, "-----BEGIN CERTIFICATE-----")
                     ? OK
                     : error_set(&l->e, ERR_VALIDATION, "%s: it has no certificate in PEM form",
                                 l->ca_file);
    }
    buf_free(&text);
    return status;
}

/* A key's file is kept by its path, from wherever a command is run. */
static enum status check_how(struct login *l)
{
    if (!l->user == !l->key_file) {
        return error_set(&l->e, ERR_VALIDATION, "give either --user E-MAIL or --api-key-file FILE");
    }
    if (l->key_file && (l->password_file || l->org || l->environment)) {
        return error_set(&l->e, ERR_VALIDATION,
                         "--password-file, --org and --env are for a sign-in by password");
    }
    if (l->ca_file && l->fingerprint) {
        return error_set(&l->e, ERR_VALIDATION,
                         "give either --ca-file or --fingerprint: one of them is trusted");
    }
    if (l->key_file) {
        char *path = realpath(l->key_file, NULL);
        if (!path) {
            return error_set(&l->e, ERR_NOT_FOUND, "%s: there is no such file", l->key_file);
        }
        l->who.api_key_file = arena_strdup(l->a, str_of(path));
        free(path);
    }
    return (l->ca_file && read_authority(l) != OK) || (l->fingerprint && read_fingerprint(l) != OK)
               ? FAIL
               : OK;
}

/* One try; `code` empty: none was asked for. */
static enum status try_password(struct login *l, const char *password, const char *code,
                                struct remote_answer *answer)
{
    json_t *body = json_pack("{s:s, s:s, s:s*, s:s*, s:s*}", "email", l->user, "password", password,
                             "mfa_code", *code ? code : NULL, "organization", l->org, "environment",
                             l->environment);
    char *text = json_dumps(body, JSON_COMPACT);
    json_decref(body);
    if (!text) {
        return error_set(&l->e, ERR_VALIDATION, "the password or the code isn't UTF-8");
    }
    enum status status =
        remote_ask(l->remote, "POST", "/v1/auth/login", str_of(text), answer, &l->e);
    mem_wipe(text, strlen(text));
    free(text);
    return status == OK ? remote_judge(l->remote, answer, &l->fault, &l->e) : FAIL;
}

/* The code is asked for where the server wants one. */
static enum status sign_in(struct login *l, const char *password, struct remote_answer *answer)
{
    char code[CREDENTIAL_LINE] = "";
    enum status status = try_password(l, password, code, answer);
    if (status != OK && l->e.code == ERR_FACTOR) {
        json_decref(answer->json);
        answer->json = NULL;
        l->e = (struct error)ERROR_INIT;
        status = credential_ask("One-time code", l->user, code, &l->e);
        if (status == OK) {
            status = try_password(l, password, code, answer);
        }
    }
    mem_wipe(code, sizeof code);
    return status;
}

static const char *keep(struct login *l, const json_t *object, const char *name)
{
    struct str text = api_text(object, name);
    return text.n ? arena_strdup(l->a, text) : NULL;
}

static enum status use_password(struct login *l)
{
    char password[CREDENTIAL_LINE];
    struct remote_answer answer = {0};
    enum status status = l->password_file ? credential_read_file(l->password_file, password, &l->e)
                                          : credential_ask("Password", l->user, password, &l->e);
    if (status == OK) {
        status = sign_in(l, password, &answer);
    }
    mem_wipe(password, sizeof password);
    if (status == OK) {
        l->who.access_token = keep(l, answer.json, "token");
        l->who.refresh_token = keep(l, answer.json, "refresh_token");
        l->who.access_ends = clock_wall_us() / 1000000 + api_int(answer.json, "expires_in");
        status = l->who.access_token && l->who.refresh_token
                     ? OK
                     : error_set(&l->e, ERR_IO, "the server's answer has no tokens");
    }
    json_decref(answer.json);
    return status;
}

static enum status ask_who(struct remote *r, json_t **out, struct remote_fault *fault,
                           struct error *e)
{
    struct remote_answer answer = {0};
    *out = NULL;
    if (remote_call(r, "GET", "/v1/auth/whoami", STR_NULL, &answer, e) != OK) {
        return FAIL;
    }
    *out = answer.json;
    return remote_judge(r, &answer, fault, e);
}

/* Who the credential is, asked with it. */
static enum status learn(struct login *l)
{
    json_t *who = NULL;
    remote_close(l->remote);
    l->remote = remote_new(&l->who, l->a);
    enum status status = ask_who(l->remote, &who, &l->fault, &l->e);
    if (status == OK) {
        l->who.user = keep(l, who, "email");
        l->who.user = l->who.user ? l->who.user : keep(l, who, "agent_name");
        l->who.user = l->who.user ? l->who.user : keep(l, who, "operator");
        bool operates = api_text(who, "operator").n > 0;
        l->who.organization_id = operates ? "" : keep(l, who, "organization_id");
        l->who.organization = operates ? "the installation" : keep(l, who, "organization");
        l->who.environment = operates ? "" : keep(l, who, "environment");
        if (!l->who.organization_id || !l->who.organization || !l->who.environment) {
            status = error_set(&l->e, ERR_IO, "the server's answer has no organization");
        }
    }
    json_decref(who);
    return status;
}

static enum status save(struct login *l)
{
    int lock;
    if (saved_lock(&lock, &l->e) != OK) {
        return FAIL;
    }
    enum status status = saved_store(&l->who, &l->e);
    saved_unlock(lock);
    return status;
}

static enum status login(struct login *l, const char *url)
{
    if (remote_url(url, l->a, &l->who.url, &l->e) != OK || check_how(l) != OK ||
        saved_prepare(&l->e) != OK) {
        return FAIL;
    }
    l->remote = remote_new(&l->who, l->a);
    if ((l->user && use_password(l) != OK) || learn(l) != OK || save(l) != OK) {
        return FAIL;
    }
    printf("signed in to %s as %s of %s\n", l->who.url, l->who.user, l->who.organization);
    return OK;
}

static bool asks_help(int argc, char **argv, const char *usage)
{
    bool asks = argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0);
    if (asks) {
        puts(usage);
    }
    return asks;
}

int command_login(int argc, char **argv)
{
    struct login l = {.e = ERROR_INIT};
    const struct option known[] = {{"--user", OPTION_TEXT, .text = &l.user},
                                   {"--api-key-file", OPTION_TEXT, .text = &l.key_file},
                                   {"--password-file", OPTION_TEXT, .text = &l.password_file},
                                   {"--org", OPTION_TEXT, .text = &l.org},
                                   {"--env", OPTION_TEXT, .text = &l.environment},
                                   {"--ca-file", OPTION_TEXT, .text = &l.ca_file},
                                   {"--fingerprint", OPTION_TEXT, .text = &l.fingerprint},
                                   {NULL}};
    static const char usage[] =
        "usage: hatidata login https://HOST:8443 --user E-MAIL [--password-file FILE] [--org ORG]\n"
        "                      [--env NAME] [--ca-file FILE | --fingerprint SHA256]\n"
        "       hatidata login https://HOST:8443 --api-key-file FILE [--ca-file FILE | ...]\n"
        "The password, and a one-time code where one is wanted, are asked for, or are lines of\n"
        "standard input. Commands without a data folder go to that control plane from then on.";
    const char *url;
    size_t given;
    int code = EXIT_DONE;
    if (asks_help(argc, argv, usage)) {
        return EXIT_DONE;
    }
    if (!options_parse(argc, argv, known, &url, 1, &given)) {
        return EXIT_USAGE;
    }
    if (given == 0) {
        fprintf(stderr, "%s\n", usage);
        return EXIT_USAGE;
    }
    l.a = arena_new(0);
    if (login(&l, url) != OK) {
        code = command_fail(&l.e);
        command_fault(&l.fault);
    }
    remote_close(l.remote);
    arena_free(l.a);
    return code;
}

/* Ended at the server first: what is only forgotten here could still be used by who has a copy. */
static enum status end_sign_in(struct remote *r, struct arena *a, struct remote_fault *fault,
                               struct error *e)
{
    struct remote_answer answer = {0};
    if (remote_saved(r)->api_key_file) {
        printf("forgotten; the key in %s is as good as before\n", remote_saved(r)->api_key_file);
        return OK;
    }
    enum status status = remote_call(r, "POST", "/v1/auth/logout", STR_NULL, &answer, e);
    if (status == OK) {
        status = remote_judge(r, &answer, fault, e);
    }
    json_decref(answer.json);
    if (status == OK) {
        printf("signed out of %s\n", remote_saved(r)->url);
    } else if (error_info(e->code)->http == 401) {
        printf("the sign-in at %s was over already\n", remote_saved(r)->url);
        status = OK;
    } else {
        (void)!error_hint(e,
                          "It is still signed in: try again, or remove %s, and the sign-in "
                          "ends by itself within seven days.",
                          saved_path(a));
    }
    return status;
}

/* logout and whoami: no arguments but --control. */
static int with_sign_in(int argc, char **argv, const char *usage,
                        enum status (*run)(struct remote *r, struct arena *a,
                                           struct remote_fault *fault, struct error *e))
{
    const char *control = NULL;
    const struct option known[] = {{"--control", OPTION_TEXT, .text = &control}, {NULL}};
    struct remote_fault fault = {0};
    struct error e = ERROR_INIT;
    struct remote *r = NULL;
    int code = EXIT_DONE;
    size_t given;
    if (asks_help(argc, argv, usage)) {
        return EXIT_DONE;
    }
    if (!options_parse(argc, argv, known, NULL, 0, &given)) {
        return EXIT_USAGE;
    }
    struct arena *a = arena_new(0);
    if (remote_open(control, a, &r, &e) != OK || run(r, a, &fault, &e) != OK) {
        code = command_fail(&e);
        command_fault(&fault);
    }
    remote_close(r);
    arena_free(a);
    return code;
}

static enum status logout(struct remote *r, struct arena *a, struct remote_fault *fault,
                          struct error *e)
{
    return end_sign_in(r, a, fault, e) == OK ? saved_remove(e) : FAIL;
}

static void put_line(const char *name, struct str value)
{
    if (value.n) {
        printf("%s\t%.*s\n", name, STR_ARG(value));
    }
}

static enum status whoami(struct remote *r, struct arena *a, struct remote_fault *fault,
                          struct error *e)
{
    json_t *who = NULL;
    enum status status = ask_who(r, &who, fault, e);
    if (status == OK) {
        put_line("control plane", str_of(remote_saved(r)->url));
        put_line("user", api_text(who, "email"));
        put_line("agent", api_text(who, "agent_name"));
        put_line("operator", api_text(who, "operator"));
        put_line("role", api_text(who, "role"));
        put_line("organization", api_text(who, "organization"));
        put_line("environment", api_text(who, "environment"));
        put_line("credential", api_text(who, "credential"));
    }
    json_decref(who);
    return status;
}

int command_logout(int argc, char **argv)
{
    return with_sign_in(argc, argv,
                        "usage: hatidata logout [--control URL]\n"
                        "Ends the saved sign-in at its control plane, and forgets it.",
                        logout);
}

int command_whoami(int argc, char **argv)
{
    return with_sign_in(argc, argv,
                        "usage: hatidata whoami [--control URL]\n"
                        "Who is signed in, where, and with which role.",
                        whoami);
}
