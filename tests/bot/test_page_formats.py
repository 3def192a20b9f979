"""Documents of every format as Markdown, and what is said of those that are none."""

from __future__ import annotations

import sys
import time

import pytest

from bot.pages.bench import Bench
from bot.pages.document import MAX_CHARACTERS, Unreadable
from bot.pages.formats import of_media, of_name, read
from retrieval.passages import MAX_PASSAGE, cut
from tests.bot import papers

RETURNS = """<!doctype html><html><head><title>Returns - Help</title><style>p { color: red }</style></head>
<body><nav><a href="/">Home</a></nav><header>Free shipping</header>
<div class="site-menu">Shop</div>
<main><h1>Returns</h1><p>Send it  back<br>within <b>30</b> days.</p><script>steal()</script>
<h2>How</h2><ol><li>Pack it</li><li>Label it<ul><li>on top</li></ul></li></ol>
<table><tr><th>To</th><th>Price</th></tr><tr><td>Norway</td><td><p>5 | 6</p></td></tr></table>
<details><summary>And shoes?</summary><p>The same.</p></details>
<div hidden style="display:none">Folded answer.</div><noscript>Turn it on</noscript></main>
<footer>Imprint</footer></body></html>"""


def page(kind: str, data: bytes | str, name: str = "Some file", charset: str = "") -> str:
    raw = data.encode() if isinstance(data, str) else data
    return read(kind, raw, name, charset).markdown


def test_html_keeps_headings_lists_and_tables_and_nothing_from_around_the_text() -> None:
    assert page("html", RETURNS) == (
        "# Returns\n\nSend it back\nwithin 30 days.\n\n## How\n\n"
        "1. Pack it\n2. Label it\n  - on top\n\n"
        "| To | Price |\n|---|---|\n| Norway | 5 / 6 |\n\n"
        "#### And shoes?\n\nThe same.\n\nFolded answer.\n"
    )


def test_html_without_one_first_heading_is_called_like_its_window() -> None:
    shown = page("html", "<title>Help</title><h1>One</h1>a<h1>Two</h1>b")
    assert shown == "# Help\n\n## One\n\na\n\n## Two\n\nb\n"
    assert page("html", "<p>Just text.</p>") == "# Some file\n\nJust text.\n"


@pytest.mark.parametrize(
    ("markup", "shown"),
    [
        (
            "<ul><li><h3>Q?</h3><p>A.</p></li><li><h3>R?</h3><p>B.</p></li></ul>",
            "### Q?\n\nA.\n\n### R?\n\nB.",
        ),
        ("<h3><button aria-expanded='false'>Q?</button></h3><div hidden>A.</div>", "### Q?\n\nA."),
        (
            "<button aria-controls='a'>Q?</button><div id='a'>A.</div><button>Send</button>",
            "#### Q?\n\nA.",
        ),
        ("<dl><dt>Q?</dt><dd>A.</dd></dl>", "#### Q?\n\nA."),
        ("<ul><li>one<!-- c --> two <script>x</script>three</li></ul>", "- one two three"),
        ("<p>one<!-- c --> two<br/>three</p>four", "one two\nthree\n\nfour"),
    ],
)
def test_questions_that_unfold_keep_their_answers(markup: str, shown: str) -> None:
    assert page("html", f"<body>{markup}</body>") == f"# Some file\n\n{shown}\n"


def test_what_is_around_an_article_is_left_out_and_what_is_in_it_stays() -> None:
    shown = page(
        "html",
        "<body><header>Shop</header><div class='layout with-sidebar'><div class='sidebar'>Links</div>"
        "<article><header><p>In short: thirty days.</p></header><p>Send it back, all of it, whenever.</p></article>"
        "<form><p>Everything stands in a form here, as old servers make it, and is the text.</p></form></div>"
        "<form>Search</form><div id='site-footer'>Imprint</div></body>",
    )
    assert shown == "# Some file\n\nIn short: thirty days.\n\nSend it back, all of it, whenever.\n"
    wrapped = (
        "<form><div class='page-menu'>Home</div><h1>T</h1><p>Text in a form.</p></form><p>x</p>"
    )
    assert page("html", wrapped) == "# T\n\nText in a form.\n\nx\n"


