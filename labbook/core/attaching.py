"""What may be attached: a file's kind is found from its bytes, and its name is made harmless. Nothing is unpacked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from .archives import OFFICE, holds_archive, kind_of_archive
from .language import N_, on_one_line

LONGEST_NAME = 120  # characters
LONGEST_NAME_BYTES = 200  # in UTF-8: file systems take 255, and whoever saves it may prefix something
READ_AS_TEXT = 1024  # of its beginning, in which a web page or a script shows what it is


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of file that is accepted."""

    media_type: str
    endings: tuple[str, ...]  # the first is given to a name without one


@dataclass(frozen=True, slots=True)
class Fit:
    """A file that may be kept, under this name."""

    name: str
    media_type: str


class UnfitError(Exception):
    """A file that is not accepted; `sentence` says why, to be translated where it is shown."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


EMPTY = N_("The file is empty.")
TOO_LARGE = N_("It is larger than a file may be here.")
PROGRAM = N_("Programs and scripts are not accepted.")
WEB_PAGE = N_("Web pages and SVG drawings are not accepted. Save it as PDF or PNG.")
MACROS = N_("It holds macros or embedded programs. Save it without them.")
ARCHIVE = N_(
    "Archives are not accepted, only Office documents as their programs save them. Attach the files one by one."
)
TWOFOLD = N_("It is two kinds of file in one. Save it anew with the program that made it.")
UNKNOWN = N_("This kind of file is not accepted. Attach PDF, PNG, JPEG, GIF, text, CSV, or an Office document.")
OTHER_ENDING = N_("Its name ends otherwise than what is in it. Name it by what it is.")
TWO_ENDINGS = N_("Its name has two endings. Leave only the last one.")

_OPEN = "application/vnd.oasis.opendocument."
PDF = Kind("application/pdf", ("pdf",))
PNG = Kind("image/png", ("png",))
JPEG = Kind("image/jpeg", ("jpg", "jpeg"))
GIF = Kind("image/gif", ("gif",))
TEXT = Kind("text/plain", ("txt", "md", "log"))
CSV = Kind("text/csv", ("csv", "tsv"))
KINDS = {
    **{one.media_type: one for one in (PDF, PNG, JPEG, GIF, TEXT, CSV)},
    **{
        one.media_type: one
        for one in (
            Kind(f"{OFFICE}wordprocessingml.document", ("docx",)),
            Kind(f"{OFFICE}spreadsheetml.sheet", ("xlsx",)),
            Kind(f"{OFFICE}presentationml.presentation", ("pptx",)),
            Kind(f"{_OPEN}text", ("odt",)),
            Kind(f"{_OPEN}spreadsheet", ("ods",)),
            Kind(f"{_OPEN}presentation", ("odp",)),
        )
    },
}
ENDINGS = {ending: kind for kind in KINDS.values() for ending in kind.endings}
# What a system might run when it is opened, and what may hold it; never an inner part of a name either.
_WEB = frozenset(("htm", "html", "mht", "mhtml", "shtml", "svg", "svgz", "xht", "xhtml", "xml", "xsl"))
_WITH_MACROS = frozenset(("docm", "dotm", "potm", "ppam", "ppsm", "pptm", "xlam", "xlsb", "xlsm", "xltm"))
_ARCHIVES = frozenset(("7z", "bz2", "cab", "gz", "rar", "tar", "tgz", "xz", "zip"))
_RUN = """
    app apk asp aspx bat bin cgi cmd com cpl deb dll dmg elf exe gadget hta iso jar js jse jsp lnk msc msi msp ocx phar
    php phtml pif pl ps1 psm1 py rb reg rpm scr sh sys url vbe vbs wasm ws wsf wsh
