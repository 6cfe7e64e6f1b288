/* Inside alert: between its files. alert.c raises, watch.c looks. */
#ifndef ALERT_ALERT_PRIV_H
#define ALERT_ALERT_PRIV_H

#include <pthread.h>
#include <stdatomic.h>

#include "alert/alert.h"
#include "alert/denials.h"
#include "alert/exports.h"
#include "alert/webhook.h"
#include "base/map.h"

enum { RAISED_WAITING_MAX = 256 };

struct raised {
    enum alert_kind kind;
    int64_t wall_us;
    char *subject, *summary, *details;
};

struct alerts {
    struct alerts_config config;
    char *state_file;
    struct webhooks *webhooks;
    pthread_t thread, checker;
    bool has_thread, has_checker;
    struct map *told; /* the thread's own: "kind subject" to when it was raised last (int64_t *) */

    pthread_mutex_t lock; /* over all that follows */
    pthread_cond_t news;  /* something waits, or the end */
    struct raised waiting[RAISED_WAITING_MAX];
    size_t n;
    struct denials *denials;
    struct exports *exports;
    bool changed;         /* the exports, since they were written */
    atomic_bool stopping; /* also read without the lock */
};

/* The thread that checks the log's files. */
MUST_USE enum status watch_start(struct alerts *a, struct error *e);

/* What a look at the anchors tells; on the alerts' thread. */
void watch_anchors(struct alerts *a);

/* The log's observer: denials and exports. */
struct audit_entry;
void watch_entry(void *alerts, const struct audit_entry *entry);

#endif
