/* The functions of system_function.h:
 *
 *     X(name, what stands behind the name in CREATE MACRO)
 *
 * An argument that may hold a sub-query is named once in a body, and each at least
 * once, since a parameter of the client's may stand for it: (SELECT ... FROM (SELECT argument
 * AS x) ...) has it again. Names with _pg_ in front are ours, for the others, but for
 * _pg_expandarray(). */
#ifndef SQL_SYSTEM_FUNCTION_LIST_H
#define SQL_SYSTEM_FUNCTION_LIST_H

/* clang-format off */

/* Words that quote_ident() quotes, a blank around each. */
#define QUOTED_WORDS \
    " all analyse analyze and any array as asc asymmetric authorization between " \
    "bigint binary bit boolean both case cast char character check coalesce " \
    "collate collation column concurrently constraint create cross current_catalog " \
    "current_date current_role current_schema current_time current_timestamp " \
    "current_user dec decimal default deferrable desc distinct do else end except " \
    "exists extract false fetch float for foreign freeze from full grant greatest " \
    "group grouping having ilike in initially inner inout int integer intersect " \
    "interval into is isnull join lateral leading least left like limit localtime " \
    "localtimestamp national natural nchar none normalize not notnull null nullif " \
    "numeric offset on only or order out outer overlaps overlay placing position " \
    "precision primary real references returning right row select session_user " \
    "setof similar smallint some substring symmetric table tablesample then time " \
    "timestamp to trailing treat trim true union unique user using values varchar " \
    "variadic verbose when where window with xmlattributes xmlconcat xmlelement " \
    "xmlexists xmlforest xmlnamespaces xmlparse xmlpi xmlroot xmlserialize " \
    "xmltable "

