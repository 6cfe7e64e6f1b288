/* The configuration: one table of options, filled from flags over environment over file over
 * defaults. Every mistake is found in one go, each with the place it was made at and what would be
 * right. */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/retention.h"

/* OPTION(name, kind, default, least, most, help)
 *   kind: TEXT     any text; least and most bound its length
 *         ENUM     one of the words in `most` (a string such as "debug|info")
 *         NUMBER   a whole number
 *         SIZE     bytes: a number with B, KiB, MiB, GiB or TiB (or K, M, G, T)
 *         DURATION milliseconds: a number with ms, s, min, h or d
 *         BOOL     on or off, true or false, yes or no
 *         ADDRESS  host:port, [v6]:port or *:port
 * "DATA" at the start of a default (after "local:") stands for data_dir. */
#define CONFIG_KIB    (1024LL)
#define CONFIG_MIB    (1024LL * 1024)
#define CONFIG_GIB    (1024LL * 1024 * 1024)
#define CONFIG_SECOND (1000LL)
#define CONFIG_HOUR   (3600 * 1000LL)

#define CONFIG_OPTIONS(TEXT, ENUM, NUMBER, SIZE, DURATION, BOOL, ADDRESS)                          \
    TEXT(data_dir, "data", 1, 1024, "folder of everything that the server keeps")                  \
    TEXT(store, "DATA/control.db", 1, 2048,                                                        \
         "control store: a file, or postgresql://USER@HOST/DATABASE?passfile=FILE")                \
    ADDRESS(listen, "127.0.0.1:5439", 0, 0, "address of the PostgreSQL protocol")                  \
    ADDRESS(metrics_listen, "127.0.0.1:9090", 0, 0, "address of /metrics, /live and /ready")       \
    ADDRESS(control_metrics_listen, "", 0, 0, "the same of `hatidata control`; empty: none")       \
    BOOL(control, "on", 0, 0, "serve the REST API in this process, too")                           \
    ADDRESS(control_listen, "127.0.0.1:8443", 0, 0, "address of the REST API")                     \
    NUMBER(control_workers, "8", 1, 1024, "REST requests that are answered at once")               \
    NUMBER(control_max_connections, "1000", 1, 1000000,                                            \
           "connections of the REST API at once; more wait until one ends")                        \
    DURATION(control_idle_timeout, "30s", CONFIG_SECOND, CONFIG_HOUR,                              \
             "time that a REST client has for a request, and between two")                         \
    SIZE(control_max_body, "1MiB", CONFIG_KIB, 64 * CONFIG_MIB, "largest body of a REST request")  \
    ENUM(rate_tier, "cloud", 0, "free|cloud|growth|enterprise",                                    \
         "REST requests of one credential a minute, and at once: 60/10, 300/50, 1000/100, "        \
         "10000/500; for organizations without a tier of their own")                               \
    ADDRESS(plane_listen, "127.0.0.1:8444", 0, 0,                                                  \
            "address at which `control` serves proxies, on mutual TLS")                            \
    NUMBER(plane_max_connections, "1000", 8, 100000,                                               \
           "connections of proxies at once; more wait until one ends")                             \
    DURATION(proxy_certificate, "24h", CONFIG_SECOND, 365 * 24 * CONFIG_HOUR,                      \
             "time that a proxy's certificate holds; it is renewed after two thirds")              \
    TEXT(control_nodes, "", 0, 1024,                                                               \
         "control nodes of `proxy`, as in a:8444,b:8444; empty: those that it enrolled with")      \
    DURATION(stale_limit, "60s", CONFIG_SECOND, 24 * CONFIG_HOUR,                                  \
             "time that `proxy` serves without news from the control plane")                       \
    DURATION(control_timeout, "2s", 100, 60 * CONFIG_SECOND,                                       \
             "time that the control plane has to answer a proxy")                                  \
    TEXT(tls_cert, "DATA/server.pem", 1, 1024, "certificate chain, PEM")                           \
    TEXT(tls_key, "DATA/server.key", 1, 1024, "private key of the certificate, PEM, mode 0600")    \
    TEXT(extension_dir, "", 0, 1024,                                                               \
         "folder of the engine's extensions; empty: beside the program")                           \
    TEXT(kms, "local:DATA/master.key", 1, 1024, "where the master key is: local:FILE")             \
    SIZE(engine_memory, "1GiB", 64 * CONFIG_MIB, 16384 * CONFIG_GIB, "memory limit of the engine") \
    NUMBER(engine_threads, "0", 0, 1024, "threads of the engine; 0: one a core")                   \
    NUMBER(workers, "8", 1, 1024, "statements that run at once")                                   \
    NUMBER(queue, "1000", 1, 100000, "statements that may wait for a worker")                      \
    DURATION(queue_timeout, "30s", 0, 24 * CONFIG_HOUR,                                            \
             "time a statement may wait for a worker; 0: no end")                                  \
    NUMBER(event_loops, "2", 1, 64, "threads that hold the connections")                           \
    NUMBER(max_connections, "10000", 1, 1000000, "connections at once")                            \
    NUMBER(max_unauthenticated, "256", 1, 100000, "connections at once that haven't logged in")    \
    DURATION(auth_timeout, "10s", 100, 10 * 60 * CONFIG_SECOND, "time to log in")                  \
    DURATION(statement_timeout, "5min", 0, 24 * CONFIG_HOUR,                                       \
             "time a statement may run; 0: no end")                                                \
    DURATION(idle_in_transaction_timeout, "5min", 0, 24 * CONFIG_HOUR,                             \
             "time a transaction may wait for its client; 0: no end")                              \
    SIZE(max_message, "64MiB", CONFIG_KIB, CONFIG_GIB, "largest message from a client")            \
    SIZE(held_memory, "16MiB", 64 * CONFIG_KIB, 64 * CONFIG_GIB,                                   \
         "memory of one result before it spills to disk")                                          \
    SIZE(held_total, "256MiB", CONFIG_MIB, 1024 * CONFIG_GIB,                                      \
         "memory of all held results together")                                                    \
    SIZE(result_max, "16GiB", CONFIG_MIB, 16384 * CONFIG_GIB, "largest result, memory and disk")   \
    TEXT(spill_dir, "DATA/spill", 1, 1024, "folder of spilled results, encrypted")                 \
    SIZE(argon2_memory, "19MiB", 8 * CONFIG_MIB, 4 * CONFIG_GIB, "memory of one key check")        \
    NUMBER(argon2_passes, "2", 1, 64, "passes of one key check")                                   \
    TEXT(token_issuer, "hatidata", 1, 256, "who issues access tokens: their claim iss")            \
    ENUM(log_level, "info", 0, "debug|info|warn|error", "least level of the operator's log")       \
    ENUM(dialect, "snowflake", 0, "snowflake|postgres|duckdb", "SQL dialect of clients")           \
    SIZE(audit_segment, "64MiB", 64 * CONFIG_KIB, 64 * CONFIG_GIB, "bytes of one audit log file")  \
    NUMBER(audit_checkpoint_entries, "10000", 1, 1000000000,                                       \
           "entries after which the audit log's state is signed")                                  \
    DURATION(audit_checkpoint_interval, "1min", 100, 24 * CONFIG_HOUR,                             \
             "time after which it is signed where there are new entries")                          \
    NUMBER(audit_retention, "2557", RETENTION_LAW_DAYS, RETENTION_MAX_DAYS,                        \
           "days that audit entries are kept; organizations can want more")                        \
    TEXT(audit_anchors, "", 0, 4096,                                                               \
         "where its checkpoints are kept besides, comma-separated: folder:PATH, syslog:, "         \
         "s3://BUCKET/PREFIX")                                                                     \
    TEXT(audit_s3_region, "", 0, 64,                                                               \
         "region of the object store; empty: AWS_REGION, else us-east-1")                          \
    TEXT(audit_s3_endpoint, "", 0, 512,                                                            \
         "where the object store is, as in https://HOST:PORT; empty: AWS's own")                   \
    TEXT(audit_s3_ca, "", 0, 1024, "authorities of the object store, PEM; empty: the system's")    \
    DURATION(audit_anchor_retention, "2557d", CONFIG_HOUR, 36525 * 24 * CONFIG_HOUR,               \
             "time that an object store must keep a checkpoint, audit_retention at least; "        \
             "nobody can shorten it")                                                              \
    DURATION(audit_check_interval, "1h", 0, 30 * 24 * CONFIG_HOUR,                                 \
             "time between two checks of the audit log's files by the server; 0: never")           \
    TEXT(alert_webhooks, "", 0, 8192, "where alerts are sent, comma-separated: https://HOST/PATH") \
    TEXT(alert_webhook_secret, "", 0, 1024, "file of the secret that signs them, mode 0600")       \
    TEXT(alert_webhook_ca, "", 0, 1024, "authorities of webhooks, PEM; empty: the system's")       \
    DURATION(alert_repeat, "1h", CONFIG_SECOND, 30 * 24 * CONFIG_HOUR,                             \
             "time after which an alert about the same comes again")                               \
    NUMBER(alert_anchor_tries, "3", 1, 1000, "tries after which an anchor is unreachable")         \
    NUMBER(alert_denials, "20", 1, 1000, "denials of a principal past which there is an alert")    \
    DURATION(alert_denials_within, "10min", CONFIG_SECOND, 24 * CONFIG_HOUR,                       \
             "time within which they count")                                                       \
    NUMBER(alert_export_factor, "5", 1, 1000000,                                                   \
           "how many times its usual rows and bytes a day a role may be given without an alert")   \
    NUMBER(alert_export_least, "100000", 0, 1000000000000, "rows a day up to which there is none") \
    SIZE(alert_export_least_bytes, "100MiB", 0, 1024 * 1024 * CONFIG_GIB,                          \
         "bytes a day up to which there is none")                                                  \
    DURATION(usage_interval, "1min", 100, 24 * CONFIG_HOUR,                                        \
             "time after which usage data is written anew, and sent by a proxy")                   \
    DURATION(jit_max, "8h", 60 * CONFIG_SECOND, 7 * 24 * CONFIG_HOUR,                              \
             "longest just-in-time grant")                                                         \
    TEXT(federation_ca, "", 0, 1024,                                                               \
         "authorities of identity providers, PEM; empty: the system's")                            \
    TEXT(federation_proxy, "", 0, 1024, "proxy to identity providers; empty: none")                \
    TEXT(federation_sts, "", 0, 256,                                                               \
         "host:port to reach AWS STS at, such as a private endpoint; empty: its own")              \
    DURATION(federation_timeout, "5s", 100, 60 * CONFIG_SECOND,                                    \
             "time an identity provider has to answer")                                            \
    DURATION(federation_interval, "30s", 100, CONFIG_HOUR,                                         \
             "least time between two requests for a provider's keys")                              \
    DURATION(shutdown_grace, "30s", 0, CONFIG_HOUR, "time that statements have to end at shutdown")

