/* A condition variable with a time limit on the monotonic clock, which a change of the wall clock
 * doesn't move. */
#ifndef BASE_COND_H
#define BASE_COND_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

/* For cond_wait_until(). pthread_cond_destroy() ends it. */
void cond_init(pthread_cond_t *c);

/* Waits, with the lock held, until a signal or that time (of clock_mono_ns()); false: the time has
 * come. As with pthread_cond_wait(), true may mean nothing: the caller looks again. */
bool cond_wait_until(pthread_cond_t *c, pthread_mutex_t *lock, int64_t mono_ns);

#endif
