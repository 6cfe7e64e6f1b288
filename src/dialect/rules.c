#include "dialect/rules.h"

static const struct rule_table snowflake[] = {
    {snowflake_condition_functions, NULL},
    {NULL, NULL},
};

static const struct rule_table duckdb[] = {
    {duckdb_functions, duckdb_nodes},
    {NULL, NULL},
};

static const struct rule_table none[] = {{NULL, NULL}};

const struct rule_table *rules_of(enum dialect dialect)
{
    switch (dialect) {
    case DIALECT_SNOWFLAKE:
        return snowflake;
    case DIALECT_DUCKDB:
        return duckdb;
    case DIALECT_POSTGRES:
        return none;
    }
    return none;
}
