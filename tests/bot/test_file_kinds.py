"""What files are taken for, by their bytes, and what they are called afterwards."""

from __future__ import annotations

import io
import unicodedata
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.file_kinds import ENDINGS, LONGEST, SHOWN, kind_of, media_type, safe_name

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20


def archive(*names: str, first: bytes = b"") -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as file:
        if first:
            file.writestr("mimetype", first)
        for name in names:
            file.writestr(name, "x")
    return made.getvalue()


def boxed(own: str, *others: str) -> bytes:
    """The first box of a file as cameras and encoders write it, and the beginning of the next."""
    brands = own.encode() + b"\0\0\0\0" + "".join(others).encode()
    return (8 + len(brands)).to_bytes(4, "big") + b"ftyp" + brands + b"\0\0\x01\xb0meta"


TYPES = "[Content_Types].xml"
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KNOWN = [
    (PNG, "image/png"),
    (b"\xff\xd8\xff\xe0", "image/jpeg"),
    (b"GIF89a...", "image/gif"),
    (b"RIFF\0\0\0\0WEBPVP8 ", "image/webp"),
    (b"RIFF\0\0\0\0WAVEfmt ", "audio/wav"),
    (b"%PDF-1.7 ...", "application/pdf"),
    (b"\0\0\0\x18ftypmp42", "video/mp4"),
    (boxed("isom", "isom", "iso2", "avc1", "mp41"), "video/mp4"),  # ffmpeg
    (boxed("mp42", "isom", "mp42"), "video/mp4"),  # Android's camera
    (boxed("qt  ", "qt  "), "video/quicktime"),  # an iPhone's camera
    (boxed("M4A ", "M4A ", "mp42", "isom"), "audio/mp4"),  # a voice memo
    (
        boxed("heic", "mif1", "MiHE", "MiPr", "miaf", "MiHB", "heic"),
        "image/heic",
    ),  # an iPhone's photo
    (boxed("mif1", "mif1", "heic", "hevc"), "image/heic"),  # libheif and many phones
    (boxed("msf1", "msf1", "hevc", "mif1"), "image/heic"),  # a burst of photos
    (boxed("mif1", "mif1", "miaf"), "image/heif"),
    (boxed("mif1", "mif1", "avif", "miaf"), "image/avif"),
    (boxed("avif", "avif", "mif1", "miaf", "MA1B"), "image/avif"),  # libavif
    (b"OggS\0", "audio/ogg"),
    ("Grüße, 你好\n".encode(), "text/plain"),
    (b"<svg onload=alert(1)>", "text/plain"),
    (b"<!doctype html><script>alert(1)</script>", "text/plain"),
    (archive(TYPES, "word/document.xml"), WORD),
    (
        archive("content.xml", first=b"application/vnd.oasis.opendocument.text"),
        "application/vnd.oasis.opendocument.text",
    ),
]
REFUSED = [
    b"",
    b"   ",
    b"MZ\x90\0\x03",
    b"\x7fELF\x02",
    b"\xca\xfe\xba\xbe",
    b"\x1f\x8b\x08\0",
    b"RIFF\0\0\0\0AVI ",
    b"PK\x03\x04 cut short",
    "text in UTF-16".encode("utf-16"),
    b"text with \0 in it",
    archive("setup.exe"),
    archive(TYPES, "word/document.xml", "xl/workbook.xml"),
    archive(TYPES, "word/document.xml", "word/vbaProject.bin"),
]


@pytest.mark.parametrize(("content", "kind"), KNOWN)
def test_a_file_is_what_its_bytes_say(content: bytes, kind: str) -> None:
    assert kind_of(content) == kind
    assert kind in ENDINGS


@pytest.mark.parametrize("content", REFUSED)
def test_programs_archives_and_unknown_bytes_are_refused(content: bytes) -> None:
    assert kind_of(content) is None


def test_what_an_older_version_kept_as_anything_is_given_as_bytes() -> None:
    assert media_type("image/png\r\nSet-Cookie: a=b") == "application/octet-stream"
    assert media_type("text/html") == "application/octet-stream"
    assert media_type("image/png") == "image/png"


@pytest.mark.parametrize(
    ("name", "content", "kept"),
    [
        ("IMG_1.HEIC", boxed("heic", "mif1", "heic"), "IMG_1.heic"),
        ("IMG_1.jpg", boxed("heic", "mif1", "heic"), "IMG_1.jpg.heic"),
        ("memo.m4a", boxed("M4A ", "mp42"), "memo.m4a"),
        ("memo.m4a", boxed("mp42", "isom"), "memo.m4a"),  # some recorders name no brand of sound
        ("film.mov", boxed("qt  ", "qt  "), "film.mov"),
        ("film", boxed("isom", "mp41"), "film.mp4"),
    ],
)
def test_pictures_sound_and_video_of_one_container_are_told_apart(
    name: str, content: bytes, kept: str
) -> None:
    kind = kind_of(content)
    assert kind
    assert safe_name(name, kind) == kept


def test_a_first_box_that_lies_about_its_size_is_read_no_further_than_it_is() -> None:
    assert kind_of(b"\xff\xff\xff\xffftypmif1") == "image/heif"
    assert kind_of(b"\0\0\0\0ftypmif1\0\0\0\0heic") == "image/heif"
    assert kind_of(b"\0\0\0\x08ftyp") == "video/mp4"


def test_what_is_shown_beside_words_runs_nothing() -> None:
    assert {kind.partition("/")[0] for kind in SHOWN} == {"image"}
    assert "image/svg+xml" not in ENDINGS


@given(st.binary(max_size=200))
def test_any_bytes_are_a_kind_or_refused(content: bytes) -> None:
    assert kind_of(content) in {None, *ENDINGS}


@pytest.mark.parametrize(
    ("name", "kind", "safe"),
    [
        ("photo.PNG", "image/png", "photo.png"),
        ("photo.png.exe", "image/png", "photo.png.exe.png"),
        ("page.html", "text/plain", "page.html.txt"),
        ("drawing.svg", "text/plain", "drawing.svg.txt"),
        ("../../etc/passwd", "text/plain", "passwd.txt"),
        ("C:\\Users\\ada\\invoice.pdf", "application/pdf", "invoice.pdf"),
        ("gpj.\u202eexe.pdf", "application/pdf", "gpj.exe.pdf"),
        ("a\r\nSet-Cookie: x.pdf", "application/pdf", "aSet-Cookie_ x.pdf"),
        ("", "image/png", "file.png"),
        (".png", "image/png", "png.png"),
        ("...", "image/png", "file.png"),
        ("con.txt", "text/plain", "file con.txt"),
        ("账单.pdf", "application/pdf", "账单.pdf"),
    ],
)
def test_a_name_becomes_safe(name: str, kind: str, safe: str) -> None:
    assert safe_name(name, kind) == safe


@given(st.text(max_size=300), st.sampled_from(sorted(ENDINGS)))
def test_any_name_is_safe_to_save_under(name: str, kind: str) -> None:
    safe = safe_name(name, kind)
    assert 0 < len(safe) <= LONGEST
    assert safe.endswith(ENDINGS[kind])
    assert not safe.startswith(".")
    assert not set(safe) & set('<>:"|?*\\/\n\r\t')
    assert not {unicodedata.category(c) for c in safe} & {"Cc", "Cf", "Cs"}
    assert safe_name(safe, kind) == safe
