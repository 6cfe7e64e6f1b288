/* Policies as files, and their history: verbs of `hatidata policy`. */
#ifndef COMMAND_POLICY_FILES_H
#define COMMAND_POLICY_FILES_H

int policy_diff(int argc, char **argv);     /* exit code 1 where something differs, too */
int policy_apply(int argc, char **argv);    /* policy_files.c */
int policy_history(int argc, char **argv);  /* policy_history.c */
int policy_rollback(int argc, char **argv); /* policy_history.c */

#endif
