/* Master key, keyring and certificates, on real files. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <openssl/kdf.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/datakey.h"
#include "crypto/digest.h"

struct folder {
    char path[64], uri[128], master[96], ring[96];
};

static int make_folder(void **state)
{
    struct folder *f = calloc(1, sizeof *f);

    snprintf(f->path, sizeof f->path, "/tmp/hati-keys-XXXXXX");
    if (!mkdtemp(f->path)) {
        return -1;
    }
    snprintf(f->master, sizeof f->master, "%s/master.key", f->path);
    snprintf(f->uri, sizeof f->uri, "local:%s", f->master);
    snprintf(f->ring, sizeof f->ring, "%s/keyring.json", f->path);
    *state = f;
    return 0;
}

static int remove_folder(void **state)
{
    struct folder *f = *state;
    char command[128];
    int result;

    snprintf(command, sizeof command, "rm -rf '%s'", f->path);
    result = system(command);
    free(f);
    return result;
}

static struct kms *made_kms(struct folder *f)
{
    struct error e = ERROR_INIT;
    struct kms *k;

    assert_int_equal(kms_create(f->uri, &e), OK);
    assert_int_equal(kms_open(f->uri, &k, &e), OK);
    return k;
}

static unsigned mode_of(const char *path)
{
    struct stat st;

    assert_int_equal(stat(path, &st), 0);
    return st.st_mode & 07777;
}

static void assert_open_fails(const char *uri, enum error_code code)
{
    struct error e = ERROR_INIT;
    struct kms *k;

    assert_int_equal(kms_open(uri, &k, &e), FAIL);
    assert_int_equal(e.code, code);
}

static void test_master_key_is_private(void **state)
{
    struct folder *f = *state;
    struct error e = ERROR_INIT;
    char other[128];

    kms_close(made_kms(f));
    assert_int_equal(mode_of(f->master), 0600);
    assert_int_equal(kms_create(f->uri, &e), FAIL);
    assert_int_equal(e.code, ERR_EXISTS);
    assert_int_equal(chmod(f->master, 0640), 0);
    assert_open_fails(f->uri, ERR_KEY);
    assert_int_equal(chmod(f->master, 0604), 0);
    assert_open_fails(f->uri, ERR_KEY);
    assert_int_equal(chmod(f->master, 0400), 0);
    struct kms *k;
    assert_int_equal(kms_open(f->uri, &k, &e), OK);
    kms_close(k);
    snprintf(other, sizeof other, "%s/link", f->path);
    assert_int_equal(symlink(f->master, other), 0);
    snprintf(other, sizeof other, "local:%s/link", f->path);
    assert_open_fails(other, ERR_KEY);
}

static void test_master_key_of_another_owner(void **state)
{
    struct folder *f = *state;

    if (geteuid() != 0) {
        skip();
    }
    kms_close(made_kms(f));
    assert_int_equal(chown(f->master, 12345, 12345), 0);
    assert_open_fails(f->uri, ERR_KEY);
}

static void test_master_key_missing_or_damaged(void **state)
{
    struct folder *f = *state;
    int fd;

    assert_open_fails(f->uri, ERR_KEY);
    assert_open_fails("aws:arn", ERR_CONFIG);
    assert_open_fails("local:", ERR_CONFIG);
    assert_int_equal(mkfifo(f->master, 0600), 0);
    assert_open_fails(f->uri, ERR_KEY);
    assert_int_equal(unlink(f->master), 0);
    fd = open(f->master, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "00ff\n", 5), 5);
    close(fd);
    assert_open_fails(f->uri, ERR_KEY);
}

static void test_wrapping(void **state)
{
    struct folder *f = *state;
    struct kms *k = made_kms(f);
    uint8_t key[KMS_KEY_SIZE] = "0123456789abcdef0123456789abcde", out[KMS_KEY_SIZE];
    struct kms_blob blob, changed;
    struct error e = ERROR_INIT;

    assert_int_equal(kms_wrap(k, STR("data"), key, &blob, &e), OK);
    assert_int_equal(kms_unwrap(k, STR("data"), &blob, out, &e), OK);
    assert_memory_equal(out, key, sizeof key);
    assert_int_equal(kms_unwrap(k, STR("audit"), &blob, out, &e), FAIL);
    assert_int_equal(e.code, ERR_KEY);
    for (size_t i = 0; i < blob.n; i++) {
        changed = blob;
        changed.bytes[i] ^= 1;
        assert_int_equal(kms_unwrap(k, STR("data"), &changed, out, &e), FAIL);
        assert_int_equal(e.code, ERR_KEY);
    }
    for (size_t n = 0; n < blob.n; n++) {
        changed = blob;
        changed.n = n;
        assert_int_equal(kms_unwrap(k, STR("data"), &changed, out, &e), FAIL);
    }
    changed = blob;
    snprintf(changed.provider, sizeof changed.provider, "aws");
    assert_int_equal(kms_unwrap(k, STR("data"), &changed, out, &e), FAIL);
    changed = blob;
    changed.version++;
    assert_int_equal(kms_unwrap(k, STR("data"), &changed, out, &e), FAIL);
    kms_close(k);
}

static void test_keyring(void **state)
{
    struct folder *f = *state;
    struct kms *k = made_kms(f);
    struct keyring *r, *again;
    uint8_t one[KMS_KEY_SIZE], two[KMS_KEY_SIZE];
    struct error e = ERROR_INIT;

    assert_int_equal(keyring_open(f->ring, k, &r, &e), FAIL);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(keyring_create(f->ring, k, &e), OK);
    assert_int_equal(mode_of(f->ring), 0600);
    assert_int_equal(keyring_create(f->ring, k, &e), FAIL);
    assert_int_equal(e.code, ERR_EXISTS);
    assert_int_equal(keyring_open(f->ring, k, &r, &e), OK);
    assert_int_equal(keyring_open(f->ring, k, &again, &e), OK);
    for (int p = 0; p < KEY_PURPOSE_COUNT; p++) {
        assert_memory_equal(keyring_key(r, p), keyring_key(again, p), KMS_KEY_SIZE);
        for (int q = 0; q < p; q++) {
            assert_memory_not_equal(keyring_key(r, p), keyring_key(r, q), KMS_KEY_SIZE);
        }
    }
    keyring_mask_key(r, STR("acme"), one);
    keyring_mask_key(again, STR("acme"), two);
    assert_memory_equal(one, two, sizeof one);
    keyring_mask_key(r, STR("globex"), two);
    assert_memory_not_equal(one, two, sizeof one);
    keyring_close(r);
    keyring_close(again);
    kms_close(k);
}

/* Another host's keyring, under a master key of its own, masks as this one does, and shares nothing
 * else. */