def test_a_table_that_only_lays_things_out_is_read_as_text() -> None:
    laid_out = "<table><tr><td><h2>Left</h2>one</td><td><ul><li>two</ul></td></tr></table>"
    assert page("html", laid_out) == "# Some file\n\n## Left\n\none\n\n- two\n"


@pytest.mark.parametrize(
    "hostile",
    [
        "<div>" * 200 + "deep" + "</div>" * 200,
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]><p>deep &x;</p>',
        "<p>deep<svg><script>alert(1)</script></svg><iframe srcdoc='<p>inner'></iframe>",
        "<p onclick='alert(1)'>deep<!-- hidden --><style>@import 'x'</style>",
    ],
)
def test_hostile_html_comes_to_its_text(hostile: str) -> None:
    shown = page("html", hostile)
    assert "deep" in shown
    assert not any(word in shown for word in ("alert", "import", "hidden", "inner"))


def test_html_in_another_encoding_says_so_itself_or_its_server_does() -> None:
    latin = "<p>Caf\xe9</p>".encode("latin-1")
    assert "Café" in page("html", b"<meta charset='iso-8859-1'>" + latin)
    assert "Café" in page("html", latin, charset="latin-1")
    with pytest.raises(Unreadable, match=r"^line 1: byte 7 is not UTF-8; save it as UTF-8$"):
        page("html", latin)
    with pytest.raises(Unreadable, match=r"names the encoding 'klingon'"):
        page("html", latin, charset="klingon")


def test_word_keeps_headings_lists_and_tables() -> None:
    data = papers.word(
        ("Heading 1", "Sizes"),
        ("Normal", "Measure twice."),
        ("List Bullet", "chest"),
        ("List Bullet", "waist"),
        ("Heading 2", "Shoes"),
        ("Normal", "Stand up."),
        title="Size guide",
        rows=[["EU", "UK"], ["40", "6.5"]],
    )
    assert page("docx", data) == (
        "# Sizes\n\nMeasure twice.\n\n- chest\n- waist\n\n## Shoes\n\nStand up.\n\n"
        "| EU | UK |\n|---|---|\n| 40 | 6.5 |\n"
    )


def test_words_title_stands_above_all_headings() -> None:
    data = papers.word(("Title", "Guide"), ("Heading 1", "A"), ("Normal", "a"), ("Heading 1", "B"))
    assert page("docx", data) == "# Guide\n\n## A\n\na\n\n## B\n"
    assert page("docx", papers.word(("Normal", "a"), title="Said")) == "# Said\n\na\n"


def test_pdf_lines_become_paragraphs_under_the_headings_of_the_outline() -> None:
    data = papers.pdf(
        ["Care of wool", "", "Wool likes cold water and a gentle hand, so wash it in a bowl with a", "little soap."],
        ["1. Drying", "Dry it flat and away from the sun, never on a radia-", "tor.", "\u2022 in summer", "\u2022 in winter"],
        title="Wool",
        outline=[("Care of wool", 0), ("Drying", 1), ("Storing", 1)],
    )  # fmt: skip
    assert page("pdf", data) == (
        "# Wool\n\n## Care of wool\n\n"
        "Wool likes cold water and a gentle hand, so wash it in a bowl with a little soap.\n\n"
        "## Storing\n\n## Drying\n\nDry it flat and away from the sun, never on a radiator.\n\n"
        "- in summer\n\n- in winter\n"
    )


def test_what_stands_on_every_page_of_a_pdf_is_no_text() -> None:
    sheets = [["Puddle & Pine", f"Chapter {word} is here.", f"{n} of 3"]
              for n, word in enumerate(("one", "two", "three"), start=1)]  # fmt: skip
    shown = page("pdf", papers.pdf(*sheets, title="Microsoft Word - final.docx"))
    assert (
        shown == "# Some file\n\nChapter one is here. Chapter two is here. Chapter three is here.\n"
    )


def test_csv_is_a_page_with_a_heading_a_row() -> None:
    rows = 'id,Question,Answer\n1,"Open on\nSunday?",No.\n,,\n2,Shoes?,"Yes, all."\n'
    expected = "# Some file\n\n## Open on Sunday?\n\nNo.\n\n## Shoes?\n\nYes, all.\n"
    assert page("csv", rows) == expected
    assert page("csv", "\ufefftitle;text\nA;b, c\n") == "# Some file\n\n## A\n\nb, c\n"


