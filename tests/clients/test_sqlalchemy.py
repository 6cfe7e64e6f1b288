"""SQLAlchemy on psycopg, psycopg2 and asyncpg: Core, the ORM with relations, and pandas on top of it."""
import asyncio
import datetime
import decimal
import ssl

import pandas
import pytest
import sqlalchemy as sa
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship, selectinload


def url(server, driver):
    p = server.installation.principals["owner@acme"]
    return sa.URL.create(f"postgresql+{driver}", p.user, p.key, "localhost", server.port, "hatidata")


@pytest.fixture(params=["psycopg", "psycopg2"])
def engine(server, request):
    e = sa.create_engine(url(server, request.param), use_native_hstore=False, connect_args={
        "sslmode": "verify-full", "sslrootcert": str(server.installation.ca), "options": "-c hatidata.dialect=postgres"})
    yield e
    e.dispose()


class Base(DeclarativeBase):
    pass


class Author(Base):
    __tablename__ = "sa_author"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(back_populates="author", order_by="Book.id",
                                               primaryjoin="Author.id == foreign(Book.author_id)")


class Book(Base):
    __tablename__ = "sa_book"
    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    title: Mapped[str]
    price: Mapped[decimal.Decimal] = mapped_column(sa.Numeric(10, 2))
    at: Mapped[datetime.datetime] = mapped_column(sa.DateTime(timezone=True))
    author_id: Mapped[int]
    author: Mapped[Author] = relationship(back_populates="books", primaryjoin="foreign(Book.author_id) == Author.id")


def test_core(engine):
    meta = sa.MetaData()
    t = sa.Table("sa_core", meta, sa.Column("id", sa.Integer, primary_key=True, autoincrement=False), sa.Column("name", sa.String(20)),
                 sa.Column("ok", sa.Boolean), sa.Column("list", sa.ARRAY(sa.Integer)), sa.Column("more", sa.JSON))
    with engine.begin() as c:
        c.execute(sa.schema.CreateTable(t))
        c.execute(t.insert(), [{"id": i, "name": f"n{i}", "ok": i % 2 == 0, "list": [i, i + 1], "more": {"i": i}} for i in range(20)])
    with engine.connect() as c:
        assert c.scalar(sa.select(sa.func.count()).select_from(t)) == 20
        row = c.execute(sa.select(t).where(t.c.name == "n4")).one()
        assert row == (4, "n4", True, [4, 5], {"i": 4})
        assert c.execute(sa.update(t).where(t.c.id.in_([1, 2])).values(name="x")).rowcount == 2
        c.rollback()
        c.execute(sa.delete(t).where(t.c.id > 10))
        assert c.scalar(sa.select(sa.func.max(t.c.id))) == 10
        c.rollback()
        assert c.get_isolation_level() == "REPEATABLE READ"
    with engine.connect().execution_options(stream_results=True, max_row_buffer=5) as c:
        assert [r.id for r in c.execute(sa.select(t.c.id).order_by(t.c.id))] == list(range(20))
    with engine.begin() as c:
        c.execute(sa.schema.DropTable(t))


class Shelf(Base):
    __tablename__ = "sa_shelf"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(20))
    boxes: Mapped[list["Box"]] = relationship(back_populates="shelf", order_by="Box.id")


class Box(Base):
    __tablename__ = "sa_box"
    id: Mapped[int] = mapped_column(sa.BigInteger, sa.Identity(), primary_key=True)
    shelf_id: Mapped[int] = mapped_column(sa.ForeignKey("sa_shelf.id"))
    shelf: Mapped[Shelf] = relationship(back_populates="boxes")


def test_keys_that_the_database_gives(engine):
    tables = [Shelf.__table__, Box.__table__]
    Base.metadata.create_all(engine, tables)
    try:
        with Session(engine) as s:
            s.add(Shelf(name="a", boxes=[Box(), Box(), Box()]))
            s.commit()
            s.add_all([Shelf(name=f"n{i}") for i in range(5)])
            s.commit()
            shelves = s.scalars(sa.select(Shelf).order_by(Shelf.id)).all()
            assert [x.id for x in shelves] == [1, 2, 3, 4, 5, 6] and [b.id for b in shelves[0].boxes] == [1, 2, 3]
    finally:
        Base.metadata.drop_all(engine, tables)


