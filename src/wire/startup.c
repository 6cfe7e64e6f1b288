#include "wire/startup.h"

#include "wire/message.h"

enum {
    PROTOCOL_MAJOR = 3,
    REQUEST_MAJOR = 1234, /* the major number that marks a request instead of a version */
    REQUEST_CANCEL = 5678,
    REQUEST_SSL = 5679,
    REQUEST_GSS = 5680,
    TLS_HANDSHAKE_RECORD = 0x16
};

static struct startup_head request(int minor, size_t size, struct wire_reader *r)
{
    struct startup_head h = {.kind = STARTUP_BAD, .size = size};
    if (minor == REQUEST_SSL && size == 8) {
        h.kind = STARTUP_SSL;
    } else if (minor == REQUEST_GSS && size == 8) {
        h.kind = STARTUP_GSS;
    } else if (minor == REQUEST_CANCEL &&
               (size == CANCEL_HEAD + CANCEL_KEY_SHORT || size == CANCEL_HEAD + CANCEL_KEY_LONG)) {
        h.pid = wire_read_i32(r);
        h.key.n = size - CANCEL_HEAD;
        struct str key = wire_read_bytes(r, h.key.n);
        memcpy(h.key.bytes, key.p, key.n);
        h.kind = r->failed ? STARTUP_MORE : STARTUP_CANCEL;
    }
    return h;
}

struct startup_head startup_peek(struct str in)
{
    struct startup_head h = {.kind = STARTUP_MORE};
    if (in.n == 0) {
        return h;
    }
    if ((uint8_t)in.p[0] == TLS_HANDSHAKE_RECORD) {
        h.kind = STARTUP_TLS;
        return h;
    }
    /* The length is under 10001: its first two bytes are zero. Say so early, wait for nothing. */
    if (in.p[0] != 0 || (in.n >= 2 && in.p[1] != 0)) {
        h.kind = STARTUP_BAD;
        return h;
    }
    if (in.n < 8) {
        return h;
    }
    struct wire_reader r = wire_reader(in);
    size_t size = (uint32_t)wire_read_i32(&r);
    uint32_t version = (uint32_t)wire_read_i32(&r);
    int minor = (int)(version & 0xffff);
    if (size < 8 || size > STARTUP_MAX) {
        h.kind = STARTUP_BAD;
        return h;
    }
    if (version >> 16 == REQUEST_MAJOR) {
        return request(minor, size, &r);
    }
    h.kind = version >> 16 == PROTOCOL_MAJOR ? STARTUP_SESSION : STARTUP_BAD;
    h.size = size;
    h.minor = minor;
    return h;
}

static void put_option(struct arena *a, struct startup *s, struct str name, struct str value)
{
    struct startup_option o = {arena_str(a, name), arena_str(a, value)};
    VEC_PUSH(a, s->options, o);
}

/* The next word of an options string: split at spaces, a backslash takes the next byte as it is. */
static bool next_word(struct arena *a, struct str *rest, struct str *out)
{
    *rest = str_trim(*rest);
    if (rest->n == 0) {
        return false;
    }
    char *word = arena_alloc(a, rest->n + 1);
    size_t n = 0, i = 0;
    for (; i < rest->n && !strchr(" \t\r\n", rest->p[i]); i++) {
        if (rest->p[i] == '\\' && i + 1 < rest->n) {
            i++;
        }
        word[n++] = rest->p[i];
    }
    *rest = (struct str){rest->p + i, rest->n - i};
    *out = (struct str){word, n};
    return true;
}

/* "-c name=value", "-cname=value" and "--name=value", where a dash in a name means an underscore.
 */
static enum status read_command_line(struct arena *a, struct str text, struct startup *s,
                                     struct error *e)
{
    struct str word;
    while (next_word(a, &text, &word)) {
        bool is_long = str_starts(word, "--");
        if (str_is(word, "-c")) {
            if (!next_word(a, &text, &word)) {
                return error_set(e, ERR_PROTOCOL, "startup option -c needs name=value");
            }
        } else if (is_long || str_starts(word, "-c")) {
            word = (struct str){word.p + 2, word.n - 2};
        } else {
            return error_set(e, ERR_PROTOCOL,
                             "unknown startup option \"%.*s\": only -c "
                             "name=value is known",
                             (int)(word.n > 64 ? 64 : word.n), word.p);
        }
        struct str value = word;
        struct str name = str_cut(&value, '=');
        if (!value.p || name.n == 0) {
            return error_set(e, ERR_PROTOCOL, "startup option without \"=\": write -c name=value");
        }
        char *z = arena_strdup(a, name);
        for (char *p = z; *p; p++) {
            *p = *p == '-' ? '_' : *p;
        }
        put_option(a, s, str_of(z), value);
    }
    return OK;
}

static enum status take_pair(struct arena *a, struct startup *s, struct str name, struct str value,
                             struct str *command_line, struct error *e)
{
    if (!str_is_utf8(name) || !str_is_utf8(value)) {
        return error_set(e, ERR_PROTOCOL, "startup packet: not UTF-8");
    }
    if (str_is(name, "user")) {
        s->user = arena_str(a, value);
    } else if (str_is(name, "database")) {
        s->database = arena_str(a, value);
    } else if (str_is(name, "options")) {
        *command_line = arena_str(a, value);
    } else if (str_is(name, "replication")) {
        if (!str_iis(value, "false") && !str_iis(value, "off") && !str_iis(value, "no") &&
            !str_is(value, "0")) {
            return error_set(e, ERR_UNSUPPORTED, "replication connections are not supported");
        }
    } else if (str_starts(name, "_pq_.")) {
        VEC_PUSH(a, s->unknown, arena_str(a, name));
    } else {
        put_option(a, s, name, value);
    }
    return OK;
}

enum status startup_parse(struct arena *a, struct str packet, struct startup *out, struct error *e)
{
    *out = (struct startup){0};
    struct str command_line = STR_NULL;
    struct wire_reader r = wire_reader(packet);
    wire_read_bytes(&r, 8);
    for (;;) {
        struct str name = wire_read_cstr(&r);
        if (r.failed) {
            return error_set(e, ERR_PROTOCOL, "startup packet: no terminator");
        }
        if (name.n == 0) {
            break;
        }
        struct str value = wire_read_cstr(&r);
        if (r.failed) {
            return error_set(e, ERR_PROTOCOL, "startup packet: a name without a value");
        }
        if (take_pair(a, out, name, value, &command_line, e)) {
            return FAIL;
        }
    }
    if (!wire_read_end(&r)) {
        return error_set(e, ERR_PROTOCOL, "startup packet: bytes after its terminator");
    }
    if (out->user.n == 0) {
        return error_set(e, ERR_AUTH_REQUIRED, "no user name in the startup packet");
    }
    if (out->database.n == 0) {
        out->database = out->user;
    }
    return read_command_line(a, command_line, out, e);
}
