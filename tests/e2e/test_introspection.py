"""What drivers and BI tools ask when they connect and when somebody browses: statements of ours of the same shape, for the owner,
an analyst and another tenant. Each says which columns come back, and which rows about the two tables that are there."""
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
    with session(shop, "owner@acme") as owner, session(shop, "owner@globex") as other:
        assert asked(owner, statement)[1] == rows
        if "::regclass" not in statement or "pg_class'::regclass" in statement:
            assert asked(other, statement)[1] == []  # another tenant hears of no shop
