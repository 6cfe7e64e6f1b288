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
