"""What may be attached: kinds are found from bytes, names are made harmless, and what hides something is refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labbook.core import attaching
from labbook.core.attaching import LONGEST_NAME, Fit, UnfitError, cleaned_name, encoding_of, fit

OFFICE = "application/vnd.openxmlformats-officedocument."
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + b"\0" * 40 + b"\xff\xd9"
GIF = b"GIF89a\x01\x00\x01\x00\x00\x00\x00;"
PDF = b"%PDF-1.7\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n"


def chunk(name: bytes, data: bytes = b"") -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", b"\0" * 13) + chunk(b"IDAT", b"x") + chunk(b"IEND")


def archive(*names: str, mimetype: str = "", content: bytes = b"<x/>", comment: bytes = b"") -> bytes:
    """An archive with these entries; an OpenDocument has its type first."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as made:
        if mimetype:
            made.writestr(zipfile.ZipInfo("mimetype"), mimetype)
        for name in names:
            made.writestr(name, content)
        made.comment = comment
    return kept.getvalue()


DOCX = archive("[Content_Types].xml", "_rels/.rels", "word/document.xml", "word/media/image1.svg")
XLSX = archive("[Content_Types].xml", "xl/workbook.xml", "xl/printerSettings/printerSettings1.bin")
PPTX = archive("[Content_Types].xml", "ppt/presentation.xml")
ODT = archive("content.xml", mimetype="application/vnd.oasis.opendocument.text")

GOOD = [
    ("protocol.pdf", PDF, "protocol.pdf", "application/pdf"),
    ("Gel 3.PNG", PNG, "Gel 3.png", "image/png"),
    ("photo.JPEG", JPEG, "photo.jpeg", "image/jpeg"),
    ("photo.jpg", JPEG + b"what a telephone appends", "photo.jpg", "image/jpeg"),
    ("plot.gif", GIF, "plot.gif", "image/gif"),
    ("notes.txt", "Keep at 4 °C".encode(), "notes.txt", "text/plain"),
    ("notes.md", b"# Plan\n\na < b\n", "notes.md", "text/plain"),
    ("plate.csv", b"well,od\nA1,0.3\n", "plate.csv", "text/csv"),
    ("プレート.csv", "ウェル,吸光度\n".encode("cp932"), "プレート.csv", "text/csv"),
    ("plan.docx", DOCX, "plan.docx", f"{OFFICE}wordprocessingml.document"),
    ("lots.xlsx", XLSX, "lots.xlsx", f"{OFFICE}spreadsheetml.sheet"),
    ("talk.pptx", PPTX, "talk.pptx", f"{OFFICE}presentationml.presentation"),
    ("plan.odt", ODT, "plan.odt", "application/vnd.oasis.opendocument.text"),
    ("protocol", PDF, "protocol.pdf", "application/pdf"),
    ("2026.11.27 v2.1 run.csv", b"a,b\n", "2026.11.27 v2.1 run.csv", "text/csv"),
]


@pytest.mark.parametrize(("name", "content", "kept", "kind"), GOOD, ids=[one[0] for one in GOOD])
def test_what_laboratories_send_is_kept_by_what_it_is(name: str, content: bytes, kept: str, kind: str) -> None:
    assert fit(name, content) == Fit(kept, kind)


def lying(content: bytes, at: int, layout: str, value: int) -> bytes:
    """The same archive with one number of its directory's first line, or of its end (negative), changed."""
    place = at if at < 0 else content.index(b"PK\x01\x02") + at
    place = len(content) + place if place < 0 else place
    return content[:place] + struct.pack(layout, value) + content[place + struct.calcsize(layout) :]


def behind(beginning: bytes) -> bytes:
    """A document that begins later in the file, as its directory says, too."""
    kept = io.BytesIO(beginning)
    with zipfile.ZipFile(kept, "a") as made:
        for name in ("[Content_Types].xml", "word/document.xml"):
            made.writestr(name, b"<x/>")
    return kept.getvalue()


def overlapping() -> bytes:
    """Two entries that share their bytes, as in the densest bombs."""
    second = DOCX.rindex(b"PK\x01\x02")
    return DOCX[: second + 42] + struct.pack("<I", 0) + DOCX[second + 46 :]


