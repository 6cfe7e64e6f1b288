/* The node list: every kind of node and its fields, once. The structures, the walker, copying,
 * comparing and dumping are all made from it (ast.h, ast.c), so a new field can't be forgotten by
 * one of them.
 *
 * NODES(X): X(KIND, tag), and for each a macro FIELDS_KIND(N, L, S, I, A) whose parts are
 *     N(name)            one child node or NULL
 *     L(name)            a list of child nodes
 *     S(name)            text (struct str): a name as written, without quotes; a literal's value
 *     I(name)            a small integer: flag or enum
 *     A(type, name)      an annotation of a later pass: not a child, not compared, not dumped */
#ifndef SQL_AST_NODES_H
#define SQL_AST_NODES_H

/* clang-format off */
#define NODES(X)                                                                                   \
    /* names and types */                                                                          \
    X(IDENT, ident)             /* one part of a name */                                           \
    X(NAME, name)               /* a dotted name */                                                \
    X(TYPE_NAME, type_name)     /* DECIMAL(10,2), INTEGER[], STRUCT(a INT) */                      \
    /* expressions */                                                                              \
    X(LITERAL, literal)                                                                            \
    X(PARAM, param)             /* $1, :1, the first ? */                                          \
    X(VARIABLE, variable)       /* $name of a session, :name of a script */                        \
    X(POSITION, position)       /* #1: a column of FROM by its place */                            \
    X(COLUMN_REF, column_ref)   /* a, t.a, s.t.a */                                                \
    X(STAR, star)               /* *, t.*, * EXCLUDE (..) REPLACE (..) RENAME (..) */              \
    X(STAR_OBJECT, star_object) /* {*}, {t.*} */                                                   \
    X(COLUMNS, columns)         /* COLUMNS('re'), *COLUMNS(..) */                                  \
    X(UNARY, unary)                                                                                \
    X(BINARY, binary)                                                                              \
    X(BOOL, bool_chain)         /* a AND b AND c; OR likewise: one node for a chain */             \
    X(BETWEEN, between)                                                                            \
    X(IN_LIST, in_list)                                                                            \
    X(IN_QUERY, in_query)                                                                          \
    X(LIKE, like)                                                                                  \
    X(EXISTS, exists)                                                                              \
    X(SUBQUERY, subquery)       /* scalar */                                                       \
    X(QUANTIFIED, quantified)   /* a = ANY (...) */                                                \
    X(FUNC, func)                                                                                  \
    X(NAMED_ARG, named_arg)     /* f(a => 1) */                                                    \
    X(CASE, case_expr)                                                                             \
    X(WHEN, when)                                                                                  \
    X(CAST, cast)                                                                                  \
    X(INTERVAL, interval)                                                                          \
    X(LIST, list_lit)           /* [1, 2], ARRAY[1, 2] */                                          \
    X(ROW, row)                 /* (1, 2), ROW(1, 2) */                                            \
    X(LIST_COMP, list_comp)     /* [x + 1 FOR x IN l IF x > 2] */                                  \
    X(STRUCT, struct_lit)       /* {'a': 1} */                                                     \
    X(INDEX, index)             /* a[1] */                                                         \
    X(SLICE, slice)             /* a[1:2] */                                                       \
    X(FIELD, field)             /* (expr).name */                                                  \
    X(PATH, path)               /* v:a.b[0]."c d" */                                               \
    X(MODEL_REF, model_ref)     /* model!method(..), model!attribute */                            \
    X(COLLATE, collate)                                                                            \
    X(LAMBDA, lambda)                                                                              \
    X(DEFAULT, default_value)   /* DEFAULT in VALUES and SET */                                    \
    X(GROUPING, grouping)       /* ROLLUP, CUBE, GROUPING SETS, () */                              \
    /* parts of a query */                                                                         \
    X(TARGET, target)           /* expression AS alias */                                          \
    X(ORDER_ITEM, order_item)                                                                      \
    X(WINDOW_DEF, window_def)   /* WINDOW w AS (...) */                                            \
    X(WINDOW, window)           /* (PARTITION BY ...) */                                           \
    X(CTE, cte)                                                                                    \
    X(QUERY, query)             /* WITH, a body, ORDER BY, LIMIT */                                \
    X(SELECT, select)                                                                              \
    X(SETOP, setop)                                                                                \
    X(VALUES, values)                                                                              \
    /* FROM */                                                                                     \
    X(TABLE_REF, table_ref)                                                                        \
    X(DERIVED, derived)         /* (query) AS alias */                                             \
    X(TABLE_FUNC, table_func)                                                                      \
    X(TABLE_OF, table_of)       /* TABLE('t'), TABLE($v): a table whose name is a value */         \
    X(JOIN, join)                                                                                  \
    X(PIVOT, pivot)                                                                                \
    X(PIVOT_COLUMN, pivot_column) /* FOR x IN (..) */                                              \
    X(UNPIVOT, unpivot)                                                                            \
    X(SAMPLE, sample)           /* t TABLESAMPLE (10 PERCENT) */                                   \
    X(TIME_TRAVEL, time_travel) /* t AT (..), BEFORE (..), CHANGES (..) */                         \
    X(STAGE_REF, stage_ref)     /* @stage/path, '@stage' */                                        \
    X(SEMANTIC_VIEW, semantic_view)                                                                \
    X(SEMANTIC_PART, semantic_part)                                                                \
    X(MATCH_RECOGNIZE, match_recognize)                                                            \
    X(DESCRIBED, described)     /* (DESCRIBE query or name) */                                         \
    /* statements that write rows */                                                               \
    X(INSERT, insert)                                                                              \
    X(ON_CONFLICT, on_conflict)                                                                    \
    X(MULTI_INSERT, multi_insert) /* INSERT ALL, INSERT FIRST */                                   \
    X(INSERT_BRANCH, insert_branch)                                                                \
    X(UPDATE, update)                                                                              \
    X(DELETE, delete_stmt)                                                                         \
    X(CURRENT_OF, current_of)   /* WHERE CURRENT OF a cursor */                                    \
    X(ASSIGN, assign)                                                                              \
    X(MERGE, merge)                                                                                \
    X(MERGE_ACTION, merge_action)                                                                  \
    X(TRUNCATE, truncate_stmt)                                                                     \
    /* statements about objects */                                                                 \
    X(CREATE_TABLE, create_table)                                                                  \
    X(COLUMN_DEF, column_def)                                                                      \
    X(IDENTITY, identity)                                                                          \
    X(CONSTRAINT, constraint)                                                                      \
    X(CREATE_VIEW, create_view)                                                                    \
    X(CREATE_SCHEMA, create_schema) /* or DATABASE */                                              \
    X(CREATE_SEQUENCE, create_sequence)                                                            \
    X(ALTER_SEQUENCE, alter_sequence)                                                              \
    X(SEQUENCE_OPTIONS, sequence_options)                                                          \
    X(CREATE_FUNCTION, create_function) /* or MACRO, PROCEDURE */                                  \
    X(FUNCTION_BODY, function_body)                                                                \
    X(FUNCTION_PARAM, function_param)                                                              \
    X(SIGNATURE, signature)     /* f(int, text): a function among its namesakes */                 \
    X(CREATE_TYPE, create_type)                                                                    \
    X(CREATE_INDEX, create_index)                                                                  \
    X(DROP, drop)                                                                                  \
    X(ALTER_TABLE, alter_table) /* or VIEW, SCHEMA */                                              \
    X(ALTER_ACTION, alter_action)                                                                  \
    X(COMMENT, comment)                                                                            \
    /* statements about the session */                                                             \
    X(EXPLAIN, explain)                                                                            \
    X(EXPLAIN_POLICY, explain_policy)                                                              \
    X(DESCRIBE, describe)       /* or SUMMARIZE */                                                 \
    X(TRANSACTION, transaction)                                                                    \
    X(SET, set)                                                                                    \
    X(SHOW, show)                                                                                  \
    X(SHOW_OBJECTS, show_objects)                                                                  \
    X(RESET, reset)                                                                                \
    X(ALTER_SESSION, alter_session)                                                                \
    X(SET_VARIABLE, set_variable)                                                                  \
    X(UNSET_VARIABLE, unset_variable)                                                              \
    X(USE, use)                                                                                    \
    X(LOCK, lock)                                                                                  \
    X(DISCARD, discard)                                                                            \
    X(PREPARE, prepare)                                                                            \
    X(EXECUTE, execute)                                                                            \
    X(DECLARE_CURSOR, declare_cursor)                                                              \
    X(FETCH, fetch)             /* or MOVE */                                                      \
    X(CLOSE, close_cursor)                                                                         \
    X(CALL, call)                                                                                  \
    X(COPY, copy_stmt)                                                                             \
    X(COPY_OPTION, copy_option)                                                                    \
    /* what is understood but never run here */                                                    \
    X(FOREIGN, foreign)         /* CREATE WAREHOUSE, GRANT, PUT ... (foreign.h) */                 \
    X(OPTION, option)           /* a clause: name = value */                                       \
    X(GROUP, group)             /* ( ... ), [ ... ], { ... } */                                    \
    X(SYMBOL, symbol)           /* = , . $1 */                                                      \
    X(STAGE, stage)             /* @stage/path */                                                  \
    X(EMPTY, empty)             /* nothing between two semicolons */

