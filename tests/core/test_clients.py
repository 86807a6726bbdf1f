"""A calendar program's kind is told by how it announces itself."""

from __future__ import annotations

import pytest
from sqlalchemy import String

from labbook.core.clients import CLIENTS, client_of
from labbook.models import Feed


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ("Google-Calendar-Importer", "google"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Thunderbird/128.5.0", "thunderbird"),
        ("Evolution/3.54.1", "evolution"),
        ("Mozilla/5.0 (X11; Linux x86_64) KIO/6.8 akonadi_ical_resource", "korganizer"),
        ("ICSx5/2.2.3 (2024/10/01; dav4jvm; okhttp/4.12.0) Android/15", "icsx5"),
        ("vdirsyncer/0.21.0", "vdirsyncer"),
        ("Nextcloud Server Crawler", "nextcloud"),
        ("HomeAssistant/2026.11.0 httpx/0.28 Python/3.13", "home-assistant"),
        ("Microsoft.Exchange/15.20 Owa.InternetCalendar", "outlook-web"),
        ("Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.17328)", "outlook"),
        ("iOS/18.1 (22B83) dataaccessd/1.0", "iphone"),
        ("macOS/15.1 (24B83) dataaccessd/1.0", "apple"),
        ("Mac OS X/10.13.6 (17G65) CalendarAgent/399.2.2", "apple"),
        ("curl/8.10.1", "script"),
        ("Python-urllib/3.11", "script"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "browser"),
        ("SomethingNew/1.0", "other"),
        (" ", ""),
        ("", ""),
    ],
)
def test_a_program_is_known_by_what_it_says_of_itself(said: str, kind: str) -> None:
    assert client_of(said) == kind
    assert kind in {*CLIENTS, ""}


def test_every_kind_fits_its_column() -> None:
    kept = Feed.__table__.c.client.type
    assert isinstance(kept, String)
    assert max(map(len, CLIENTS)) <= (kept.length or 0)
