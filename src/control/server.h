/* The inside of the control plane that calls use. */
#ifndef CONTROL_SERVER_H
#define CONTROL_SERVER_H

#include <stdatomic.h>

#include "control/rate.h"

struct control {
    struct control_config config;
    struct ssl_ctx_st *tls;
    struct web *web;
    struct pool *workers;
    struct rates *credentials, *addresses;
    struct queries *queries;
    atomic_int log_readers; /* requests that read the audit log's files */
    atomic_int testers;     /* requests that run policy tests */
    atomic_bool stops;
};

#endif
