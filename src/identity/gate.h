/* A bounded number inside, a bounded number waiting: what keeps a flood of logins from taking all
 * processors and memory. Thread-safe. */
#ifndef IDENTITY_GATE_H
#define IDENTITY_GATE_H

#include <pthread.h>
#include <stdbool.h>

struct gate {
    pthread_mutex_t lock;
    pthread_cond_t left;
    int inside, waiting;
    int max_inside, max_waiting;
};

void gate_init(struct gate *g, int max_inside, int max_waiting);
void gate_fini(struct gate *g);

/* Waits for a place; false at once where too many wait already. */
bool gate_enter(struct gate *g);
void gate_leave(struct gate *g);

#endif