#define FIELDS_IDENT(N, L, S, I, A)      S(text) I(quoted)
/* Of a name that CREATE, DROP, ALTER or REFERENCES gives, the binder puts the engine's schema; of one
 * that it found, the schema that it was found in. */
#define FIELDS_NAME(N, L, S, I, A)                                                                 \
    L(parts) /* IDENT */ A(struct str, engine_schema) A(struct str, schema)
/* schema: of a type that was made, where it is written.
 * `text` is one word in lower case ("double precision" is double, "timestamp with time zone" is
 * timestamptz). Fields are COLUMN_DEFs of name and type: of struct; of map (key, value, no names); of
 * array, which INTEGER[3] is (the element, no name; the size in args). Then [] `dims` times. */
#define FIELDS_TYPE_NAME(N, L, S, I, A)                                                            \
    S(schema) S(text) L(args) /* LITERAL */ L(fields) I(dims) A(const struct type *, resolved)

#define FIELDS_LITERAL(N, L, S, I, A)    I(lit) /* enum literal_kind */ S(text)
#define FIELDS_PARAM(N, L, S, I, A)      I(number) /* from 1 */
#define FIELDS_VARIABLE(N, L, S, I, A)   S(name) I(is_bind) /* :name */
#define FIELDS_POSITION(N, L, S, I, A)   I(number) /* from 1 */
#define FIELDS_COLUMN_REF(N, L, S, I, A) L(parts) A(const struct bound_column *, bound)
#define FIELDS_STAR(N, L, S, I, A)                                                                 \
    L(qualifier) L(exclude) /* NAME */ L(replace) /* TARGET */ L(rename) /* TARGET */              \
    N(match) /* LIKE without an operand: of the columns' names */