def test_nested_transaction(engine):
    with engine.begin() as c:
        c.exec_driver_sql("CREATE TABLE sa_nested (a int)")
    with engine.connect() as c, c.begin():
        with pytest.raises(sa.exc.DBAPIError), c.begin_nested():
            c.exec_driver_sql("SELECT nothing FROM sa_nested")
        with c.begin_nested():
            c.exec_driver_sql("INSERT INTO sa_nested VALUES (1)")
    with engine.begin() as c:
        assert c.exec_driver_sql("SELECT count(*) FROM sa_nested").scalar() == 1
        c.exec_driver_sql("DROP TABLE sa_nested")


def test_orm(engine):
    at = datetime.datetime(2024, 2, 29, 12, tzinfo=datetime.timezone.utc)
    with engine.begin() as c:
        for cls in (Author, Book):
            c.execute(sa.schema.CreateTable(cls.__table__))
    with Session(engine) as s:
        a = Author(id=1, name="Ada", books=[Book(id=1, title="One", price=decimal.Decimal("9.50"), at=at),
                                             Book(id=2, title="Two", price=decimal.Decimal("1.00"), at=at)])
        s.add_all([a, Author(id=2, name="Bob")])
        s.commit()
    with Session(engine) as s:
        a = s.scalars(sa.select(Author).options(selectinload(Author.books)).where(Author.name == "Ada")).one()
        assert [(b.title, b.price, b.at) for b in a.books] == [("One", decimal.Decimal("9.50"), at), ("Two", decimal.Decimal("1.00"), at)]
        a.books[0].title = "First"
        s.delete(a.books[1])
        s.commit()
        assert s.scalars(sa.select(Book.title).join(Book.author).where(Author.id == 1)).all() == ["First"]
    with engine.begin() as c:
        for cls in (Book, Author):
            c.execute(sa.schema.DropTable(cls.__table__))


def test_asyncpg(server, system_catalog):
    async def go():
        e = create_async_engine(url(server, "asyncpg"), connect_args={
            "ssl": ssl.create_default_context(cafile=str(server.installation.ca)), "server_settings": {"hatidata.dialect": "postgres"}})
        async with e.connect() as c:
            assert (await c.execute(sa.text("SELECT CAST(:a AS int) + 1"), {"a": 1})).scalar() == 2
        await e.dispose()
    asyncio.run(go())


def test_pandas(engine, system_catalog):
    frame = pandas.DataFrame({"id": [1, 2, 3], "name": ["a", None, "c"], "x": [0.5, float("nan"), -1.0],
                              "at": pandas.to_datetime(["2024-01-01 00:00", "2024-02-29 12:00", "2024-03-01 00:00"])})
    with engine.begin() as c:
        c.exec_driver_sql("CREATE TABLE pandas_rows (id bigint, name text, x float8, at timestamp)")
        frame.to_sql("pandas_rows", c, if_exists="append", index=False, method="multi")
    back = pandas.read_sql("SELECT * FROM pandas_rows ORDER BY id", engine)
    pandas.testing.assert_frame_equal(back, frame, check_dtype=False)
    with engine.begin() as c:
        c.exec_driver_sql("DROP TABLE pandas_rows")


def test_pandas_and_values_within_values(engine):
    frame = pandas.read_sql("SELECT {'a': 1, 'b': 'x'} AS s, [[1, 2], [3]] AS l, [{'x': 1}, NULL] AS m", engine)
    assert frame.to_dict("records") == [{"s": {"a": 1, "b": "x"}, "l": [[1, 2], [3]], "m": [{"x": 1}, None]}]
    with engine.begin() as c:
        c.exec_driver_sql("CREATE TABLE sa_nested (id int, s STRUCT(a int), l int[][])")
    table = sa.Table("sa_nested", sa.MetaData(), autoload_with=engine)
    assert isinstance(table.c.s.type, sa.JSON) and isinstance(table.c.l.type, sa.JSON)
    with engine.begin() as c:
        c.execute(table.insert(), [{"id": 1, "s": {"a": 1}, "l": [[1], []]}])
        assert c.execute(sa.select(table.c.s, table.c.l)).all() == [({"a": 1}, [[1], []])]
        c.exec_driver_sql("DROP TABLE sa_nested")


