/* The sub-commands. Each takes its own argc and argv (argv[0] is the sub-command's name, such as
 * "org"), writes results to standard output and errors to standard error, and gives the exit code:
 * 0 done, 1 failed, 2 wrong usage. */
#ifndef COMMAND_COMMAND_H
#define COMMAND_COMMAND_H

#include "base/error.h"

enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_USAGE = 2 };

/* Prints the error with its code and its hint; gives EXIT_FAILED. */
int command_fail(const struct error *e);

int command_init(int argc, char **argv);
int command_control(int argc, char **argv);
int command_proxy(int argc, char **argv);
int command_serve(int argc, char **argv);
int command_load(int argc, char **argv);
int command_sample(int argc, char **argv);
int command_audit(int argc, char **argv);
int command_login(int argc, char **argv);
int command_logout(int argc, char **argv);
int command_whoami(int argc, char **argv);
int command_operator(int argc, char **argv);
int command_org(int argc, char **argv);
int command_user(int argc, char **argv);
int command_key(int argc, char **argv);
int command_jit(int argc, char **argv);
int command_policy(int argc, char **argv);
int command_quota(int argc, char **argv);
int command_usage(int argc, char **argv);
int command_transpile(int argc, char **argv);
int command_explain(int argc, char **argv);
int command_parse(int argc, char **argv);
int command_table(int argc, char **argv); /* table and tag: argv[0] says which */

#endif