#define FIELDS_STAR_OBJECT(N, L, S, I, A) L(items) /* STAR, NAMED_ARG */
#define FIELDS_COLUMNS(N, L, S, I, A)                                                              \
    L(qualifier) N(source) /* STAR, or an expression: pattern, lambda, list */ I(unpacked)
#define FIELDS_UNARY(N, L, S, I, A)      I(op) N(operand)
#define FIELDS_BINARY(N, L, S, I, A)     I(op) N(left) N(right)
#define FIELDS_BOOL(N, L, S, I, A)       I(is_or) L(args)
#define FIELDS_BETWEEN(N, L, S, I, A)    I(negated) I(symmetric) N(operand) N(low) N(high)
#define FIELDS_IN_LIST(N, L, S, I, A)    I(negated) N(operand) L(items)
#define FIELDS_IN_QUERY(N, L, S, I, A)   I(negated) N(operand) N(query)
#define FIELDS_LIKE(N, L, S, I, A)                                                                 \
    I(op) /* enum like_op */ I(negated) I(quantifier) /* enum quantifier */ N(operand) N(pattern)  \
    N(escape)
#define FIELDS_EXISTS(N, L, S, I, A)     N(query)
#define FIELDS_SUBQUERY(N, L, S, I, A)   N(query)
#define FIELDS_QUANTIFIED(N, L, S, I, A) I(op) I(quantifier) N(operand) N(source) /* QUERY or expr */
#define FIELDS_FUNC(N, L, S, I, A)                                                                 \
    N(name) L(args) I(star) /* count(*) */ I(distinct) I(nulls) /* enum nulls_treatment */         \
    L(order) /* ORDER_ITEM, inside */ N(limit) L(within_group) N(filter) N(over) /* WINDOW, or IDENT */     \
    A(const struct function *, bound)
