/* Verbs of `hatidata user` and `hatidata org` about how people sign in. */
#ifndef COMMAND_SIGNIN_H
#define COMMAND_SIGNIN_H

int user_set_password(int argc, char **argv);
int user_invite(int argc, char **argv);
int org_require_mfa(int argc, char **argv);
int rotate_signing_key(int argc, char **argv); /* of the whole installation */

#endif