BAD = [
    ("empty", "a.txt", b"", attaching.EMPTY),
    ("a program", "setup.exe", b"MZ\x90\x00", attaching.PROGRAM),
    ("a program that says it is a picture", "gel.png", b"MZ\x90\x00\x03", attaching.PROGRAM),
    ("a program of another system", "gel", b"\x7fELF\x02\x01", attaching.PROGRAM),
    ("a script", "run.txt", b"#!/bin/sh\nrm -rf /\n", attaching.PROGRAM),
    ("a script after a mark", "run.txt", b"\xef\xbb\xbf#!/bin/sh\n", attaching.PROGRAM),
    ("a script by its name", "run.bat", b"del *\n", attaching.PROGRAM),
    ("a script in capitals", "run.PS1", b"del *\n", attaching.PROGRAM),
    ("a web page", "a.html", b"hello", attaching.WEB_PAGE),
    ("a web page that says it is text", "a.txt", b"  <!DOCTYPE html><html>", attaching.WEB_PAGE),
    ("a script in a page", "a.csv", b"a,b\n< script >alert(1)", attaching.WEB_PAGE),
    ("a drawing with scripts", "a.svg", b"<svg onload=alert(1)>", attaching.WEB_PAGE),
    ("a drawing that says it is a picture", "a.png", b"<svg onload=alert(1)>", attaching.WEB_PAGE),
    ("an archive", "a.zip", archive("a.txt"), attaching.ARCHIVE),
    ("an archive without its name", "a", archive("a.txt"), attaching.ARCHIVE),
    ("an archive that says it is a document", "a.docx", archive("a.txt"), attaching.ARCHIVE),
    ("other archives", "a.docx", b"Rar!\x1a\x07\x00", attaching.ARCHIVE),
    ("a document with macros", "a.docm", DOCX, attaching.MACROS),
    (
        "macros behind a plain name",
        "a.docx",
        archive("[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"),
        attaching.MACROS,
    ),
    (
        "an embedded program",
        "a.xlsx",
        archive("[Content_Types].xml", "xl/workbook.xml", "xl/embeddings/oleObject1.bin"),
        attaching.MACROS,
    ),
    (
        "macros of an OpenDocument",
        "a.odt",
        archive("Basic/Standard/Module1.xml", mimetype="application/vnd.oasis.opendocument.text"),
        attaching.MACROS,
    ),
    (
        "a template",
        "a.odt",
        archive("content.xml", mimetype="application/vnd.oasis.opendocument.text-template"),
        attaching.ARCHIVE,
    ),
    (
        "two documents in one",
        "a.docx",
        archive("[Content_Types].xml", "word/document.xml", "xl/workbook.xml"),
        attaching.ARCHIVE,
    ),
    (
        "the same name twice",
        "a.docx",
        archive("[Content_Types].xml", "word/document.xml", "word/Document.xml"),
        attaching.ARCHIVE,
    ),
    (
        "a name that leads out of its folder",
        "a.docx",
        archive("[Content_Types].xml", "word/document.xml", "../../evil"),
        attaching.ARCHIVE,
    ),
    (
        "ten thousand entries",
        "a.docx",
        archive("[Content_Types].xml", "word/document.xml", *(f"word/{one}" for one in range(10_000))),
        attaching.ARCHIVE,
    ),
    ("a bomb", "a.docx", lying(DOCX, 24, "<I", 0xFFFFFF00), attaching.ARCHIVE),
    ("entries that share their bytes", "a.docx", overlapping(), attaching.ARCHIVE),
    ("an encrypted entry", "a.docx", lying(DOCX, 8, "<H", 1), attaching.ARCHIVE),
    ("another way of packing", "a.docx", lying(DOCX, 10, "<H", 14), attaching.ARCHIVE),
    ("a directory that is not there", "a.docx", lying(DOCX, -6, "<I", 7), attaching.ARCHIVE),
    ("fewer entries than there are", "a.docx", lying(lying(DOCX, -12, "<H", 1), -14, "<H", 1), attaching.ARCHIVE),
    ("something hidden before the document", "a.docx", behind(b"PK\x03\x04 hidden"), attaching.ARCHIVE),
    ("something hidden in the document", "a.docx", DOCX[:-22] + b"hidden" + DOCX[-22:], attaching.ARCHIVE),
    ("a comment that is not there", "a.docx", lying(DOCX, -2, "<H", 5), attaching.ARCHIVE),
    ("something behind the document", "a.docx", DOCX + b"\0" * 40, attaching.ARCHIVE),
    (
        "a comment, in which anything can be",
        "a.docx",
        archive("[Content_Types].xml", "word/document.xml", comment=b"x"),
        attaching.ARCHIVE,
    ),
    ("something before the document", "a.docx", b"GIF89a" + DOCX, attaching.UNKNOWN),
    ("a picture that is an archive, too", "a.gif", GIF[:-1] + archive("a.txt") + b";", attaching.TWOFOLD),
    ("a photograph that is an archive, too", "a.jpg", JPEG + archive("a.txt"), attaching.TWOFOLD),
    ("a photograph with another archive", "a.jpg", JPEG + b"Rar!\x1a\x07\x00" + b"x" * 100_000, attaching.TWOFOLD),
    ("a document that is an archive, too", "a.pdf", PDF + archive("a.class"), attaching.TWOFOLD),
    ("a picture with something behind it", "a.png", PNG + b"more", attaching.UNKNOWN),
    ("a picture that is cut off", "a.png", PNG[:-4], attaching.UNKNOWN),
    ("a document that is cut off", "a.pdf", PDF[:20], attaching.OTHER_ENDING),
    ("bytes of no kind", "a.bin", b"\x00\x01\x02", attaching.PROGRAM),
    ("bytes of no kind that say they are text", "a.txt", b"abc\x00def", attaching.UNKNOWN),
    ("text that says it is a document", "a.pdf", b"hello", attaching.OTHER_ENDING),
    ("a document that says it is text", "a.txt", PDF, attaching.OTHER_ENDING),
    ("a table that says it is a text document", "a.docx", XLSX, attaching.OTHER_ENDING),
    ("two endings", "invoice.exe.pdf", PDF, attaching.TWO_ENDINGS),
    ("two endings, both harmless", "gel.png.pdf", PDF, attaching.TWO_ENDINGS),
    ("an ending after many blanks", "invoice.pdf" + " " * 80 + ".exe", PDF, attaching.TWO_ENDINGS),
    ("an ending hidden behind a stream", "a.txt::$DATA.exe", b"x", attaching.PROGRAM),
]


