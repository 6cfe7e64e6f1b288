/* Who asks, a second: keys checked for the first time and again, sign-ins, tokens checked,
 * statements that ask whether their credential still holds; by one thread and by one a core. Each
 * beside the bare computation that it is made of, in the same run: Argon2id by its library with the
 * same parameters, HMAC-SHA-256 and RS256 by OpenSSL. usage: bench_identity [FOLDER] (the store is
 * made in it). */
#include <argon2.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "crypto/digest.h"
#include "identity/signin.h"
#include "store/key.h"
#include "store/org.h"

enum { SECONDS = 2, THREADS_MAX = 64 };

static const struct str me = {"bench", 5}, password = {"correct horse battery staple", 28};
static const uint8_t secret_key[32] = {1, 2, 3};

struct world {
    struct identity_config config;
    struct store *store;
    struct identity *fresh, *remembering; /* without and with a memory of verified keys */
    struct arena *arena;
    char key[API_KEY_SIZE], hash[API_KEY_HASH_SIZE];
    struct principal *who;
    struct str token;
    EVP_PKEY *rsa;
    uint8_t signature[512];
    size_t signature_size;
};

static void must(enum status status, const struct error *e)
{
    if (status != OK) {
        fprintf(stderr, "bench_identity: %s\n", e->message);
        exit(1);
    }
}

/* ---- what is measured: once, in an arena that is emptied after each ---- */

static void bare_argon2(struct world *w, struct arena *a)
{
    (void)a;
    if (argon2id_verify(w->hash, w->key, strlen(w->key)) != ARGON2_OK) {
        exit(1);
    }
}

static void bare_hmac(struct world *w, struct arena *a)
{
    uint8_t out[DIGEST_SIZE];
    (void)a;
    digest_hmac(secret_key, str_of(w->key), out);
}

static void bare_verify(struct world *w, struct arena *a)
{
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    (void)a;
    if (EVP_DigestVerifyInit(c, NULL, EVP_sha256(), NULL, w->rsa) != 1 ||
        EVP_DigestVerify(c, w->signature, w->signature_size, (const uint8_t *)w->token.p,
                         w->token.n) != 1) {
        exit(1);
    }
    EVP_MD_CTX_free(c);
}

static void check_key(struct identity *i, struct world *w, struct arena *a)
{
    struct error e = ERROR_INIT;
    struct principal *who;
    must(identity_verify_bearer(i, str_of(w->key), STR_NULL, STR("127.0.0.1"), a, &who, &e), &e);
}

static void key_first(struct world *w, struct arena *a)
{
    check_key(w->fresh, w, a);
}

static void key_again(struct world *w, struct arena *a)
{
    check_key(w->remembering, w, a);
}

static void still_valid(struct world *w, struct arena *a)
{
    struct error e = ERROR_INIT;
    struct standing now;
    (void)a;
    must(identity_still_valid(w->remembering, w->who, &now, &e), &e);
}

static void sign_in(struct world *w, struct arena *a)
{
    const struct signin_proof proof = {.org = STR(""),
                                       .user = STR("ann@acme.example"),
                                       .password = password,
                                       .code = STR(""),
                                       .source_ip = STR("127.0.0.1")};
    struct error e = ERROR_INIT;
    struct signin out;
    must(signin_start(w->fresh, &proof, STR(""), a, &out, &e), &e);
}

static void check_token(struct world *w, struct arena *a)
{
    struct error e = ERROR_INIT;
    struct principal *who;
    must(identity_verify_bearer(w->fresh, w->token, STR_NULL, STR("127.0.0.1"), a, &who, &e), &e);
}

/* ---- how often ---- */

struct crowd {
    struct world *w;
    void (*once)(struct world *w, struct arena *a);
    int64_t until_ns;
    atomic_llong done;
};

static void *repeat(void *arg)
{
    struct crowd *c = arg;
    struct arena *a = arena_new(0);
    while (clock_mono_ns() < c->until_ns) {
        c->once(c->w, a);
        arena_reset(a);
        atomic_fetch_add(&c->done, 1);
    }
    arena_free(a);
    return NULL;
}

struct figures {
    double a_second, cpu_us; /* the latter of each */
};

static double cpu_seconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct figures measure(struct world *w, void (*once)(struct world *w, struct arena *a),
                              int threads)
{
    struct crowd c = {.w = w, .once = once};
    pthread_t all[THREADS_MAX];
    int64_t begun = clock_mono_ns();
    double cpu = cpu_seconds();
    c.until_ns = begun + SECONDS * INT64_C(1000000000);
    for (int i = 0; i < threads; i++) {
        if (pthread_create(&all[i], NULL, repeat, &c)) {
            exit(1);
        }
    }
    for (int i = 0; i < threads; i++) {
        pthread_join(all[i], NULL);
    }
    double done = (double)atomic_load(&c.done);
    return (struct figures){done * 1e9 / (double)(clock_mono_ns() - begun),
                            (cpu_seconds() - cpu) * 1e6 / done};
}

/* ---- the world ---- */

static struct identity *open_identity(struct world *w, int cache_seconds, int cores)
{
    struct error e = ERROR_INIT;
    struct identity *i = NULL;
    w->config.cache_seconds = cache_seconds;
    w->config.max_verifying = cores;
    must(identity_open(w->store, &w->config, &i, &e), &e);
    must(identity_tick(i, &e), &e);
    return i;
}