def test_text_is_called_by_a_first_line_for_itself() -> None:
    assert page("txt", "Opening hours\n\nNine to five.\n") == "# Opening hours\n\nNine to five.\n"
    assert (
        page("txt", "Nine to five.\n\nOr later.") == "# Some file\n\nNine to five.\n\nOr later.\n"
    )
    assert page("txt", "Hours\r\n\r\n9-5\x00".encode("utf-16")) == "# Hours\n\n9-5\n"


def test_markdown_stays_as_it_is() -> None:
    body = "# Wool\n\nCold `<b>`, 1 < 2, <https://a.example>.\n\n# Silk\n\n```\n<script>shown()</script>\n```\n"
    assert page("md", body) == body
    fields = read("md", b"---\ntitle: Wool\nurl: https://a.example/w\n---\nCold.\n", "x")
    assert (fields.title, fields.markdown, fields.url) == (
        "Wool", "# Wool\n\nCold.\n", "https://a.example/w")  # fmt: skip


def test_what_people_ask_stays_in_markdown_and_is_no_raw_html() -> None:
    body = "# Wool\n\n## Washing\n<!-- asked:\ncan it go in the machine?\n-->\nCold.\n"
    taken = read("md", body.encode(), "x")
    assert (taken.markdown, taken.note) == (body, "")
    hidden = "Cold.\n<!-- asked: <script>steal()</script> -->\n<!-- other -->"
    assert page("md", hidden) == "# Some file\n\nCold.\n<!-- asked: <script>steal()</script> -->\n"


RAW = [
    ("Hi <script>steal()</script>there.", "Hi there."),
    ("<script>\n\nsteal()\n\n```\n</script>\n\nHi.", "Hi."),
    ("<SCRIPT src=x>steal()\n\nHi.", "Hi."),
    ("<scr<script>x</script>ipt>steal()</scr<b>ipt>Hi.", "Hi."),
    ("One<br>two <b onclick='x()'>bold</b><!-- hidden --> end.", "One\ntwo bold end."),
    ("<div>\n<p>Text</p>\n</div>\n\n<img src=x onerror=x()>", "Text"),
    ("<style>p {}</style>\n\nSee `<b>`.", "See `<b>`."),
]


@pytest.mark.parametrize(("raw", "shown"), RAW)
def test_raw_html_in_markdown_is_taken_out_as_it_is_of_html_and_a_note_says_so(
    raw: str, shown: str
) -> None:
    taken = read("md", f"# Wool\n\n{raw}\n".encode(), "x")
    assert taken.markdown == f"# Wool\n\n{shown}\n"
    assert taken.note == "raw HTML in it was taken out, scripts with all that they hold"


def outcome(kind: str, data: bytes) -> str:
    try:
        return page(kind, data)
    except Unreadable as refused:
        return str(refused)


def test_a_word_file_with_one_byte_changed_is_read_or_said_to_be_damaged() -> None:
    whole = papers.word(("Normal", "Measure twice."))
    for at in range(0, len(whole), len(whole) // 12):
        damaged = whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :]
        assert outcome("docx", damaged).startswith(("# Some file\n", "it is no Word file (.docx)"))


