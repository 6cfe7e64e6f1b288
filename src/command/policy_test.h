/* hatidata policy test: tables of who asks what and what must come out, over the data folder's
 * catalog and the stored policies, or over a folder's. */
#ifndef COMMAND_POLICY_TEST_H
#define COMMAND_POLICY_TEST_H

/* Exit code 1 where a case fails, and where a file can't be read or isn't of the form. */
int policy_test(int argc, char **argv);

#endif