static void add_people(struct world *w)
{
    static struct str scopes[] = {{"query:read", 10}};
    struct error e = ERROR_INIT;
    struct store_org org;
    struct store_user user;
    must(store_org_create(w->store, me, STR("acme"), w->arena, &org, &e), &e);
    must(store_user_create(w->store, me, org.id, STR("ann@acme.example"), STR("owner"),
                           (struct store_pairs){0}, w->arena, &user, &e),
         &e);
    must(identity_make_key(&w->config, true, w->key, w->hash, &e), &e);
    struct store_key key = {.org_id = org.id,
                            .environment = STR(STORE_DEFAULT_ENVIRONMENT),
                            .user_id = user.id,
                            .name = STR("key"),
                            .description = STR(""),
                            .prefix = {w->key, STORE_KEY_PREFIX_LENGTH},
                            .hash = str_of(w->hash),
                            .scopes = {scopes, 1}};
    must(store_key_create(w->store, me, &key, w->arena, &e), &e);
    must(signin_set_password(w->fresh, me, org.id, user.id, password, &e), &e);
}

static void make_credentials(struct world *w)
{
    const struct signin_proof proof = {
        .org = STR(""), .user = STR("ann@acme.example"), .password = password, .code = STR("")};
    struct error e = ERROR_INIT;
    struct signin out;
    must(signin_start(w->fresh, &proof, STR(""), w->arena, &out, &e), &e);
    w->token = out.access_token;
    must(identity_verify_bearer(w->remembering, str_of(w->key), STR_NULL, STR("127.0.0.1"),
                                w->arena, &w->who, &e),
         &e);
    w->rsa = EVP_RSA_gen(2048);
    w->signature_size = sizeof w->signature;
    EVP_MD_CTX *c = EVP_MD_CTX_new();
    if (!w->rsa || EVP_DigestSignInit(c, NULL, EVP_sha256(), NULL, w->rsa) != 1 ||
        EVP_DigestSign(c, w->signature, &w->signature_size, (const uint8_t *)w->token.p,
                       w->token.n) != 1) {
        exit(1);
    }
    EVP_MD_CTX_free(c);
}

static void remove_store(char *path)
{
    static const char *const more[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof more / sizeof *more; i++) {
        char file[4200];
        snprintf(file, sizeof file, "%s%s", path, more[i]);
        unlink(file);
    }
    *strrchr(path, '/') = '\0';
    rmdir(path);
}

static void show(const char *name, const struct figures *one, const struct figures *all, int cores,
                 const char *of, double bare_us)
{
    printf("%-36s %11.1f %11.1f %11.1f %11.1f", name, one->a_second, all->a_second,
           all->a_second / cores, one->cpu_us);
    if (of) {
        printf("   %.2f times %s", one->cpu_us / bare_us, of);
    }
    putchar('\n');
    fflush(stdout);
}

int main(int argc, char **argv)
{
    long online = sysconf(_SC_NPROCESSORS_ONLN);
    int cores = online < 1 ? 1 : online > THREADS_MAX ? THREADS_MAX : (int)online;
    struct world w = {.config = IDENTITY_CONFIG_DEFAULT, .arena = arena_new(0)};
    struct error e = ERROR_INIT;
    char path[4096];
    log_set_level(LOG_ERROR);
    snprintf(path, sizeof path, "%s/bench-identity-XXXXXX", argc > 1 ? argv[1] : ".");
    if (!mkdtemp(path)) {
        perror(path);
        return 1;
    }
    strncat(path, "/control.db", sizeof path - strlen(path) - 1);
    w.config.secret_key = secret_key;
    must(store_open(path, &w.store, &e), &e);
    w.fresh = open_identity(&w, 0, cores);
    w.remembering = open_identity(&w, 3600, cores);
    add_people(&w);
    make_credentials(&w);

    printf("Argon2id: %d KiB, %d passes, 1 lane; %d cores\n%-36s %11s %11s %11s %11s\n",
           w.config.argon2_memory_kib, w.config.argon2_passes, cores, "a second, by", "one thread",
           "all cores", "a core", "CPU us each");
    static const struct {
        const char *name;
        void (*once)(struct world *w, struct arena *a);
        int bare; /* the row it is compared with; -1: it is one */
    } rows[] = {{"bare Argon2id", bare_argon2, -1},
                {"bare HMAC-SHA-256", bare_hmac, -1},
                {"bare RS256 verification", bare_verify, -1},
                {"a key, for the first time", key_first, 0},
                {"a sign-in by password", sign_in, 0},
                {"a key, again", key_again, 1},
                {"does it still hold? (a statement)", still_valid, 1},
                {"an access token", check_token, 2}};
    struct figures one[sizeof rows / sizeof *rows];
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int bare = rows[i].bare;
        one[i] = measure(&w, rows[i].once, 1);
        struct figures all = measure(&w, rows[i].once, cores);
        show(rows[i].name, &one[i], &all, cores, bare < 0 ? NULL : rows[bare].name,
             bare < 0 ? 1 : one[bare].cpu_us);
    }
    identity_close(w.fresh);
    identity_close(w.remembering);
    store_close(w.store);
    EVP_PKEY_free(w.rsa);
    arena_free(w.arena);
    remove_store(path);
    return 0;
}
