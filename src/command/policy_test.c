/* Files of tests, each sent as one request; what is found in them is told in lines. */
#include "command/policy_test.h"

#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "command/api.h"
#include "command/datadir.h"
#include "command/offline.h"
#include "command/policy_folder.h"
#include "command/source.h"
#include "trial/run.h"

enum { MEMORY = 1 << 30 };

struct testing {
    struct admin ad;
    const char *policies;    /* of --policies; NULL: those that are stored */
    const char *environment; /* of --env: whose tables are there for who doesn't say another */
    json_t *documents;       /* of the folder; NULL: there is none */
    size_t cases, failed;

    /* On a data folder. */
    struct offline folder; /* open where a file needed it */
    struct keyring *keys;
    struct trial_site site;
};

/* ---- on a data folder ---- */

static enum status open_site(struct testing *t)
{
    struct admin *ad = &t->ad;
    struct datadir d;
    if (ad->remote) {
        return OK;
    }
    datadir_paths(ad->a, ad->dir, &d);
    if (datadir_keyring(d.kms_uri, d.keyring, &t->keys, &ad->e) != OK) {
        return FAIL;
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    t->site = (struct trial_site){.store = ad->store,
                                  .keys = t->keys,
                                  .folder = ad->dir,
                                  .extension_dir = datadir_extensions(ad->a),
                                  .memory = MEMORY,
                                  .threads = cores > 0 ? (int)cores : 1,
                                  .actor = ad->actor};
    ad->trials = &t->site;
    return OK;
}

static enum status open_folder(struct testing *t)
{
    static const char hint[] = "No server may have the data folder open: test on a copy of the "
                               "folder, stop the server, or give the file tables of its own.";
    if (t->ad.remote || t->folder.pipeline) {
        return OK;
    }
    enum status status = offline_open(&t->ad, hint, &t->folder);
    t->ad.pipeline = t->folder.pipeline;
    return status;
}

/* ---- files ---- */

static void tell(struct testing *t, const char *path, const json_t *report, size_t *mistakes)
{
    const json_t *findings = json_object_get(report, "findings");
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *f = json_array_get(findings, i);
        printf("%s:%d: %.*s\n", path, (int)api_int(f, "line"), STR_ARG(api_text(f, "text")));
    }
    t->cases += (size_t)api_int(report, "cases");
    t->failed += (size_t)api_int(report, "failed");
    *mistakes += (size_t)api_int(report, "mistakes");
}

static enum status send(struct testing *t, struct str text, const json_t **report)
{
    json_t *body = json_pack("{s:s%, s:s*, s:O*}", "test", text.p, text.n, "environment",
                             t->environment, "documents", t->documents);
    return body ? api_call(&t->ad, "POST", api_path(&t->ad, "policy-tests", NULL), body, report)
                : error_set(&t->ad.e, ERR_VALIDATION, "the file isn't UTF-8");
}

/* What isn't of the form is told with its place, and the other files are run all the same. */
static enum status run_file(struct testing *t, const char *path, size_t *mistakes)
{
    struct buf text = BUF_INIT(0);
    struct error e = ERROR_INIT;
    struct policy_cases cases;
    const json_t *report;
    enum status status = source_read(path, &text, &t->ad.e);
    if (status == OK && policy_cases_read(buf_str(&text), t->ad.a, &cases, &e) != OK) {
        source_fail(path, buf_str(&text), &e);
        ++*mistakes;
    } else if (status == OK) {
        status =
            cases.table_count || open_folder(t) == OK ? send(t, buf_str(&text), &report) : FAIL;
        if (status == OK) {
            tell(t, path, report, mistakes);
        }
    }
    buf_free(&text);
    return status;
}

static enum status find_files(struct testing *t, const char *path, const char ***files, size_t *n)
{
    struct stat st;
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        *files = ARENA_NEW(t->ad.a, const char *);
        **files = path;
        *n = 1;
        return OK;
    }
    if (policy_folder_list(path, ".test", t->ad.a, files, n, &t->ad.e) != OK) {
        return FAIL;
    }
    return *n ? OK : error_set(&t->ad.e, ERR_NOT_FOUND, "%s has no tests: no file NAME.test", path);
}

/* The folder's policies; nothing is stored. */
static enum status read_policies(struct testing *t)
{
    struct policy_folder folder;
    size_t mistakes;
    if (!t->policies) {
        return OK;
    }
    if (policy_folder_read(t->policies, t->ad.a, &folder, &mistakes, &t->ad.e) != OK) {
        return FAIL;
    }
    if (mistakes) {
        return error_set(&t->ad.e, ERR_VALIDATION, "%zu mistake%s in %s; nothing is tested",
                         mistakes, mistakes == 1 ? "" : "s", t->policies);
    }
    t->documents = json_array();
    for (size_t i = 0; i < folder.count; i++) {
        struct str json = folder.files[i].document.json;
        json_array_append_new(t->documents, json_stringn(json.p, json.n));
    }
    return OK;
}

static enum status run_all(struct testing *t, const char *path, size_t *mistakes)
{
    const char **files;
    size_t n;
    if (find_files(t, path, &files, &n) != OK || read_policies(t) != OK || open_site(t) != OK) {
        return FAIL;
    }
    for (size_t i = 0; i < n; i++) {
        if (run_file(t, files[i], mistakes) != OK) {
            return FAIL;
        }
    }
    printf("%zu case%s, %zu failed\n", t->cases, t->cases == 1 ? "" : "s", t->failed);
    return OK;
}

int policy_test(int argc, char **argv)
{
    struct testing t = {.ad = ADMIN_INIT};
    const struct option known[] = {API_TARGET(t.ad),
                                   ADMIN_ORG(t.ad),
                                   {"--policies", OPTION_TEXT, .text = &t.policies},
                                   {"--env", OPTION_TEXT, .text = &t.environment},
                                   {NULL}};
    const char *path;
    size_t mistakes = 0;
    if (!api_begin(&t.ad, argc, argv, known, &path, 1)) {
        return t.ad.code;
    }
    enum status status = run_all(&t, path, &mistakes);
    json_decref(t.documents);
    offline_close(&t.folder);
    keyring_close(t.keys);
    int code = admin_end(&t.ad, status);
    return code == EXIT_DONE && (t.failed || mistakes) ? EXIT_FAILED : code;
}
