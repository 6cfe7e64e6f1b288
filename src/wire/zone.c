#include "wire/zone.h"

#include <dirent.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/map.h"
#include "base/mem.h"
#include "wire/zone_rule.h"

#define DATABASE "/usr/share/zoneinfo"

enum { FILE_MAX = 64 << 10, NAME_MAX_BYTES = 64, DEPTH_MAX = 3, HEAD = 44, DAY = 86400 };

struct zone {
    char name[NAME_MAX_BYTES];
    uint8_t *file;
    uint32_t transitions, types, letters;
    const uint8_t *times, *kinds, *infos; /* in the file: 8, 1 and 6 bytes each */
    const char *abbreviations;
    struct zone_rule rule; /* after the last transition */
    bool has_rule;
};

/* ---- the file ---- */

static uint32_t u32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static int64_t i64(const uint8_t *p)
{
    return (int64_t)((uint64_t)u32(p) << 32 | u32(p + 4));
}

struct counts {
    uint32_t isut, isstd, leap, time, type, letter;
};

static bool read_head(const uint8_t *p, size_t n, struct counts *c)
{
    if (n < HEAD || memcmp(p, "TZif", 4) != 0 || p[4] < '2') {
        return false;
    }
    uint32_t v[6];
    for (int i = 0; i < 6; i++) {
        v[i] = u32(p + 20 + 4 * i);
        if (v[i] > FILE_MAX) {
            return false;
        }
    }
    *c = (struct counts){v[0], v[1], v[2], v[3], v[4], v[5]};
    return true;
}

/* Bytes of the data behind a head whose times have `width` bytes. */
static size_t body_size(const struct counts *c, size_t width)
{
    return c->time * (width + 1) + c->type * 6 + c->letter + c->leap * (width + 4) + c->isstd +
           c->isut;
}

static bool are_indexes_good(const struct zone *z)
{
    for (uint32_t i = 0; i < z->transitions; i++) {
        if (z->kinds[i] >= z->types) {
            return false;
        }
    }
    for (uint32_t i = 0; i < z->types; i++) {
        if (z->infos[6 * i + 5] >= z->letters) {
            return false;
        }
    }
    return z->letters > 0 && z->abbreviations[z->letters - 1] == '\0';
}

/* The newline-enclosed rule at the end; an empty one means that the last offset stays. */
static bool read_footer(struct zone *z, const uint8_t *p, size_t n)
{
    const uint8_t *end = n > 1 && p[0] == '\n' ? memchr(p + 1, '\n', n - 1) : NULL;
    if (!end) {
        return false;
    }
    struct str text = {(const char *)p + 1, (size_t)(end - p) - 1};
    z->has_rule = text.n > 0;
    return !z->has_rule || zone_rule_read(text, &z->rule);
}

static bool parse(struct zone *z, size_t n)
{
    struct counts c;
    if (!read_head(z->file, n, &c)) {
        return false;
    }
    size_t at = HEAD + body_size(&c, 4);
    if (at > n || !read_head(z->file + at, n - at, &c)) {
        return false;
    }
    at += HEAD;
    size_t size = body_size(&c, 8);
    if (size > n - at || c.type == 0 || c.leap > 0) { /* moments here have no leap seconds */
        return false;
    }
    z->transitions = c.time;
    z->types = c.type;
    z->letters = c.letter;
    z->times = z->file + at;
    z->kinds = z->times + 8 * (size_t)c.time;
    z->infos = z->kinds + c.time;
    z->abbreviations = (const char *)z->infos + 6 * (size_t)c.type;
    return are_indexes_good(z) && read_footer(z, z->file + at + size, n - at - size);
}

static void drop(struct zone *z)
{
    free(z->file);
    free(z);
}

static struct zone *load(const char *path, const char *name)
{
    FILE *f = fopen(path, "rb");
    if (!f) {
        return NULL;
    }
    struct zone *z = mem_alloc(sizeof *z);
    z->file = mem_alloc(FILE_MAX);
    size_t n = fread(z->file, 1, FILE_MAX, f);
    fclose(f);
    snprintf(z->name, sizeof z->name, "%s", name);
    if (parse(z, n)) {
        return z;
    }
    drop(z);
    return NULL;
}

/* ---- finding it ---- */

