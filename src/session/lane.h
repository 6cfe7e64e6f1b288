/* What is done to all connections of an event loop, or to one that somebody else asks for. */
#ifndef SESSION_LANE_H
#define SESSION_LANE_H

#include <stdint.h>

struct lane;

/* Ends idle clients with 57P01; busy ones end when their statement is done. On the loop's thread,
 * as what follows. */
void lane_stop(struct lane *lane);

/* Cancels what still runs. */
void lane_cancel(struct lane *lane);

/* Each second, and when credentials have changed: ends the sessions whose credentials are gone. */
void lane_check(struct lane *lane);

/* Ends the session with this number, where it is the lane's (as registry_name() takes it), when its
 * statement is cancelled. On any thread. */
void lane_end_session(void *lane, int32_t pid);

#endif
