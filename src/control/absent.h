/* Paths of the published SDK whose features this server doesn't have. */
#ifndef CONTROL_ABSENT_H
#define CONTROL_ABSENT_H

/* The feature that a path which no route matches asks for: "branches". NULL: it is just no path. */
const char *absent_feature(const char *path);

#endif
