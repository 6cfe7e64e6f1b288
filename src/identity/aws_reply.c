/* STS's answer: <GetCallerIdentityResponse><GetCallerIdentityResult> with Arn, UserId and Account.
 */
#include <expat.h>
#include <stdio.h>

#include "identity/aws.h"

enum { DEPTH_MAX = 8, TEXT_MAX = 2048 };

static const char *const fields[] = {"Arn", "UserId", "Account"};
enum { ARN, USER_ID, ACCOUNT, FIELD_COUNT };

struct reply {
    XML_Parser parser;
    int depth, field; /* the field whose text comes; -1: none */
    bool in_response, in_result, broken;
    char text[FIELD_COUNT][TEXT_MAX];
    size_t n[FIELD_COUNT];
    bool seen[FIELD_COUNT];
};

static void give_up(struct reply *r)
{
    r->broken = true;
    XML_StopParser(r->parser, XML_FALSE);
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct reply *r = ctx;
    int f = 0;

    (void)attributes;
    r->depth++;
    if (r->depth > DEPTH_MAX || r->field >= 0) {
        give_up(r);
        return;
    }
    if (r->depth == 1) {
        r->in_response = strcmp(name, "GetCallerIdentityResponse") == 0;
    } else if (r->depth == 2) {
        r->in_result = strcmp(name, "GetCallerIdentityResult") == 0;
    } else if (r->depth == 3 && r->in_response && r->in_result) {
        while (f < FIELD_COUNT && strcmp(name, fields[f]) != 0) {
            f++;
        }
        if (f == FIELD_COUNT || r->seen[f]) {
            give_up(r);
            return;
        }
        r->seen[f] = true;
        r->field = f;
    }
}

static void on_end(void *ctx, const XML_Char *name)
{
    struct reply *r = ctx;

    (void)name;
    r->in_result = r->in_result && r->depth != 2;
    r->field = -1;
    r->depth--;
}

static void on_text(void *ctx, const XML_Char *bytes, int n)
{
    struct reply *r = ctx;
    int f = r->field;

    if (f < 0) {
        return;
    }
    if (r->n[f] + (size_t)n >= TEXT_MAX) {
        give_up(r);
        return;
    }
    memcpy(r->text[f] + r->n[f], bytes, (size_t)n);
    r->n[f] += (size_t)n;
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    give_up(ctx);
}

static bool parse(struct str xml, struct reply *r)
{
    XML_Parser p = XML_ParserCreate("UTF-8");
    bool good;

    if (!p) {
        return false;
    }
    *r = (struct reply){.parser = p, .field = -1};
    XML_SetUserData(p, r);
    XML_SetElementHandler(p, on_start, on_end);
    XML_SetCharacterDataHandler(p, on_text);
    XML_SetStartDoctypeDeclHandler(p, on_doctype);
    good =
        xml.n <= AWS_REPLY_MAX && XML_Parse(p, xml.p ? xml.p : "", (int)xml.n, 1) == XML_STATUS_OK;
    XML_ParserFree(p);
    return good && !r->broken && r->seen[ARN] && r->seen[USER_ID] && r->seen[ACCOUNT];
}

static void put(json_t *claims, const char *name, struct str value)
{
    json_object_set_new(claims, name, json_stringn(value.p ? value.p : "", value.n));
}

/* "arn:aws:sts::123456789012:assumed-role/ROLE/SESSION",
 * "arn:aws:iam::123456789012:user/PATH/NAME". The account of the ARN must be the account that
 * stands beside it. */
static bool put_arn(json_t *claims, struct str arn, struct str account)
{
    struct str rest = arn, kind;

    if (!str_is(str_cut(&rest, ':'), "arn")) {
        return false;
    }
    str_cut(&rest, ':'); /* the partition */
    str_cut(&rest, ':'); /* the service */
    str_cut(&rest, ':'); /* no region */
    if (!account.n || !str_eq(str_cut(&rest, ':'), account)) {
        return false;
    }
    kind = str_cut(&rest, '/');
    put(claims, "arn", arn);
    put(claims, "account", account);
    put(claims, "kind", kind);
    if (str_is(kind, "assumed-role")) {
        put(claims, "role", str_cut(&rest, '/'));
        put(claims, "session", rest);
    }
    return kind.n > 0;
}

enum status aws_claims(struct str xml, json_t **claims, struct error *e)
{
    struct reply r;
    json_t *object;

    if (!parse(xml, &r)) {
        return error_set(e, ERR_IO, "STS's answer isn't a caller's identity");
    }
    object = json_object();
    put(object, "user_id", (struct str){r.text[USER_ID], r.n[USER_ID]});
    if (!put_arn(object, (struct str){r.text[ARN], r.n[ARN]},
                 (struct str){r.text[ACCOUNT], r.n[ACCOUNT]})) {
        json_decref(object);
        return error_set(e, ERR_IO, "STS's answer has an ARN that isn't its account's");
    }
    *claims = object;
    return OK;
}