def test_reflection(engine):
    """All that the Inspector asks, of a schema of its own."""
    statements = ["CREATE SCHEMA refl",
                  "CREATE TABLE refl.orders (id int PRIMARY KEY, customer text NOT NULL, amount numeric(10,2) DEFAULT 1.5,"
                  " at timestamptz, tags text[], twice numeric(11,2) GENERATED ALWAYS AS (amount * 2) STORED, UNIQUE (customer),"
                  " CHECK (amount > 0))",
                  "CREATE TABLE refl.items (order_id int REFERENCES refl.orders (id), line int, note text, PRIMARY KEY (order_id, line))",
                  "CREATE INDEX items_note ON refl.items (note)",
                  "CREATE VIEW refl.large AS SELECT id, amount FROM refl.orders WHERE amount > 50",
                  "COMMENT ON TABLE refl.orders IS 'all'", "COMMENT ON COLUMN refl.orders.customer IS 'who'",
                  "CREATE SEQUENCE refl.numbers START 3", "CREATE TYPE refl.mood AS ENUM ('low', 'high')"]
    with engine.begin() as c:
        for statement in statements:
            c.exec_driver_sql(statement)
    i = sa.inspect(engine)
    assert "refl" in i.get_schema_names() and i.has_schema("refl")
    assert sorted(i.get_table_names("refl")) == ["items", "orders"] and i.has_table("orders", "refl")
    assert i.get_view_names("refl") == ["large"] and "amount > 50" in i.get_view_definition("large", "refl")
    assert i.get_sequence_names("refl") == ["numbers"] and i.has_sequence("numbers", "refl")
    assert [(c["name"], str(c["type"]), c["nullable"], c["default"], c["comment"]) for c in i.get_columns("orders", "refl")] == [
        ("id", "INTEGER", False, None, None), ("customer", "TEXT", False, None, "who"), ("amount", "NUMERIC(10, 2)", True, "1.5", None),
        ("at", "TIMESTAMP", True, None, None), ("tags", "ARRAY", True, None, None), ("twice", "NUMERIC(11, 2)", True, None, None)]
    assert i.get_columns("orders", "refl")[5]["computed"]["persisted"]
    key = i.get_pk_constraint("items", "refl")
    assert (key["name"], key["constrained_columns"]) == ("items_pkey", ["order_id", "line"])
    foreign, = i.get_foreign_keys("items", "refl")
    assert (foreign["name"], foreign["constrained_columns"], foreign["referred_schema"], foreign["referred_table"],
            foreign["referred_columns"]) == ("items_order_id_fkey", ["order_id"], "refl", "orders", ["id"])
    assert [(x["name"], x["unique"], x["column_names"]) for x in i.get_indexes("items", "refl")] == [("items_note", False, ["note"])]
    assert i.has_index("items", "items_note", "refl")
    assert [(u["name"], u["column_names"]) for u in i.get_unique_constraints("orders", "refl")] == [("orders_customer_key", ["customer"])]
    assert [(k["name"], k["sqltext"]) for k in i.get_check_constraints("orders", "refl")] == [("orders_amount_check", "(amount > 0)")]
    assert i.get_table_comment("orders", "refl") == {"text": "all"}
    assert [(e["name"], e["labels"]) for e in i.get_enums("refl")] == [("mood", ["low", "high"])]
    assert i.get_domains("refl") == [] and i.get_materialized_view_names("refl") == []
    assert [name for name, _ in i.get_sorted_table_and_fkc_names("refl")][:2] == ["orders", "items"]

    made = sa.MetaData()
    made.reflect(engine, schema="refl", views=True)
    assert sorted(made.tables) == ["refl.items", "refl.large", "refl.orders"]
    with engine.begin() as c:
        orders, items = made.tables["refl.orders"], made.tables["refl.items"]
        c.execute(orders.insert().values(id=1, customer="ada", amount=60))
        c.execute(items.insert().values(order_id=1, line=1))
        assert c.execute(sa.select(orders.c.twice, items.c.line).join(items)).one() == (120, 1)
    with engine.begin() as c:
        for thing in ("VIEW refl.large", "TABLE refl.items", "TABLE refl.orders", "SEQUENCE refl.numbers", "TYPE refl.mood", "SCHEMA refl"):
            c.exec_driver_sql(f"DROP {thing}")
