/* hatidata org federation: identity providers of an organization. */
#ifndef COMMAND_FEDERATION_H
#define COMMAND_FEDERATION_H

/* As the verbs of command/admin.h: argv[0] is "federation". */
int federation_run(int argc, char **argv);

#endif