#define FIELDS_NAMED_ARG(N, L, S, I, A)  S(name) N(value)
#define FIELDS_CASE(N, L, S, I, A)       N(operand) L(whens) N(otherwise)
#define FIELDS_WHEN(N, L, S, I, A)       N(condition) N(result)
#define FIELDS_CAST(N, L, S, I, A)       N(operand) N(target) /* TYPE_NAME */ I(is_try)      \
    N(format) /* CAST(x AS DATE FORMAT '..') */ I(fields) /* enum cast_fields */
#define FIELDS_INTERVAL(N, L, S, I, A)   N(amount) S(unit) /* empty: the amount's text has it */ \
    S(last_unit) /* DAY TO SECOND */
/* typed: ARRAY[...], a list of one type in every dialect */
#define FIELDS_LIST(N, L, S, I, A)       I(typed) L(items)
#define FIELDS_ROW(N, L, S, I, A)        L(items)
#define FIELDS_LIST_COMP(N, L, S, I, A)                                                            \
    N(result) L(params) /* IDENT: the item, its place */ N(source) N(filter)
#define FIELDS_STRUCT(N, L, S, I, A)     L(fields) /* NAMED_ARG */
#define FIELDS_INDEX(N, L, S, I, A)      N(operand) N(index)
#define FIELDS_SLICE(N, L, S, I, A)      N(operand) N(low) N(high) N(step)
#define FIELDS_FIELD(N, L, S, I, A)      N(operand) N(name) /* IDENT */
/* A step that is an IDENT is a name; any other is the expression in [ ]. */
#define FIELDS_PATH(N, L, S, I, A)       N(operand) L(steps)
#define FIELDS_MODEL_REF(N, L, S, I, A)  N(model) /* NAME */ N(member) /* IDENT, FUNC */
#define FIELDS_COLLATE(N, L, S, I, A)    N(operand) N(collation) /* NAME */
#define FIELDS_LAMBDA(N, L, S, I, A)     L(params) /* IDENT */ N(body)            \
    L(types) /* none, or a TYPE_NAME for each parameter: without a word where it has none */
#define FIELDS_DEFAULT(N, L, S, I, A)
#define FIELDS_GROUPING(N, L, S, I, A)   I(form) /* enum grouping_form */ L(items)

#define FIELDS_TARGET(N, L, S, I, A)     N(expr) N(alias) /* IDENT */
#define FIELDS_ORDER_ITEM(N, L, S, I, A) N(expr) I(descending) I(nulls) /* enum nulls_order */
#define FIELDS_WINDOW_DEF(N, L, S, I, A) N(name) N(window)
#define FIELDS_WINDOW(N, L, S, I, A)                                                               \
    N(named) /* IDENT */ L(partition) L(order) I(frame) /* enum frame_mode */ I(start) /* bound */  \
    N(start_expr) I(end) N(end_expr) I(exclude)
#define FIELDS_CTE(N, L, S, I, A)                                                                  \
    N(name) L(columns) /* IDENT */ I(materialized) /* enum materialized */ N(query)                \
    L(key) /* NAME: USING KEY (..) */
/* order_all: 0, or for ORDER BY ALL 1 + (1 when descending) + 2 * enum nulls_order */
#define FIELDS_QUERY(N, L, S, I, A)                                                                \
    I(recursive) L(ctes) N(body) /* SELECT, SETOP, VALUES, QUERY */ L(order) I(order_all)          \
    N(limit) I(limit_percent) N(offset) A(struct bound_query *, bound)
#define FIELDS_SELECT(N, L, S, I, A)                                                               \
    I(distinct) L(distinct_on) L(targets) N(from) N(where) N(start_with) N(connect_by) I(nocycle)  \
    L(group) I(group_all) I(group_distinct) N(having) L(windows) N(qualify)
#define FIELDS_SETOP(N, L, S, I, A)      I(op) I(all) I(by_name) N(left) N(right)
#define FIELDS_VALUES(N, L, S, I, A)     L(rows) /* ROW */

#define FIELDS_TABLE_REF(N, L, S, I, A)                                                            \
    N(name) N(alias) L(columns) /* IDENT */ A(const struct bound_table *, bound)
