#include "command/policy_folder.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/map.h"
#include "command/source.h"
#include "store/check.h"

struct reading {
    struct arena *a;
    struct error *e;
    const char *ending;
    VEC_OF(const char *) paths;
    VEC_OF(const char *) others;
};

static bool ends_so(const char *name, const char *ending)
{
    size_t n = strlen(name), end = strlen(ending);
    return n > end && strcmp(name + n - end, ending) == 0;
}

static enum status list_folder(struct reading *r, const char *dir, int depth);

static enum status list_entry(struct reading *r, const char *path, const char *name, int depth)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return error_set(r->e, ERR_IO, "%s: %s", path, strerror(errno));
    }
    if (S_ISDIR(st.st_mode)) {
        return list_folder(r, path, depth + 1);
    }
    if (!S_ISREG(st.st_mode) || !ends_so(name, r->ending)) {
        if (!ends_so(name, ".test")) {
            VEC_PUSH(r->a, r->others, path);
        }
    } else if (r->paths.n == FOLDER_FILES_MAX) {
        return error_set(r->e, ERR_TOO_LARGE, "the folder has more than %d such files",
                         FOLDER_FILES_MAX);
    } else {
        VEC_PUSH(r->a, r->paths, path);
    }
    return OK;
}

/* Links are followed, as configuration that is mounted often is a link; the depth bounds a circle.
 */
static enum status list_folder(struct reading *r, const char *dir, int depth)
{
    if (depth > FOLDER_DEPTH_MAX) {
        return error_set(r->e, ERR_TOO_LARGE, "%s: folders more than %d deep", dir,
                         FOLDER_DEPTH_MAX);
    }
    DIR *d = opendir(dir);
    if (!d) {
        return error_set(r->e, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", dir,
                         strerror(errno));
    }
    enum status status = OK;
    for (struct dirent *entry; status == OK && (entry = readdir(d));) {
        if (entry->d_name[0] != '.') {
            const char *path = arena_printf(r->a, "%s/%s", dir, entry->d_name);
            status = list_entry(r, path, entry->d_name, depth);
        }
    }
    closedir(d);
    return status;
}

static int by_path(const void *x, const void *y)
{
    return strcmp(*(const char *const *)x, *(const char *const *)y);
}

/* The document, with what is wrong with it told. */
static size_t check_file(struct policy_file *f, struct str text, struct arena *a)
{
    struct error head = ERROR_INIT, *all;
    f->document.json = text;
    size_t n = policy_mistakes(&f->document, a, &all);
    for (size_t i = 0; i < n; i++) {
        source_fail(f->path, text, &all[i]);
    }
    f->name_place = policy_place(text, "name: ");
    if (policy_head_read(text, a, &f->document, &head) != OK) {
        if (str_starts(str_of(head.message), "not JSON")) {
            return n; /* it is told already */
        }
        source_fail(f->path, text, &head);
        return n + 1;
    }
    if (check_name("the policy's name", f->document.name, &head) != OK) {
        head.position = (int64_t)f->name_place;
        source_fail(f->path, text, &head);
        n++;
    }
    return n;
}

/* Each name once: which of two files would hold? */
static size_t check_names(const struct policy_folder *folder)
{
    struct map *names = map_new();
    size_t mistakes = 0;
    for (size_t i = 0; i < folder->count; i++) {
        struct policy_file *f = &folder->files[i], *other = NULL;
        struct error e = ERROR_INIT;
        if (f->document.name.n && (other = map_get(names, f->document.name))) {
            (void)!error_at(&e, ERR_EXISTS, f->name_place, "%s has a policy of this name too",
                            other->path);
            (void)!error_hint(&e, "A name is one policy's.");
            source_fail(f->path, f->document.json, &e);
            mistakes++;
        } else if (f->document.name.n) {
            map_put(names, f->document.name, f);
        }
    }
    map_free(names, NULL);
    return mistakes;
}

static enum status read_file(const char *path, struct arena *a, struct policy_file *out,
                             size_t *mistakes, struct error *e)
{
    struct buf text = BUF_INIT(0);
    *out = (struct policy_file){.path = path};
    enum status status = source_read(path, &text, e);
    if (status == OK) {
        *mistakes += check_file(out, arena_str(a, buf_str(&text)), a);
    }
    buf_free(&text);
    return status;
}

static enum status list_all(struct reading *r, const char *dir)
{
    if (list_folder(r, dir, 0) != OK) {
        return FAIL;
    }
    if (r->paths.n > 1) {
        qsort(r->paths.at, r->paths.n, sizeof *r->paths.at, by_path);
    }
    if (r->others.n > 1) {
        qsort(r->others.at, r->others.n, sizeof *r->others.at, by_path);
    }
    return OK;
}

enum status policy_folder_list(const char *dir, const char *ending, struct arena *a,
                               const char ***paths, size_t *count, struct error *e)
{
    struct reading r = {.a = a, .e = e, .ending = ending};
    enum status status = list_all(&r, dir);
    *paths = r.paths.at;
    *count = r.paths.n;
    return status;
}

enum status policy_folder_read(const char *dir, struct arena *a, struct policy_folder *out,
                               size_t *mistakes, struct error *e)
{
    struct reading r = {.a = a, .e = e, .ending = ".json"};
    *mistakes = 0;
    if (list_all(&r, dir) != OK) {
        return FAIL;
    }
    *out = (struct policy_folder){.files = ARENA_ARRAY(a, struct policy_file, r.paths.n),
                                  .count = r.paths.n,
                                  .others = r.others.at,
                                  .other_count = r.others.n};
    for (size_t i = 0; i < out->count; i++) {
        if (read_file(r.paths.at[i], a, &out->files[i], mistakes, e) != OK) {
            return FAIL;
        }
    }
    *mistakes += check_names(out);
    return OK;
}
