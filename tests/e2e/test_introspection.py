"""What drivers and BI tools ask when they connect and when somebody browses: statements of ours of the same shape, for the owner,
an analyst and another tenant. Each says which columns come back, and which rows about the two tables that are there."""
import unittest.mock

import pytest

TABLES = [
    "CREATE TABLE shop_customer (id int PRIMARY KEY, name varchar NOT NULL, credit decimal(10,2) DEFAULT 1.5)",
    "CREATE TABLE shop_order (id int PRIMARY KEY, customer_id int REFERENCES shop_customer(id), note varchar)",
    "COMMENT ON TABLE shop_customer IS 'who buys'",
    "COMMENT ON COLUMN shop_customer.name IS 'in full'",
    "CREATE VIEW shop_names AS SELECT id, name FROM shop_customer",
    "CREATE INDEX shop_order_note ON shop_order (note)",
]


@pytest.fixture(scope="module")
def shop(server):
    with session(server, "owner@acme") as owner:
        for statement in TABLES:
            owner.execute(statement)
        yield server
        for statement in ("DROP VIEW shop_names", "DROP TABLE shop_order", "DROP TABLE shop_customer"):
            owner.execute(statement)


def session(server, who):
    return server.connect(who, options="'-c hatidata.dialect=postgres'")


def asked(connection, statement, *params):
    """The columns' names and the rows."""
    cursor = connection.execute(statement, params or None)
    return [c.name for c in cursor.description], cursor.fetchall()


ANY = unittest.mock.ANY

# tool, statement, names of columns, rows for the owner of acme
CONNECT = [
    ("pgjdbc", "SELECT current_setting('standard_conforming_strings'), current_setting('server_version_num')::int / 10000",
     [("on", 15)]),
    ("SQLAlchemy", "SELECT pg_catalog.version() LIKE 'PostgreSQL 15%', current_schema()", [(True, "public")]),
    ("Npgsql", "SELECT count(*) > 20 FROM (SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid FROM ("
     "SELECT typ.oid, typ.typnamespace, typ.typname, typ.typtype, typ.typrelid, typ.typnotnull, "
     "CASE WHEN proc.proname = 'array_recv' THEN typ.typelem WHEN typ.typtype = 'r' THEN rng.rngsubtype ELSE 0 END AS elemtypoid "
     "FROM pg_type AS typ LEFT JOIN pg_class AS cls ON cls.oid = typ.typrelid LEFT JOIN pg_proc AS proc ON proc.oid = typ.typreceive "
     "LEFT JOIN pg_range AS rng ON rng.rngtypid = typ.oid) AS t JOIN pg_namespace AS ns ON ns.oid = t.typnamespace "
     "WHERE t.typtype IN ('b', 'r', 'm', 'e', 'd')) AS x", [(True,)]),
    ("dbt", "SELECT nspname FROM pg_namespace WHERE lower(nspname) = lower('public')", [("public",)]),
    ("DBeaver", "SELECT db.datname, pg_catalog.pg_encoding_to_char(db.encoding) FROM pg_catalog.pg_database db "
     "WHERE db.datname = current_database()", [("hatidata", "UTF8")]),
    ("Grafana", "SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'", []),
    ("Tableau", "SELECT n.nspname, pg_catalog.pg_get_userbyid(n.nspowner) FROM pg_catalog.pg_namespace n WHERE n.nspname !~ '^pg_toast' "
     "AND pg_catalog.has_schema_privilege(n.nspname, 'USAGE') AND n.nspname = 'public'", [("public", "owner")]),
    ("Looker", "SELECT current_user = session_user, pg_backend_pid() > 0, pg_is_in_recovery()", [(True, True, False)]),
]