#define FIELDS_DERIVED(N, L, S, I, A)    N(query) I(lateral) N(alias) L(columns)
#define FIELDS_TABLE_FUNC(N, L, S, I, A) N(func) I(lateral) I(ordinality) N(alias) L(columns)
#define FIELDS_JOIN(N, L, S, I, A)                                                                 \
    I(type) /* enum join_type */ I(natural) I(asof) N(left) N(right) N(match) /* MATCH_CONDITION */ \
    N(on) L(using_columns) /* IDENT */
#define FIELDS_TABLE_OF(N, L, S, I, A)   N(name) /* an expression */ N(alias) L(columns)
/* Both ways of writing it, as an item of FROM and as a statement of DuckDB's, give this node. */
#define FIELDS_PIVOT(N, L, S, I, A)                                                                \
    N(source) L(aggregates) /* TARGET */ L(pivoted) /* PIVOT_COLUMN */ N(when_null) L(group)       \
    N(alias) L(columns)
/* The values are `items` (TARGET), or those of `query`, or of the enumeration `domain`, or `any`: all
 * that there are, in `order`. Several `exprs` are pivoted together: an item is then a ROW. */
#define FIELDS_PIVOT_COLUMN(N, L, S, I, A)                                                         \
    L(exprs) I(any) L(order) L(items) N(query) N(domain) /* NAME */
/* An item of `items` is a TARGET of a column, or of a ROW of as many columns as there are values. */
#define FIELDS_UNPIVOT(N, L, S, I, A)                                                              \
    N(source) I(include_nulls) L(values) /* IDENT */ N(name) /* IDENT */ L(items) N(alias)         \
    L(columns)
#define FIELDS_SAMPLE(N, L, S, I, A)                                                               \
    N(source) I(method) /* enum sample_method */ N(amount) I(rows) /* or percent */ N(seed)
#define FIELDS_TIME_TRAVEL(N, L, S, I, A)                                                          \
    N(table) /* TABLE_REF */ N(changes) I(before) N(point) N(end) /* NAMED_ARG each */
#define FIELDS_STAGE_REF(N, L, S, I, A)                                                            \
    S(path) /* with its @ */ I(is_string) L(options) /* NAMED_ARG */ N(alias) L(columns)
#define FIELDS_SEMANTIC_VIEW(N, L, S, I, A)                                                        \
    N(name) L(parts) /* SEMANTIC_PART */ N(where) N(alias) L(columns)
#define FIELDS_SEMANTIC_PART(N, L, S, I, A) I(form) /* enum semantic_form */ L(targets)
#define FIELDS_MATCH_RECOGNIZE(N, L, S, I, A)                                                      \
    N(source) L(partition) L(order) L(measures) /* TARGET */ S(rows) S(skip) S(pattern)            \
    L(define) /* TARGET */ N(alias) L(columns)
#define FIELDS_DESCRIBED(N, L, S, I, A)  N(query) I(summarize) N(alias) L(columns)

/* columns: those that the statement lists. `or_action` is DuckDB's INSERT OR REPLACE | IGNORE. */
#define FIELDS_INSERT(N, L, S, I, A)                                                               \
    I(recursive) L(ctes) I(overwrite) I(or_action) /* enum insert_or */ N(table) /* TABLE_REF */    \
    L(columns) /* IDENT */ I(by_name) I(overriding) /* enum overriding */                          \
    N(source) /* QUERY; NULL: DEFAULT VALUES */ N(on_conflict) L(returning)
/* The target is `columns`, or `keys` where one of them is more than a column's name, or
 * `constraint`, or nothing. */
#define FIELDS_ON_CONFLICT(N, L, S, I, A)                                                          \
    L(columns) /* IDENT */ L(keys) /* ORDER_ITEM */ N(constraint) /* IDENT */ N(index_where)       \
    I(do_update) L(assignments) N(where)
#define FIELDS_MULTI_INSERT(N, L, S, I, A)                                                         \
    I(overwrite) I(first) L(branches) /* INSERT_BRANCH */ N(query)
/* The INSERTs have DEFAULT VALUES for "the row as it is", else VALUES of one row. */
#define FIELDS_INSERT_BRANCH(N, L, S, I, A)                                                        \
    N(condition) I(otherwise) /* ELSE */ L(inserts) /* INSERT */
