#include "net/s3_reply.h"

#include <ctype.h>
#include <expat.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"

enum { DEPTH_MAX = 8, NAME_MAX_BYTES = 64 };

struct reply {
    XML_Parser parser;
    int depth;
    bool broken;
    char name[NAME_MAX_BYTES]; /* of the element whose text comes */
    char text[S3_MARKER_SIZE];
    size_t n;
    void (*on_text)(struct reply *r);                  /* of a whole element without children */
    void (*on_end)(struct reply *r, const char *name); /* of any element */

    const char *wanted; /* s3_read_word() */
    char *word;
    size_t word_size;

    struct s3_page *page; /* s3_read_versions() */
    struct s3_versions *out;
    struct s3_version one;
    size_t max, cap;
    struct arena *a;
    bool full;
};

static void give_up(struct reply *r)
{
    r->broken = true;
    XML_StopParser(r->parser, XML_FALSE);
}

static void on_start(void *ctx, const XML_Char *name, const XML_Char **attributes)
{
    struct reply *r = ctx;
    (void)attributes;
    if (++r->depth > DEPTH_MAX || strlen(name) >= sizeof r->name) {
        give_up(r);
        return;
    }
    snprintf(r->name, sizeof r->name, "%s", name);
    r->n = 0;
}

static void on_end(void *ctx, const XML_Char *name)
{
    struct reply *r = ctx;
    r->depth--;
    if (strcmp(r->name, name) == 0) {
        r->text[r->n] = '\0';
        r->on_text(r);
        r->name[0] = '\0';
    }
    r->on_end(r, name);
}

static void on_bytes(void *ctx, const XML_Char *bytes, int n)
{
    struct reply *r = ctx;
    if (r->n + (size_t)n >= sizeof r->text) {
        give_up(r);
        return;
    }
    memcpy(r->text + r->n, bytes, (size_t)n);
    r->n += (size_t)n;
}

static void on_doctype(void *ctx, const XML_Char *name, const XML_Char *system,
                       const XML_Char *public, int internal)
{
    (void)name, (void)system, (void)public, (void)internal;
    give_up(ctx);
}

static bool parse(struct reply *r, struct str xml)
{
    r->parser = XML_ParserCreate("UTF-8");
    if (!r->parser) {
        return false;
    }
    XML_SetUserData(r->parser, r);
    XML_SetElementHandler(r->parser, on_start, on_end);
    XML_SetCharacterDataHandler(r->parser, on_bytes);
    XML_SetStartDoctypeDeclHandler(r->parser, on_doctype);
    bool good = XML_Parse(r->parser, xml.p ? xml.p : "", (int)xml.n, 1) == XML_STATUS_OK;
    XML_ParserFree(r->parser);
    return good && !r->broken;
}

static void pass_over(struct reply *r, const char *name)
{
    (void)r, (void)name;
}

/* ---- one word ---- */

static void take_word(struct reply *r)
{
    if (r->word[0] || strcmp(r->name, r->wanted) != 0 || r->n >= r->word_size) {
        return;
    }
    for (size_t i = 0; i < r->n; i++) {
        if (!isalnum((unsigned char)r->text[i])) {
            return;
        }
    }
    memcpy(r->word, r->text, r->n + 1);
}

void s3_read_word(struct str xml, const char *element, char *out, size_t size)
{
    struct reply r = {.on_text = take_word,
                      .on_end = pass_over,
                      .wanted = element,
                      .word = out,
                      .word_size = size};
    out[0] = '\0';
    if (!parse(&r, xml)) {
        out[0] = '\0';
    }
}

/* ---- versions ---- */

static void take_version_text(struct reply *r)
{
    if (strcmp(r->name, "Key") == 0) {
        r->one.key = arena_strdup(r->a, str_of(r->text));
    } else if (strcmp(r->name, "VersionId") == 0) {
        r->one.version = arena_strdup(r->a, str_of(r->text));
    } else if (strcmp(r->name, "IsTruncated") == 0) {
        r->page->more = strcmp(r->text, "true") == 0;
    } else if (strcmp(r->name, "NextKeyMarker") == 0) {
        snprintf(r->page->key, sizeof r->page->key, "%s", r->text);
    } else if (strcmp(r->name, "NextVersionIdMarker") == 0) {
        snprintf(r->page->version, sizeof r->page->version, "%s", r->text);
    }
}

static void add_version(struct reply *r)
{
    if (r->out->n == r->max) {
        r->full = true;
        give_up(r);
        return;
    }
    if (r->out->n == r->cap) {
        size_t cap = r->cap ? 2 * r->cap : 256;
        struct s3_version *more = arena_alloc(r->a, cap * sizeof *more);
        if (r->out->n) {
            memcpy(more, r->out->at, r->out->n * sizeof *more);
        }
        r->out->at = more;
        r->cap = cap;
    }
    r->out->at[r->out->n++] = r->one;
}

/* A <DeleteMarker> has a key and no bytes: what it hides is listed besides. */
static void end_version(struct reply *r, const char *name)
{
    bool version = strcmp(name, "Version") == 0;
    if (version && r->one.key && r->one.version) {
        add_version(r);
    }
    if (version || strcmp(name, "DeleteMarker") == 0) {
        r->one = (struct s3_version){NULL, NULL};
    }
}

enum status s3_read_versions(struct str xml, size_t max, struct arena *a, struct s3_versions *out,
                             struct s3_page *page, struct error *e)
{
    struct reply r = {.on_text = take_version_text,
                      .on_end = end_version,
                      .page = page,
                      .out = out,
                      .max = max,
                      .cap = out->n, /* a new page, new room */
                      .a = a};
    *page = (struct s3_page){.more = false};
    if (parse(&r, xml)) {
        return !page->more || page->key[0]
                   ? OK
                   : error_set(e, ERR_CORRUPT, "the object store's list has no next page");
    }
    return r.full ? error_set(e, ERR_TOO_LARGE, "there are more than %zu objects", max)
                  : error_set(e, ERR_CORRUPT, "the object store's list can't be read");
}
