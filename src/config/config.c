#include "config/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "config/option.h"

enum { FILE_MOST = 1024 * 1024, MISTAKES_MOST = 64 };

/* How strong a source is: a stronger one stays. */
enum rank { RANK_DEFAULT, RANK_FILE, RANK_ENVIRONMENT, RANK_FLAG };

struct loading {
    struct config *c;
    struct arena *a;
    struct buf *mistakes;
    size_t count;
    enum rank *ranks;
    const char *path; /* the file to read; NULL: hatidata.conf when there is one */
};

static void mistake(struct loading *l, const char *where, const char *fmt, ...) PRINTF_LIKE(3, 4);

static void mistake(struct loading *l, const char *where, const char *fmt, ...)
{
    char text[768];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    for (char *p = text; *p; p++) {
        *p = (unsigned char)*p < ' ' ? ' ' : *p;
    }
    if (l->count++ < MISTAKES_MOST) {
        buf_printf(l->mistakes, "%s: %s\n", where, text);
    }
}

static void unknown(struct loading *l, const char *where, struct str name)
{
    const char *near = option_closest(name, name.n / 3 + 1);
    int n = name.n < 64 ? (int)name.n : 64;
    if (near) {
        mistake(l, where, "there is no option \"%.*s\"; did you mean \"%s\"?", n, name.p, near);
    } else {
        mistake(l, where, "there is no option \"%.*s\"", n, name.p ? name.p : "");
    }
}

/* Every value is checked, also one that a stronger source overrides. */
static void set(struct loading *l, enum rank rank, const char *where, int i, struct str value)
{
    const struct config_option *o = &config_options[i];
    struct config scratch = *l->c;
    const char *why = option_set(o, value, &scratch, l->a);
    if (why) {
        int n = value.n < 64 ? (int)value.n : 64;
        mistake(l, where, "%s = \"%.*s\": %s", o->name, n, value.p ? value.p : "", why);
    } else if (rank >= l->ranks[i]) {
        *l->c = scratch;
        l->ranks[i] = rank;
        l->c->sources[i] = where;
    }
}

/* --- the file --- */

/* A value in double quotes, with \" and \\; behind it only a comment. NULL, or what is wrong. */
static const char *unquote(struct arena *a, struct str raw, struct str *out)
{
    char *text = arena_alloc(a, raw.n + 1);
    size_t n = 0, i = 1;
    for (; i < raw.n && raw.p[i] != '"'; i++) {
        if (raw.p[i] == '\\' && i + 1 < raw.n) {
            i++;
        }
        text[n++] = raw.p[i];
    }
    if (i >= raw.n) {
        return "the closing quote is missing";
    }
    struct str after = str_trim((struct str){raw.p + i + 1, raw.n - i - 1});
    *out = (struct str){text, n};
    return after.n == 0 || after.p[0] == '#' ? NULL : "there is text after the closing quote";
}

static const char *read_value(struct arena *a, struct str raw, struct str *out)
{
    raw = str_trim(raw);
    if (raw.n && raw.p[0] == '"') {
        return unquote(a, raw, out);
    }
    for (size_t i = 0; i < raw.n; i++) {
        if (raw.p[i] == '#' && (i == 0 || raw.p[i - 1] == ' ' || raw.p[i - 1] == '\t')) {
            raw.n = i;
        }
    }
    *out = str_trim(raw);
    return NULL;
}

static void read_line(struct loading *l, const char *where, struct str line, bool *seen)
{
    line = str_trim(line);
    if (line.n == 0 || line.p[0] == '#') {
        return;
    }
    if (!memchr(line.p, '=', line.n)) {
        mistake(l, where, "\"name = value\" is expected");
        return;
    }
    struct str rest = line, name = str_trim(str_cut(&rest, '=')), value;
    int i = option_find(name);
    if (i < 0) {
        unknown(l, where, name);
        return;
    }
    const char *why = read_value(l->a, rest, &value);
    if (why) {
        mistake(l, where, "%s: %s", config_options[i].name, why);
    } else if (seen[i]) {
        mistake(l, where, "%s is set a second time", config_options[i].name);
    } else {
        set(l, RANK_FILE, where, i, value);
    }
    seen[i] = true;
}

static void read_lines(struct loading *l, struct str text, const char *name)
{
    bool *seen = ARENA_ARRAY(l->a, bool, config_option_count);
    if (!str_is_utf8(text)) {
        mistake(l, name, "it isn't a text file in UTF-8");
        return;
    }
    for (int number = 1; text.p; number++) {
        struct str line = str_cut(&text, '\n');
        if (str_trim(line).n) {
            read_line(l, arena_printf(l->a, "%s:%d", name, number), line, seen);
        }
    }
}

static void read_file(struct loading *l, const char *path, bool must)
{
    FILE *f = fopen(path, "re");
    if (!f) {
        if (must || errno != ENOENT) {
            mistake(l, path, "it can't be read: %s", strerror(errno));
        }
        return;
    }
    char *text = arena_alloc(l->a, FILE_MOST + 1);
    size_t n = fread(text, 1, FILE_MOST + 1, f);
    if (ferror(f)) {
        mistake(l, path, "it can't be read: %s", strerror(errno));
    } else if (n > FILE_MOST) {
        mistake(l, path, "it has more than 1 MiB");
    } else {
        l->c->file = arena_strdup(l->a, str_of(path));
        read_lines(l, (struct str){text, n}, path);
    }
    fclose(f);
}

/* --- the environment --- */

extern char **environ;