#define FIELDS_UPDATE(N, L, S, I, A)                                                               \
    I(recursive) L(ctes) N(table) L(assignments) N(from) N(where) L(returning)
#define FIELDS_DELETE(N, L, S, I, A)                                                               \
    I(recursive) L(ctes) N(table) N(using_tables) N(where) L(returning)
#define FIELDS_CURRENT_OF(N, L, S, I, A) N(cursor) /* IDENT */
/* column: an IDENT; a NAME (t.a); for (a, b) = x, where x isn't taken apart, a ROW of them. */
#define FIELDS_ASSIGN(N, L, S, I, A)     N(column) N(value)
#define FIELDS_MERGE(N, L, S, I, A)                                                                \
    I(recursive) L(ctes) N(table) /* TABLE_REF */ N(source) /* what stands behind USING */         \
    N(on) L(using_columns) /* IDENT, in place of ON */ L(actions) L(returning)
/* assignments: of UPDATE. columns, values: of INSERT; no values: DEFAULT VALUES. `whole` says that
 * the source's row is taken instead. condition: behind AND. message: of ERROR. */
#define FIELDS_MERGE_ACTION(N, L, S, I, A)                                                         \
    I(match) /* enum merge_match */ N(condition) I(verb) /* enum merge_verb */                     \
    I(whole) /* enum merge_whole */ L(assignments) L(columns) /* IDENT */                          \
    I(overriding) L(values) N(message)
#define FIELDS_TRUNCATE(N, L, S, I, A)                                                             \
    I(if_exists) L(tables) /* TABLE_REF */ I(restart_identity) I(cascade)

/* One of: columns and constraints; a query; `like`; `clone` (at: FOREIGN clause of time travel);
 * `template`. What else is said stands in `options`. */
#define FIELDS_CREATE_TABLE(N, L, S, I, A)                                                         \
    N(name) I(or_replace) I(if_not_exists) I(temporary) I(form) /* enum table_form */              \
    L(columns) L(constraints) N(query) I(no_data) N(like) /* NAME */ N(clone) /* NAME */            \
    N(at) /* GROUP */ I(before) N(template) /* QUERY */ N(comment) /* LITERAL */ I(copy_grants)    \
    L(cluster) L(options) /* OPTION, SYMBOL ... */
/* name: an IDENT, or in ALTER TABLE ... ADD a NAME for a field inside a column. */
#define FIELDS_COLUMN_DEF(N, L, S, I, A)                                                           \
    N(name) N(type) N(default_value) I(not_null) I(unique) I(primary_key) N(check)                 \
    N(collation) /* NAME */ N(generated) I(stored) N(identity) N(comment) /* LITERAL */            \
    L(options) /* OPTION */
/* options: SEQUENCE_OPTIONS or NULL. */
#define FIELDS_IDENTITY(N, L, S, I, A)   I(always) N(options)
/* `properties`, lower case words: "not enforced rely", "deferrable initially deferred". */
#define FIELDS_CONSTRAINT(N, L, S, I, A)                                                           \
    I(form) /* enum constraint_form */ N(name) L(columns) N(check) N(table) L(foreign_columns)     \
    I(match_full) I(on_delete) /* enum referential */ I(on_update) S(properties) N(comment)
/* details: where more than its name is said of any column, a COLUMN_DEF without type for each. */
#define FIELDS_CREATE_VIEW(N, L, S, I, A)                                                          \
    N(name) I(or_replace) I(if_not_exists) I(temporary) I(secure) I(materialized) L(columns)       \
    L(details) N(query) I(no_data) I(check_option) /* enum check_option */ N(comment)              \
    I(copy_grants)                                                                                 \
    L(options) /* OPTION */
#define FIELDS_CREATE_SCHEMA(N, L, S, I, A)                                                        \
    I(object) /* enum object_kind */ N(name) I(or_replace) I(if_not_exists) I(transient)           \
    N(owner) /* IDENT */ N(clone) N(at) /* GROUP */ I(before) N(comment) L(options) /* OPTION */
#define FIELDS_CREATE_SEQUENCE(N, L, S, I, A)                                                      \
    N(name) I(or_replace) I(if_not_exists) I(temporary) N(options)
