"""Files with questions and answers: taken in within bounds, given out as files alone, to those whose business it is."""

from __future__ import annotations

import gc
import io
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from labbook.db import db
from labbook.models import Attachment, AttachmentContent, Event, Remark
from tests.browsing import Visitor, links_of, on_sqlite
from tests.cast import Cast
from tests.core.test_attaching import DOCX, PDF, archive
from tests.desk.test_remarks import WANTED, leave, make_joint

CSV = "lot,host\nA1,牛\n".encode()
MEGABYTE = 1024 * 1024
Files = Iterable[tuple[str, bytes]]


@pytest.fixture
def asked(app: Flask, lab: Cast) -> str:
    """The page of Alan's request that waits for staff at Tsukuba."""
    location: str = Visitor(app, "alan").book("tsukuba-asked", *WANTED, title="Run 7").headers["Location"]
    return location


def multipart(fields: dict[str, str], files: Files) -> dict[str, Any]:
    """A body as browsers write it; the test client would spool a large one into a file and leave that open."""
    lines = [
        *(
            f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode()
            for name, value in fields.items()
        ),
        *(
            f'--x\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'.encode()
            + b"Content-Type: text/html\r\n\r\n"
            + content
            for name, content in files
        ),
        b"--x--\r\n",
    ]
    return {"data": b"\r\n".join(lines), "content_type": "multipart/form-data; boundary=x"}


def send(visitor: Visitor, page: str, files: Files, text: str = "Here it is.", step: str = "/answer") -> TestResponse:
    """Answer with files."""
    fields = {"csrf_token": visitor.good_token(), "text": text}
    return visitor.open(f"{page}{step}", method="POST", **multipart(fields, files))


def kept() -> list[tuple[str, str, int]]:
    db.session.remove()
    rows = db.session.execute(select(Attachment.name, Attachment.media_type, Attachment.size).order_by(Attachment.id))
    return [(row.name, row.media_type, row.size) for row in rows]


def link(visitor: Visitor, page: str) -> str:
    """Where the one file of a request's page is."""
    (found,) = [one for one in links_of(visitor.get(page).text) if "/files/" in one]
    return found


