"""Runs beside Evolution's services, under the system's Python: a line asks, a line of JSON answers."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from typing import Any

import gi

for name, version in (("EDataServer", "1.2"), ("ECal", "2.0"), ("ICalGLib", "3.0")):
    gi.require_version(name, version)

from gi.repository import ECal, EDataServer, ICalGLib  # noqa: E402

SPAN = [int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2024, 2031)]
SETTLES = 2.0  # seconds until what was fetched is told to everybody


def edge(at: Any) -> str:
    """A date, or a time by the clock of UTC."""
    if at.is_date():
        return f"{at.get_year()}-{at.get_month():02}-{at.get_day():02}"
    found = at.convert_to_zone(ICalGLib.Timezone.get_utc_timezone())
    day = f"{found.get_year()}-{found.get_month():02}-{found.get_day():02}"
    return f"{day} {found.get_hour():02}:{found.get_minute():02}"


def listed(client: Any) -> list[tuple[str, str, bool, str, str]]:
    """What Evolution shows: start, end, whether by day, title and place."""
    found = []

    def note(event: Any, start: Any, end: Any, *rest: Any) -> bool:
        found.append((edge(start), edge(end), start.is_date(), event.get_summary(), event.get_location() or ""))
        return True

    client.generate_instances_sync(*SPAN, None, note, None)
    return found


def main() -> None:
    """Answer until nothing more is asked."""
    source = EDataServer.SourceRegistry.new_sync(None).ref_source("lab")
    client = ECal.Client.connect_sync(source, ECal.ClientSourceType.EVENTS, 30, None)
    for line in sys.stdin:
        if line.strip() == "refresh":
            answer: Any = client.refresh_sync(None)
            time.sleep(SETTLES)
        else:
            answer = listed(client)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
