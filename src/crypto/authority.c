#include "crypto/authority.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/text.h"
#include "crypto/x509.h"

struct authority {
    X509 *cert;
    EVP_PKEY *key;
    char *pem; /* of the certificate */
};

/* ---- text ---- */

static struct str take(BIO *bio, struct arena *a)
{
    char *p;
    long n = BIO_get_mem_data(bio, &p);
    return arena_str(a, (struct str){p, (size_t)n});
}

static enum status cert_text(X509 *cert, struct arena *a, struct str *out, struct error *e)
{
    BIO *bio = BIO_new(BIO_s_mem());
    bool done = bio && cert && PEM_write_bio_X509(bio, cert) == 1;
    if (done) {
        *out = take(bio, a);
    }
    BIO_free(bio);
    return done ? OK : x509_failed(e, "making a certificate");
}

static enum status key_text(EVP_PKEY *key, struct arena *a, struct str *out, struct error *e)
{
    BIO *bio = BIO_new(BIO_s_secmem());
    bool done =
        bio && key && PEM_write_bio_PKCS8PrivateKey(bio, key, NULL, NULL, 0, NULL, NULL) == 1;
    if (done) {
        *out = take(bio, a);
    }
    BIO_free(bio);
    return done ? OK : x509_failed(e, "making a key");
}

static BIO *reader(struct str text)
{
    return text.p && text.n <= AUTHORITY_PEM_MAX ? BIO_new_mem_buf(text.p, (int)text.n) : NULL;
}

/* Nobody is at a terminal to be asked for a passphrase. */
static int no_passphrase(char *to, int size, int writing, void *ctx)
{
    return -1;
}

static X509 *read_cert(struct str text)
{
    BIO *bio = reader(text);
    X509 *cert = bio ? PEM_read_bio_X509(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return cert;
}

static EVP_PKEY *read_key(struct str text)
{
    BIO *bio = reader(text);
    EVP_PKEY *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_passphrase, NULL) : NULL;
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

/* ---- the authority ---- */

enum status authority_make(struct arena *a, struct str *certificate, struct str *key,
                           struct error *e)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *cert = pair ? x509_authority(pair, "HatiData planes CA") : NULL;
    enum status status = cert_text(cert, a, certificate, e);
    if (status == OK) {
        status = key_text(pair, a, key, e);
    }
    X509_free(cert);
    EVP_PKEY_free(pair);
    return status;
}

enum status authority_open(struct str certificate, struct str key, struct authority **out,
                           struct error *e)
{
    struct authority *t = mem_alloc(sizeof *t);
    t->cert = read_cert(certificate);
    t->key = read_key(key);
    t->pem = mem_strndup(certificate.p, certificate.n);
    if (!t->cert || !t->key || X509_check_private_key(t->cert, t->key) != 1) {
        authority_free(t);
        ERR_clear_error();
        return error_set(e, ERR_CORRUPT, "the planes' authority isn't a certificate and its key");
    }
    *out = t;
    return OK;
}

void authority_free(struct authority *t)
{
    if (t) {
        X509_free(t->cert);
        EVP_PKEY_free(t->key);
        free(t->pem);
        free(t);
    }
}