struct config {
#define TEXT(name, def, least, most, help)   const char *name;
#define NUMBER(name, def, least, most, help) int64_t name;
#define BOOL(name, def, least, most, help)   bool name;
    CONFIG_OPTIONS(TEXT, TEXT, NUMBER, NUMBER, NUMBER, BOOL, TEXT)
#undef TEXT
#undef NUMBER
#undef BOOL
    const char *file;  /* the file that was read; NULL: none */
    bool print_config; /* --print-config */
    const char **rest; /* positional arguments, in order */
    size_t rest_count;
    const char **sources; /* where each option came from, in the table's order */
};

/* Reads argv[1...]: --name VALUE and --name=VALUE with dashes for underscores, --config FILE and
 * --print-config; "--" ends the flags, everything else is positional. Without --config (or
 * HATIDATA_CONFIG) the file is hatidata.conf in the working folder, when there is one. FAIL when
 * there is a mistake: `mistakes` then has a line for each. Memory is the arena's. */
MUST_USE enum status config_load(int argc, char **argv, struct config *out, struct arena *a,
                                 struct buf *mistakes);

/* As config_load for these texts alone, without files, arguments or environment: for tests and
 * tools. `name` is what mistakes call the text. */
MUST_USE enum status config_read(struct str text, const char *name, struct config *out,
                                 struct arena *a, struct buf *mistakes);

/* Appends every option as "name = value  # where it came from", a file that config_load reads. */
void config_print(const struct config *c, struct buf *out);

/* Appends a line an option: flag, default, help. For --help. */
void config_help(struct buf *out);

#endif
