"""ZIP archives as far as their directory tells: nothing is unpacked, and a directory out of bounds is not read.

What is accepted is strict: the directory ends right before the end of the file, every byte of which is the archive's,
so that no program reads another file in it than we do. Office documents are written so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from struct import unpack

END, ENTRY, FILE = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
END_LENGTH, ENTRY_LENGTH, FILE_LENGTH = 22, 46, 30
MOST_ENTRIES = 2000
MOST_DIRECTORY = 512 * 1024  # bytes
MOST_UNPACKED = 200 * 1024 * 1024  # as the directory says
STORED, DEFLATED = 0, 8
_OTHERS = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")  # formats that are looked for anywhere in a file

_PROGRAMS = re.compile(
    r"vbaproject|vbadata|activex|oleobject|customui|macrosheets|(^|/)(basic|scripts)/"
    r"|\.(exe|dll|com|bat|cmd|scr|js|jse|vbs|vbe|ps1|hta|jar|class|sh|lnk|msi|html?)$",
    re.IGNORECASE,
)
OFFICE = "application/vnd.openxmlformats-officedocument."
_BY_PART = {
    "word/document.xml": f"{OFFICE}wordprocessingml.document",
    "xl/workbook.xml": f"{OFFICE}spreadsheetml.sheet",
    "ppt/presentation.xml": f"{OFFICE}presentationml.presentation",
}


@dataclass(frozen=True, slots=True)
class Archive:
    """What an archive is, as its directory tells: a document of a type, or none; and whether something in it runs."""

    media_type: str = ""
    has_programs: bool = False


@dataclass(frozen=True, slots=True)
class _Entry:
    """One line of the directory."""

    name: str
    method: int
    is_encrypted: bool
    packed: int
    unpacked: int
    at: int  # where in the file it begins


def holds_archive(content: bytes) -> bool:
    """True when a program for archives would find one in the file, whatever else it is."""
    return END in content[-(END_LENGTH + 0xFFFF) :] or any(one in content for one in _OTHERS)


def kind_of_archive(content: bytes) -> Archive:
    """What an archive is; anything that is not plainly an Office document is none."""
    entries = list(_entries(content))
    names = [one.name for one in entries]
    if not _is_plain(entries, content):
        return Archive()
    has_programs = any(_PROGRAMS.search(name) for name in names)
    if "[Content_Types].xml" in names:
        found = [kind for part, kind in _BY_PART.items() if part in names]
        return Archive(found[0] if len(found) == 1 else "", has_programs)
    return Archive(_open_document(content), has_programs)


def _entries(content: bytes) -> Iterator[_Entry]:
    """The lines of the directory; none when it is not where it should be, or larger than a document's."""
    end = content[-END_LENGTH:]
    if len(end) < END_LENGTH or not end.startswith(END):
        return
    disk, first_disk, here, count, size, at, comment = unpack("<HHHHIIH", end[4:])
    directory = content[at : at + size]
    if (disk, first_disk, comment) != (0, 0, 0) or here != count or count > MOST_ENTRIES or size > MOST_DIRECTORY:
        return
    if at + size != len(content) - END_LENGTH:
        return
    found, place = [], 0
    while place < len(directory):
        line = directory[place : place + ENTRY_LENGTH]
        if len(line) < ENTRY_LENGTH or not line.startswith(ENTRY):
            return
        flags, method = unpack("<HH", line[8:12])
        packed, unpacked, name, extra, said = unpack("<IIHHH", line[20:34])
        spelled = directory[place + ENTRY_LENGTH : place + ENTRY_LENGTH + name]
        text = spelled.decode("utf-8", errors="replace")
        found.append(_Entry(text, method, bool(flags & 1), packed, unpacked, unpack("<I", line[42:46])[0]))
        place += ENTRY_LENGTH + name + extra + said
    if place == len(directory) and len(found) == count:
        yield from found


def _is_plain(entries: list[_Entry], content: bytes) -> bool:
    """Every entry has bytes of its own in the file, from its very beginning, and is small enough when unpacked."""
    ordered = sorted(entries, key=lambda one: one.at)
    ends = [*(one.at for one in ordered[1:]), len(content)]
    return (
        bool(entries)
        and ordered[0].at == 0
        and len({one.name.casefold() for one in entries}) == len(entries)
        and sum(one.unpacked for one in entries) <= MOST_UNPACKED
        and all(_is_harmless(one) for one in entries)
        and all(
            content[one.at : one.at + 4] == FILE and one.at + FILE_LENGTH + one.packed <= end
            for one, end in zip(ordered, ends, strict=True)
        )
    )


def _is_harmless(one: _Entry) -> bool:
    """Packed in an ordinary way, and with a name that stays within the folder into which it is unpacked."""
    parts = one.name.replace("\\", "/").split("/")
    return one.method in (STORED, DEFLATED) and not one.is_encrypted and bool(parts[0]) and ".." not in parts


def _open_document(content: bytes) -> str:
    """The type that an OpenDocument names in its first entry, which is not packed (OpenDocument 1.3 part 2, 3.3)."""
    name, extra = unpack("<HH", content[26:30])
    method, size = unpack("<H", content[8:10])[0], unpack("<I", content[18:22])[0]
    at = FILE_LENGTH + name + extra
    if content[FILE_LENGTH : FILE_LENGTH + name] != b"mimetype" or method != STORED or size > 100:
        return ""
    return content[at : at + size].decode("ascii", errors="replace")