/* `usage` keeps the two kinds apart: a proxy's certificate makes nobody a control node. */
static X509 *sign(const struct authority *t, EVP_PKEY *key, const char *name, const char *usage,
                  int64_t seconds)
{
    X509 *cert = x509_new(key, name, X509_get_subject_name(t->cert), (long)seconds);
    bool server = strcmp(usage, "serverAuth") == 0;
    if (cert && (!x509_extend(cert, t->cert, NID_basic_constraints, "critical,CA:FALSE") ||
                 !x509_extend(cert, t->cert, NID_key_usage, "critical,digitalSignature") ||
                 !x509_extend(cert, t->cert, NID_ext_key_usage, usage) ||
                 (server && !x509_extend(cert, t->cert, NID_subject_alt_name,
                                         "DNS:" AUTHORITY_SERVER_NAME)) ||
                 !x509_extend(cert, t->cert, NID_subject_key_identifier, "hash") ||
                 !x509_extend(cert, t->cert, NID_authority_key_identifier, "keyid") ||
                 !X509_sign(cert, t->key, EVP_sha256()))) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

enum status authority_sign(const struct authority *t, struct str request, const char *name,
                           int64_t seconds, struct arena *a, struct str *certificate,
                           struct error *e)
{
    BIO *bio = reader(request);
    X509_REQ *asked = bio ? PEM_read_bio_X509_REQ(bio, NULL, no_passphrase, NULL) : NULL;
    EVP_PKEY *key = asked ? X509_REQ_get0_pubkey(asked) : NULL;
    enum status status;
    if (!key || X509_REQ_verify(asked, key) != 1 || EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_bits(key) != 256) {
        ERR_clear_error();
        status = error_set(e, ERR_VALIDATION, "it isn't a signing request of a P-256 key");
    } else {
        X509 *cert = sign(t, key, name, "clientAuth", seconds);
        status = cert_text(cert, a, certificate, e);
        X509_free(cert);
    }
    X509_REQ_free(asked);
    BIO_free(bio);
    return status;
}

enum status authority_server(const struct authority *t, int64_t seconds, struct arena *a,
                             struct str *pem, struct error *e)
{
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *cert = key ? sign(t, key, AUTHORITY_SERVER_NAME, "serverAuth", seconds) : NULL;
    struct str own, secret = STR("");
    enum status status = cert_text(cert, a, &own, e);
    if (status == OK) {
        status = key_text(key, a, &secret, e);
    }
    if (status == OK) {
        *pem = str_of(arena_printf(a, "%.*s%s%.*s", STR_ARG(own), t->pem, STR_ARG(secret)));
        mem_wipe((char *)secret.p, secret.n);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    return status;
}

/* ---- the other side ---- */

static bool write_request(EVP_PKEY *key, BIO *out)
{
    X509_REQ *asked = X509_REQ_new();
    bool done = key && out && asked && X509_REQ_set_version(asked, X509_REQ_VERSION_1) == 1 &&
                X509_REQ_set_pubkey(asked, key) == 1 && X509_REQ_sign(asked, key, EVP_sha256()) &&
                PEM_write_bio_X509_REQ(out, asked) == 1;
    X509_REQ_free(asked);
    return done;
}

enum status authority_request(struct arena *a, struct str *request, struct str *key,
                              struct error *e)
{
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    BIO *bio = BIO_new(BIO_s_mem());
    enum status status = FAIL;
    if (write_request(pair, bio)) {
        *request = take(bio, a);
        status = key_text(pair, a, key, e);
    } else {
        x509_failed(e, "making a signing request");
    }
    BIO_free(bio);
    EVP_PKEY_free(pair);
    return status;
}

enum status certificate_fingerprint(struct str certificate, char out[FINGERPRINT_SIZE],
                                    struct error *e)
{
    X509 *cert = read_cert(certificate);
    uint8_t digest[EVP_MAX_MD_SIZE];
    unsigned n = 0;
    bool done = cert && X509_digest(cert, EVP_sha256(), digest, &n) == 1 && n == 32;
    X509_free(cert);
    if (!done) {
        return error_set(e, ERR_VALIDATION, "it isn't a certificate");
    }
    text_hex(digest, n, out);
    return OK;
}

enum status certificate_ends(struct str certificate, int64_t *wall_us, struct error *e)
{
    X509 *cert = read_cert(certificate);
    int days = 0, seconds = 0;
    ASN1_TIME *epoch = ASN1_TIME_set(NULL, 0);
    bool done =
        cert && epoch && ASN1_TIME_diff(&days, &seconds, epoch, X509_get0_notAfter(cert)) == 1;
    X509_free(cert);
    ASN1_TIME_free(epoch);
    if (!done) {
        return error_set(e, ERR_VALIDATION, "it isn't a certificate");
    }
    *wall_us = ((int64_t)days * 24 * 3600 + seconds) * 1000000;
    return OK;
}
