#include "crypto/x509.h"

#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>

#include "base/id.h"

enum { CLOCK_SLACK_S = 3600 };
static const long authority_s = 3653L * 24 * 3600;

enum status x509_failed(struct error *e, const char *what)
{
    ERR_clear_error();
    return error_set(e, ERR_INTERNAL, "%s failed in the OpenSSL library", what);
}

bool x509_extend(X509 *cert, X509 *issuer, int nid, const char *text)
{
    X509V3_CTX ctx;
    X509V3_set_ctx(&ctx, issuer, cert, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &ctx, nid, text);
    bool done = extension && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool set_serial(X509 *cert)
{
    uint8_t random[16];
    id_random(random, sizeof random);
    random[0] &= 0x7f;
    BIGNUM *number = BN_bin2bn(random, sizeof random, NULL);
    bool done = number && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
    BN_free(number);
    return done;
}

static bool add_name(X509_NAME *subject, const char *field, const char *text)
{
    return X509_NAME_add_entry_by_txt(subject, field, MBSTRING_UTF8, (const uint8_t *)text, -1, -1,
                                      0) == 1;
}

X509 *x509_new(EVP_PKEY *key, const char *common_name, const X509_NAME *issuer, long seconds)
{
    X509 *cert = X509_new();
    X509_NAME *subject = cert ? X509_get_subject_name(cert) : NULL;
    if (!cert || X509_set_version(cert, X509_VERSION_3) != 1 || !set_serial(cert) ||
        !X509_gmtime_adj(X509_getm_notBefore(cert), -CLOCK_SLACK_S) ||
        !X509_gmtime_adj(X509_getm_notAfter(cert), seconds) || X509_set_pubkey(cert, key) != 1 ||
        !add_name(subject, "O", "HatiData") || !add_name(subject, "CN", common_name) ||
        X509_set_issuer_name(cert, issuer ? issuer : subject) != 1) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

X509 *x509_authority(EVP_PKEY *key, const char *name)
{
    char full[64], tail[9];
    id_alnum(tail, 8);
    snprintf(full, sizeof full, "%s %s", name, tail);
    X509 *cert = x509_new(key, full, NULL, authority_s);
    if (cert && (!x509_extend(cert, cert, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") ||
                 !x509_extend(cert, cert, NID_key_usage, "critical,keyCertSign,cRLSign") ||
                 !x509_extend(cert, cert, NID_subject_key_identifier, "hash") ||
                 !X509_sign(cert, key, EVP_sha256()))) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}