"""
_REFUSED = {
    **dict.fromkeys(_RUN.split(), PROGRAM),
    **dict.fromkeys(_WEB, WEB_PAGE),
    **dict.fromkeys(_WITH_MACROS, MACROS),
    **dict.fromkeys(_ARCHIVES, ARCHIVE),
}
_MACHINE_CODE = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe")
_PROGRAM_STARTS = (*_MACHINE_CODE, b"#!", b"\xef\xbb\xbf#!")
_ARCHIVE_STARTS = (b"PK", b"Rar!", b"7z\xbc\xaf", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"MSCF")
_MARKUP = re.compile(rb"<\s*(!doctype|html|head|body|script|svg|iframe|\?xml|\?php)", re.IGNORECASE)
_NO_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f\uf8f0-\uf8f3]")  # the last are what no byte of Shift_JIS is


def fit(claimed_name: str, content: bytes) -> Fit:
    """How a file is kept: its harmless name and its kind, as its bytes say. Raises UnfitError."""
    if not content:
        raise UnfitError(EMPTY)
    name = cleaned_name(claimed_name)
    stem, ending = _split(name)
    if {part.lower() for part in stem.split(".")[1:]} & (_REFUSED.keys() | ENDINGS.keys()):
        raise UnfitError(TWO_ENDINGS)
    if ending in _REFUSED:
        raise UnfitError(_REFUSED[ending])
    kind = _kind_of(content, ending)
    if ending and ending not in kind.endings:
        raise UnfitError(OTHER_ENDING)
    stem = _cut(stem, kind)
    return Fit(f"{stem}.{ending or kind.endings[0]}", kind.media_type)


def cleaned_name(claimed: str) -> str:
    """A file's name without folders, controls, marks that turn the direction of writing, and what file systems refuse.

    Nothing may be left of it.
    """
    last = re.split(r"[/\\]", claimed)[-1]
    plain = re.sub(r'[<>:"|?*]', "", on_one_line(last))
    return plain.strip(" .")


def _split(name: str) -> tuple[str, str]:
    """The name without its ending, and the ending, in small letters; a name that is all ending has no stem."""
    stem, dot, ending = name.rpartition(".")
    return (stem.strip(" ."), ending.lower()) if dot else (name, "")


_RESERVED = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def _cut(stem: str, kind: Kind) -> str:
    """A stem that fits with any ending of its kind, and that no system takes for a device."""
    stem = f"_{stem}" if _RESERVED.match(stem) else stem or "file"
    room = max(map(len, kind.endings)) + 1
    short = stem[: LONGEST_NAME - room].encode()[: LONGEST_NAME_BYTES - room]
    return short.decode(errors="ignore").strip(" .")


def _kind_of(content: bytes, ending: str) -> Kind:
    """The kind that the bytes say; of text, which says nothing, what the ending says. Raises UnfitError."""
    for kind, is_it in _BY_SHAPE:
        if is_it(content):
            if holds_archive(content):
                raise UnfitError(TWOFOLD)
            return kind
    if content.startswith(b"PK\x03\x04"):
        return KINDS[_document(content)]
    if content.startswith(_PROGRAM_STARTS):
        raise UnfitError(PROGRAM)
    if content.startswith(_ARCHIVE_STARTS):
        raise UnfitError(ARCHIVE)
    if _MARKUP.search(content[:READ_AS_TEXT]):
        raise UnfitError(WEB_PAGE)
    if encoding_of(content):
        return CSV if ending in CSV.endings else TEXT
    raise UnfitError(UNKNOWN)


def _document(content: bytes) -> str:
    """The media type of an Office document, from the directory of its archive. Raises UnfitError."""
    found = kind_of_archive(content)
    if found.has_programs:
        raise UnfitError(MACROS)
    if found.media_type not in KINDS:
        raise UnfitError(ARCHIVE)
    return found.media_type


def _png(content: bytes) -> bool:
    """Its chunks follow each other to the end, and nothing comes after."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return False
    at = 8
    while at + 12 <= len(content):
        length, name = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8]
        at += 12 + length
        if name == b"IEND":
            return at == len(content)
    return False


_BY_SHAPE: Iterable[tuple[Kind, Callable[[bytes], bool]]] = (
    (PDF, lambda it: it.startswith((b"%PDF-1.", b"%PDF-2.")) and b"%%EOF" in it[-2048:]),
    (PNG, _png),
    (JPEG, lambda it: it.startswith(b"\xff\xd8\xff") and b"\xff\xd9" in it),  # phones append to their pictures
    (GIF, lambda it: it.startswith((b"GIF87a", b"GIF89a")) and it.endswith(b"\x3b")),
)


def encoding_of(content: bytes) -> str:
    """How a text is written, as laboratories write them: UTF-8, or Shift_JIS as Japanese spreadsheets save CSV.

    Empty for what is no text.
    """
    for encoding in ("utf-8", "cp932"):
        try:
            return encoding if not _NO_TEXT.search(content.decode(encoding)) else ""
        except UnicodeDecodeError:
            continue
    return ""
