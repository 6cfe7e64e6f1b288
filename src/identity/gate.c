#include "identity/gate.h"

void gate_init(struct gate *g, int max_inside, int max_waiting)
{
    *g = (struct gate){.max_inside = max_inside, .max_waiting = max_waiting};
    pthread_mutex_init(&g->lock, NULL);
    pthread_cond_init(&g->left, NULL);
}

void gate_fini(struct gate *g)
{
    pthread_cond_destroy(&g->left);
    pthread_mutex_destroy(&g->lock);
}

bool gate_enter(struct gate *g)
{
    bool entered;

    pthread_mutex_lock(&g->lock);
    entered = g->inside < g->max_inside || g->waiting < g->max_waiting;
    if (entered) {
        g->waiting++;
        while (g->inside >= g->max_inside) {
            pthread_cond_wait(&g->left, &g->lock);
        }
        g->waiting--;
        g->inside++;
    }
    pthread_mutex_unlock(&g->lock);
    return entered;
}

void gate_leave(struct gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->inside--;
    pthread_cond_signal(&g->left);
    pthread_mutex_unlock(&g->lock);
}
