/* Inside planes: one request of a proxy, from its body to its answer. */
#ifndef PLANES_RPC_H
#define PLANES_RPC_H

#include "net/tls.h"
#include "planes/feed.h"
#include "planes/listener.h"
#include "planes/message.h"
#include "planes/planeca.h"

struct web_request;

struct listener {
    struct listener_config config;
    struct arena *arena;
    struct planeca ca;
    struct ssl_ctx_st *tls;
    struct web *web;
    struct pool *workers;
    struct feed *feed;
};

struct rpc {
    struct listener *listener;
    struct web_request *request; /* to be answered once */
    struct arena *arena;
    const struct rpc_kind *kind;
    char proxy[TLS_PEER_SIZE]; /* id, of the certificate; empty: it sent none */
    struct str body;           /* copied */
    struct buf answer;
    uint64_t position; /* of the snapshot that the proxy has */
    int64_t until_ns;  /* how long it may wait for another; 0: not looked at yet */
    struct rpc *next;  /* of those that wait */
};

struct rpc_kind {
    const char *name;                                   /* "snapshot" */
    bool enrolled;                                      /* only for whom has a certificate */
    enum status (*run)(struct rpc *r, struct error *e); /* no answer: it waits for a snapshot */
};

/* The kind of that path; NULL: there is none. */
const struct rpc_kind *rpc_kind_of(const char *path);

/* Runs it and answers it, or puts it aside. Blocks. */
void rpc_run(void *rpc);

/* Answers with the error, and frees it. */
void rpc_refuse(struct rpc *r, const struct error *why);

#endif
