/* The tables of rules. Private to src/dialect/. */
#ifndef DIALECT_RULES_H
#define DIALECT_RULES_H

#include "dialect/rule.h"

extern const struct function_rule snowflake_condition_functions[];
extern const struct function_rule snowflake_text_functions[];
extern const struct function_rule snowflake_regex_functions[];
extern const struct node_rule snowflake_regex_nodes[];
extern const struct function_rule snowflake_json_functions[];
extern const struct node_rule snowflake_json_nodes[];
extern const struct function_rule snowflake_path_functions[];
extern const struct node_rule snowflake_path_nodes[];
extern const struct function_rule snowflake_array_functions[];
extern const struct node_rule snowflake_array_nodes[];

#endif