/* The entry of a folder that has this name in any case. Dots lead nowhere. */
static bool find_entry(const char *folder, struct str name, struct buf *out)
{
    DIR *d = name.n > 0 && name.p[0] != '.' ? opendir(folder) : NULL;
    bool found = false;
    for (struct dirent *e; d && !found && (e = readdir(d));) {
        found = str_iis(name, e->d_name);
        if (found) {
            buf_printf(out, "/%s", e->d_name);
        }
    }
    if (d) {
        closedir(d);
    }
    return found;
}

static struct zone *look_up(struct str name)
{
    struct buf path = BUF_INIT(0);
    struct zone *z = NULL;
    int depth = 0;
    bool good = name.n > 0 && name.n < NAME_MAX_BYTES;
    buf_puts(&path, DATABASE);
    for (struct str rest = name; good && rest.p;) {
        struct str part = str_cut(&rest, '/');
        good = depth++ < DEPTH_MAX && find_entry(buf_cstr(&path), part, &path);
    }
    if (good) {
        z = load(buf_cstr(&path), buf_cstr(&path) + strlen(DATABASE) + 1);
    }
    buf_free(&path);
    return z;
}

const struct zone *zone_find(struct str name)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct map *known; /* by the name asked for, and only what was found */
    pthread_mutex_lock(&lock);
    if (!known) {
        known = map_new();
    }
    struct zone *z = map_get(known, name);
    if (!z) {
        z = look_up(name);
        struct zone *same = z ? map_get(known, str_of(z->name)) : NULL;
        if (same) {
            drop(z);
            z = same;
        } else if (z) {
            map_put(known, str_of(z->name), z);
        }
    }
    pthread_mutex_unlock(&lock);
    return z;
}

/* Below a folder, whose path this adds to and cuts again. */
static void each_below(struct buf *path, int depth, void (*fn)(const struct zone *z, void *ctx),
                       void *ctx)
{
    DIR *d = opendir(buf_cstr(path));
    size_t before = path->n;
    for (struct dirent *e; d && (e = readdir(d));) {
        struct str name = str_of(e->d_name);
        bool is_copy = str_is(name, "posix") || str_is(name, "right");
        if (name.p[0] == '.' || (depth == 1 && is_copy)) {
            continue;
        }
        buf_printf(path, "/%s", e->d_name);
        const char *full = buf_cstr(path);
        bool fits = path->n - strlen(DATABASE) - 1 < NAME_MAX_BYTES;
        struct zone *z = fits ? load(full, full + strlen(DATABASE) + 1) : NULL;
        if (z) {
            fn(z, ctx);
            drop(z);
        } else if (depth < DEPTH_MAX) {
            each_below(path, depth + 1, fn, ctx);
        }
        path->n = before;
    }
    if (d) {
        closedir(d);
    }
}

void zone_each(void (*fn)(const struct zone *z, void *ctx), void *ctx)
{
    struct buf path = BUF_INIT(0);
    buf_puts(&path, DATABASE);
    each_below(&path, 1, fn, ctx);
    buf_free(&path);
}

const char *zone_name(const struct zone *z)
{
    return z->name;
}

/* ---- offsets ---- */

static int32_t of_type(const struct zone *z, uint32_t type, const char **abbreviation)
{
    const uint8_t *info = z->infos + 6 * (size_t)type;
    if (abbreviation) {
        *abbreviation = z->abbreviations + info[5];
    }
    return (int32_t)u32(info);
}

/* The number of transitions at or before the moment. */
static uint32_t passed(const struct zone *z, int64_t at)
{
    uint32_t low = 0, high = z->transitions;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (i64(z->times + 8 * (size_t)middle) <= at) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

int32_t zone_offset(const struct zone *z, int64_t at, const char **abbreviation)
{
    uint32_t n = passed(z, at);
    if (n == z->transitions && z->has_rule) {
        return zone_rule_offset(&z->rule, at, abbreviation);
    }
    return of_type(z, n ? z->kinds[n - 1] : 0, abbreviation);
}

bool zone_is_saving(const struct zone *z, int64_t at)
{
    uint32_t n = passed(z, at);
    if (n == z->transitions && z->has_rule) {
        return zone_rule_is_saving(&z->rule, at);
    }
    return z->infos[6 * (size_t)(n ? z->kinds[n - 1] : 0) + 4] != 0;
}

int32_t zone_offset_of_local(const struct zone *z, int64_t local)
{
    int32_t before = zone_offset(z, local - DAY, NULL), after = zone_offset(z, local + DAY, NULL);
    bool by_before = zone_offset(z, local - before, NULL) == before;
    bool by_after = zone_offset(z, local - after, NULL) == after;
    return by_after || !by_before ? (by_after ? after : before) : before;
}