#define SYSTEM_FUNCTIONS(X) \
    /* Names */ \
    X("quote_ident", "(name varchar) AS CAST(list_extract(list_transform([name], lambda w: CASE " \
        "WHEN regexp_full_match(w, '[a-z_][a-z0-9_]*') AND NOT contains('" QUOTED_WORDS "', concat(' ', w, ' " \
        "')) THEN w ELSE '\"' || replace(w, '\"', '\"\"') || '\"' END), 1) AS varchar)") \
    X("quote_literal", "(value varchar) AS CAST(list_extract(list_transform([value], lambda w: CASE " \
        "WHEN contains(w, '\\') THEN 'E''' || replace(replace(w, '\\', '\\\\'), '''', '''''') || '''' " \
        "ELSE '''' || replace(w, '''', '''''') || '''' END), 1) AS varchar)") \
    X("quote_nullable", "(value varchar) AS coalesce(quote_literal(value), 'NULL')") \
    /* What types and objects are called */ \
    X("format_type", "(type_oid oid, type_modifier integer) AS (SELECT CASE " \
        "WHEN x.oid = 0 THEN '-' WHEN x.oid IS NULL THEN NULL " \
        "WHEN t.oid IS NULL THEN '\?\?\?' WHEN e.oid IS NOT NULL THEN _pg_type_words(e.typname, " \
        "en.nspname, x.modifier) || '[]' ELSE _pg_type_words(t.typname, n.nspname, x.modifier) " \
        "END FROM (SELECT type_oid AS oid, type_modifier AS modifier) AS x " \
        "LEFT JOIN pg_catalog.pg_type AS t ON t.oid = x.oid " \
        "LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = t.typnamespace " \
        "LEFT JOIN pg_catalog.pg_type AS e ON e.oid = t.typelem AND t.typcategory = 'A' " \
        "LEFT JOIN pg_catalog.pg_namespace AS en ON en.oid = e.typnamespace)") \
    X("_pg_type_words", "(name, schema, modifier) AS CASE name WHEN 'bool' THEN 'boolean' " \
        "WHEN 'int2' THEN 'smallint' WHEN 'int4' THEN 'integer' " \
        "WHEN 'int8' THEN 'bigint' WHEN 'float4' THEN 'real' " \
        "WHEN 'float8' THEN 'double precision' WHEN 'varchar' THEN 'character varying' || CASE " \
        "WHEN modifier >= 4 THEN '(' || (modifier - 4) || ')' " \
        "ELSE '' END WHEN 'bpchar' THEN CASE WHEN modifier >= 4 THEN 'character(' || (modifier - " \
        "4) || ')' WHEN modifier IS NULL THEN 'character' " \
        "ELSE 'bpchar' END WHEN 'bit' THEN CASE WHEN modifier >= 0 THEN 'bit(' || modifier || ')' " \
        "WHEN modifier IS NULL THEN 'bit' ELSE '\"bit\"' END " \
        "WHEN 'varbit' THEN 'bit varying' || CASE WHEN modifier >= 0 THEN '(' || modifier || ')' " \
        "ELSE '' END WHEN 'numeric' THEN 'numeric' || CASE " \
        "WHEN modifier >= 4 THEN '(' || ((modifier - 4) >> 16) || ',' || ((modifier - 4) & 2047) " \
        "|| ')' ELSE '' END WHEN 'interval' THEN 'interval' WHEN 'time' THEN 'time' || CASE " \
        "WHEN modifier >= 0 THEN '(' || modifier || ')' " \
        "ELSE '' END || ' without time zone' WHEN 'timetz' THEN 'time' || CASE " \
        "WHEN modifier >= 0 THEN '(' || modifier || ')' " \
        "ELSE '' END || ' with time zone' WHEN 'timestamp' THEN 'timestamp' || CASE " \
        "WHEN modifier >= 0 THEN '(' || modifier || ')' " \
        "ELSE '' END || ' without time zone' WHEN 'timestamptz' THEN 'timestamp' || CASE " \
        "WHEN modifier >= 0 THEN '(' || modifier || ')' " \
        "ELSE '' END || ' with time zone' ELSE CASE WHEN schema IN ('pg_catalog', 'public') THEN " \
        "'' ELSE quote_ident(schema) || '.' END || quote_ident(name) END") \
    X("_pg_regclass_name", "(object) AS (SELECT CASE WHEN x.oid = 0 THEN '-' " \
        "WHEN c.oid IS NULL THEN CAST(x.oid AS varchar) " \
        "WHEN pg_catalog.pg_table_is_visible(c.oid) THEN quote_ident(c.relname) " \
        "ELSE quote_ident(n.nspname) || '.' || quote_ident(c.relname) END " \
        "FROM (SELECT CAST(object AS bigint) AS oid) AS x " \
        "LEFT JOIN pg_catalog.pg_class AS c ON c.oid = x.oid " \
        "LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace)") \
    X("_pg_regproc_name", "(object) AS (SELECT CASE WHEN x.oid = 0 THEN '-' " \
        "ELSE coalesce(quote_ident(p.proname), CAST(x.oid AS varchar)) END " \
        "FROM (SELECT CAST(object AS bigint) AS oid) AS x " \
        "LEFT JOIN pg_catalog.pg_proc AS p ON p.oid = x.oid)") \
    X("_pg_regprocedure_name", "(object) AS (SELECT CASE WHEN x.oid = 0 THEN '-' " \
        "ELSE coalesce(quote_ident(p.proname) || '(' || " \
        "pg_catalog.pg_get_function_identity_arguments(p.oid) || ')', CAST(x.oid AS varchar)) END " \
        "FROM (SELECT CAST(object AS bigint) AS oid) AS x " \
        "LEFT JOIN pg_catalog.pg_proc AS p ON p.oid = x.oid)") \
    X("_pg_regnamespace_name", "(object) AS (SELECT CASE WHEN x.oid = 0 THEN '-' " \
        "ELSE coalesce(quote_ident(n.nspname), CAST(x.oid AS varchar)) END " \
        "FROM (SELECT CAST(object AS bigint) AS oid) AS x " \
        "LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = x.oid)") \
    X("_pg_regrole_name", "(object) AS (SELECT CASE WHEN x.oid = 0 THEN '-' " \
        "ELSE coalesce(quote_ident(r.rolname), CAST(x.oid AS varchar)) END " \
        "FROM (SELECT CAST(object AS bigint) AS oid) AS x " \
        "LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = x.oid)") \
    X("_pg_vector_text", "(vector) AS array_to_string(vector, ' ')") \
    /* No operator has a row in pg_operator. */ \
    X("_pg_regoper_name", "(object) AS CAST(CAST(object AS bigint) AS varchar)") \
    X("_pg_regtype_name", "(object) AS (SELECT CASE WHEN t.oid IS NULL AND x.oid <> 0 THEN CAST(x.oid AS varchar) " \
        "ELSE pg_catalog.format_type(x.oid, NULL) END " \
        "FROM (SELECT CAST(object AS bigint) AS oid) AS x " \
        "LEFT JOIN pg_catalog.pg_type AS t ON t.oid = x.oid)") \
    X("_pg_regcollation_name", "(object) AS (SELECT CASE WHEN x.oid = 0 THEN '-' " \
        "ELSE coalesce(quote_ident(c.collname), CAST(x.oid AS varchar)) END " \
        "FROM (SELECT CAST(object AS bigint) AS oid) AS x " \
        "LEFT JOIN pg_catalog.pg_collation AS c ON c.oid = x.oid)") \
    /* Numbers of what is called so; NULL where there is nothing that the caller may know of */ \
    /* A cast of a text calls these, so they take numbers as the cast does. */ \
    X("to_regclass", "(name varchar) AS CAST((SELECT c.oid FROM (SELECT w.name, pg_catalog.parse_ident(w.name) AS parts " \
        "FROM (SELECT name AS name) AS w) " \
        "AS x JOIN pg_catalog.pg_class AS c ON lower(c.relname) = lower(x.parts[-1]) OR CAST(c.oid AS varchar) = x.name " \
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace " \
        "WHERE CASE WHEN CAST(c.oid AS varchar) = x.name THEN true " \
        "WHEN len(x.parts) = 1 THEN pg_catalog.pg_table_is_visible(c.oid) " \
        "ELSE len(x.parts) = 2 AND lower(n.nspname) = lower(x.parts[1]) END) AS regclass)") \
    X("to_regtype", "(name varchar) AS CAST((SELECT min(t.oid) FROM (SELECT lower(trim(name)) AS name) AS x " \
        "JOIN pg_catalog.pg_type AS t ON x.name IN (CAST(t.oid AS varchar), t.typname, pg_catalog.format_type(t.oid, " \
        "NULL), 'pg_catalog.' || t.typname)) AS regtype)") \
    X("to_regnamespace", "(name varchar) AS CAST((SELECT n.oid FROM pg_catalog.pg_namespace AS n " \
        "WHERE [n.nspname] = pg_catalog.parse_ident(name)) AS regnamespace)") \
    X("to_regrole", "(name varchar) AS CAST((SELECT r.oid FROM pg_catalog.pg_roles AS r " \
        "WHERE [r.rolname] = pg_catalog.parse_ident(name)) AS regrole)") \
    X("to_regproc", "(name varchar) AS CAST((SELECT CASE WHEN count(*) = 1 THEN min(p.oid) END " \
        "FROM pg_catalog.pg_proc AS p WHERE p.proname = pg_catalog.parse_ident(name)[-1]) AS " \
        "regproc)") \
    X("to_regprocedure", "(name varchar) AS CAST((SELECT min(p.oid) FROM pg_catalog.pg_proc AS p " \
        "WHERE replace(name, ' ', '') IN (replace(pg_catalog._pg_regprocedure_name(p.oid), ' ', " \
        "''), 'pg_catalog.' || replace(pg_catalog._pg_regprocedure_name(p.oid), ' ', ''))) AS " \
        "regprocedure)") \
    X("to_regoper", "(name varchar) AS CAST(CASE WHEN name IS NULL THEN NULL END AS regoper)") \
    X("to_regoperator", "(name varchar) AS CAST(CASE WHEN name IS NULL THEN NULL END AS regoperator)") \
    X("to_regcollation", "(name varchar) AS CAST((SELECT min(c.oid) FROM pg_catalog.pg_collation AS c " \
        "WHERE c.collname = pg_catalog.parse_ident(name)[-1]) AS regcollation)") \
    X("parse_ident", "(name varchar) AS list_transform(regexp_extract_all(name, '\"(?:[^\"]|\"\")+\"|[^\".\\s]+'), " \
        "lambda w: CASE WHEN starts_with(w, '\"') THEN replace(substring(w, 2, length(w) - 2), " \
        "'\"\"', '\"') ELSE lower(w) END)") \
    /* Which of several of a name is meant by the name alone */ \
    X("pg_table_is_visible", "(object regclass) AS (SELECT coalesce(v.is_first, false) " \
        "FROM pg_catalog.pg_class AS c LEFT JOIN (SELECT k.oid, row_number() OVER (PARTITION BY " \
        "k.relname ORDER BY list_position(pg_catalog.current_schemas(true), n.nspname)) = 1 AS " \
        "is_first FROM pg_catalog.pg_class AS k JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "k.relnamespace WHERE list_position(pg_catalog.current_schemas(true), n.nspname) > 0) AS " \
        "v ON v.oid = c.oid WHERE c.oid = object)") \
    X("pg_type_is_visible", "(object regtype) AS (SELECT coalesce(v.is_first, false) " \
        "FROM pg_catalog.pg_type AS c LEFT JOIN (SELECT k.oid, row_number() OVER (PARTITION BY " \
        "k.typname ORDER BY list_position(pg_catalog.current_schemas(true), n.nspname)) = 1 AS " \
        "is_first FROM pg_catalog.pg_type AS k JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "k.typnamespace WHERE list_position(pg_catalog.current_schemas(true), n.nspname) > 0) AS " \
        "v ON v.oid = c.oid WHERE c.oid = object)") \
    X("pg_function_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_proc AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.pronamespace " \
        "WHERE c.oid = object)") \
    X("pg_operator_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_operator AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.oprnamespace WHERE c.oid = object)") \
    X("pg_opclass_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_opclass AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.opcnamespace WHERE c.oid = object)") \
    X("pg_opfamily_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_opfamily AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.opfnamespace WHERE c.oid = object)") \
    X("pg_collation_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_collation AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.collnamespace WHERE c.oid = object)") \
    X("pg_conversion_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_conversion AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.connamespace WHERE c.oid = object)") \
    X("pg_statistics_obj_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_statistic_ext AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.stxnamespace WHERE c.oid = object)") \
    X("pg_ts_config_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_ts_config AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.cfgnamespace WHERE c.oid = object)") \
    X("pg_ts_dict_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_ts_dict AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.dictnamespace WHERE c.oid = object)") \
    X("pg_ts_parser_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_ts_parser AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.prsnamespace WHERE c.oid = object)") \
    X("pg_ts_template_is_visible", "(object oid) AS (SELECT list_contains(pg_catalog.current_schemas(true), n.nspname) " \
        "FROM pg_catalog.pg_ts_template AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = " \
        "c.tmplnamespace WHERE c.oid = object)") \
    /* Comments */ \
    X("obj_description", "(object oid) AS (SELECT max(d.description) FROM pg_catalog.pg_description AS d " \
        "WHERE d.objoid = object AND d.objsubid = 0), (object oid, relation varchar) AS (SELECT " \
        "d.description FROM pg_catalog.pg_description AS d " \
        "JOIN pg_catalog.pg_class AS c ON c.oid = d.classoid " \
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace AND n.nspname = 'pg_catalog' " \
        "WHERE d.objoid = object AND d.objsubid = 0 AND c.relname = relation)") \
    X("col_description", "(object oid, number integer) AS (SELECT d.description " \
        "FROM pg_catalog.pg_description AS d WHERE d.objoid = object AND d.classoid = 1259 AND " \
        "d.objsubid = number)") \
    X("shobj_description", "(object oid, relation varchar) AS (SELECT d.description " \
        "FROM pg_catalog.pg_shdescription AS d JOIN pg_catalog.pg_class AS c ON c.oid = " \
        "d.classoid WHERE d.objoid = object AND c.relname = relation)") \
    /* Definitions */ \
    X("pg_describe_object", "(class oid, object oid, part integer) AS (SELECT CASE x.class " \
        "WHEN 2615 THEN (SELECT 'schema ' || quote_ident(n.nspname) FROM pg_catalog.pg_namespace AS n WHERE n.oid = x.object) " \
        "WHEN 3079 THEN (SELECT 'extension ' || quote_ident(e.extname) FROM pg_catalog.pg_extension AS e WHERE e.oid = x.object) " \
        "WHEN 1247 THEN (SELECT 'type ' || pg_catalog.format_type(t.oid, NULL) FROM pg_catalog.pg_type AS t WHERE t.oid = x.object) " \
        "WHEN 1255 THEN (SELECT 'function ' || CASE WHEN pg_catalog.pg_function_is_visible(f.oid) THEN '' ELSE quote_ident(n.nspname) || '.' END || " \
        "quote_ident(f.proname) || '(' || coalesce(pg_catalog.pg_get_function_identity_arguments(f.oid), '') || ')' FROM pg_catalog.pg_proc AS f " \
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = f.pronamespace WHERE f.oid = x.object) " \
        "WHEN 2606 THEN (SELECT 'constraint ' || quote_ident(k.conname) || ' on table ' || CAST(CAST(k.conrelid AS regclass) AS varchar) " \
        "FROM pg_catalog.pg_constraint AS k WHERE k.oid = x.object) " \
        "WHEN 1259 THEN (SELECT coalesce((SELECT 'column ' || quote_ident(a.attname) || ' of ' FROM pg_catalog.pg_attribute AS a " \
        "WHERE a.attrelid = c.oid AND a.attnum = x.part AND x.part > 0), '') || CASE c.relkind WHEN 'v' THEN 'view' WHEN 'i' THEN 'index' " \
        "WHEN 'S' THEN 'sequence' ELSE 'table' END || ' ' || CAST(CAST(c.oid AS regclass) AS varchar) FROM pg_catalog.pg_class AS c WHERE c.oid = x.object) " \
        "END FROM (SELECT class, object, part) AS x)") \
    X("pg_get_userbyid", "(role oid) AS (SELECT coalesce(r.rolname, 'unknown (OID=' || x.oid || ')') " \
        "FROM (SELECT role AS oid) AS x LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = x.oid)") \
    X("pg_get_expr", "(tree, relation oid) AS CASE WHEN coalesce(relation, 0) IS NOT NULL " \
        "THEN CAST(tree AS varchar) END, (tree, relation oid, pretty boolean) AS CASE " \
        "WHEN coalesce(relation, 0) IS NOT NULL AND coalesce(pretty, true) IS NOT NULL THEN CAST(tree AS varchar) END") \
    X("pg_get_viewdef", "(view regclass) AS (SELECT d.definition FROM information_schema.hatidata_definitions AS " \
        "d WHERE d.classid = 1259 AND d.objid = view), (view regclass, pretty) AS (SELECT " \
        "d.definition FROM information_schema.hatidata_definitions AS d " \
        "WHERE d.classid = 1259 AND d.objid = view AND coalesce(CAST(pretty AS varchar), '') IS NOT NULL)") \
    X("pg_get_indexdef", "(index oid) AS (SELECT d.definition FROM information_schema.hatidata_definitions AS d " \
        "WHERE d.classid = 1259 AND d.objid = index), (index oid, number integer, pretty boolean) " \
        "AS CASE WHEN coalesce(pretty, true) IS NULL THEN NULL WHEN number = 0 THEN pg_catalog.pg_get_indexdef(index) " \
        "ELSE (SELECT CASE WHEN list_extract(i.indkey, a.attnum) = 0 THEN CAST(i.indexprs AS " \
        "varchar) ELSE pg_catalog.quote_ident(a.attname) END " \
        "FROM pg_catalog.pg_attribute AS a JOIN pg_catalog.pg_index AS i ON i.indexrelid = " \
        "a.attrelid WHERE a.attrelid = index AND a.attnum = number) END") \
    X("pg_get_constraintdef", "(constr oid) AS (SELECT d.definition FROM information_schema.hatidata_definitions AS d " \
        "WHERE d.classid = 2606 AND d.objid = constr), (constr oid, pretty boolean) AS (SELECT " \
        "d.definition FROM information_schema.hatidata_definitions AS d " \
        "WHERE d.classid = 2606 AND d.objid = constr AND coalesce(pretty, true) IS NOT NULL)") \
    X("pg_get_function_arguments", "(object oid) AS pg_catalog.pg_get_function_identity_arguments(object)") \
    X("pg_get_function_identity_arguments", "(object oid) AS (SELECT coalesce(string_agg(pg_catalog.format_type(u.type, NULL), ', ' " \
        "ORDER BY u.n), '') FROM pg_catalog.pg_proc AS p, unnest(p.proargtypes) WITH ORDINALITY " \
        "AS u(type, n) WHERE p.oid = object)") \
    X("pg_get_function_result", "(object oid) AS (SELECT CASE WHEN p.proretset THEN 'SETOF ' " \
        "ELSE '' END || pg_catalog.format_type(p.prorettype, NULL) " \
        "FROM pg_catalog.pg_proc AS p WHERE p.oid = object)") \
    /* Definitions of what isn't there, or whose text is shown to nobody */ \
    X("pg_get_functiondef", "(object oid) AS CAST(NULL AS varchar)") \
    X("pg_get_function_sqlbody", "(object oid) AS CAST(NULL AS varchar)") \
    X("pg_get_partkeydef", "(object oid) AS CAST(NULL AS varchar)") \
    X("pg_get_partition_constraintdef", "(object oid) AS CAST(NULL AS varchar)") \
    X("pg_get_statisticsobjdef", "(object oid) AS CAST(NULL AS varchar)") \
    X("pg_get_statisticsobjdef_columns", "(object oid) AS CAST(NULL AS varchar)") \
    X("pg_get_statisticsobjdef_expressions", "(object oid) AS CAST(NULL AS varchar)") \
    X("pg_get_ruledef", "(object oid) AS CAST(NULL AS varchar), (object oid, pretty boolean) AS CAST(NULL AS " \
        "varchar)") \
    X("pg_get_triggerdef", "(object oid) AS CAST(NULL AS varchar), (object oid, pretty boolean) AS CAST(NULL AS " \
        "varchar)") \
    X("pg_get_function_arg_default", "(object oid, number integer) AS CAST(NULL AS varchar)") \
    X("pg_get_serial_sequence", "(relation regclass, name varchar) AS CAST(NULL AS varchar)") \
    /* What the caller may do. Of somebody else nothing is told */ \
    X("_pg_is_caller", "(role) AS (SELECT count(*) > 0 FROM pg_catalog.pg_roles AS r " \
        "WHERE r.rolname IN (current_user(), current_role()) AND CAST(role AS varchar) IN " \
        "(r.rolname, CAST(r.oid AS varchar)))") \
    X("_pg_asked", "(privileges) AS list_transform(string_split(upper(CAST(privileges AS varchar)), ','), " \
        "lambda p: trim(p))") \
    X("_pg_table_privileges", "(object) AS (SELECT CASE WHEN n.nspname IN ('pg_catalog', 'information_schema') THEN " \
        "['SELECT'] ELSE coalesce(g.granted, []) END FROM pg_catalog.pg_class AS c " \
        "JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace " \
        "LEFT JOIN (SELECT lower(p.table_schema) AS space, lower(p.table_name) AS relation, " \
        "list(p.privilege_type) AS granted FROM information_schema.table_privileges AS p GROUP BY " \
        "lower(p.table_schema), lower(p.table_name)) AS g ON g.space = lower(n.nspname) AND " \
        "g.relation = lower(c.relname) WHERE c.oid = object)") \
    X("has_table_privilege", "(relation regclass, privilege varchar) AS list_has_any(_pg_table_privileges(relation), " \
        "_pg_asked(privilege)), (role, relation regclass, privilege varchar) AS CASE " \
        "WHEN _pg_is_caller(role) THEN pg_catalog.has_table_privilege(relation, privilege) END") \
    X("has_any_column_privilege", "(relation regclass, privilege varchar) AS list_has_any(_pg_table_privileges(relation), " \
        "_pg_asked(privilege)), (role, relation regclass, privilege varchar) AS CASE " \
        "WHEN _pg_is_caller(role) THEN pg_catalog.has_any_column_privilege(relation, privilege) " \
        "END") \
    X("has_column_privilege", "(relation regclass, number, privilege varchar) AS (SELECT CASE " \
        "WHEN x.is_there THEN pg_catalog.has_table_privilege(x.relation, privilege) END " \
        "FROM (SELECT k.relation, (SELECT count(*) > 0 " \
        "FROM pg_catalog.pg_attribute AS a WHERE a.attrelid = k.relation AND k.number IN " \
        "(a.attname, CAST(a.attnum AS varchar))) AS is_there " \
        "FROM (SELECT relation AS relation, CAST(number AS varchar) AS number) AS k) AS x), " \
        "(role, relation regclass, number, privilege varchar) AS CASE " \
        "WHEN _pg_is_caller(role) THEN pg_catalog.has_column_privilege(relation, number, " \
        "privilege) END") \
    X("has_sequence_privilege", "(sequence regclass, privilege varchar) AS (SELECT CASE " \
        "WHEN c.relkind = 'S' THEN list_has_any(_pg_table_privileges(c.oid), " \
        "list_transform(_pg_asked(privilege), lambda p: CASE p " \
        "WHEN 'USAGE' THEN 'INSERT' ELSE p END)) END FROM pg_catalog.pg_class AS c " \
        "WHERE c.oid = sequence), (role, sequence regclass, privilege varchar) AS CASE " \
        "WHEN _pg_is_caller(role) THEN pg_catalog.has_sequence_privilege(sequence, privilege) END") \
    X("has_schema_privilege", "(space regnamespace, privilege varchar) AS (SELECT list_has_any(CASE " \
        "WHEN n.nspname IN ('pg_catalog', 'information_schema') OR NOT _pg_may_create() THEN " \
        "['USAGE'] ELSE ['USAGE', 'CREATE'] END, _pg_asked(privilege)) " \
        "FROM pg_catalog.pg_namespace AS n WHERE n.oid = space), (role, space regnamespace, " \
        "privilege varchar) AS CASE WHEN _pg_is_caller(role) THEN " \
        "pg_catalog.has_schema_privilege(space, privilege) END") \
    X("has_database_privilege", "(database, privilege varchar) AS (SELECT list_has_any(CASE " \
        "WHEN _pg_may_create() THEN ['CONNECT', 'TEMP', 'TEMPORARY', 'CREATE'] " \
        "ELSE ['CONNECT', 'TEMP', 'TEMPORARY'] END, _pg_asked(privilege)) " \
        "FROM (SELECT CAST(database AS varchar) AS name) AS x " \
        "JOIN pg_catalog.pg_database AS d ON x.name IN (d.datname, CAST(d.oid AS varchar))), " \
        "(role, database, privilege varchar) AS CASE WHEN _pg_is_caller(role) THEN " \
        "pg_catalog.has_database_privilege(database, privilege) END") \
    X("has_function_privilege", "(object regprocedure, privilege varchar) AS (SELECT list_has_any(['EXECUTE'], " \
        "_pg_asked(privilege)) FROM pg_catalog.pg_proc AS p " \
        "WHERE p.oid = object), (role, object regprocedure, privilege varchar) AS CASE " \
        "WHEN _pg_is_caller(role) THEN pg_catalog.has_function_privilege(object, privilege) END") \
    X("has_type_privilege", "(object regtype, privilege varchar) AS (SELECT list_has_any(['USAGE'], " \
        "_pg_asked(privilege)) FROM pg_catalog.pg_type AS t " \
        "WHERE t.oid = object), (role, object regtype, privilege varchar) AS CASE " \
        "WHEN _pg_is_caller(role) THEN pg_catalog.has_type_privilege(object, privilege) END") \
    X("has_tablespace_privilege", "(space, privilege varchar) AS CASE WHEN space IS NOT NULL THEN list_has_any(['CREATE'], " \
        "_pg_asked(privilege)) AND _pg_may_create() END, (role, space, privilege varchar) AS CASE " \
        "WHEN _pg_is_caller(role) THEN pg_catalog.has_tablespace_privilege(space, privilege) END") \
    X("has_language_privilege", "(language, privilege varchar) AS CASE WHEN language IS NOT NULL THEN false END, (role, " \
        "language, privilege varchar) AS CASE WHEN _pg_is_caller(role) THEN " \
        "pg_catalog.has_language_privilege(language, privilege) END") \
    X("has_foreign_data_wrapper_privilege", "(wrapper, privilege varchar) AS CASE WHEN wrapper IS NOT NULL THEN false END, (role, " \
        "wrapper, privilege varchar) AS CASE WHEN _pg_is_caller(role) THEN " \
        "pg_catalog.has_foreign_data_wrapper_privilege(wrapper, privilege) END") \
    X("has_server_privilege", "(server, privilege varchar) AS CASE WHEN server IS NOT NULL THEN false END, (role, " \
        "server, privilege varchar) AS CASE WHEN _pg_is_caller(role) THEN " \
        "pg_catalog.has_server_privilege(server, privilege) END") \
    X("pg_has_role", "(role, privilege varchar) AS (SELECT count(*) > 0 " \
        "FROM (SELECT CAST(role AS varchar) AS name) AS x " \
        "JOIN pg_catalog.pg_roles AS r ON x.name IN (r.rolname, CAST(r.oid AS varchar)) " \
        "WHERE r.rolname IN (current_user(), current_role()) AND NOT contains(upper(privilege), " \
        "'ADMIN')), (member, role, privilege varchar) AS CASE " \
        "WHEN _pg_is_caller(member) THEN pg_catalog.pg_has_role(role, privilege) END") \
    X("row_security_active", "(relation regclass) AS CAST(NULL AS boolean)") \
    X("_pg_setting", "(parameter varchar) AS (SELECT s.setting FROM pg_catalog.pg_settings AS s " \
        "WHERE lower(s.name) = lower(parameter))") \
    /* Encodings and sizes */ \
    X("pg_encoding_to_char", "(encoding integer) AS coalesce(CASE WHEN encoding >= 0 THEN ['SQL_ASCII', 'EUC_JP', " \
        "'EUC_CN', 'EUC_KR', 'EUC_TW', 'EUC_JIS_2004', 'UTF8', 'MULE_INTERNAL', 'LATIN1', " \
        "'LATIN2', 'LATIN3', 'LATIN4', 'LATIN5', 'LATIN6', 'LATIN7', 'LATIN8', 'LATIN9', " \
        "'LATIN10', 'WIN1256', 'WIN1258', 'WIN866', 'WIN874', 'KOI8R', 'WIN1251', 'WIN1252', " \
        "'ISO_8859_5', 'ISO_8859_6', 'ISO_8859_7', 'ISO_8859_8', 'WIN1250', 'WIN1253', 'WIN1254', " \
        "'WIN1255', 'WIN1257', 'KOI8U', 'SJIS', 'BIG5', 'GBK', 'UHC', 'GB18030', 'JOHAB', " \
        "'SHIFT_JIS_2004'][encoding + 1] END, '')") \
    X("pg_char_to_encoding", "(name varchar) AS CAST(coalesce(list_position(['SQL_ASCII', 'EUC_JP', 'EUC_CN', " \
        "'EUC_KR', 'EUC_TW', 'EUC_JIS_2004', 'UTF8', 'MULE_INTERNAL', 'LATIN1', 'LATIN2', " \
        "'LATIN3', 'LATIN4', 'LATIN5', 'LATIN6', 'LATIN7', 'LATIN8', 'LATIN9', 'LATIN10', " \
        "'WIN1256', 'WIN1258', 'WIN866', 'WIN874', 'KOI8R', 'WIN1251', 'WIN1252', 'ISO_8859_5', " \
        "'ISO_8859_6', 'ISO_8859_7', 'ISO_8859_8', 'WIN1250', 'WIN1253', 'WIN1254', 'WIN1255', " \
        "'WIN1257', 'KOI8U', 'SJIS', 'BIG5', 'GBK', 'UHC', 'GB18030', 'JOHAB', 'SHIFT_JIS_2004'], " \
        "upper(name)), 0) - 1 AS integer)") \
    X("pg_get_keywords", "() AS TABLE SELECT lower(word) AS word, catcode, catdesc, barelabel, baredesc FROM " \
        "information_schema.hatidata_keywords") \
    X("pg_encoding_max_length", "(encoding integer) AS CASE WHEN encoding = 6 THEN 4 END") \
    X("pg_relation_size", "(relation regclass) AS CAST(NULL AS bigint), (relation regclass, fork varchar) AS " \
        "CAST(NULL AS bigint)") \
    X("pg_table_size", "(relation regclass) AS CAST(NULL AS bigint)") \
    X("pg_total_relation_size", "(relation regclass) AS CAST(NULL AS bigint)") \
    X("pg_indexes_size", "(relation regclass) AS CAST(NULL AS bigint)") \
    X("pg_database_size", "(object) AS CAST(NULL AS bigint)") \
    X("pg_tablespace_size", "(object) AS CAST(NULL AS bigint)") \
    X("pg_tablespace_location", "(object oid) AS CAST('' AS varchar)") \
    X("pg_relation_filenode", "(relation regclass) AS CAST(NULL AS oid)") \
    X("pg_relation_filepath", "(relation regclass) AS CAST(NULL AS varchar)") \
    X("pg_relation_is_publishable", "(relation regclass) AS false") \
    X("pg_relation_is_updatable", "(relation regclass, triggers boolean) AS (SELECT CASE c.relkind " \
        "WHEN 'r' THEN 28 ELSE 0 END FROM pg_catalog.pg_class AS c " \
        "WHERE c.oid = relation)") \
    /* Nothing is partitioned here. */ \
    X("pg_partition_ancestors", "(object) AS unnest(CAST(CASE WHEN object IS NULL THEN [] ELSE [] END AS bigint[]))") \
    X("pg_partition_tree", "(relation) AS TABLE SELECT CAST(NULL AS regclass) AS relid, CAST(NULL AS regclass) AS " \
        "parentrelid, CAST(NULL AS boolean) AS isleaf, CAST(NULL AS integer) AS level WHERE relation IS NULL AND false") \
    X("pg_partition_root", "(object) AS CAST(CASE WHEN object IS NULL THEN NULL END AS bigint)") \
    /* The server, which has no standby, no temporary schema that others could see, and one encoding */ \
    X("pg_available_extensions", "() AS TABLE SELECT name, default_version, comment FROM " \
        "pg_catalog.pg_available_extensions") \
    X("pg_is_in_recovery", "() AS false") \
    X("pg_is_wal_replay_paused", "() AS false") \
    X("pg_client_encoding", "() AS 'UTF8'") \
    X("getdatabaseencoding", "() AS 'UTF8'") \
    X("pg_my_temp_schema", "() AS CAST(0 AS oid)") \
    X("pg_is_other_temp_schema", "(schema oid) AS false") \
    X("pg_jit_available", "() AS false") \
    X("pg_trigger_depth", "() AS CAST(0 AS integer)") \
    /* Arrays and options as rows */ \
    X("acldefault", "(kind, owner oid) AS (SELECT CAST(CASE x.kind " \
        "WHEN 'c' THEN CAST([] AS varchar[]) " \
        "WHEN 'r' THEN [x.name || '=arwdDxt/' || x.name] WHEN 's' THEN [x.name || '=rwU/' || x.name] " \
        "WHEN 'd' THEN ['=Tc/' || x.name, x.name || '=CTc/' || x.name] " \
        "WHEN 'f' THEN ['=X/' || x.name, x.name || '=X/' || x.name] " \
        "WHEN 'l' THEN ['=U/' || x.name, x.name || '=U/' || x.name] " \
        "WHEN 'T' THEN ['=U/' || x.name, x.name || '=U/' || x.name] " \
        "WHEN 'L' THEN [x.name || '=rw/' || x.name] WHEN 'n' THEN [x.name || '=UC/' || x.name] " \
        "WHEN 'p' THEN [x.name || '=sA/' || x.name] WHEN 't' THEN [x.name || '=C/' || x.name] " \
        "WHEN 'F' THEN [x.name || '=U/' || x.name] WHEN 'S' THEN [x.name || '=U/' || x.name] END AS aclitem[]) " \
        "FROM (SELECT CAST(w.kind AS varchar) AS kind, CASE " \
        "WHEN regexp_full_match(w.name, '[A-Za-z0-9_]+') THEN w.name " \
        "ELSE '\"' || replace(w.name, '\"', '\"\"') || '\"' END AS name " \
        "FROM (SELECT kind AS kind, pg_catalog.pg_get_userbyid(owner) AS name) AS w) AS x)") \
    X("_pg_expandarray", "(list) AS unnest(list_transform(generate_series(1, len(list)), lambda i: {'x': " \
        "list_extract(list, i), 'n': i}))") \
    X("pg_options_to_table", "(options) AS TABLE SELECT split_part(o.option, '=', 1) AS option_name, CASE " \
        "WHEN contains(o.option, '=') THEN substring(o.option, strpos(o.option, '=') + 1) END AS " \
        "option_value FROM unnest(options) AS o(option)") \
    X("pg_size_pretty", "(size bigint) AS CAST(list_extract(list_transform([size], lambda n: CASE " \
        "WHEN abs(n) < 10240 THEN n || ' bytes' WHEN abs(n >> 9) < 20479 THEN " \
        "pg_catalog._pg_half_rounded(n >> 9) || ' kB' " \
        "WHEN abs(n >> 19) < 20479 THEN pg_catalog._pg_half_rounded(n >> 19) || ' MB' " \
        "WHEN abs(n >> 29) < 20479 THEN pg_catalog._pg_half_rounded(n >> 29) || ' GB' " \
        "WHEN abs(n >> 39) < 20479 THEN pg_catalog._pg_half_rounded(n >> 39) || ' TB' " \
        "ELSE pg_catalog._pg_half_rounded(n >> 49) || ' PB' END), 1) AS varchar)") \
    X("_pg_half_rounded", "(n) AS (n + CASE WHEN n < 0 THEN -1 ELSE 1 END) // 2") \
    X("array_positions", "(list, item) AS list_filter(generate_series(1, len(list)), lambda i: list_extract(list, " \
        "i) IS NOT DISTINCT FROM item)") \
    X("array_ndims", "(list) AS CASE WHEN len(list) > 0 THEN 1 END") \
    X("array_dims", "(list) AS CASE WHEN len(list) > 0 THEN '[1:' || len(list) || ']' END")
/* clang-format on */

#endif