BROWSE = [
    ("pgjdbc tables",
     "SELECT NULL AS table_cat, n.nspname AS table_schem, c.relname AS table_name, CASE n.nspname ~ '^pg_' OR n.nspname = "
     "'information_schema' WHEN true THEN 'SYSTEM' ELSE CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'v' THEN 'VIEW' WHEN 'i' THEN 'INDEX' END "
     "END AS table_type, d.description AS remarks FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c LEFT JOIN "
     "pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass) "
     "WHERE c.relnamespace = n.oid AND c.relname LIKE 'shop\\_%' AND c.relkind IN ('r', 'v') ORDER BY 3",
     [(None, "public", "shop_customer", "TABLE", "who buys"), (None, "public", "shop_names", "VIEW", None),
      (None, "public", "shop_order", "TABLE", None)]),
    ("pgjdbc columns",
     "SELECT a.attname, a.atttypid, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull, row_number() OVER (PARTITION BY "
     "a.attrelid ORDER BY a.attnum) AS attnum, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc, dsc.description "
     "FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON "
     "(a.attrelid = c.oid) JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = "
     "def.adrelid AND a.attnum = def.adnum) LEFT JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid) "
     "WHERE c.relkind IN ('r', 'v') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname = 'public' AND c.relname = 'shop_customer' "
     "ORDER BY 4",
     [("id", 23, True, 1, None, None), ("name", 25, True, 2, None, "in full"), ("credit", 1700, False, 3, "1.5", None)]),
    ("pgjdbc primary keys",
     "SELECT result.table_name, result.column_name, result.key_seq FROM (SELECT ct.relname AS table_name, a.attname AS column_name, "
     "(information_schema._pg_expandarray(i.indkey)).n AS key_seq, information_schema._pg_expandarray(i.indkey) AS keys, "
     "a.attnum AS a_attnum FROM pg_catalog.pg_class ct JOIN pg_catalog.pg_attribute a ON (ct.oid = a.attrelid) JOIN "
     "pg_catalog.pg_namespace n ON (ct.relnamespace = n.oid) JOIN pg_catalog.pg_index i ON (a.attrelid = i.indrelid) "
     "WHERE ct.relname = 'shop_order' AND i.indisprimary) result WHERE result.a_attnum = (result.keys).x ORDER BY 3",
     [("shop_order", "id", 1)]),
    ("SQLAlchemy indexes",
     "SELECT i.relname, idx.attnum, pg_catalog.pg_get_indexdef(idx.indexrelid, (idx.ord + 1)::int, true) FROM (SELECT "
     "x.indexrelid, unnest(x.indkey) AS attnum, generate_subscripts(x.indkey, 1) AS ord FROM pg_catalog.pg_index x WHERE NOT "
     "x.indisprimary AND x.indrelid IN ('shop_order'::regclass)) idx JOIN pg_catalog.pg_class i ON i.oid = idx.indexrelid ORDER BY 1",
     [("shop_order_note", 3, "note")]),
    ("SQLAlchemy foreign keys",
     "SELECT r.contype, pg_catalog.pg_get_constraintdef(r.oid, true) LIKE 'FOREIGN KEY (customer_id) REFERENCES %shop_customer(id)%' "
     "FROM pg_catalog.pg_constraint r WHERE r.conrelid = 'shop_order'::regclass AND r.contype = 'f'", [("f", True)]),
    ("dbt catalog",
     "SELECT sch.nspname, tbl.relname, tbl_desc.description, col.attname, pg_catalog.format_type(col.atttypid, col.atttypmod), "
     "pg_get_userbyid(tbl.relowner) FROM pg_catalog.pg_namespace sch JOIN pg_catalog.pg_class tbl ON tbl.relnamespace = sch.oid JOIN "
     "pg_catalog.pg_attribute col ON col.attrelid = tbl.oid LEFT JOIN pg_catalog.pg_description tbl_desc ON (tbl_desc.objoid = tbl.oid "
     "AND tbl_desc.objsubid = 0) WHERE upper(sch.nspname) = upper('public') AND NOT pg_is_other_temp_schema(sch.oid) AND "
     "tbl.relpersistence IN ('p', 'u') AND tbl.relkind IN ('r', 'v', 'f', 'p') AND col.attnum > 0 AND NOT col.attisdropped AND "
     "tbl.relname = 'shop_customer' ORDER BY col.attnum",
     [("public", "shop_customer", "who buys", "id", "integer", "owner"), ("public", "shop_customer", "who buys", "name", "text", "owner"),
      ("public", "shop_customer", "who buys", "credit", "numeric(10,2)", "owner")]),
    ("Metabase privileges",
     "WITH t AS (SELECT schemaname, tablename AS objectname FROM pg_catalog.pg_tables UNION SELECT schemaname, viewname FROM "
     "pg_catalog.pg_views) SELECT t.objectname, pg_catalog.has_table_privilege(current_user, '\"' || t.schemaname || '\".\"' || "
     "t.objectname || '\"', 'SELECT') FROM t WHERE t.objectname LIKE 'shop%' ORDER BY 1",
     [("shop_customer", True), ("shop_names", True), ("shop_order", True)]),
    ("SQLAlchemy 1.4 indexes, of Apache Superset",
     "SELECT i.relname, ix.indisunique, ix.indexprs, a.attname, a.attnum, c.conrelid, ix.indkey::varchar, ix.indoption::varchar, "
     "i.reloptions, am.amname, pg_get_expr(ix.indpred, ix.indrelid), ix.indnkeyatts FROM pg_class t JOIN pg_index ix ON t.oid = ix.indrelid "
     "JOIN pg_class i ON i.oid = ix.indexrelid LEFT OUTER JOIN pg_attribute a ON t.oid = a.attrelid AND a.attnum = ANY(ix.indkey) "
     "LEFT OUTER JOIN pg_constraint c ON (ix.indrelid = c.conrelid AND ix.indexrelid = c.conindid AND c.contype IN ('p', 'u', 'x')) "
     "LEFT OUTER JOIN pg_am am ON i.relam = am.oid WHERE t.relkind IN ('r', 'v', 'f', 'm', 'p') AND t.relname = 'shop_order' "
     "AND ix.indisprimary = 'f' ORDER BY 1",
     [("shop_order_note", False, None, "note", 3, None, "3", "0", None, "btree", None, 1)]),
    ("Apache Superset functions",
     "SELECT proname FROM pg_proc p JOIN pg_namespace n ON p.pronamespace = n.oid WHERE n.nspname = 'public' AND proname LIKE 'shop%'", []),
    ("DBeaver tables",
     "SELECT c.oid, c.relname, c.relkind, d.description, c.relhasrules, pg_catalog.pg_get_expr(c.relpartbound, c.oid) AS partition_expr "
     "FROM pg_catalog.pg_class c INNER JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace LEFT OUTER JOIN pg_catalog.pg_description d "
     "ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass WHERE n.nspname = 'public' AND c.relkind NOT IN "
     "('i', 'I', 'c') AND c.relname = 'shop_customer'",
     [(ANY, "shop_customer", "r", "who buys", False, None)]),
    ("DBeaver columns",
     "SELECT c.relname, a.attname, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description, dep.objid FROM "
     "pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON "
     "(a.attrelid = ad.adrelid AND a.attnum = ad.adnum) LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = "
     "dsc.objsubid) LEFT OUTER JOIN pg_depend dep ON dep.refobjid = a.attrelid AND dep.deptype = 'i' AND dep.refobjsubid = a.attnum AND "
     "dep.classid = dep.refclassid WHERE NOT a.attisdropped AND c.relkind NOT IN ('i', 'I', 'c') AND a.attnum > 0 AND c.relname = "
     "'shop_customer' ORDER BY a.attnum",
     [("shop_customer", "id", None, None, None), ("shop_customer", "name", None, "in full", None),
      ("shop_customer", "credit", "1.5", None, None)]),
    ("DBeaver constraints",
     "SELECT c.conname, c.contype, t.relname AS tabrelname, rt.relnamespace IS NOT NULL, d.description, c.conkey, c.confkey FROM "
     "pg_catalog.pg_constraint c INNER JOIN pg_catalog.pg_class t ON t.oid = c.conrelid LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid = "
     "c.confrelid LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = "
     "'pg_constraint'::regclass WHERE t.relname LIKE 'shop%' AND c.contype <> 'n' ORDER BY c.oid IS NULL, c.conname",
     [("shop_customer_pkey", "p", "shop_customer", False, None, [1], None),
      ("shop_order_customer_id_fkey", "f", "shop_order", True, None, [2], [1]),
      ("shop_order_pkey", "p", "shop_order", False, None, [1], None)]),
    ("DBeaver functions",
     "SELECT p.proname, pg_catalog.pg_get_function_result(p.oid), d.description FROM pg_catalog.pg_proc p INNER JOIN "
     "pg_catalog.pg_namespace n ON n.oid = p.pronamespace LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = p.oid AND d.objsubid = 0 "
     "WHERE n.nspname = 'public' AND p.proname LIKE 'shop%'", []),
    ("DataGrip relations",
     "SELECT t.relkind AS table_kind, t.relname AS table_name, t.relpersistence, pg_catalog.pg_get_userbyid(t.relowner), "
     "array_length(t.reloptions, 1) FROM pg_catalog.pg_class t WHERE t.relnamespace = (SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = "
     "'public') AND t.relkind IN ('r', 'm', 'v', 'f', 'p') AND t.relname LIKE 'shop%' ORDER BY table_kind, table_name",
     [("r", "shop_customer", "p", "owner", None), ("r", "shop_order", "p", "owner", None), ("v", "shop_names", "p", "owner", None)]),
    ("DataGrip constraints",
     "SELECT t.relname, c.conname, c.contype, c.conkey, c.confupdtype, c.confdeltype, c.condeferrable FROM pg_catalog.pg_constraint c JOIN "
     "pg_catalog.pg_class t ON t.oid = c.conrelid WHERE t.relname = 'shop_order' AND c.contype IN ('p', 'u', 'f', 'c', 'x') ORDER BY 2",
     [("shop_order", "shop_order_customer_id_fkey", "f", [2], "a", "a", False), ("shop_order", "shop_order_pkey", "p", [1], " ", " ", False)]),
    ("Metabase tables",
     "SELECT n.nspname AS schema, c.relname AS name, CASE c.relkind WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN "
     "'VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' END AS type, d.description, c.reltuples > 0 FROM "
     "pg_catalog.pg_class AS c INNER JOIN pg_catalog.pg_namespace AS n ON c.relnamespace = n.oid LEFT JOIN pg_catalog.pg_description AS d ON "
     "c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass WHERE c.relnamespace = n.oid AND n.nspname !~ '^pg_' AND "
     "n.nspname <> 'information_schema' AND c.relkind IN ('r', 'p', 'v', 'f', 'm') AND c.relname LIKE 'shop%' ORDER BY type, schema, name",
     [("public", "shop_customer", "TABLE", "who buys", False), ("public", "shop_order", "TABLE", None, False),
      ("public", "shop_names", "VIEW", None, False)]),
    ("Metabase fields",
     "SELECT c.column_name AS name, c.udt_name AS database_type, c.ordinal_position - 1 AS position, c.table_name, pk.column_name IS NOT NULL AS "
     "pk, col_description(CAST(CAST(format('%I.%I', CAST(c.table_schema AS TEXT), CAST(c.table_name AS TEXT)) AS REGCLASS) AS OID), "
     "c.ordinal_position) AS field_comment, (column_default IS NULL OR lower(column_default) = 'null') AND is_nullable = 'NO' AS required "
     "FROM information_schema.columns AS c LEFT JOIN (SELECT tc.table_schema, tc.table_name, kc.column_name FROM "
     "information_schema.table_constraints AS tc INNER JOIN information_schema.key_column_usage AS kc ON tc.constraint_name = "
     "kc.constraint_name AND tc.table_schema = kc.table_schema AND tc.table_name = kc.table_name WHERE tc.constraint_type = 'PRIMARY KEY') "
     "AS pk ON c.table_schema = pk.table_schema AND c.table_name = pk.table_name AND c.column_name = pk.column_name WHERE "
     "c.table_schema !~ '^information_schema|catalog_history|pg_' AND c.table_name = 'shop_customer' ORDER BY position",
     [("id", "int4", 0, "shop_customer", True, None, True), ("name", "text", 1, "shop_customer", False, "in full", True),
      ("credit", "numeric", 2, "shop_customer", False, None, False)]),
    ("Metabase foreign keys",
     "SELECT fk_ns.nspname, fk_table.relname, fk_column.attname, pk_ns.nspname, pk_table.relname, pk_column.attname FROM pg_constraint AS c "
     "INNER JOIN pg_class AS fk_table ON c.conrelid = fk_table.oid INNER JOIN pg_namespace AS fk_ns ON c.connamespace = fk_ns.oid INNER JOIN "
     "pg_attribute AS fk_column ON c.conrelid = fk_column.attrelid INNER JOIN pg_class AS pk_table ON c.confrelid = pk_table.oid INNER JOIN "
     "pg_namespace AS pk_ns ON pk_table.relnamespace = pk_ns.oid INNER JOIN pg_attribute AS pk_column ON c.confrelid = pk_column.attrelid WHERE "
     "c.contype = 'f' AND fk_column.attnum = ANY(c.conkey) AND pk_column.attnum = ANY(c.confkey) AND fk_table.relname LIKE 'shop%'",
     [("public", "shop_order", "customer_id", "public", "shop_customer", "id")]),
    ("Tableau and Looker views",
     "SELECT table_name, is_updatable, view_definition LIKE '%shop_customer%' FROM information_schema.views WHERE table_schema = 'public' AND "
     "table_name LIKE 'shop%'", [("shop_names", "NO", True)]),
    ("Looker tables and columns",
     "SELECT t.table_name, c.column_name, c.data_type FROM information_schema.tables t JOIN information_schema.columns c ON t.table_schema = "
     "c.table_schema AND t.table_name = c.table_name WHERE t.table_type IN ('BASE TABLE', 'VIEW') AND t.table_name = 'shop_names' ORDER BY "
     "c.ordinal_position", [("shop_names", "id", "integer"), ("shop_names", "name", "text")]),
    ("Grafana tables",
     "SELECT quote_ident(table_name) FROM information_schema.tables WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', "
     "'_timescaledb_cache', '_timescaledb_catalog', '_timescaledb_internal', '_timescaledb_config', 'timescaledb_information', "
     "'timescaledb_experimental') AND table_type = 'BASE TABLE' AND quote_ident(table_schema) = 'public' AND table_name LIKE 'shop%' ORDER BY 1",
     [("shop_customer",), ("shop_order",)]),
    ("Power BI keys",
     "SELECT i.constraint_schema || '_' || i.constraint_name AS index_name, ii.column_name, ii.ordinal_position, i.constraint_type FROM "
     "information_schema.table_constraints i INNER JOIN information_schema.key_column_usage ii ON i.constraint_schema = ii.constraint_schema "
     "AND i.constraint_name = ii.constraint_name AND i.table_name = ii.table_name WHERE i.table_name = 'shop_order' AND i.constraint_type IN "
     "('PRIMARY KEY', 'UNIQUE') ORDER BY 1", [("public_shop_order_pkey", "id", 1, "PRIMARY KEY")]),
    ("Power BI relations",
     "SELECT pkcol.column_name AS pk_column, fkcol.table_name AS fk_table, fkcol.column_name AS fk_column, fkcol.ordinal_position FROM "
     "(SELECT DISTINCT constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name FROM "
     "information_schema.referential_constraints) con INNER JOIN information_schema.key_column_usage fkcol ON con.constraint_schema = "
     "fkcol.constraint_schema AND con.constraint_name = fkcol.constraint_name INNER JOIN information_schema.key_column_usage pkcol ON "
     "con.unique_constraint_schema = pkcol.constraint_schema AND con.unique_constraint_name = pkcol.constraint_name WHERE pkcol.table_name = "
     "'shop_customer' AND pkcol.ordinal_position = fkcol.ordinal_position", [("id", "shop_order", "customer_id", 1)]),
    ("Grafana columns",
     "SELECT quote_ident(column_name), data_type FROM information_schema.columns WHERE quote_ident(table_schema) = 'public' AND "
     "quote_ident(table_name) = 'shop_order' ORDER BY ordinal_position", [("id", "integer"), ("customer_id", "integer"), ("note", "text")]),
    ("DataGrip comments",
     "SELECT c.relname, pg_catalog.obj_description(c.oid, 'pg_class'), pg_catalog.col_description(c.oid, 2) FROM pg_catalog.pg_class c "
     "WHERE c.relname = 'shop_customer'", [("shop_customer", "who buys", "in full")]),
    ("Power BI tables",
     "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema NOT IN ('pg_catalog', 'information_schema') AND "
     "table_name LIKE 'shop%' ORDER BY 1", [("shop_customer", "BASE TABLE"), ("shop_names", "VIEW"), ("shop_order", "BASE TABLE")]),
]


@pytest.mark.parametrize("tool, statement, rows", CONNECT, ids=[t[0] for t in CONNECT])
def test_connecting(shop, tool, statement, rows):
    for who in ("owner@acme", "analyst@acme", "owner@globex"):
        with session(shop, who) as connection:
            assert asked(connection, statement)[1] == rows, who


@pytest.mark.parametrize("tool, statement, rows", BROWSE, ids=[t[0] for t in BROWSE])
def test_browsing(shop, tool, statement, rows):
    with session(shop, "owner@acme") as owner, session(shop, "analyst@acme") as analyst, session(shop, "owner@globex") as other:
        assert asked(owner, statement)[1] == rows
        # An analyst, who may not change views, isn't shown their text.
        assert tool == "Tableau and Looker views" or asked(analyst, statement)[1] == rows
        if "::regclass" not in statement or "pg_class'::regclass" in statement:
            assert asked(other, statement)[1] == []  # another tenant hears of no shop