static void read_environment(struct loading *l)
{
    static const char prefix[] = "HATIDATA_";
    for (char **at = environ; at && *at; at++) {
        struct str value = str_of(*at), name = str_cut(&value, '=');
        if (!str_starts(name, prefix)) {
            continue;
        }
        struct str key = {name.p + sizeof prefix - 1, name.n - sizeof prefix + 1};
        if (str_is(key, "CONFIG")) {
            l->path = l->path ? l->path : value.p;
            continue;
        }
        char lower[64];
        size_t n = key.n < sizeof lower ? key.n : sizeof lower;
        for (size_t i = 0; i < n; i++) {
            lower[i] = key.p[i] >= 'A' && key.p[i] <= 'Z' ? (char)(key.p[i] + 32) : key.p[i];
        }
        int i = option_find((struct str){lower, n});
        const char *where = arena_printf(l->a, "%.*s", STR_ARG(name));
        if (i >= 0) {
            set(l, RANK_ENVIRONMENT, where, i, value);
        } else if (option_closest((struct str){lower, n}, 2)) { /* others may use the prefix too */
            unknown(l, where, (struct str){lower, n});
        }
    }
}

/* --- the flags --- */

/* The value of a flag: behind its '=', or the next argument. */
static bool flag_value(struct loading *l, const char *where, struct str rest, int argc, char **argv,
                       int *at, struct str *out)
{
    if (rest.p) {
        *out = rest;
        return true;
    }
    if (*at + 1 >= argc) {
        mistake(l, where, "a value is missing");
        return false;
    }
    *out = str_of(argv[++*at]);
    return true;
}

static void read_flag(struct loading *l, int argc, char **argv, int *at)
{
    struct str rest = str_of(argv[*at]), flag = str_cut(&rest, '='), value;
    const char *where = arena_strdup(l->a, flag);
    struct str name = {flag.p + 2, flag.n - 2};
    if (str_is(name, "print-config") && !rest.p) {
        l->c->print_config = true;
        return;
    }
    bool file = str_is(name, "config");
    int i = option_find(name);
    if (i < 0 && !file) {
        unknown(l, where, name);
        bool next_is_value = !rest.p && *at + 1 < argc && argv[*at + 1][0] != '-';
        *at += next_is_value;
        return;
    }
    if (!flag_value(l, where, rest, argc, argv, at, &value)) {
        return;
    }
    if (file) {
        l->path = value.p;
    } else {
        set(l, RANK_FLAG, where, i, value);
    }
}

static void read_flags(struct loading *l, int argc, char **argv)
{
    l->c->rest = ARENA_ARRAY(l->a, const char *, argc + 1);
    bool flags = true;
    for (int i = 1; i < argc; i++) {
        if (flags && strcmp(argv[i], "--") == 0) {
            flags = false;
        } else if (flags && strncmp(argv[i], "--", 2) == 0) {
            read_flag(l, argc, argv, &i);
        } else {
            l->c->rest[l->c->rest_count++] = argv[i];
        }
    }
}

/* --- all of it --- */

/* Puts data_dir where a default says DATA. */
static void complete(struct loading *l)
{
    for (size_t i = 0; i < config_option_count; i++) {
        const struct config_option *o = &config_options[i];
        if (l->ranks[i] != RANK_DEFAULT || o->kind != OPTION_KIND_TEXT) {
            continue;
        }
        const char *local = str_starts(str_of(o->standard), "local:") ? "local:" : "";
        struct str rest = str_of(o->standard + strlen(local));
        if (str_starts(rest, "DATA")) {
            *(const char **)((char *)l->c + o->offset) =
                arena_printf(l->a, "%s%s%s", local, l->c->data_dir, rest.p + strlen("DATA"));
        }
    }
}

static void begin(struct loading *l)
{
    *l->c = (struct config){0};
    l->ranks = ARENA_ARRAY(l->a, enum rank, config_option_count);
    l->c->sources = ARENA_ARRAY(l->a, const char *, config_option_count);
    for (size_t i = 0; i < config_option_count; i++) {
        set(l, RANK_DEFAULT, "default", (int)i, str_of(config_options[i].standard));
    }
}

static enum status end(struct loading *l)
{
    if (l->count > MISTAKES_MOST) {
        buf_printf(l->mistakes, "and %zu more\n", l->count - MISTAKES_MOST);
    }
    complete(l);
    return l->count ? FAIL : OK;
}

enum status config_load(int argc, char **argv, struct config *out, struct arena *a,
                        struct buf *mistakes)
{
    struct loading l = {.c = out, .a = a, .mistakes = mistakes};
    begin(&l);
    read_flags(&l, argc, argv);
    read_environment(&l);
    read_file(&l, l.path ? l.path : "hatidata.conf", l.path != NULL);
    return end(&l);
}

enum status config_read(struct str text, const char *name, struct config *out, struct arena *a,
                        struct buf *mistakes)
{
    struct loading l = {.c = out, .a = a, .mistakes = mistakes};
    begin(&l);
    read_lines(&l, text, name);
    return end(&l);
}

void config_print(const struct config *c, struct buf *out)
{
    for (size_t i = 0; i < config_option_count; i++) {
        buf_printf(out, "%s = ", config_options[i].name);
        option_show(&config_options[i], c, out);
        buf_printf(out, "  # %s\n", c->sources[i]);
    }
}

void config_help(struct buf *out)
{
    for (size_t i = 0; i < config_option_count; i++) {
        const struct config_option *o = &config_options[i];
        buf_puts(out, "  --");
        for (const char *p = o->name; *p; p++) {
            buf_u8(out, *p == '_' ? '-' : (uint8_t)*p);
        }
        buf_printf(out, "%*s%s (%s)\n", (int)(30 - strlen(o->name)), "", o->help,
                   o->standard[0] ? o->standard : "empty");
    }
}