SCANNED = papers.pdf([], [])
WRONG = [
    ("pdf", b"<html>no</html>", "it is no PDF, whatever its name says"),
    ("pdf", b"%PDF-1.7\ngarbage", "it is a damaged PDF (PdfStreamError); save it anew"),
    ("pdf", papers.encrypted(papers.pdf(["secret"]), "word"), "it is encrypted; save it without a password"),
    ("pdf", SCANNED, "there is no text on its pages: it is scanned; run text recognition (OCR) on it"),
    ("docx", b"no zip", "it is no Word file (.docx), or it is damaged"),
    ("docx", b"\xd0\xcf\x11\xe0 old", "it is encrypted or an old .doc; save it as .docx without a password"),
    ("docx", papers.bomb(1), "it is no Word file (.docx), or it is damaged"),
    ("docx", papers.bomb(200), "it unpacks to 200 MB, more than a document needs; save its text alone"),
    ("docx", papers.word(), "it holds no text"),
    ("csv", b"", "it has no header; the header must be title,text or question,answer"),
    ("csv", b"question,reply\na,b\n", "there is no column 'answer', only question, reply; "
     "the header must be title,text or question,answer"),
    ("csv", b"title,text\na,b\nc,\n", "line 3: there is a title, but no text"),
    ("csv", b"title,text\n", "it holds no rows below its header"),
    ("txt", b"fine\ncaf\xe9", "line 2: byte 4 is not UTF-8; save it as UTF-8"),
    ("txt", b"\x00\x01", "it holds no text"),
    ("md", b"---\ntitle: Empty\n---\n", "it holds no text"),
    ("html", b"<script>run()</script>", "it holds no text"),
    ("txt", b"word " * (MAX_CHARACTERS // 4),
     "it holds 1,249,999 characters of text, more than 1,000,000: split it"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "data", "why"), WRONG, ids=[f"{k}: {w[:40]}" for k, _, w in WRONG]
)
def test_what_cannot_be_taken_says_why(kind: str, data: bytes, why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read(kind, data, "Some file")
    assert str(refused.value) == why


def test_a_pdf_behind_an_empty_password_is_read() -> None:
    assert "open" in page("pdf", papers.encrypted(papers.pdf(["open"]), ""))


def test_passages_of_an_imported_page_fit_a_chat_bubble() -> None:
    data = papers.pdf(
        *[["Wool is washed cold, by hand, and never wrung out, whoever says so."] * 40] * 2
    )
    lengths = [len(passage.text) for passage in cut("wool", page("pdf", data))]
    assert len(lengths) > 8
    assert max(lengths) <= MAX_PASSAGE


def test_a_format_is_known_by_name_and_by_what_a_server_says() -> None:
    assert [of_name(n) for n in ("a.PDF", "b.htm", "c.doc", "d", "e.md")] == [
        "pdf",
        "html",
        "",
        "",
        "md",
    ]
    assert of_media("text/html", "/a.pdf") == "html"
    assert of_media("text/plain", "/a.md") == "md"
    assert of_media("application/octet-stream", "/a.docx") == "docx"
    with pytest.raises(Unreadable, match="the server calls it 'image/png'; known are md, txt"):
        of_media("image/png", "/a")


def test_a_format_whose_library_is_not_installed_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "pypdf", None)
    monkeypatch.delitem(sys.modules, "bot.pages.pdf", raising=False)
    with pytest.raises(
        Unreadable, match=r"^pdf needs an extra; .* pip install 'frontdesk\[import\]'$"
    ):
        read("pdf", SCANNED, "x")


def test_documents_are_read_in_a_process_that_outlives_bad_ones() -> None:
    with Bench() as bench:
        assert bench.read("txt", b"One\n\ntwo", "x").markdown == "# One\n\ntwo\n"
        with pytest.raises(Unreadable, match="no PDF"):
            bench.read("pdf", b"no", "x")
        assert bench.read("html", RETURNS.encode(), "x").title == "Returns"


def test_a_document_that_takes_too_long_is_given_up_and_the_next_one_is_read() -> None:
    slow = ("<p>" + "<b>x</b> " * 50) * 4_000
    with Bench(seconds=0.5) as bench:
        begun = time.monotonic()
        with pytest.raises(
            Unreadable, match=r"^reading it takes longer than 0\.5 seconds; split it$"
        ):
            bench.read("html", slow.encode() * 4, "x")
        assert time.monotonic() - begun < 5
    with Bench() as bench:
        assert bench.read("txt", b"Next.", "x").markdown == "# x\n\nNext.\n"


def test_a_document_that_takes_too_much_memory_is_given_up_and_the_next_one_is_read() -> None:
    with Bench(memory=128 << 20) as bench:
        for size in (60, 200):  # while it is read, and before it is all there
            with pytest.raises(Unreadable, match=r"^reading it takes more memory than it may$"):
                bench.read("txt", b"x" * (size << 20), "x")
            assert bench.read("txt", b"Next.", "x").title == "x"
