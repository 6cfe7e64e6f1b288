"""dbt's own command line, for the wheel of dbt-hatidata 0.1.1 as it is published.

No dbt can run that wheel as it is: it lacks the module with its version, its macros have no whole path, it
makes relations that dbt can't hold, and its macros about schemas and relations give SQL where dbt expects
that it was run. Each is mended here in memory, so that what reaches the server is what the package's macros
say; no file of it is touched."""
import importlib.metadata
import importlib.resources
import sys
import types

version = types.ModuleType("dbt.adapters.hatidata.__version__")
version.version = importlib.metadata.version("dbt-hatidata")
sys.modules[version.__name__] = version

from dbt.adapters.base.relation import BaseRelation  # noqa: E402
from dbt.adapters.hatidata import HatiDataAdapter, HatiDataRelation, Plugin  # noqa: E402
from dbt.adapters.postgres import PostgresAdapter  # noqa: E402
from dbt.cli.main import cli  # noqa: E402


def execute_macro(self, name, *args, **kwargs):
    """What a macro gives; where that is SQL, its rows."""
    result = PostgresAdapter.execute_macro(self, name, *args, **kwargs)
    if not isinstance(result, str) or not result.strip():
        return result
    _, rows = self.execute(str(result), auto_begin=True, fetch=True)
    return rows


Plugin.include_path, Plugin.project_name = str(importlib.resources.files("dbt.include.hatidata")), "hatidata"
HatiDataRelation.create = classmethod(BaseRelation.create.__func__)
HatiDataAdapter.execute_macro = execute_macro
HatiDataAdapter._link_cached_relations = lambda self, manifest: None
cli()
