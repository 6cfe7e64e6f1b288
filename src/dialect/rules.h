/* The tables of rules. Private to src/dialect/. */
#ifndef DIALECT_RULES_H
#define DIALECT_RULES_H

#include "dialect/rule.h"

extern const struct function_rule snowflake_condition_functions[];
extern const struct function_rule snowflake_text_functions[];
extern const struct function_rule snowflake_regex_functions[];
extern const struct node_rule snowflake_regex_nodes[];
extern const struct function_rule snowflake_number_functions[];
extern const struct function_rule snowflake_date_functions[];
extern const struct function_rule snowflake_convert_functions[];
extern const struct function_rule snowflake_context_functions[];
extern const struct node_rule snowflake_type_nodes[];

/* The digits of a literal as a count since 1970, in the unit of date_is_count(). */
struct node *snowflake_counted(struct rewriting *r, const struct node *at, struct node *digits,
                               int64_t scale, bool has_zone);

extern const struct function_rule snowflake_json_functions[];
extern const struct node_rule snowflake_json_nodes[];
extern const struct function_rule snowflake_path_functions[];
extern const struct node_rule snowflake_path_nodes[];
extern const struct function_rule snowflake_array_functions[];
extern const struct node_rule snowflake_array_nodes[];
extern const struct node_rule snowflake_flatten_nodes[];
extern const struct node_rule snowflake_join_nodes[];
extern const struct node_rule snowflake_pivot_nodes[];
extern const struct function_rule snowflake_generator_functions[];
extern const struct function_rule snowflake_aggregate_functions[];

/* GET_PATH(operand, text). */
struct node *snowflake_path(struct rewriting *r, struct node *operand, struct node *text);
/* TABLE(GENERATOR(...)). */
struct node *snowflake_generator(struct rewriting *r, struct node_table_func *from);

extern const struct function_rule postgres_functions[];
extern const struct function_rule postgres_json_functions[];
extern const struct node_rule postgres_json_nodes[];
extern const struct node_rule postgres_nodes[];
extern const struct node_rule postgres_literal_nodes[];
extern const struct node_rule postgres_rows_nodes[];
extern const struct node_rule postgres_type_nodes[];
extern const struct node_rule postgres_temporary_nodes[];
extern const struct node_rule like_any_nodes[]; /* of more than one dialect */

extern const struct function_rule duckdb_functions[];
extern const struct node_rule duckdb_nodes[];

/* What an output of this expression is called. Of the arena. */
struct str duckdb_output_name(struct arena *a, const struct node *expr);
/* Runs before the rules. */
void duckdb_name_outputs(struct rewriting *r, struct node **stmt);

#endif
