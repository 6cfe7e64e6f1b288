/* One context for all connections. Session tickets are off altogether: with none given out there is
 * nothing to resume, so no early data that could be replayed (RFC 8446, section 8), and an idle
 * connection keeps less memory. */
#include "net/tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <string.h>
#include <sys/stat.h>

/* The latest OpenSSL error in words; clears the queue. */
static const char *reason(void)
{
    unsigned long code = ERR_peek_last_error();
    const char *text = code ? ERR_reason_error_string(code) : NULL;
    ERR_clear_error();
    return text ? text : "unknown reason";
}

static int choose_alpn(SSL *ssl, const unsigned char **out, unsigned char *out_len,
                       const unsigned char *in, unsigned int in_len, void *ctx)
{
    const char *want = ctx;
    size_t want_len = strlen(want);
    for (unsigned int at = 0; at < in_len && in_len - at > in[at]; at += 1u + in[at]) {
        if (in[at] == want_len && memcmp(in + at + 1, want, want_len) == 0) {
            *out = in + at + 1;
            *out_len = in[at];
            return SSL_TLSEXT_ERR_OK;
        }
    }
    return SSL_TLSEXT_ERR_ALERT_FATAL;
}

static enum status check_key_file(const char *path, struct error *e)
{
    struct stat st;
    if (stat(path, &st) != 0) {
        return error_set(e, ERR_CONFIG, "TLS key file %s: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return error_set(e, ERR_CONFIG, "TLS key file %s is not a regular file", path);
    }
    if (st.st_mode & (S_IRWXG | S_IRWXO)) {
        error_set(e, ERR_CONFIG, "TLS key file %s has mode %03o: others may read it", path,
                  (unsigned)(st.st_mode & 0777));
        return error_hint(e, "chmod 600 %s", path);
    }
    return OK;
}

static enum status load_files(SSL_CTX *ctx, const struct tls_config *c, struct error *e)
{
    if (check_key_file(c->key_file, e)) {
        return FAIL;
    }
    ERR_clear_error();
    if (SSL_CTX_use_certificate_chain_file(ctx, c->certificate_file) != 1) {
        return error_set(e, ERR_CONFIG, "TLS certificate file %s: %s", c->certificate_file,
                         reason());
    }
    if (SSL_CTX_use_PrivateKey_file(ctx, c->key_file, SSL_FILETYPE_PEM) != 1) {
        return error_set(e, ERR_CONFIG, "TLS key file %s: %s", c->key_file, reason());
    }
    if (SSL_CTX_check_private_key(ctx) != 1) {
        return error_set(e, ERR_CONFIG, "TLS key file %s doesn't belong to certificate %s",
                         c->key_file, c->certificate_file);
    }
    return OK;
}

/* The server's certificate, those behind it, and the key, in any order of PEM blocks. */
static enum status load_text(SSL_CTX *ctx, const char *pem, struct error *e)
{
    BIO *certs = BIO_new_mem_buf(pem, -1), *keys = BIO_new_mem_buf(pem, -1);
    X509 *cert = certs ? PEM_read_bio_X509(certs, NULL, NULL, NULL) : NULL;
    EVP_PKEY *key = keys ? PEM_read_bio_PrivateKey(keys, NULL, NULL, NULL) : NULL;
    bool done = cert && key && SSL_CTX_use_certificate(ctx, cert) == 1 &&
                SSL_CTX_use_PrivateKey(ctx, key) == 1 && SSL_CTX_check_private_key(ctx) == 1;
    for (X509 *more; done && (more = PEM_read_bio_X509(certs, NULL, NULL, NULL));) {
        done = SSL_CTX_add0_chain_cert(ctx, more) == 1;
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    BIO_free(certs);
    BIO_free(keys);
    ERR_clear_error();
    return done ? OK : error_set(e, ERR_CONFIG, "TLS: the certificate and its key can't be used");
}

static enum status ask_for_certificates(SSL_CTX *ctx, const char *peers, struct error *e)
{
    BIO *bio = BIO_new_mem_buf(peers, -1);
    X509 *authority = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    bool done = authority && X509_STORE_add_cert(SSL_CTX_get_cert_store(ctx), authority) == 1 &&
                SSL_CTX_add_client_CA(ctx, authority) == 1;
    X509_free(authority);
    BIO_free(bio);
    SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, NULL);
    ERR_clear_error();
    return done ? OK : error_set(e, ERR_CONFIG, "TLS: the clients' authority can't be used");
}

static bool restrict_protocol(SSL_CTX *ctx)
{
    SSL_CTX_set_options(ctx, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE);
    SSL_CTX_set_mode(ctx, SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE |
                              SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
    SSL_CTX_set_session_cache_mode(ctx, SSL_SESS_CACHE_OFF);
    return SSL_CTX_set_min_proto_version(ctx, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_max_proto_version(ctx, TLS1_3_VERSION) == 1 &&
           SSL_CTX_set_ciphersuites(ctx, "TLS_AES_256_GCM_SHA384:TLS_AES_128_GCM_SHA256:"
                                         "TLS_CHACHA20_POLY1305_SHA256") == 1 &&
           SSL_CTX_set_num_tickets(ctx, 0) == 1 && SSL_CTX_set_max_early_data(ctx, 0) == 1 &&
           SSL_CTX_set_recv_max_early_data(ctx, 0) == 1;
}

enum status tls_server_new(const struct tls_config *c, SSL_CTX **out, struct error *e)
{
    if (!c->pem && (!c->certificate_file || !c->key_file)) {
        return error_set(e, ERR_CONFIG, "TLS needs a certificate file and a key file");
    }
    SSL_CTX *ctx = SSL_CTX_new(TLS_server_method());
    if (!ctx || !restrict_protocol(ctx)) {
        SSL_CTX_free(ctx);
        return error_set(e, ERR_CONFIG, "this OpenSSL can't be set to TLS 1.3: %s", reason());
    }
    if ((c->pem ? load_text(ctx, c->pem, e) : load_files(ctx, c, e)) ||
        (c->peers && ask_for_certificates(ctx, c->peers, e))) {
        SSL_CTX_free(ctx);
        return FAIL;
    }
    if (c->alpn) {
        SSL_CTX_set_alpn_select_cb(ctx, choose_alpn, (void *)(uintptr_t)c->alpn);
    }
    *out = ctx;
    return OK;
}

void tls_free(SSL_CTX *ctx)
{
    SSL_CTX_free(ctx);
}

SSL *tls_connection(SSL_CTX *ctx)
{
    return SSL_new(ctx);
}

bool tls_peer(const SSL *ssl, char name[TLS_PEER_SIZE])
{
    X509 *cert = SSL_get1_peer_certificate(ssl);
    bool known = cert && SSL_get_verify_result(ssl) == X509_V_OK &&
                 X509_NAME_get_text_by_NID(X509_get_subject_name(cert), NID_commonName, name,
                                           TLS_PEER_SIZE) > 0;
    X509_free(cert);
    return known;
}

bool tls_alpn_chosen(const SSL *ssl)
{
    const unsigned char *name = NULL;
    unsigned int n = 0;
    SSL_get0_alpn_selected(ssl, &name, &n);
    return n > 0;
}
