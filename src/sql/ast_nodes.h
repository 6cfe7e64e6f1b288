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
    X(STAGE, stage)             /* @stage/path, 'file' */                                          \
    X(SEMANTIC_VIEW, semantic_view)                                                                \
    X(SEMANTIC_PART, semantic_part)                                                                \
    X(MATCH_RECOGNIZE, match_recognize)                                                            \
    X(DESCRIBED, described)     /* (DESCRIBE query) */                                             \
    /* statements */                                                                               \
    X(INSERT, insert)                                                                              \
    X(ON_CONFLICT, on_conflict)                                                                    \
    X(UPDATE, update)                                                                              \
    X(DELETE, delete_stmt)                                                                         \
    X(ASSIGN, assign)                                                                              \
    X(CREATE_TABLE, create_table)                                                                  \
    X(COLUMN_DEF, column_def)                                                                      \
    X(CONSTRAINT, constraint)                                                                      \
    X(CREATE_VIEW, create_view)                                                                    \
    X(DROP, drop)                                                                                  \
    X(ALTER_TABLE, alter_table)                                                                    \
    X(ALTER_ACTION, alter_action)                                                                  \
    X(EXPLAIN, explain)                                                                            \
    X(TRANSACTION, transaction)                                                                    \
    X(SET, set)                                                                                    \
    X(SHOW, show)                                                                                  \
    X(RESET, reset)                                                                                \
    X(DISCARD, discard)                                                                            \
    X(COPY, copy_stmt)                                                                             \
    X(COPY_OPTION, copy_option)                                                                    \
    X(EMPTY, empty)             /* nothing between two semicolons */

#define FIELDS_IDENT(N, L, S, I, A)      S(text) I(quoted)
/* Of a name that CREATE, DROP, ALTER or REFERENCES gives, the binder puts the engine's schema; of one
 * that it found, the schema that it was found in. */
#define FIELDS_NAME(N, L, S, I, A)                                                                 \
    L(parts) /* IDENT */ A(struct str, engine_schema) A(struct str, schema)
/* `text` is one word in lower case ("double precision" is double, "timestamp with time zone" is
 * timestamptz). Fields are COLUMN_DEFs of name and type: of struct; of map (key, value, no names); of
 * array, which INTEGER[3] is (the element, no name; the size in args). Then [] `dims` times. */
#define FIELDS_TYPE_NAME(N, L, S, I, A)                                                            \
    S(text) L(args) /* LITERAL */ L(fields) I(dims) A(const struct type *, resolved)

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
#define FIELDS_LIST(N, L, S, I, A)       L(items)
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
#define FIELDS_STAGE(N, L, S, I, A)                                                                \
    S(path) /* with its @ */ I(is_string) L(options) /* NAMED_ARG */ N(alias) L(columns)
#define FIELDS_SEMANTIC_VIEW(N, L, S, I, A)                                                        \
    N(name) L(parts) /* SEMANTIC_PART */ N(where) N(alias) L(columns)
#define FIELDS_SEMANTIC_PART(N, L, S, I, A) I(form) /* enum semantic_form */ L(targets)
#define FIELDS_MATCH_RECOGNIZE(N, L, S, I, A)                                                      \
    N(source) L(partition) L(order) L(measures) /* TARGET */ S(rows) S(skip) S(pattern)            \
    L(define) /* TARGET */ N(alias) L(columns)
#define FIELDS_DESCRIBED(N, L, S, I, A)  N(query) I(summarize) N(alias) L(columns)

#define FIELDS_INSERT(N, L, S, I, A)                                                               \
    I(recursive) L(ctes) N(table) /* TABLE_REF */ L(columns) /* IDENT */                           \
    N(source) /* QUERY; NULL: DEFAULT VALUES */ N(on_conflict) L(returning)
#define FIELDS_ON_CONFLICT(N, L, S, I, A)                                                          \
    L(columns) /* IDENT */ I(do_update) L(assignments) N(where)
#define FIELDS_UPDATE(N, L, S, I, A)                                                               \
    I(recursive) L(ctes) N(table) L(assignments) N(from) N(where) L(returning)
#define FIELDS_DELETE(N, L, S, I, A)                                                               \
    I(recursive) L(ctes) N(table) N(using_tables) N(where) L(returning)
#define FIELDS_ASSIGN(N, L, S, I, A)     N(column) /* IDENT */ N(value)
#define FIELDS_CREATE_TABLE(N, L, S, I, A)                                                         \
    N(name) I(or_replace) I(if_not_exists) I(temporary) L(columns) L(constraints) N(query)
#define FIELDS_COLUMN_DEF(N, L, S, I, A)                                                           \
    N(name) N(type) N(default_value) I(not_null) I(unique) I(primary_key) N(check)
#define FIELDS_CONSTRAINT(N, L, S, I, A)                                                           \
    I(form) /* enum constraint_form */ N(name) L(columns) N(check) N(table) L(foreign_columns)
#define FIELDS_CREATE_VIEW(N, L, S, I, A)                                                          \
    N(name) I(or_replace) I(if_not_exists) I(temporary) L(columns) N(query)
#define FIELDS_DROP(N, L, S, I, A)                                                                 \
    I(object) /* enum object_kind */ I(if_exists) L(names) I(cascade)
#define FIELDS_ALTER_TABLE(N, L, S, I, A) N(name) I(object) I(if_exists) L(actions)
#define FIELDS_ALTER_ACTION(N, L, S, I, A)                                                         \
    I(verb) /* enum alter_verb */ I(if_exists) /* or IF NOT EXISTS */ N(column) /* IDENT */         \
    N(definition) /* COLUMN_DEF */ N(type) N(value) N(new_name) /* IDENT */ I(cascade)
#define FIELDS_EXPLAIN(N, L, S, I, A)    I(analyze) N(statement)
#define FIELDS_TRANSACTION(N, L, S, I, A) I(verb) /* enum transaction_verb */ I(read_only)         \
    I(isolation) /* enum isolation */ S(savepoint)
#define FIELDS_SET(N, L, S, I, A)        S(name) I(local) I(to_default) L(values)
#define FIELDS_SHOW(N, L, S, I, A)       S(name) /* "all" for SHOW ALL */
#define FIELDS_RESET(N, L, S, I, A)      S(name) /* "all" for RESET ALL */
/* DEALLOCATE is a DISCARD of "prepared": `name`, or all where it is empty. */
#define FIELDS_DISCARD(N, L, S, I, A)    S(what) S(name)
#define FIELDS_COPY(N, L, S, I, A)                                                                 \
    N(table) /* TABLE_REF, or NULL with */ N(query) L(columns) I(to) L(options)
#define FIELDS_COPY_OPTION(N, L, S, I, A) S(name) L(values)
#define FIELDS_EMPTY(N, L, S, I, A)
/* clang-format on */

#endif