def test_a_file_comes_back_as_it_was_sent(app: Flask, lab: Cast, asked: str) -> None:
    alan, sora = Visitor(app, "alan"), Visitor(app, "sora")
    assert send(alan, asked, [("血清 一覧.csv", CSV)]).status_code == 303
    assert kept() == [("血清 一覧.csv", "text/csv", len(CSV))]
    page = sora.get(asked).text
    assert "血清 一覧.csv" in page
    assert "CSV, 1 kB" in page
    answer = sora.get(link(sora, asked))
    assert answer.status_code == 200
    assert answer.data == CSV
    headers = answer.headers
    assert headers["Content-Type"] == "text/csv; charset=utf-8"
    disposition = headers["Content-Disposition"]
    assert disposition == "attachment; filename*=UTF-8''%E8%A1%80%E6%B8%85%20%E4%B8%80%E8%A6%A7.csv"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers.get_all("Content-Security-Policy") == ["sandbox; default-src 'none'; frame-ancestors 'none'"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    db.session.remove()
    assert db.session.scalar(select(func.count(AttachmentContent.attachment_id))) == 1


def test_several_files_of_the_greatest_size_arrive(app: Flask, lab: Cast, asked: str) -> None:
    large = PDF[:-6] + b"\n% " + b"x" * (5 * MEGABYTE - len(PDF) - 3) + b"%%EOF\n"
    assert len(large) == 5 * MEGABYTE
    assert send(Visitor(app, "alan"), asked, [(f"{one}.pdf", large) for one in range(5)]).status_code == 303
    assert [size for _, _, size in kept()] == [5 * MEGABYTE] * 5


@on_sqlite
def test_staff_send_files_too(app: Flask, lab: Cast, asked: str) -> None:
    sora = Visitor(app, "sora")
    answer = send(sora, asked, [("Form.docx", DOCX), ("", b"")], step="/ask")
    assert answer.status_code == 303
    assert [name for name, _, _ in kept()] == ["Form.docx"]


@on_sqlite
@pytest.mark.parametrize(
    ("files", "sentence"),
    [
        ([("run.exe", b"MZ\x90")], "run.exe: Programs and scripts are not accepted."),
        ([("gel.png", b"MZ\x90")], "gel.png: Programs and scripts are not accepted."),
        ([("a.svg", b"<svg/>")], "a.svg: Web pages and SVG drawings are not accepted."),
        ([("a.txt", b"<html>")], "a.txt: Web pages and SVG drawings are not accepted."),
        ([("a.zip", archive("a"))], "a.zip: Archives are not accepted"),
        ([("a.docm", DOCX)], "a.docm: It holds macros"),
        ([("a.exe.pdf", PDF)], "a.exe.pdf: Its name has two endings."),
        ([("a.pdf", b"")], "a.pdf: The file is empty."),
        ([("a.txt", b"x" * (5 * MEGABYTE + 1))], "a.txt: It is larger than a file may be here."),
        ([("good.csv", CSV), ("<b>\u202e.exe", b"MZ")], "b.exe: Programs and scripts are not accepted."),
        ([(f"{one}.csv", CSV) for one in range(6)], "At most 5 files at once, please."),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
def test_what_is_refused_is_said_beside_the_field_and_nothing_is_kept(
    app: Flask, lab: Cast, asked: str, files: Files, sentence: str
) -> None:
    answer = send(Visitor(app, "alan"), asked, files, text="Typed words")
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "Typed words" in answer.text
    assert "Choose the files again, too." in answer.text
    assert "<b>" not in answer.text
    assert kept() == []
    assert db.session.scalar(select(func.count(Remark.id))) == 0


@on_sqlite
@pytest.mark.parametrize(
    ("claimed", "name"),
    [
        ("../../etc/cron.d/a.txt", "a.txt"),
        ("C:/Users/alan/a.txt", "a.txt"),
        ("gel\u202etxt.txt", "geltxt.txt"),
        ("日本" * 200 + ".txt", "日本" * 32 + "日.txt"),
    ],
)
def test_a_name_is_cleaned(app: Flask, lab: Cast, asked: str, claimed: str, name: str) -> None:
    alan = Visitor(app, "alan")
    assert send(alan, asked, [(claimed, b"abc")]).status_code == 303
    assert [one for one, _, _ in kept()] == [name]
    headers = alan.get(link(alan, asked)).headers
    assert len(headers.get_all("Content-Disposition")) == 1


@on_sqlite
def test_the_kind_that_a_browser_claims_does_not_count_nor_a_name_that_breaks_lines(
    app: Flask, lab: Cast, asked: str
) -> None:
    alan = Visitor(app, "alan")
    assert send(alan, asked, [("a%0d%0aSet-Cookie: b=c.txt", b"abc")]).status_code == 303
    assert [kind for _, kind, _ in kept()] == ["text/plain"]
    headers = alan.get(link(alan, asked)).headers
    assert headers["Content-Type"] == "text/plain; charset=utf-8"
    assert "b=c" not in (headers.get("Set-Cookie") or "")


# What is too much altogether is refused before anything is looked at. What was spooled by then is closed by its
# collection, which warns of it.


def breaks_off(test: Callable[..., None]) -> Callable[..., None]:
    """Marks a test of that: it is swept up after it."""
    warned = pytest.mark.filterwarnings("ignore:Exception ignored in.*SpooledTemporaryFile")
    marked: Callable[..., None] = pytest.mark.usefixtures("swept")(warned(test))
    return marked


@pytest.fixture
def swept() -> Iterator[None]:
    """Collects what a test has left open before the next one begins."""
    yield
    gc.collect()


@breaks_off
@on_sqlite
def test_a_body_that_is_too_large_is_not_read(app: Flask, lab: Cast, asked: str) -> None:
    answer = send(Visitor(app, "alan"), asked, [(f"{one}.txt", b"x" * 5 * MEGABYTE) for one in range(6)])
    assert answer.status_code == 413
    assert "too large" in answer.text
    assert kept() == []


class Endless(io.RawIOBase):
    """A body that never ends; counts what is read of it."""

    def __init__(self, beginning: bytes) -> None:
        self.beginning, self.count = beginning, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        size = len(buffer)
        self.count += size
        given, self.beginning = self.beginning[:size], self.beginning[size:]
        buffer[:] = given + b"x" * (size - len(given))
        return size


@breaks_off
@on_sqlite
def test_a_body_without_an_end_is_left_off(app: Flask, lab: Cast, asked: str) -> None:
    alan = Visitor(app, "alan")
    body = Endless(
        b'--x\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + alan.good_token().encode() + b"\r\n"
        b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n'
    )
    db.session.remove()
    answer = Context().run(
        alan.client.post,
        f"{asked}/answer",
        content_type="multipart/form-data; boundary=x",
        environ_overrides={"wsgi.input": body, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"},
        buffered=True,
    )
    assert answer.status_code == 413
    assert body.count < 27 * MEGABYTE
    assert kept() == []


@breaks_off
@on_sqlite
def test_ten_thousand_tiny_files_are_refused_at_once(app: Flask, lab: Cast, asked: str) -> None:
    answer = send(Visitor(app, "alan"), asked, [("a.txt", b"x")] * 10_000)
    assert answer.status_code == 413
    assert kept() == []


@breaks_off
@on_sqlite
def test_a_text_as_long_as_files_may_be_is_refused(app: Flask, lab: Cast, asked: str) -> None:
    answer = send(Visitor(app, "alan"), asked, [], text="x" * MEGABYTE)
    assert answer.status_code == 413


@breaks_off
@on_sqlite
@pytest.mark.parametrize("path", ["/approve", "/withdraw", "/decline", ""])
def test_nowhere_else_may_so_much_be_sent(app: Flask, lab: Cast, asked: str, path: str) -> None:
    alan = Visitor(app, "alan")
    answer = send(alan, asked, [("a.txt", b"x" * MEGABYTE)], step=path)
    assert answer.status_code == (413 if path else 405)


@breaks_off
@on_sqlite
def test_nor_by_somebody_who_is_not_signed_in(app: Flask, lab: Cast, asked: str) -> None:
    nobody = Visitor(app)
    assert send(nobody, asked, [("a.txt", b"x" * MEGABYTE)]).status_code == 413
    assert send(nobody, asked, [("a.txt", b"x")]).status_code == 303
    assert kept() == []


@on_sqlite
def test_no_more_than_so_many_files_are_kept_with_one_request(
    app: Flask, lab: Cast, asked: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("labbook.desk.service.remarks.MOST_KEPT", 3)
    alan = Visitor(app, "alan")
    assert send(alan, asked, [("a.csv", CSV), ("b.csv", CSV)], text="one").status_code == 303
    assert send(alan, asked, [("a.csv", CSV), ("b.csv", CSV)], text="two").status_code == 429
    assert len(kept()) == 2


@on_sqlite
def test_a_second_click_keeps_nothing_twice_and_another_file_is_no_second_click(
    app: Flask, lab: Cast, asked: str
) -> None:
    alan = Visitor(app, "alan")
    for content in (CSV, CSV, CSV + b"B1,x\n"):
        assert send(alan, asked, [("a.csv", content)]).status_code == 303
    assert len(kept()) == 2


# Who gets them.


@on_sqlite
@pytest.mark.parametrize("name", ["ben", "dora", "sam", None])
def test_a_rival_with_the_address_of_a_file_gets_what_a_wrong_address_gets(
    app: Flask, lab: Cast, asked: str, name: str | None
) -> None:
    alan = Visitor(app, "alan")
    send(alan, asked, [("a.csv", CSV)])
    path, stranger = link(alan, asked), Visitor(app, name)
    answers = [stranger.get(one) for one in (path, f"{path[:-3]}000", path.replace("/requests/", "/requests/0"))]
    assert {one.status_code for one in answers} == ({404} if name else {303})
    assert CSV[:8] not in answers[0].data


def test_nor_does_an_ally_a_former_member_or_a_preview(app: Flask, lab: Cast, asked: str) -> None:
    alan, chika, sora = Visitor(app, "alan"), Visitor(app, "chika"), Visitor(app, "sora")
    send(alan, asked, [("a.csv", CSV)])
    path = link(alan, asked)
    make_joint(asked)
    assert chika.get(asked).status_code == 200
    assert chika.get(path).status_code == 404
    assert Visitor(app, "two").get(path).data == CSV
    page = sora.get("/preview")
    key = next(one for one in page.text.split('value="') if "Aoba" in one.split("</option>")[0]).split('"')[0]
    assert sora.submit(page, "/preview", partner=key).status_code == 303
    assert sora.get(path).status_code in (403, 404)
    leave(lab, "alan")
    assert alan.get(path).status_code == 404


@on_sqlite
def test_a_file_is_found_by_its_own_request_alone(app: Flask, lab: Cast, asked: str) -> None:
    """Whoever reads another request does not get it by that one's address."""
    alan, ben = Visitor(app, "alan"), Visitor(app, "ben")
    send(alan, asked, [("a.csv", CSV)])
    own = ben.book("tsukuba-asked", "2026-11-25T10:00", "2026-11-25T11:00", title="Ben's").headers["Location"]
    key = link(alan, asked).rsplit("/", 1)[1]
    assert ben.get(f"{own}/files/{key}").status_code == 404
    assert Visitor(app, "sora").get(f"{own}/files/{key}").status_code == 404


@on_sqlite
def test_the_look_of_staff_into_a_file_is_recorded_and_one_s_own_is_not(app: Flask, lab: Cast, asked: str) -> None:
    alan = Visitor(app, "alan")
    send(alan, asked, [("a.csv", CSV)])
    path = link(alan, asked)

    def looks() -> list[int | None]:
        db.session.remove()
        return list(db.session.scalars(select(Event.actor_id).where(Event.code == "request-looked-at")))

    Visitor(app, "cora").get(path)
    assert looks() == []
    Visitor(app, "sora").get(path)
    Visitor(app, "ada").get(path)
    assert looks() == [lab.people["sora"], lab.people["ada"]]