@pytest.mark.parametrize(("what", "name", "content", "sentence"), BAD, ids=[one[0] for one in BAD])
def test_it_is_refused_and_the_sentence_says_why(what: str, name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(UnfitError) as refused:
        fit(name, content)
    assert refused.value.sentence == sentence


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("/etc/passwd", "passwd"),
        ("..\\..\\Windows\\win.txt", "win.txt"),
        ("../../../a.csv", "a.csv"),
        ("a\r\nContent-Type: text/html\r\n\r\n.txt", "html .txt"),
        ("a\r\nb.txt", "a b.txt"),
        ("gel\u202egnp.txt", "gelgnp.txt"),
        ("a\x00.txt", "a.txt"),
        ("  .hidden.txt. ", "hidden.txt"),
        ('a"<b>|c?.txt', "abc.txt"),
        ("a\u200bb\ufeff.txt", "ab.txt"),
        ("50% DMSO; final.txt", "50% DMSO; final.txt"),
        ("..", ""),
        ("\u202e", ""),
    ],
)
def test_a_name_loses_what_it_could_do_harm_with(claimed: str, kept: str) -> None:
    assert cleaned_name(claimed) == kept


@pytest.mark.parametrize(
    ("claimed", "kept"),
    [
        ("", "file.txt"),
        ("...", "file.txt"),
        ("CON.txt", "_CON.txt"),
        ("com1.log", "_com1.log"),
        (".txt", "txt.txt"),
        ("日本" * 99, "日本" * 32 + "日.txt"),
    ],
)
def test_a_file_always_has_a_name_that_every_system_takes(claimed: str, kept: str) -> None:
    assert fit(claimed, b"x").name == kept


@given(st.text(max_size=400), st.sampled_from(["", ".txt", ".TXT", ".csv"]))
def test_whatever_it_is_called_its_name_is_one_line_without_folders_and_short(stem: str, ending: str) -> None:
    try:
        name = fit(stem + ending, b"x").name
    except UnfitError:
        return
    assert 5 <= len(name) <= LONGEST_NAME
    assert len(name.encode()) <= 200
    assert not set(name) & set('/\\<>:"|?*\r\n\0\u202e')
    assert name.rpartition(".")[2] in attaching.ENDINGS
    assert fit(name, b"x").name == name


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"PK\x03\x04", b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", DOCX, ODT, PNG])
)
def test_whatever_the_bytes_are_it_is_fit_or_refused(content: bytes, before: bytes) -> None:
    try:
        assert fit("a", before + content).media_type in attaching.KINDS
    except UnfitError as refused:
        assert refused.sentence


@given(st.integers(0, len(DOCX) - 1), st.binary(min_size=1, max_size=8))
def test_a_document_with_any_of_its_bytes_changed_is_fit_or_refused(at: int, other: bytes) -> None:
    try:
        fit("a.docx", DOCX[:at] + other + DOCX[at + len(other) :])
    except UnfitError as refused:
        assert refused.sentence


def test_how_a_text_is_written_is_found() -> None:
    assert encoding_of("吸光度".encode()) == "utf-8"
    assert encoding_of("吸光度".encode("cp932")) == "cp932"
    assert encoding_of(b"\x00abc") == ""
    assert encoding_of(b"\xff\xff\xff") == ""


def test_a_large_document_is_judged_at_once() -> None:
    """Nothing is unpacked: five megabytes that would become five gigabytes take no time."""
    bomb = archive("[Content_Types].xml", "word/document.xml", content=b"\0" * 20_000_000)
    assert fit("a.docx", bomb).media_type.startswith(OFFICE)
    with pytest.raises(UnfitError):
        fit("a.docx", archive("[Content_Types].xml", "word/document.xml", *"abcdefghi", content=b"\0" * 20_000_000))
