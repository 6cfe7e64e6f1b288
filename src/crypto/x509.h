/* Inside crypto: certificates by OpenSSL's X.509 functions (RFC 5280). Serial numbers are 127
 * random bits; a certificate holds from an hour ago, for clocks that aren't the same. */
#ifndef CRYPTO_X509_H
#define CRYPTO_X509_H

#include <openssl/x509.h>

#include "base/error.h"

/* Without extensions or signature; `issuer` NULL: its own. NULL where OpenSSL fails. */
X509 *x509_new(EVP_PKEY *key, const char *common_name, const X509_NAME *issuer, long seconds);

/* One extension in OpenSSL's text form. */
bool x509_extend(X509 *cert, X509 *issuer, int nid, const char *text);

/* A self-signed authority of ten years, which signs certificates of its own level alone (path
 * length 0). `name` and eight random letters: two are told apart in a trust store. */
X509 *x509_authority(EVP_PKEY *key, const char *name);

/* ERR_INTERNAL; clears OpenSSL's queue. */
enum status x509_failed(struct error *e, const char *what);

#endif
