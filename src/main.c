/* The program: a table of sub-commands. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "command/command.h"

static const struct command {
    const char *name;
    int (*run)(int argc, char **argv);
    const char *help;
} commands[] = {
    {"init", command_init, "make a data folder: keys, certificates, control store, audit log"},
    {"serve", command_serve, "run both planes in this process"},
    {"control", command_control, "run the control plane alone: REST API, and link to proxies"},
    {"proxy", command_proxy, "run the data plane alone; tokens, enrolment, list, revocation"},
    {"load", command_load, "load a CSV, JSON lines or Parquet file into a new table"},
    {"sample", command_sample, "make the TPC-H sample tables for some organizations"},
    {"login", command_login, "sign in to a control plane, for the commands below"},
    {"logout", command_logout, "end that sign-in"},
    {"whoami", command_whoami, "who is signed in, and where"},
    {"operator", command_operator, "keys to operate the installation from elsewhere"},
    {"org", command_org, "organizations"},
    {"user", command_user, "users and their roles"},
    {"key", command_key, "API keys of users and agents"},
    {"jit", command_jit, "just-in-time grants: another role for a time"},
    {"policy", command_policy, "masks, row filters, attribute rules"},
    {"quota", command_quota, "credits, concurrency and row limits"},
    {"usage", command_usage, "what leaves a data plane of its statements"},
    {"table", command_table, "registration of shared tables"},
    {"tag", command_table, "tags of tables and columns"},
    {"explain", command_explain, "what policy makes of a statement for somebody"},
    {"transpile", command_transpile, "statements of one dialect in another's words"},
    {"parse", command_parse, "the trees of statements"},
    {"audit", command_audit, "verify an audit log, prove an entry"},
};

static int usage(FILE *out)
{
    fputs("usage: hatidata COMMAND [OPTIONS]\n\n", out);
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        fprintf(out, "  %-10s %s\n", commands[i].name, commands[i].help);
    }
    fputs("\n`hatidata COMMAND --help` tells the options of one.\n", out);
    return out == stdout ? EXIT_DONE : EXIT_USAGE;
}

/* Keys live in this process: no core dumps, and no file that others can read. */
static void harden(void)
{
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    umask(077);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN);
}

int main(int argc, char **argv)
{
    harden();
    if (argc < 2) {
        return usage(stderr);
    }
    if (!strcmp(argv[1], "--help") || !strcmp(argv[1], "help")) {
        return usage(stdout);
    }
    if (!strcmp(argv[1], "--version")) {
        puts("hatidata " HATIDATA_VERSION);
        return EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
        if (!strcmp(argv[1], commands[i].name)) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    fprintf(stderr, "hatidata: unknown command '%s'\n", argv[1]);
    return usage(stderr);
}
