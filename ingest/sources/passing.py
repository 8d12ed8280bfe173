"""What lies in folders and is no document: left behind by systems, archives, programs.

It is passed over and named as such in the report, which is no failure: a folder with a
`Thumbs.db` is in order.
"""

from pathlib import Path
from typing import Final

from ingest.sources.found import PassedReason

_SYSTEM: Final = frozenset((".ds_store", "thumbs.db", "ehthumbs.db", "desktop.ini", "icon\r"))
_ARCHIVES: Final = frozenset(
    ".zip .7z .rar .tar .gz .tgz .bz2 .tbz2 .xz .txz .zst .lz4 .lzma .z .cab .jar .war .ear .whl .egg"
    " .apk .ipa .deb .rpm .dmg .iso .vhd .vhdx .vmdk .xpi .crx".split()
)
_PROGRAMS: Final = frozenset(
    ".exe .dll .msi .sys .scr .so .dylib .o .a .lib .obj .class .pyc .pyo .pyd .wasm .ko .elf".split()
)
# Of downloads and copies that have not ended.
_UNFINISHED: Final = frozenset(".crdownload .part .partial .download .opdownload .filepart".split())
# How the contents begin; what text could begin so is asked for more (`_is_program`).
_ARCHIVE_MARKS: Final = (
    b"\x1f\x8b",
    b"7z\xbc\xaf\x27\x1c",
    b"Rar!\x1a\x07",
    b"\xfd7zXZ\x00",
    b"\x28\xb5\x2f\xfd",
    b"MSCF\x00\x00\x00\x00",
)
_PROGRAM_MARKS: Final = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"\x00asm\x01\x00\x00\x00",
    b"!<arch>\n",
)
_HEAD: Final = 4096


def reason_by_name(name: str) -> PassedReason | None:
    """Why a file of this name is no document; None when it may be one."""
    folded = name.casefold()
    if folded in _SYSTEM:
        return "system_file"
    if name.startswith("~$"):
        return "lock_file"
    stem, dot, ending = folded.rpartition(".")  # a path for each file of a tree would take longer
    suffix = dot + ending if stem else ""
    if suffix in _UNFINISHED or (suffix == ".tmp" and name.startswith("~")):
        return "lock_file"
    if suffix in _ARCHIVES:
        return "archive"
    return "program" if suffix in _PROGRAMS else None


def reason_by_content(path: Path) -> PassedReason | None:
    """Why a file, whatever its name, is no document; None when it may be one, or cannot be read."""
    try:
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except OSError:
        return None  # whoever reads it will say so
    if head.startswith(_ARCHIVE_MARKS) or head[257:262] == b"ustar":
        return "archive"
    if head.startswith(b"BZh") and head[4:10] == b"1AY&SY":
        return "archive"
    return "program" if _is_program(head) else None


def _is_program(head: bytes) -> bool:
    if head.startswith(_PROGRAM_MARKS):
        return True
    # 'MZ' alone could begin a text: Windows' programs say at 0x3c where their second head is.
    place = int.from_bytes(head[0x3C:0x40], "little")
    return head.startswith(b"MZ") and head[place : place + 4] == b"PE\x00\x00"
