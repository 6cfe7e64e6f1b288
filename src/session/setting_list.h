/* Every parameter of a session, in the order of SHOW ALL.
 *
 * What a parameter of PostgreSQL would change here, it changes. Where it has one meaning only, the
 * one of the server, FIXED lets clients say that and nothing else. Advice to PostgreSQL's planner
 * and memory (PLANNER_*) is kept and shown, and nothing more: this engine plans by itself, and
 * results don't depend on it. Those that are SHOWN can't be set. */
#ifndef SESSION_SETTING_LIST_H
#define SESSION_SETTING_LIST_H

#include "session/setting_rule.h"

#define PLANNER " Advice to PostgreSQL's planner; this engine plans by itself."

/* enumerator, name as shown, default, rule, description */
#define SETTINGS(X)                                                                                \
    X(SET_APPLICATION_NAME, "application_name", "", TEXT(setting_label_63, REPORTED),              \
      "The application's name, for the audit log.")                                                \
    X(SET_ARRAY_NULLS, "array_nulls", "on", FIXED, "NULL in an array's text is NULL.")             \
    X(SET_BACKSLASH_QUOTE, "backslash_quote", "safe_encoding", FIXED,                              \
      "Whether \\' stands for a quote in E'...'.")                                                 \
    X(SET_BLOCK_SIZE, "block_size", "8192", SHOWN, "As clients of PostgreSQL expect.")             \
    X(SET_BYTEA_OUTPUT, "bytea_output", "hex", ONE_OF("escape", "hex"), "The text form of bytea.") \
    X(SET_CHECK_FUNCTION_BODIES, "check_function_bodies", "on", BOOLEAN,                           \
      "There are no functions with bodies.")                                                       \
    X(SET_CLIENT_ENCODING, "client_encoding", "UTF8", TEXT(setting_utf8, REPORTED),                \
      "Always UTF8.")                                                                              \
    X(SET_CLIENT_MIN_MESSAGES, "client_min_messages", "notice",                                    \
      ONE_OF("debug5", "debug4", "debug3", "debug2", "debug1", "debug", "log", "notice",           \
             "warning", "error"),                                                                  \
      "The least level of messages that are sent.")                                                \
    X(SET_CURSOR_TUPLE_FRACTION, "cursor_tuple_fraction", "0.1", REAL(0, 1),                       \
      "The part of a cursor's rows that is fetched." PLANNER)                                      \
    X(SET_DATESTYLE, "DateStyle", "ISO, MDY", TEXT(setting_datestyle, REPORTED),                   \
      "The form of dates: ISO, SQL, Postgres or German, and MDY, DMY or YMD.")                     \
    X(SET_STATISTICS_TARGET, "default_statistics_target", "100", INTEGER(1, 10000),                \
      "How much is known of columns." PLANNER)                                                     \
    X(SET_TABLE_ACCESS_METHOD, "default_table_access_method", "heap", FIXED,                       \
      "There is one kind of tables.")                                                              \
    X(SET_TABLESPACE, "default_tablespace", "", FIXED, "There are no tablespaces.")                \
    X(SET_TOAST_COMPRESSION, "default_toast_compression", "pglz", FIXED,                           \
      "The engine chooses compression.")                                                           \
    X(SET_DEFAULT_DEFERRABLE, "default_transaction_deferrable", "off", FIXED,                      \
      "Nothing waits for a safe snapshot.")                                                        \
    X(SET_DEFAULT_ISOLATION, "default_transaction_isolation", "repeatable read",                   \
      TEXT(setting_isolation, 0), "What a new transaction gets: always a snapshot.")               \
    X(SET_DEFAULT_READ_ONLY, "default_transaction_read_only", "off", REPORTED_BOOLEAN,             \
      "Whether new transactions only read.")                                                       \
    X(SET_EFFECTIVE_CACHE_SIZE, "effective_cache_size", "4GB", MEMORY(8),                          \
      "The memory of the system's cache." PLANNER)                                                 \
    X(SET_ENABLE_BITMAPSCAN, "enable_bitmapscan", "on", BOOLEAN, "A way to scan." PLANNER)         \
    X(SET_ENABLE_HASHAGG, "enable_hashagg", "on", BOOLEAN, "A way to group." PLANNER)              \
    X(SET_ENABLE_HASHJOIN, "enable_hashjoin", "on", BOOLEAN, "A way to join." PLANNER)             \
    X(SET_ENABLE_INDEXONLYSCAN, "enable_indexonlyscan", "on", BOOLEAN, "A way to scan." PLANNER)   \
    X(SET_ENABLE_INDEXSCAN, "enable_indexscan", "on", BOOLEAN, "A way to scan." PLANNER)           \
    X(SET_ENABLE_MATERIAL, "enable_material", "on", BOOLEAN, "A way to keep rows." PLANNER)        \
    X(SET_ENABLE_MERGEJOIN, "enable_mergejoin", "on", BOOLEAN, "A way to join." PLANNER)           \
    X(SET_ENABLE_NESTLOOP, "enable_nestloop", "on", BOOLEAN, "A way to join." PLANNER)             \
    X(SET_ENABLE_SEQSCAN, "enable_seqscan", "on", BOOLEAN, "A way to scan." PLANNER)               \
    X(SET_ENABLE_SORT, "enable_sort", "on", BOOLEAN, "A way to order." PLANNER)                    \
    X(SET_ESCAPE_STRING_WARNING, "escape_string_warning", "on", BOOLEAN,                           \
      "A backslash in '...' is a backslash: nothing is to be warned of.")                          \
    X(SET_EXTRA_FLOAT_DIGITS, "extra_float_digits", "1", INTEGER(-15, 3),                          \
      "Above 0: as many digits as are needed to read a float back; else so many fewer.")           \
    X(SET_FROM_COLLAPSE_LIMIT, "from_collapse_limit", "8", INTEGER(1, INT32_MAX),                  \
      "How sub-queries are planned." PLANNER)                                                      \
    X(SET_GEQO, "geqo", "on", BOOLEAN, "How many joins are planned." PLANNER)                      \
    X(SET_AGENT_ID, "hatidata_agent_id", "", TEXT(setting_label_128, 0),                           \
      "What the agent calls itself.")                                                              \
    X(SET_FRAMEWORK, "hatidata_framework", "", TEXT(setting_label_128, 0),                         \
      "What the agent is built with.")                                                             \
    X(SET_PARENT_REQUEST_ID, "hatidata_parent_request_id", "", TEXT(setting_label_128, 0),         \
      "The request that this one is a part of, for the audit log.")                                \
    X(SET_PRIORITY, "hatidata_priority", "normal", ONE_OF("low", "normal", "high", "critical"),    \
      "low, normal, high or critical.")                                                            \
    X(SET_REASONING_STEP, "hatidata_reasoning_step", "", TEXT(setting_label_128, 0),               \
      "The step of the client's reasoning, for the audit log.")                                    \
    X(SET_REQUEST_ID, "hatidata_request_id", "", TEXT(setting_label_128, 0),                       \
      "The client's own name of its request, for the audit log.")                                  \
    X(SET_CATALOG_NAMES, "hatidata.catalog_names", "dialect", ONE_OF("dialect", "stored"),         \
      "How catalogs show names: as the dialect does, or as stored.")                               \
    X(SET_DATABASE, "hatidata.database", "", TEXT(setting_label_128, 0),                           \
      "The database that names without one are of; empty: the environment's own.")                 \
    X(SET_DIALECT, "hatidata.dialect", "snowflake", ONE_OF("snowflake", "postgres", "duckdb"),     \
      "snowflake, postgres or duckdb: how statements are read.")                                   \
    X(SET_ENVIRONMENT, "hatidata.environment", "", SHOWN, "The environment of this session.")      \
    X(SET_GRANT, "hatidata.grant", "", SHOWN,                                                      \
      "The just-in-time grant that gives the role; empty: none.")                                  \
    X(SET_ROLE, "hatidata.role", "", SHOWN, "The role that statements are decided by now.")        \
    X(SET_TRANSPILE, "hatidata.transpile", "on", FIXED,                                            \
      "Statements are always rewritten for the engine.")                                           \
    X(SET_IDLE_TIMEOUT, "idle_in_transaction_session_timeout", "0", TIME,                          \
      "How long a transaction may wait for its client.")                                           \
    X(SET_IDLE_SESSION_TIMEOUT, "idle_session_timeout", "0", TIME,                                 \
      "How long a session without a transaction may wait for its client.")                         \
    X(SET_IN_HOT_STANDBY, "in_hot_standby", "off", REPORTED_SHOWN, "Always off.")                  \
    X(SET_INTEGER_DATETIMES, "integer_datetimes", "on", REPORTED_SHOWN, "Always on.")              \
    X(SET_INTERVALSTYLE, "IntervalStyle", "postgres",                                              \
      REPORTED_ONE_OF("postgres", "postgres_verbose", "sql_standard", "iso_8601"),                 \
      "The form of intervals.")                                                                    \
    X(SET_IS_SUPERUSER, "is_superuser", "off", REPORTED_SHOWN, "Always off.")                      \
    X(SET_JIT, "jit", "off", BOOLEAN, "Whether plans are compiled." PLANNER)                       \
    X(SET_JOIN_COLLAPSE_LIMIT, "join_collapse_limit", "8", INTEGER(1, INT32_MAX),                  \
      "How joins are planned." PLANNER)                                                            \
    X(SET_LC_COLLATE, "lc_collate", "C", SHOWN, "Text is ordered by its bytes.")                   \
    X(SET_LC_CTYPE, "lc_ctype", "C.UTF-8", SHOWN, "What is a letter, and upper case.")             \
    X(SET_LC_MESSAGES, "lc_messages", "C", FIXED, "Messages are in English.")                      \
    X(SET_LC_MONETARY, "lc_monetary", "C", FIXED, "There is no type of money.")                    \
    X(SET_LC_NUMERIC, "lc_numeric", "C", FIXED, "Numbers have a point.")                           \
    X(SET_LC_TIME, "lc_time", "C", FIXED, "Names of days and months are English.")                 \
    X(SET_LOCK_TIMEOUT, "lock_timeout", "0", TIME,                                                 \
      "How long a statement may wait for an advisory lock.")                                       \
    X(SET_MAINTENANCE_WORK_MEM, "maintenance_work_mem", "64MB", MEMORY(1),                         \
      "Memory of an operation." PLANNER)                                                           \
    X(SET_MAX_FUNCTION_ARGS, "max_function_args", "100", SHOWN, "Arguments of a function.")        \
    X(SET_MAX_IDENTIFIER, "max_identifier_length", "63", SHOWN, "Bytes of a name.")                \
    X(SET_MAX_INDEX_KEYS, "max_index_keys", "32", SHOWN, "Columns of an index.")                   \
    X(SET_PARALLEL_WORKERS, "max_parallel_workers_per_gather", "2", INTEGER(0, 1024),              \
      "Workers of a plan." PLANNER)                                                                \
    X(SET_PLAN_CACHE_MODE, "plan_cache_mode", "auto",                                              \
      ONE_OF("auto", "force_generic_plan", "force_custom_plan"),                                   \
      "How prepared statements are planned." PLANNER)                                              \
    X(SET_QUOTE_ALL, "quote_all_identifiers", "off", FIXED, "Only names that need it are quoted.") \
    X(SET_RANDOM_PAGE_COST, "random_page_cost", "4", REAL(0, 1e300),                               \
      "The cost of a page." PLANNER)                                                               \
    X(SET_ROW_SECURITY, "row_security", "on", BOOLEAN,                                             \
      "Off: a statement fails that a row filter would change.")                                    \
    X(SET_SEARCH_PATH, "search_path", "\"$user\", public", TEXT(setting_search_path, 0),           \
      "Where bare names of tables are looked up.")                                                 \
    X(SET_SEQ_PAGE_COST, "seq_page_cost", "1", REAL(0, 1e300), "The cost of a page." PLANNER)      \
    X(SET_SERVER_ENCODING, "server_encoding", "UTF8", REPORTED_SHOWN, "Always UTF8.")              \
    X(SET_SERVER_VERSION, "server_version", "15.0", REPORTED_SHOWN, "The version we speak.")       \
    X(SET_SERVER_VERSION_NUM, "server_version_num", "150000", SHOWN, "The same as a number.")      \
    X(SET_SESSION_AUTHORIZATION, "session_authorization", "", REPORTED_SHOWN, "The user.")         \
    X(SET_REPLICATION_ROLE, "session_replication_role", "origin", FIXED,                           \
      "There are no triggers to be left out.")                                                     \
    X(SET_SSL, "ssl", "on", SHOWN, "Connections are encrypted with TLS 1.3.")                      \
    X(SET_STANDARD_STRINGS, "standard_conforming_strings", "on", REPORTED_FIXED,                   \
      "A backslash in '...' is a backslash.")                                                      \
    X(SET_STATEMENT_TIMEOUT, "statement_timeout", "0", TIME,                                       \
      "How long a statement may run; 0: the server's own limit.")                                  \
    X(SET_SYNCHRONIZE_SEQSCANS, "synchronize_seqscans", "on", BOOLEAN,                             \
      "Whether scans of a table go together." PLANNER)                                             \
    X(SET_SYNCHRONOUS_COMMIT, "synchronous_commit", "on", TEXT(setting_commit, 0),                 \
      "Always on: a commit is durable when it is answered.")                                       \
    X(SET_TEMP_BUFFERS, "temp_buffers", "8MB", MEMORY(8), "Memory of temporary tables." PLANNER)   \
    X(SET_TIMEZONE, "TimeZone", "UTC", TEXT(setting_timezone, REPORTED),                           \
      "The zone that timestamps with time zone are shown and read in.")                            \
    X(SET_DEFERRABLE, "transaction_deferrable", "off", SHOWN,                                      \
      "Nothing waits for a safe snapshot.")                                                        \
    X(SET_ISOLATION, "transaction_isolation", "repeatable read", TEXT(setting_isolation, 0),       \
      "What the transaction has: a snapshot.")                                                     \
    X(SET_READ_ONLY, "transaction_read_only", "off", BOOLEAN,                                      \
      "Whether the transaction only reads.")                                                       \
    X(SET_TRANSFORM_NULL_EQUALS, "transform_null_equals", "off", FIXED, "x = NULL is NULL.")       \
    X(SET_WORK_MEM, "work_mem", "4MB", MEMORY(64), "Memory of an operation." PLANNER)              \
    X(SET_XMLBINARY, "xmlbinary", "base64", FIXED, "There is no type of XML.")                     \
    X(SET_XMLOPTION, "xmloption", "content", FIXED, "There is no type of XML.")

#endif
