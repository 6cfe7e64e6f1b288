/* The planes' authority: who it signs for, and what it takes of a request. */
#include "crypto/authority.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

struct world {
    struct arena *a;
    struct str certificate, key;
    struct authority *authority;
};

static int make_world(void **state)
{
    static struct world w;
    struct error e = ERROR_INIT;
    w.a = arena_new(0);
    *state = &w;
    return authority_make(w.a, &w.certificate, &w.key, &e) == OK &&
                   authority_open(w.certificate, w.key, &w.authority, &e) == OK
               ? 0
               : -1;
}

static int end_world(void **state)
{
    struct world *w = *state;
    authority_free(w->authority);
    arena_free(w->a);
    return 0;
}

static X509 *read_cert(struct str pem)
{
    BIO *bio = BIO_new_mem_buf(pem.p, (int)pem.n);
    X509 *cert = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    BIO_free(bio);
    assert_non_null(cert);
    return cert;
}

static bool verifies(struct world *w, struct str pem, int purpose)
{
    X509 *cert = read_cert(pem), *root = read_cert(w->certificate);
    X509_STORE *trusted = X509_STORE_new();
    X509_STORE_CTX *ctx = X509_STORE_CTX_new();
    X509_STORE_add_cert(trusted, root);
    X509_STORE_CTX_init(ctx, trusted, cert, NULL);
    X509_STORE_CTX_set_purpose(ctx, purpose);
    bool good = X509_verify_cert(ctx) == 1;
    X509_STORE_CTX_free(ctx);
    X509_STORE_free(trusted);
    X509_free(root);
    X509_free(cert);
    return good;
}

static struct str sign(struct world *w, int64_t seconds)
{
    struct error e = ERROR_INIT;
    struct str request, key, out;
    assert_int_equal(authority_request(w->a, &request, &key, &e), OK);
    assert_int_equal(authority_sign(w->authority, request, "p-1", seconds, w->a, &out, &e), OK);
    return out;
}

static void test_a_proxy_is_a_client_and_nothing_else(void **state)
{
    struct str cert = sign(*state, 3600);
    assert_true(verifies(*state, cert, X509_PURPOSE_SSL_CLIENT));
    assert_false(verifies(*state, cert, X509_PURPOSE_SSL_SERVER));
}

static void test_a_control_node_is_a_server_and_nothing_else(void **state)
{
    struct world *w = *state;
    struct error e = ERROR_INIT;
    struct str pem;
    assert_int_equal(authority_server(w->authority, 3600, w->a, &pem, &e), OK);
    assert_true(verifies(w, pem, X509_PURPOSE_SSL_SERVER));
    assert_false(verifies(w, pem, X509_PURPOSE_SSL_CLIENT));
    X509 *cert = read_cert(pem);
    assert_int_equal(X509_check_host(cert, AUTHORITY_SERVER_NAME, 0, 0, NULL), 1);
    assert_int_equal(X509_check_host(cert, "localhost", 0, 0, NULL), 0);
    X509_free(cert);
}

static void test_a_certificate_ends(void **state)
{
    struct error e = ERROR_INIT;
    struct str cert = sign(*state, -10);
    int64_t ends;
    assert_false(verifies(*state, cert, X509_PURPOSE_SSL_CLIENT));
    assert_int_equal(certificate_ends(cert, &ends, &e), OK);
    assert_true(ends > 0);
}

static void test_what_is_no_request_is_refused(void **state)
{
    struct world *w = *state;
    struct error e = ERROR_INIT;
    struct str request, key, out;
    assert_int_equal(authority_request(w->a, &request, &key, &e), OK);
    char *altered = arena_strdup(w->a, request);
    altered[request.n / 2] = altered[request.n / 2] == 'A' ? 'B' : 'A';
    const struct str wrong[] = {STR(""), w->certificate, key, str_of(altered)};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(authority_sign(w->authority, wrong[i], "p", 60, w->a, &out, &e), FAIL);
        assert_int_equal(e.code, ERR_VALIDATION);
    }
}

static void test_a_pair_is_a_pair(void **state)
{
    struct world *w = *state;
    struct error e = ERROR_INIT;
    struct authority *other;
    struct str certificate, key;
    assert_int_equal(authority_make(w->a, &certificate, &key, &e), OK);
    assert_int_equal(authority_open(w->certificate, key, &other, &e), FAIL);
    assert_int_equal(e.code, ERR_CORRUPT);
    char one[FINGERPRINT_SIZE], two[FINGERPRINT_SIZE];
    assert_int_equal(certificate_fingerprint(w->certificate, one, &e), OK);
    assert_int_equal(certificate_fingerprint(certificate, two, &e), OK);
    assert_string_not_equal(one, two);
    assert_int_equal(certificate_fingerprint(STR("x"), two, &e), FAIL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_proxy_is_a_client_and_nothing_else),
        cmocka_unit_test(test_a_control_node_is_a_server_and_nothing_else),
        cmocka_unit_test(test_a_certificate_ends),
        cmocka_unit_test(test_what_is_no_request_is_refused),
        cmocka_unit_test(test_a_pair_is_a_pair),
    };
    return cmocka_run_group_tests(tests, make_world, end_world);
}