static void test_keyrings_that_mask_alike(void **state)
{
    struct folder *f = *state;
    struct kms *k = made_kms(f), *other_k;
    struct keyring *mine, *before, *after;
    char other_uri[sizeof f->uri + 8], other_ring[sizeof f->ring + 8];
    uint8_t one[KMS_KEY_SIZE], two[KMS_KEY_SIZE];
    struct error e = ERROR_INIT;

    snprintf(other_uri, sizeof other_uri, "%s.other", f->uri);
    snprintf(other_ring, sizeof other_ring, "%s.other", f->ring);
    assert_int_equal(kms_create(other_uri, &e), OK);
    assert_int_equal(kms_open(other_uri, &other_k, &e), OK);
    assert_int_equal(keyring_create(f->ring, k, &e), OK);
    assert_int_equal(keyring_open(f->ring, k, &mine, &e), OK);
    assert_int_equal(keyring_take_mask(other_ring, other_k, keyring_key(mine, KEY_MASK), &e), FAIL);
    assert_int_equal(e.code, ERR_NOT_FOUND);
    assert_int_equal(keyring_create(other_ring, other_k, &e), OK);
    assert_int_equal(keyring_open(other_ring, other_k, &before, &e), OK);
    assert_int_equal(keyring_take_mask(other_ring, k, keyring_key(mine, KEY_MASK), &e), FAIL);
    assert_int_equal(e.code, ERR_KEY);
    assert_int_equal(keyring_take_mask(other_ring, other_k, keyring_key(mine, KEY_MASK), &e), OK);
    assert_int_equal(mode_of(other_ring), 0600);
    assert_int_equal(keyring_open(other_ring, other_k, &after, &e), OK);
    keyring_mask_key(mine, STR("acme"), one);
    keyring_mask_key(after, STR("acme"), two);
    assert_memory_equal(one, two, sizeof one);
    for (int p = 0; p < KEY_PURPOSE_COUNT; p++) {
        const uint8_t *same = keyring_key(p == KEY_MASK ? mine : before, p);

        assert_memory_equal(keyring_key(after, p), same, KMS_KEY_SIZE);
    }
    keyring_close(mine);
    keyring_close(before);
    keyring_close(after);
    kms_close(k);
    kms_close(other_k);
}

