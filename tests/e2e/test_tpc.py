"""All queries of TPC-H and TPC-DS over the wire, as the engine's generators write them, under a row filter: the rows
are the engine's own answer."""
import pytest

from conformance import tpc
from conformance.tally import Tally
from conformance.warehouse import Warehouse


@pytest.fixture(scope="module")
def benchmarks():
    warehouse = Warehouse(list(tpc.BENCHMARKS))
    engines = {name: tpc.generate(name, warehouse) for name in tpc.BENCHMARKS}
    with warehouse:
        yield warehouse, engines


@pytest.mark.parametrize("name,count", [("tpch", 22), ("tpcds", 99)])
def test_engine_gives_the_same(benchmarks, name, count):
    warehouse, engines = benchmarks
    queries = engines[name].execute(f"SELECT query_nr, query FROM {name}_queries()").fetchall()
    assert len(queries) == count
    tally = Tally(name)
    developer = warehouse.connect(f"developer@{name}", tpc.DIALECT)
    for number, sql in queries:
        tpc.judge(tally, {"id": f"{name}:{number}", "sql": sql}, engines[name], developer)
    assert tally.failures == []
    assert tally.extra["with_rows"] > count / 2
