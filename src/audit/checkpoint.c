#include "audit/checkpoint.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"

static const char origin_head[] = "hatidata.audit/";

void checkpoint_origin(const char *log_id, char out[CHECKPOINT_ORIGIN_SIZE])
{
    snprintf(out, CHECKPOINT_ORIGIN_SIZE, "%s%s", origin_head, log_id);
}

const char *checkpoint_log_of(const struct checkpoint *c)
{
    const char *id = c->origin + sizeof origin_head - 1;
    bool good = strncmp(c->origin, origin_head, sizeof origin_head - 1) == 0 &&
                strlen(id) == ID_UUID_SIZE - 1 && id[strspn(id, "0123456789abcdef-")] == '\0';
    return good ? id : NULL;
}

void checkpoint_of(const struct chain *c, struct checkpoint *out)
{
    checkpoint_origin(c->log_id, out->origin);
    out->size = c->seq;
    merkle_root(&c->tree, c->hasher, out->root);
}

void checkpoint_write(const struct checkpoint *c, struct buf *out)
{
    char root[TEXT_BASE64_SIZE(MERKLE_SIZE) + 1];
    text_base64(c->root, sizeof c->root, root);
    buf_printf(out, "%s\n%llu\n%s\n", c->origin, (unsigned long long)c->size, root);
}

static bool next_line(struct str *rest, struct str *out)
{
    const char *end = rest->n ? memchr(rest->p, '\n', rest->n) : NULL;
    if (!end) {
        return false;
    }
    *out = (struct str){rest->p, (size_t)(end - rest->p)};
    *rest = (struct str){end + 1, rest->n - out->n - 1};
    return true;
}

static bool read_size(struct str text, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return false;
        }
        *out = *out * 10 + (uint64_t)(text.p[i] - '0');
    }
    return text.n >= 1 && text.n <= 18 && text.p[0] != '0';
}

enum status checkpoint_read(struct str text, struct checkpoint *out, struct error *e)
{
    struct str origin, size, root;
    if (!next_line(&text, &origin) || !next_line(&text, &size) || !next_line(&text, &root) ||
        origin.n == 0 || origin.n >= sizeof out->origin || !read_size(size, &out->size) ||
        !text_unbase64(root, out->root, sizeof out->root)) {
        return error_set(e, ERR_CORRUPT, "this is not a checkpoint of an audit log");
    }
    memcpy(out->origin, origin.p, origin.n);
    out->origin[origin.n] = '\0';
    out->has_more_lines = text.n > 0;
    for (struct str line; next_line(&text, &line);) {
        if (line.n == 0) {
            return error_set(e, ERR_CORRUPT, "this is not a checkpoint of an audit log");
        }
    }
    return OK;
}

/* By one of the keys of its origin's name: a log's key signs for no other log. */
static enum status check_signed(struct str note, const struct note_key *keys, size_t count,
                                const char *origin, struct error *e)
{
    struct note_key *own = mem_calloc(count, sizeof *own);
    struct str text;
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(keys[i].name, origin) == 0) {
            own[n++] = keys[i];
        }
    }
    enum status status = note_open(note, own, n, &text, e);
    free(own);
    return status;
}

enum status checkpoint_open(struct str note, const struct note_key *keys, size_t count,
                            struct checkpoint *out, struct error *e)
{
    struct str text = note_text(note);
    if (!text.p) {
        return error_set(e, ERR_CORRUPT, "this is not a signed checkpoint");
    }
    if (checkpoint_read(text, out, e) != OK) {
        return FAIL;
    }
    return count > 0 ? check_signed(note, keys, count, out->origin, e) : OK;
}

/* A note as JSON: line ends are all that may be escaped in it. */
static bool unescape(struct str text, struct buf *out)
{
    for (size_t i = 0; i < text.n; i++) {
        if (text.p[i] != '\\') {
            buf_u8(out, (uint8_t)text.p[i]);
        } else if (i + 1 < text.n && text.p[i + 1] == 'n') {
            buf_u8(out, '\n');
            i++;
        } else {
            return false;
        }
    }
    return !out->failed;
}

bool checkpoint_in_line(const struct line *line, const char *action, struct buf *out)
{
    size_t at = 0;
    if (!str_is(line_system_action(line, &at), action)) {
        return false;
    }
    struct str note = line_member(line->body, at + 1, "checkpoint", NULL);
    buf_clear(out);
    if (!note.p || !unescape(note, out)) {
        buf_clear(out);
    }
    return true;
}