static void test_keyring_under_another_master_key(void **state)
{
    struct folder *f = *state;
    struct kms *k = made_kms(f);
    struct keyring *r;
    struct error e = ERROR_INIT;

    assert_int_equal(keyring_create(f->ring, k, &e), OK);
    kms_close(k);
    assert_int_equal(unlink(f->master), 0);
    k = made_kms(f);
    assert_int_equal(keyring_open(f->ring, k, &r, &e), FAIL);
    assert_int_equal(e.code, ERR_KEY);
    kms_close(k);
}

/* Any one byte of the file changed: the keyring doesn't open, or opens to the same keys (a changed
 * space between two words). */
static void test_damaged_keyring(void **state)
{
    struct folder *f = *state;
    struct kms *k = made_kms(f);
    struct keyring *whole, *r;
    char text[4096];
    struct error e = ERROR_INIT;
    size_t refused = 0;
    FILE *file;
    size_t n;

    assert_int_equal(keyring_create(f->ring, k, &e), OK);
    assert_int_equal(keyring_open(f->ring, k, &whole, &e), OK);
    file = fopen(f->ring, "r+");
    n = fread(text, 1, sizeof text, file);
    for (size_t i = 0; i < n; i++) {
        rewind(file);
        text[i] ^= 1;
        assert_int_equal(fwrite(text, 1, n, file), n);
        fflush(file);
        text[i] ^= 1;
        if (keyring_open(f->ring, k, &r, &e) != OK) {
            assert_true(e.code == ERR_KEY || e.code == ERR_CORRUPT);
            refused++;
            continue;
        }
        for (int p = 0; p < KEY_PURPOSE_COUNT; p++) {
            assert_memory_equal(keyring_key(r, p), keyring_key(whole, p), KMS_KEY_SIZE);
        }
        keyring_close(r);
    }
    assert_true(refused > n / 2);
    assert_int_equal(ftruncate(fileno(file), (off_t)n / 2), 0);
    assert_int_equal(keyring_open(f->ring, k, &r, &e), FAIL);
    assert_int_equal(e.code, ERR_CORRUPT);
    fclose(file);
    keyring_close(whole);
    kms_close(k);
}

