/* hatidata audit verify PATH [--json]: argv[0] is "audit". Gives the exit code: 0 intact, 1 broken
 * or unreadable, 2 wrong usage. */
#ifndef COMMAND_AUDIT_H
#define COMMAND_AUDIT_H

int command_audit(int argc, char **argv);

#endif