/* One of options, new_name, new_schema; unset_comment. */
#define FIELDS_ALTER_SEQUENCE(N, L, S, I, A)                                                       \
    N(name) I(if_exists) N(options) N(new_name) /* NAME */ N(new_schema) /* IDENT */               \
    I(unset_comment)
/* Numbers are LITERALs, or UNARY minus of one. owned_by: NAME; "none" is IDENT. */
#define FIELDS_SEQUENCE_OPTIONS(N, L, S, I, A)                                                     \
    N(type) N(start) N(increment) N(min) N(max) I(no_min) I(no_max) N(cache)                       \
    I(cycle) /* enum said */ I(ordered) /* enum said */ N(owned_by) I(restart) N(restart_with)     \
    N(comment) /* LITERAL */
/* A macro has one body or several for as many numbers of arguments; a function has one, and types.
 * A language that isn't SQL has its text in `source`, and clauses in `options`. */
#define FIELDS_CREATE_FUNCTION(N, L, S, I, A)                                                      \
    I(object) /* enum object_kind */ N(name) I(or_replace) I(if_not_exists) I(temporary)           \
    I(secure) L(bodies) S(language) N(source) /* LITERAL; FOREIGN of a block */ N(comment)          \
    L(options)
/* body: a QUERY (of a table function, or of one row and column) or an expression; NULL where the
 * function's source is text. */
#define FIELDS_FUNCTION_BODY(N, L, S, I, A)                                                        \
    L(params) I(returns_table) I(returns_set) N(returns) /* TYPE_NAME */                           \
    L(returns_columns) /* COLUMN_DEF */ N(body)
#define FIELDS_FUNCTION_PARAM(N, L, S, I, A)                                                       \
    I(mode) /* enum param_mode */ N(name) /* IDENT or NULL */ N(type) N(default_value)
#define FIELDS_SIGNATURE(N, L, S, I, A)  N(name) L(args) /* FUNCTION_PARAM */
/* One of: labels of ENUM; a query that gives them; another type. */
#define FIELDS_CREATE_TYPE(N, L, S, I, A)                                                          \
    N(name) I(or_replace) I(if_not_exists) I(temporary) I(is_enum) L(labels) /* LITERAL */         \
    N(query) N(type)
#define FIELDS_CREATE_INDEX(N, L, S, I, A)                                                         \
    I(unique) I(or_replace) I(if_not_exists) I(concurrently) N(name) N(table) /* NAME */           \
    S(method) L(keys) /* ORDER_ITEM */ L(include) /* IDENT */ N(where) L(options)
#define FIELDS_DROP(N, L, S, I, A)                                                                 \
    I(object) /* enum object_kind */ I(if_exists) L(names) /* NAME, SIGNATURE */ I(cascade)
#define FIELDS_ALTER_TABLE(N, L, S, I, A) N(name) I(object) I(if_exists) L(actions)
/* column: IDENT, or NAME of a field inside. new_name: IDENT; of another schema, NAME. What is none
 * of the verbs is ALTER_OTHER with its words and values in `options`. */
#define FIELDS_ALTER_ACTION(N, L, S, I, A)                                                         \
    I(verb) /* enum alter_verb */ I(if_exists) /* or IF NOT EXISTS */ N(column)                    \
    N(definition) /* COLUMN_DEF */ N(constraint) /* CONSTRAINT, IDENT */ N(type) N(value)          \
    N(new_name) I(cascade) L(cluster) L(options)
/* name: NAME or SIGNATURE; text: a LITERAL. */
#define FIELDS_COMMENT(N, L, S, I, A)                                                              \
    I(if_exists) I(object) /* enum object_kind */ N(name) N(text)

#define FIELDS_EXPLAIN(N, L, S, I, A)                                                              \
    I(analyze) I(format) /* enum explain_format */ S(options) /* "verbose costs" */ N(statement)
#define FIELDS_EXPLAIN_POLICY(N, L, S, I, A) N(statement)
/* One of name (NAME, SIGNATURE), query. stage: TYPE = STAGE. */
#define FIELDS_DESCRIBE(N, L, S, I, A)                                                             \
    I(summarize) I(object) /* enum object_kind */ N(name) N(query) I(stage)