/* RFC 4231's second test case, and HKDF as OpenSSL has it. */
static void test_digests(void **state)
{
    uint8_t out[DIGEST_SIZE], key[DIGEST_SIZE] = "Jefe";
    char hex[65];

    digest_hmac(key, STR("what do ya want for nothing?"), out); /* zero-padding is HMAC's own */
    text_hex(out, sizeof out, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void test_derived_keys(void **state)
{
    uint8_t root[DIGEST_SIZE] = "a root key", ours[DIGEST_SIZE], theirs[DIGEST_SIZE];
    size_t n = sizeof theirs;
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);

    assert_int_equal(EVP_PKEY_derive_init(ctx), 1);
    assert_int_equal(EVP_PKEY_CTX_set_hkdf_md(ctx, EVP_sha256()), 1);
    assert_int_equal(EVP_PKEY_CTX_set1_hkdf_key(ctx, root, sizeof root), 1);
    assert_int_equal(EVP_PKEY_CTX_add1_hkdf_info(ctx, (const uint8_t *)"label\0context", 13), 1);
    assert_int_equal(EVP_PKEY_derive(ctx, theirs, &n), 1);
    EVP_PKEY_CTX_free(ctx);
    digest_derive(root, "label", STR("context"), ours);
    assert_memory_equal(ours, theirs, sizeof ours);
}

static X509 *read_cert(struct folder *f, const char *name)
{
    char path[128];
    FILE *file;
    X509 *cert;

    snprintf(path, sizeof path, "%s/%s", f->path, name);
    file = fopen(path, "r");
    assert_non_null(file);
    cert = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    assert_non_null(cert);
    return cert;
}

static bool verifies(X509 *ca, X509 *cert)
{
    X509_STORE *trusted = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    bool good;

    X509_STORE_add_cert(trusted, ca);
    X509_STORE_CTX_init(ctx, trusted, cert, NULL);
    X509_STORE_CTX_set_purpose(ctx, X509_PURPOSE_SSL_SERVER);
    X509_VERIFY_PARAM_set_flags(X509_STORE_CTX_get0_param(ctx), X509_V_FLAG_X509_STRICT);
    good = X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(trusted);
    return good;
}

static void test_certificates(void **state)
{
    struct folder *f = *state;
    struct error e = ERROR_INIT;
    X509 *ca, *server, *again;
    char path[128];

    assert_int_equal(cert_make(f->path, "db.example.com", &e), OK);
    ca = read_cert(f, "ca.pem");
    server = read_cert(f, "server.pem");
    assert_true(verifies(ca, server));
    assert_false(verifies(server, server));
    assert_int_equal(X509_check_host(server, "localhost", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(server, "db.example.com", 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(server, "evil.example.com", 0, 0, NULL), 0);
    assert_int_equal(X509_check_ip_asc(server, "127.0.0.1", 0), 1);
    assert_int_equal(X509_check_ip_asc(server, "::1", 0), 1);
    snprintf(path, sizeof path, "%s/server.key", f->path);
    assert_int_equal(mode_of(path), 0600);
    snprintf(path, sizeof path, "%s/ca.key", f->path);
    assert_int_equal(mode_of(path), 0600);

    assert_int_equal(cert_make(f->path, NULL, &e), OK); /* what is there stays */
    again = read_cert(f, "server.pem");
    assert_int_equal(X509_cmp(server, again), 0);
    X509_free(again);

    snprintf(path, sizeof path, "%s/server.key", f->path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(cert_make(f->path, NULL, &e), FAIL); /* half a pair */
    assert_int_equal(e.code, ERR_CONFIG);
    snprintf(path, sizeof path, "%s/server.pem", f->path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(cert_make(f->path, "bad,DNS:*.com", &e), OK); /* the same authority */
    again = read_cert(f, "server.pem");
    assert_true(verifies(ca, again));
    assert_int_equal(X509_check_host(again, "a.com", 0, 0, NULL), 0);
    X509_free(again);
    X509_free(ca);
    X509_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_master_key_is_private, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_master_key_of_another_owner, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_master_key_missing_or_damaged, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_wrapping, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_keyring, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_keyrings_that_mask_alike, make_folder, remove_folder),
        cmocka_unit_test_setup_teardown(test_keyring_under_another_master_key, make_folder,
                                        remove_folder),
        cmocka_unit_test_setup_teardown(test_damaged_keyring, make_folder, remove_folder),
        cmocka_unit_test(test_digests),
        cmocka_unit_test(test_derived_keys),
        cmocka_unit_test_setup_teardown(test_certificates, make_folder, remove_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
