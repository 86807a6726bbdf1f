"""One PostgreSQL database for all tests in turn: copying it takes half a second, putting its rows back a hundredth."""

from __future__ import annotations

from contextlib import ExitStack

from sqlalchemy import Connection, Engine, NullPool, create_engine, text

from tests import pgtmp

KEEP = """
DO $$ DECLARE one record; is_filled boolean; BEGIN
  CREATE SCHEMA {kept};
  CREATE TABLE {kept}."last values" AS SELECT * FROM pg_sequences WHERE schemaname = 'public';
  FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM public.%I)', one.name) INTO is_filled;
    IF is_filled THEN EXECUTE format('CREATE TABLE {kept}.%I AS TABLE public.%I', one.name, one.name); END IF;
  END LOOP;
END $$
"""

# As a replica does it: without triggers, so that what is only ever added to can be emptied.
PUT_BACK = """
DO $$ DECLARE one record; BEGIN
  SET LOCAL session_replication_role = replica;
  FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('DELETE FROM public.%I', one.name);
  END LOOP;
  FOR one IN SELECT tablename AS name FROM pg_tables WHERE schemaname = '{kept}' AND tablename <> 'last values' LOOP
    EXECUTE format('INSERT INTO public.%I TABLE {kept}.%I', one.name, one.name);
  END LOOP;
  PERFORM setval(format('public.%I', sequencename), coalesce(last_value, start_value), last_value IS NOT NULL)
    FROM {kept}."last values";
END $$
"""

LEAVE_ALONE = """
SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() AND state <> 'idle' AND backend_type = 'client backend'
"""

# Which transactions have made the tables, their columns, rules and triggers what they are.
SHAPE = " UNION ALL ".join(
    f"SELECT '{one}', count(*), sum(xmin::text::bigint) FROM {one}"
    for one in ("pg_class", "pg_attribute", "pg_constraint", "pg_trigger", "pg_proc")
)


def keep(url: str, kept: str) -> None:
    """Write down under a name what a database holds, in the database itself."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        connection.execute(text(KEEP.format(kept=kept)))


class PutBack:
    """A copy of a database in which something was kept. It is copied anew only when a test has changed its tables."""

    def __init__(self, admin: Engine, template: str, name: str) -> None:
        self._copies, self._count = ExitStack(), 0
        self._admin, self._template, self._name = admin, template, name
        self._url = ""
        self._connection: Connection | None = None
        self._shape: object = None

    def holding(self, kept: str) -> str:
        """Its URL, when it holds again what was kept under that name and nobody is in the middle of anything."""
        if self._connection is None or not self._is_itself(self._connection):
            self._copy()
        assert self._connection is not None
        self._connection.execute(text(PUT_BACK.format(kept=kept)))
        return self._url

    def _is_itself(self, connection: Connection) -> bool:
        connection.execute(text(LEAVE_ALONE))
        return connection.execute(text(SHAPE)).all() == self._shape

    def _copy(self) -> None:
        self.close()
        self._count += 1  # another address, so that nobody keeps a connection to the one before
        name = f"{self._name}_{self._count}"
        self._url = self._copies.enter_context(pgtmp.database(self._admin, template=self._template, name=name))
        engine = create_engine(self._url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection = self._copies.enter_context(engine.connect())
        self._shape = self._connection.execute(text(SHAPE)).all()

    def close(self) -> None:
        """Hang up, and drop the copy."""
        self._connection = None
        self._copies.close()