#define FIELDS_TRANSACTION(N, L, S, I, A) I(verb) /* enum transaction_verb */                      \
    I(access) /* enum said: READ ONLY, READ WRITE */ I(isolation) /* enum isolation */ S(savepoint) I(deferrable) I(chain) S(name)
#define FIELDS_SET(N, L, S, I, A)        S(name) I(local) I(to_default) L(values)
#define FIELDS_SHOW(N, L, S, I, A)       S(name) /* "all" for SHOW ALL */
/* objects: lower case words, "tables", "primary keys". scope: "account", "database", "schema",
 * "table" ..., empty where IN names something without saying what. */
#define FIELDS_SHOW_OBJECTS(N, L, S, I, A)                                                         \
    S(objects) I(terse) I(history) I(full) N(like) /* LITERAL */ I(in) S(scope) N(place) /* NAME */ \
    N(starts_with) N(limit) N(from) N(where) L(options)
#define FIELDS_RESET(N, L, S, I, A)      S(name) /* "all" for RESET ALL */
#define FIELDS_ALTER_SESSION(N, L, S, I, A) L(settings) /* SET, RESET */
#define FIELDS_SET_VARIABLE(N, L, S, I, A) L(names) /* IDENT */ L(values)
#define FIELDS_UNSET_VARIABLE(N, L, S, I, A) L(names) /* IDENT */
/* object: empty (database, schema or both), "database", "schema", "role", "warehouse",
 * "secondary roles" (name: ALL, NONE or a role). */
#define FIELDS_USE(N, L, S, I, A)        S(object) N(name) /* NAME */
/* mode: of PostgreSQL, in lower case: "access share" */
#define FIELDS_LOCK(N, L, S, I, A)       L(names) /* NAME */ S(mode) I(nowait)
/* DEALLOCATE is a DISCARD of "prepared": `name`, or all where it is empty; UNLISTEN of
 * "listening". */
#define FIELDS_DISCARD(N, L, S, I, A)    S(what) S(name)
#define FIELDS_PREPARE(N, L, S, I, A)    N(name) /* IDENT */ L(types) N(statement)
#define FIELDS_EXECUTE(N, L, S, I, A)    N(name) L(args) /* expressions, NAMED_ARG */
#define FIELDS_DECLARE_CURSOR(N, L, S, I, A)                                                       \
    N(name) I(binary) I(sensitivity) /* enum sensitivity */ I(scroll) /* enum said */ I(hold)      \
    N(query)
/* NEXT is FORWARD 1, PRIOR is BACKWARD 1, FIRST is ABSOLUTE 1, LAST is ABSOLUTE -1. */
#define FIELDS_FETCH(N, L, S, I, A)                                                                \
    I(move) I(direction) /* enum fetch_direction */ I(all) N(count) N(cursor)
#define FIELDS_CLOSE(N, L, S, I, A)      N(cursor) /* NULL: ALL */
#define FIELDS_CALL(N, L, S, I, A)       N(func) /* FUNC */
/* file: a LITERAL where the rows don't go between us and the client; of PROGRAM its command. */
#define FIELDS_COPY(N, L, S, I, A)                                                                 \
    N(table) /* TABLE_REF, or NULL with */ N(query) L(columns) I(to) N(file) I(program) L(options) \
    N(where)
#define FIELDS_COPY_OPTION(N, L, S, I, A) S(name) L(values)

/* verb and object in lower case words: "create", "file format". name: NAME, SIGNATURE or STAGE.
 * clauses: IDENT, LITERAL, STAGE, SYMBOL, GROUP in the order of the text, balanced. */
#define FIELDS_FOREIGN(N, L, S, I, A)                                                              \
    S(verb) I(or_replace) L(modifiers) /* IDENT */ S(object) I(if_exists) N(name) L(clauses)
/* name in lower case words; values as in FOREIGN's clauses. */
#define FIELDS_OPTION(N, L, S, I, A)     S(name) I(assigned) /* = */ L(values)
#define FIELDS_GROUP(N, L, S, I, A)      I(bracket) /* the opening one */ L(items)
#define FIELDS_SYMBOL(N, L, S, I, A)     S(text)
#define FIELDS_STAGE(N, L, S, I, A)      S(text) /* from the @ on, as written */
#define FIELDS_EMPTY(N, L, S, I, A)
/* clang-format on */

#endif
