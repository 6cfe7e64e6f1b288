/* The authority's key stays in the folder so that a server certificate can be made anew when it
 * expires. */
#include "crypto/cert.h"

#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/mem.h"
#include "crypto/keyfile.h"
#include "crypto/x509.h"

enum { SERVER_DAYS = 825, HOST_MAX = 254 };
static const long day_s = 24L * 3600;

static X509 *make_server(EVP_PKEY *key, const char *host, X509 *ca, EVP_PKEY *ca_key)
{
    char names[HOST_MAX + 64];
    X509 *cert = x509_new(key, "localhost", X509_get_subject_name(ca), SERVER_DAYS * day_s);

    snprintf(names, sizeof names, "DNS:localhost,IP:127.0.0.1,IP:::1%s%s", *host ? ",DNS:" : "",
             host);
    if (cert && (!x509_extend(cert, ca, NID_basic_constraints, "critical,CA:FALSE") ||
                 !x509_extend(cert, ca, NID_key_usage, "critical,digitalSignature") ||
                 !x509_extend(cert, ca, NID_ext_key_usage, "serverAuth") ||
                 !x509_extend(cert, ca, NID_subject_alt_name, names) ||
                 !x509_extend(cert, ca, NID_subject_key_identifier, "hash") ||
                 !x509_extend(cert, ca, NID_authority_key_identifier, "keyid") ||
                 !X509_sign(cert, ca_key, EVP_sha256()))) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

/* Writes key then certificate: a certificate is never there without its key. */
static enum status write_pair(const char *key_path, EVP_PKEY *key, const char *cert_path,
                              X509 *cert, struct error *e)
{
    BIO *key_text = BIO_new(BIO_s_secmem()), *cert_text = BIO_new(BIO_s_mem());
    enum status status;
    char *p, *q;
    long n, m;

    if (!key_text || !cert_text ||
        PEM_write_bio_PKCS8PrivateKey(key_text, key, NULL, NULL, 0, NULL, NULL) != 1 ||
        PEM_write_bio_X509(cert_text, cert) != 1) {
        status = x509_failed(e, "writing a certificate");
    } else {
        n = BIO_get_mem_data(key_text, &p);
        m = BIO_get_mem_data(cert_text, &q);
        status = keyfile_create(key_path, 0600, (struct str){p, (size_t)n}, e);
        if (status == OK) {
            status = keyfile_create(cert_path, 0644, (struct str){q, (size_t)m}, e);
        }
        mem_wipe(p, (size_t)n);
    }
    BIO_free(key_text);
    BIO_free(cert_text);
    return status;
}

static enum status read_pair(const char *key_path, EVP_PKEY **key, const char *cert_path,
                             X509 **cert, struct error *e)
{
    FILE *f = fopen(cert_path, "re");
    char text[8192];
    size_t n;
    BIO *bio;

    *cert = f ? PEM_read_X509(f, NULL, NULL, NULL) : NULL;
    if (f) {
        fclose(f);
    }
    if (keyfile_read(key_path, text, sizeof text, &n, e) != OK) {
        return FAIL;
    }
    bio = BIO_new_mem_buf(text, (int)n);
    *key = bio ? PEM_read_bio_PrivateKey(bio, NULL, NULL, NULL) : NULL;
    BIO_free(bio);
    mem_wipe(text, sizeof text);
    if (!*cert || !*key || X509_check_private_key(*cert, *key) != 1) {
        ERR_clear_error();
        return error_set(e, ERR_CONFIG, "%s and %s are not a certificate and its key", cert_path,
                         key_path);
    }
    return OK;
}

/* True in *there when both files are, false when neither is. */
static enum status pair_is_there(const char *key_path, const char *cert_path, bool *there,
                                 struct error *e)
{
    bool key = access(key_path, F_OK) == 0, cert = access(cert_path, F_OK) == 0;

    *there = key && cert;
    if (key != cert) {
        error_set(e, ERR_CONFIG, "%s is there and %s is not", key ? key_path : cert_path,
                  key ? cert_path : key_path);
        return error_hint(e, "Restore the other one, or remove the one that is there.");
    }
    return OK;
}

static enum status authority(struct arena *a, const char *dir, X509 **ca, EVP_PKEY **key,
                             struct error *e)
{
    const char *cert_path = arena_printf(a, "%s/ca.pem", dir);
    const char *key_path = arena_printf(a, "%s/ca.key", dir);
    bool there;

    if (pair_is_there(key_path, cert_path, &there, e) != OK) {
        return FAIL;
    }
    if (there) {
        return read_pair(key_path, key, cert_path, ca, e);
    }
    *key = EVP_EC_gen("P-256");
    *ca = *key ? x509_authority(*key, "HatiData private CA") : NULL;
    return *ca ? write_pair(key_path, *key, cert_path, *ca, e)
               : x509_failed(e, "making the certificate authority");
}

/* Only what a host name may hold goes into the certificate: letters, digits, dots and hyphens. */
static void host_name(const char *host, char out[HOST_MAX])
{
    if (host) {
        snprintf(out, HOST_MAX, "%s", host);
    } else if (gethostname(out, HOST_MAX) != 0) {
        *out = 0;
    }
    out[HOST_MAX - 1] = 0;
    if (out[strspn(out, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-")]) {
        *out = 0;
    }
}

enum status cert_make(const char *dir, const char *host, struct error *e)
{
    struct arena *a = arena_new(0);
    const char *cert_path = arena_printf(a, "%s/server.pem", dir);
    const char *key_path = arena_printf(a, "%s/server.key", dir);
    EVP_PKEY *ca_key = NULL, *key = NULL;
    X509 *ca = NULL, *cert = NULL;
    enum status status;
    char name[HOST_MAX];
    bool there;

    status = pair_is_there(key_path, cert_path, &there, e);
    if (status != OK || there) {
        goto out;
    }
    status = authority(a, dir, &ca, &ca_key, e);
    if (status != OK) {
        goto out;
    }
    host_name(host, name);
    key = EVP_EC_gen("P-256");
    cert = key ? make_server(key, name, ca, ca_key) : NULL;
    status = cert ? write_pair(key_path, key, cert_path, cert, e)
                  : x509_failed(e, "making the server's certificate");
out:
    X509_free(ca);
    X509_free(cert);
    EVP_PKEY_free(ca_key);
    EVP_PKEY_free(key);
    arena_free(a);
    return status;
}
