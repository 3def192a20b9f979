"""
What a file is, by its bytes and never by its name; and a name that is safe to save it under. Pure.

What is taken: pictures, PDF, office documents without macros, sound, video and plain text. A web page or a drawing with scripts in
it is plain text here, and is saved as such. Anything else is refused: programs, archives, what nobody knows.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from pathlib import PurePosixPath
from urllib.parse import quote

from conversations.events import Enclosed
from conversations.text import printable

LONGEST = 100  # characters of a name
ENTRIES = 10_000  # of an office document's archive; only its table of contents is read

# By media type the endings that a name may have; the first one is given to a name that has none of them.
ENDINGS: dict[str, tuple[str, ...]] = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/gif": (".gif",),
    "image/webp": (".webp",),
    "image/heic": (".heic",),
    "image/heif": (".heif", ".hif"),
    "image/avif": (".avif",),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/vnd.openxmlformats-officedocument.presentationml.presentation": (".pptx",),
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.oasis.opendocument.spreadsheet": (".ods",),
    "audio/ogg": (".ogg", ".oga", ".opus"),
    "audio/mpeg": (".mp3",),
    "audio/wav": (".wav",),
    "audio/mp4": (".m4a", ".m4b"),
    "video/mp4": (".mp4", ".m4a", ".m4v", ".mov"),
    "video/quicktime": (".mov",),
    "video/webm": (".webm",),
    "text/plain": (".txt", ".csv", ".log", ".md", ".json"),
}
SHOWN = frozenset({"image/png", "image/jpeg", "image/gif", "image/webp"})  # beside the words
_STARTS = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"%PDF-", "application/pdf"),
    (b"OggS", "audio/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\xff\xfb", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
# Registered at mp4ra.org; any other brand is one of MP4's many.
_BRANDS = {
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis"), "image/heic"),
    **dict.fromkeys((b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic"),
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), "audio/mp4"),
    b"qt  ": "video/quicktime",
}
_PICTURES = (b"mif1", b"msf1")
MAX_BRANDS = 256  # bytes of a file's first box that are looked at
_OFFICE = (
    ("word/", ".docx"),
    ("xl/", ".xlsx"),
    ("ppt/", ".pptx"),
)
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)  # on Windows
_UNSAFE = re.compile(r'[<>:"|?*\\/]')


def kind_of(content: bytes) -> str | None:
    """Return the media type of a file that is taken, None for any other."""
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    if content[:4] == b"RIFF":
        return {b"WEBP": "image/webp", b"WAVE": "audio/wav"}.get(content[8:12])
    if content[4:8] == b"ftyp":
        return _by_brand(content)
    if content[:4] == b"PK\x03\x04":
        return _document(content)
    return "text/plain" if _is_text(content) else None


def _by_brand(content: bytes) -> str:
    """
    Return what a file of boxes (ISO/IEC 14496-12) is by its brands: pictures, sound and video begin alike.

    Its own brand says it. `mif1` and `msf1` say no more than that there are pictures: how they are coded is among the other brands.
    """
    end = max(12, min(int.from_bytes(content[:4], "big"), MAX_BRANDS))
    own, others = content[8:12], [content[at : at + 4] for at in range(16, end, 4)]
    if own in _PICTURES:
        return next((_BRANDS[brand] for brand in others if brand in _BRANDS), "image/heif")
    return _BRANDS.get(own, "video/mp4")


def _document(content: bytes) -> str | None:
    """Return what an archive is that is an office document; its entries are not unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, ValueError, RuntimeError, OSError):
        return None  # RuntimeError: it asks for a later version of the format than is read here
    if len(names) > ENTRIES or any("vbaproject" in name.casefold() for name in names):
        return None
    if "[Content_Types].xml" in names:
        found = [ending for folder, ending in _OFFICE if any(n.startswith(folder) for n in names)]
        return _by_ending(found[0]) if len(found) == 1 else None
    start = content[:100]
    for ending, said in ((".odt", b"opendocument.text"), (".ods", b"opendocument.spreadsheet")):
        if b"mimetypeapplication/vnd.oasis." + said in start:
            return _by_ending(ending)
    return None


def _by_ending(ending: str) -> str:
    return next(kind for kind, endings in ENDINGS.items() if ending in endings)


def _is_text(content: bytes) -> bool:
    if not content.strip():
        return False
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return not any(ord(c) < 32 and c not in "\t\n\r\f" for c in text)


def safe_name(name: str, kind: str) -> str:
    """
    Return the name that a file of this type is kept and saved under.

    The last part of a path, without what turns the writing direction, what a file system refuses, and any ending but its type's.
    """
    last = re.split(r"[/\\]", printable(name))[-1]
    visible = "".join(c for c in last if unicodedata.category(c) not in {"Cc", "Cf", "Co", "Cn"})
    tidy = " ".join(_UNSAFE.sub("_", visible).split()).strip(". ")
    ending = PurePosixPath(tidy).suffix.casefold()
    stem = tidy
    if ending in ENDINGS[kind]:
        stem = tidy[: -len(ending)].rstrip(". ")
    else:
        ending = ENDINGS[kind][0]
    if not stem or _RESERVED.fullmatch(stem):
        stem = f"file {stem}".strip()
    return f"{stem[: LONGEST - len(ending)]}{ending}"


def media_type(kind: str) -> str:
    """Return the header's value of what is kept; a type that is none of ours, from an older version, says nothing."""
    if kind not in ENDINGS:
        return "application/octet-stream"
    return f"{kind}; charset=utf-8" if kind == "text/plain" else kind


def described(file: Enclosed) -> dict[str, object]:
    """Return a file as JSON has it: `url` is its address on this server."""
    url = f"/files/{file.file_id}/{quote(file.name, safe='')}"
    return {"id": file.file_id, "name": file.name, "url": url, "size": file.size, "type": file.type}
