"""Web pages, saved pages and books: what a person reads there, in its structure, and nothing beside it."""

import base64
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic

import pytest

from ingest.clean import Reading, join
from ingest.readers import read
from storage.errors import UnreadableFile
from tests.samples import DOCUMENTS

real = pytest.mark.skipif(not DOCUMENTS.exists(), reason="the shared documents are not here")


def page(tmp_path: Path, source: str | bytes, name: str = "page.html") -> Reading:
    path = tmp_path / name
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    return read(path)


def text_of(reading: Reading) -> str:
    return join(reading.pieces).text


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("<ul><li>a<ul><li>b<li>c</ul><li>d</ul><p>e", "- a\n  - b\n  - c\n- d\n\ne"),
        ("<ol><li>a<li>b<ul><li>c</ul><li>d</ol>", "1. a\n2. b\n  - c\n3. d"),
        ("<ol start=3 type=a><li>x<li>y<li value=9>z</ol>", "c. x\nd. y\ni. z"),
        ("<ol reversed type=I><li>x<li>y</ol>", "II. x\nI. y"),
        ("<ol><li><p>a<p>b<li>c</ol>", "1. a\n  b\n2. c"),
        ("<ul><li>a</ul><ul><li>b</ul>", "- a\n\n- b"),
        ("<ul><li></ul><p>b", "b"),
        ("<ul><li><ul><li>b</ul></ul>", "  - b"),
        ("<dl><dt>Rent<dd>400 €<dt>Deposit<dt>Bond<dd>800 €<dd>in cash</dl>",
         "Rent: 400 €\nDeposit; Bond: 800 €\nin cash"),
        ("<dl><dt>Rooms<dd><ul><li>attic<li>cellar</ul><dt>Garden</dl>", "Rooms:\n  - attic\n  - cellar\nGarden"),
        ("<blockquote><p>a<blockquote>b</blockquote></blockquote>c", "> a\n\n> > b\n\nc"),
        ("<blockquote>a<br>b<ol><li>c</ol></blockquote>", "> a\n> b\n\n> 1. c"),
        ("<figure><img alt=x><figcaption>The boiler</figcaption></figure>after", "The boiler\n\nafter"),
        ("<pre class='language-python'>if x:\n    y</pre>", "```python\nif x:\n    y\n```"),
        ("<pre><code class='lang-js'>a<br>b</code></pre>", "```js\na\nb\n```"),
        ("<div class=highlight-source-rust><pre>a ```b``` c</pre></div>", "~~~rust\na ```b``` c\n~~~"),
        ("<pre>  </pre>a", "a"),
        ("10<sup>5</sup> m<sup>2</sup>, e<sup>-1</sup>; word<sup><a href='#f'>3</a></sup> 5<sup>th</sup>",
         "10⁵ m², e⁻¹; word[3] 5th"),
        ("a<math><mi>x</mi><annotation encoding='application/x-tex'>x^2</annotation></math>b", "a x^2 b"),
        ("<ruby>漢<rp>(</rp><rt>hàn</rt><rp>)</rp>字<rt>zì</rt></ruby>", "漢字"),
        ("<p>one<br><br>two", "one\n\ntwo"),
        ("<details><summary>More</summary>hidden until opened</details>", "More\n\nhidden until opened"),
    ],
)  # fmt: skip
def test_html_keeps_its_structure(tmp_path: Path, source: str, text: str) -> None:
    assert text_of(page(tmp_path, f"<body>{source}</body>")) == text


@pytest.mark.parametrize(
    ("rows", "lines"),
    [
        ("<tr><th>Ticket<th>Price<tr><td>Day<td>6<tr><td>Year<td>", "Ticket: Day; Price: 6\nTicket: Year"),
        ("<tr><td>a<td>b<td>c<tr><td>1<td>2<td>3", "a: 1; b: 2; c: 3"),
        ("<tr><th>Name<td>Ada<tr><th>Born<td>1815<td>London", "Name: Ada\nBorn: 1815; London"),
        ("<caption>From <b>March</b></caption><tr><td>Day<td>6<tr><td>Week<td>30", "From March\nDay: 6\nWeek: 30"),
        # One cell over several rows or columns: each row can be read alone.
        ("<tr><th>Day<th>Hour<th>Class<tr><td rowspan=2>Monday<td>9<td>Yoga<tr><td>10<td>Judo",
         "Day: Monday; Hour: 9; Class: Yoga\nDay: Monday; Hour: 10; Class: Judo"),
        ("<tr><th rowspan=2>Ticket<th colspan=2>2024<tr><th>Adults<th>Children<tr><td>Day<td>6<td>3",
         "Ticket: Day; 2024 Adults: 6; 2024 Children: 3"),
        ("<tr><th>Item<th>Page<th>Author<tr><td colspan=3>PART I<tr><td>Risks<td>9<td>Ada<tr><td colspan=3>PART II"
         "<tr><td>Sales<td>12<td>Bob",
         "PART I\nItem: Risks; Page: 9; Author: Ada\nPART II\nItem: Sales; Page: 12; Author: Bob"),
        # Signs with cells of their own, as in filings, and columns that only keep a distance.
        ("<tr><th><th colspan=3>2023<tr><td>Sales<td>$<td>1,204<td><tr><td>Loss<td>$<td>(30<td>)"
         "<tr><td>Share<td><td>12<td>%",
         "Sales: 2023: $1,204\nLoss: 2023: $(30)\nShare: 2023: 12%"),
        ("<tr><th>Room<th>For<tr><td>Hall<td><ul><li>yoga<li>judo</ul>", "Room: Hall; For: yoga, judo"),
        ("<tr><td>Only one row<td>lays out", "Only one row\n\nlays out"),
    ],
)  # fmt: skip
def test_rows_of_tables_say_what_their_values_mean(tmp_path: Path, rows: str, lines: str) -> None:
    assert text_of(page(tmp_path, f"<body><table>{rows}</table></body>")) == lines


def test_tables_that_lay_out_a_page_are_no_data(tmp_path: Path) -> None:
    source = (
        "<table role=presentation><tr><td>Menu<td>Text<tr><td>x<td>y</table>"
        "<table><tr><td><h2>Left</h2>l<td>r<tr><td>m<td>n</table>"
        "<table><tr><td><table><tr><th>A<th>B<tr><td>1<td>2</table><td>s<tr><td>t<td>u</table>"
    )
    text = text_of(page(tmp_path, source))
    assert "Menu\n\nText" in text and "Left\n\nl" in text and "A: 1; B: 2" in text


SITE = """<html><head><title>Boilers | Acme</title></head><body>
<div id=cookie-banner><h2>Your privacy</h2><p>We use cookies to improve this site.</p><button>Accept</button></div>
<a class=x href=#m>Skip to main content</a>
<header><a href=/>Acme</a><div class=top-menu><ul><li><a>Home</a><li><a>Boilers</a><li><a>Pumps</a><li><a>Jobs</a></ul>
</div></header><nav>Site map</nav><ol class=breadcrumb><li><a>Home</a><li><a>All</a><li><a>Heat</a><li><a>Old</a></ol>
<main><header><h1>Boilers<a href=#boilers>#</a></h1><p>By Ada, 3 May</p></header>
<p role=note class=navigation-hint>See also: <a>Pumps</a></p><p>The B4 needs water.</p>
<aside><p>Note: switch it off first, then read <a>this</a>.</p></aside>
<table class=sidebar><tr><td><a>One</a><td><a>Two</a><tr><td><a>Three</a><td><a>Four</a></table>
<section id=cookies><h2>Cookies</h2><p>We store cookies for a year.</p></section>
<ul class=references><li><a>Manual of 1990</a><li><a>Manual of 1991</a><li><a>1992</a><li><a>1993</a></ul>
<div class="social-share"><a>Tweet</a> <a>Post</a> <a>Send</a> <a>Print</a></div></main>
<aside class=sidebar><ul><li><a>News 1</a><li><a>News 2</a><li><a>News 3</a><li><a>News 4</a></ul></aside>
<footer><p>Acme Ltd, 12 High Street, Tel. 020 7946 0000</p><p><a>Imprint</a></p></footer>
<div role=contentinfo><a>Terms</a> <a>Privacy</a> <a>Press</a> <a>Help</a></div></body></html>"""


def test_what_belongs_to_the_site_is_left_out_and_content_is_not(tmp_path: Path) -> None:
    text = text_of(page(tmp_path, SITE))
    for kept in (
        "Boilers\n", "By Ada, 3 May", "See also: Pumps", "The B4 needs water.", "Note: switch it off first",
        "One: Two", "We store cookies for a year.", "Manual of 1991", "Tel. 020 7946 0000",
    ):  # fmt: skip
        assert kept in text, kept
    for gone in ("Your privacy", "Accept", "Skip", "Jobs", "Site map", "Heat", "Tweet", "News", "Terms"):
        assert gone not in text, gone


def test_a_page_whose_menu_never_ends_is_read(tmp_path: Path) -> None:
    assert text_of(page(tmp_path, "<body><nav><a>Home</a><h1>Boilers</h1><p>The B4 needs water.")).endswith("water.")


def test_scripts_and_hidden_text_are_left_out(tmp_path: Path) -> None:
    source = (
        "<p>Seen.<script>var x = 'script'</script><template>tpl</template><noscript>no</noscript>"
        "<p style='DISPLAY : none'>gone<p hidden>gone<p aria-hidden=true>gone<dialog>gone</dialog>"
        "<select><option>gone</select><p hidden=until-found>found<svg><text>gone</text></svg>"
    )
    assert text_of(page(tmp_path, source)) == "Seen.\n\nfound"


@pytest.mark.parametrize(
    ("head", "author", "created", "tags"),
    [
        ('<meta name=author content="Ada"><meta name=keywords content="boiler, heat，暖气;boiler">'
         '<meta property="article:published_time" content="2024-05-03T10:00:00+02:00">',
         "Ada", datetime.fromisoformat("2024-05-03T10:00:00+02:00"), ("boiler", "heat", "暖气")),
        ('<meta name="DC.creator" content="Ada"><meta name="date" content="2024/5/3">', "Ada",
         datetime(2024, 5, 3, tzinfo=UTC), ()),
        ('<script type="application/ld+json">{"@graph": [{"@type": "Organization"}, {"@type": "Article", '
         '"author": [{"name": "Ada"}], "datePublished": "2024-05-03"}]}</script>', "Ada",
         datetime(2024, 5, 3, tzinfo=UTC), ()),
        ('<meta name=author content="https://example.org/ada"><meta name=date content="soon">', None, None, ()),
        ('<script type="application/ld+json">[{"author": 3}, broken</script>', None, None, ()),
    ],
)  # fmt: skip
def test_pages_say_who_wrote_them_when(
    tmp_path: Path, head: str, author: str | None, created: datetime | None, tags: tuple[str, ...]
) -> None:
    reading = page(tmp_path, f"<head>{head}</head><p>Text.")
    assert (reading.authors, reading.created, reading.tags) == ((author,) if author else (), created, tags)


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("<title> A &amp; B </title><h1>C</h1>", "A & B"),
        ('<meta property="og:title" content="Shared"><h1>C</h1>', "Shared"),
        ("<h1>Only one</h1><p>x", "Only one"),
        ("<h1>One</h1><h1>Two</h1>", "page"),
    ],
)
def test_titles_of_pages(tmp_path: Path, source: str, title: str) -> None:
    assert page(tmp_path, source).title == title


@pytest.mark.parametrize(
    "source",
    [
        "<meta charset=gbk><p>发票已经寄出，请查收附件。".encode("gbk"),
        "<meta charset=iso-8859-1><p>发票已经寄出，请查收附件。".encode(),
        '<?xml version="1.0" encoding="GB2312"?><html><body><p>发票已经寄出，请查收附件。</p></body></html>'.encode(
            "gbk"
        ),
        b'<meta http-equiv="Content-Type" content="text/html; charset=big5">'
        + "<p>發票已經寄出，請查收附件。".encode("big5"),
    ],
)
def test_pages_in_other_encodings(tmp_path: Path, source: bytes) -> None:
    assert text_of(page(tmp_path, source)) in ("发票已经寄出，请查收附件。", "發票已經寄出，請查收附件。")


def test_xhtml_may_close_its_elements_at_once(tmp_path: Path) -> None:
    source = '<?xml version="1.0"?><html><head><title/><script src="x.js"/></head><body><p/>Text<br/>more</body></html>'
    assert text_of(page(tmp_path, source, "page.xhtml")) == "Text\nmore"


def test_hostile_pages_are_read_at_once(tmp_path: Path) -> None:
    started = monotonic()
    for source in (
        "<div class=menu>" * 4000 + "end",
        "<sup>" * 20_000 + "end",
        "<blockquote>" * 4000 + "end",
        "<table><tr><td>" * 4000 + "end",
        "<table>" + "<tr><td colspan=100>x<td rowspan=1000>end" * 400,
        "<p " + "a=b " * 100_000 + ">end",
        '<?xml version="1.0"?>' + "<a <" * 100_000 + ">end",
    ):
        assert "end" in text_of(page(tmp_path, source))
    assert monotonic() - started < 10


@real
def test_the_traditional_chinese_page_loses_nothing() -> None:
    reading = read(DOCUMENTS / "中文繁體字的基本排版體裁.html")
    text = text_of(reading)
    assert "1. 完成尺寸與裝訂邊" in text and "4. 頁眉與頁數位置" in text
    assert text.endswith("而目錄頁有時天地側會對文字進行縮排。")
    assert len("".join(text.split())) >= 980


@real
def test_the_encyclopaedia_keeps_its_article_and_loses_its_menus() -> None:
    reading = read(DOCUMENTS / "wikipedia_microsoft.html")
    text = text_of(reading)
    assert len(text) > 70_000
    for kept in (
        "Number of employees: 221,000 (2023)", "Main article: History of Microsoft", "2. Steve Ballmer (2000–2014)",
        "Bill Gates' flower fly", "Key people: Satya Nadella (Chairman & CEO), Brad Smith",
        "Microsoft companies grouped at OpenCorporates",
    ):  # fmt: skip
        assert kept in text, kept
    for gone in ("Afrikaans", "Jump to content", "Cookie statement", "Articles with LCCN identifiers", "[edit]"):
        assert gone not in text, gone
    assert "Microsoft > History > 1972–1985: Founding" in {piece.heading for piece in reading.pieces}


@real
def test_the_filing_keeps_its_tables() -> None:
    text = text_of(read(DOCUMENTS / "example-10k-1p.html"))
    assert "Title of each class; Trading symbol; Name of exchange on which registered" in text
    assert "PART I\nItem 1.; Business; 4\n" in text


WEB_ARCHIVE = b"""From: <Saved by Blink>
Snapshot-Content-Location: https://example.org/boilers
Subject: =?utf-8?Q?Boilers_=E2=80=93_Acme?=
Date: Fri, 1 Mar 2024 10:00:00 -0000
MIME-Version: 1.0
Content-Type: multipart/related; type="text/html"; boundary="----b"

------b
Content-Type: text/html
Content-Transfer-Encoding: quoted-printable
Content-Location: https://example.org/boilers

<html><body><nav>Menu</nav><h1>B4</h1><h2>Water</h2><p>It needs w=C3=A4ter.</p></body></html>
------b
Content-Type: text/css
Content-Transfer-Encoding: quoted-printable

p { color: red }
------b
Content-Type: text/html
Content-Transfer-Encoding: base64

%s
------b--
""" % base64.b64encode(b"<p>An advertisement in a frame")


def test_web_archives_hold_the_page_they_were_saved_for(tmp_path: Path) -> None:
    reading = page(tmp_path, WEB_ARCHIVE, "page.mhtml")
    assert text_of(reading) == "B4\n\nWater\n\nIt needs wäter."
    assert [piece.heading for piece in reading.pieces] == ["", "Water"]
    assert (reading.title, reading.created) == ("B4", datetime(2024, 3, 1, 10, tzinfo=UTC))


@pytest.mark.parametrize(
    ("source", "text"),
    [
        (b"<html><body><p>A plain page", "A plain page"),
        (b"Content-Type: text/html\n\n<p>One part only", "One part only"),
        (WEB_ARCHIVE.replace(b"<h1>B4</h1><h2>Water</h2><p>It needs w=C3=A4ter.</p>", b""),
         "Menu"),
    ],
)  # fmt: skip
def test_odd_web_archives(tmp_path: Path, source: bytes, text: str) -> None:
    assert text in text_of(page(tmp_path, source, "page.mht"))


def test_a_web_archive_without_a_page_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="holds no web page"):
        page(tmp_path, b"Subject: x\nContent-Type: image/png\n\nabc", "page.mht")


CONTAINER = (
    '<container xmlns="urn:oasis:names:tc:opendocument:xmlns:container"><rootfiles>'
    '<rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>'
)
PACKAGE = """<package xmlns="http://www.idpf.org/2007/opf" xmlns:dc="http://purl.org/dc/elements/1.1/"><metadata>
<dc:title>The Boiler</dc:title><dc:creator>Ada Lovelace</dc:creator><dc:creator>王芳</dc:creator>
<dc:date>1843</dc:date><dc:subject>Heating</dc:subject><dc:subject>Engines</dc:subject></metadata>
<manifest>%s</manifest><spine toc="ncx">%s</spine></package>"""


def book(path: Path, chapters: dict[str, str], **others: str) -> Path:
    """A book with these files in this order; `others` are more files, with "_" for the last dot of their names."""
    items = "".join(
        f'<item id="i{n}" href="{name}" media-type="application/xhtml+xml"/>' for n, name in enumerate(chapters)
    )
    items += '<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/>'
    items += '<item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>'
    spine = '<itemref idref="nav"/>' + "".join(f'<itemref idref="i{n}"/>' for n in range(len(chapters)))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("mimetype", "application/epub+zip", zipfile.ZIP_STORED)
        archive.writestr("META-INF/container.xml", CONTAINER)
        archive.writestr("OEBPS/book.opf", PACKAGE % (items, spine))
        for name, body in chapters.items():
            archive.writestr(
                f"OEBPS/{name}", f'<?xml version="1.0"?><html><head><title/></head><body>{body}</body></html>'
            )
        for name, content in others.items():
            archive.writestr("".join(name.rsplit("_", 1)[:1]) + "." + name.rsplit("_", 1)[1], content)
    return path


NAV = '<?xml version="1.0"?><html><body><nav epub:type="toc"><ol>%s</ol></nav></body></html>'


def headings(reading: Reading) -> list[str]:
    return list(dict.fromkeys(piece.heading for piece in reading.pieces if piece.text))


def test_books_have_chapters_and_say_who_wrote_them(tmp_path: Path) -> None:
    nav = NAV % (
        '<li><a href="part%201.xhtml">Part One</a><ol><li><a href="c1.xhtml">Fire</a></li><li><a href="c2.xhtml">Water'
        '</a></li></ol></li><li><a href="end.xhtml">Afterword</a></li>'
    )
    chapters = {
        "part 1.xhtml": "<h1>Part One</h1>",
        "c1.xhtml": "<h1>Fire</h1><p>It burns.</p><h2>Smoke</h2><p>It rises.</p>",
        "c2.xhtml": "<p>It flows.</p>",
        "c2b.xhtml": "<p>It freezes.</p>",
        "end.xhtml": "<h3>Afterword</h3><p>Thanks.</p>",
    }
    reading = read(book(tmp_path / "b.epub", chapters, **{"OEBPS/nav_xhtml": nav}))
    assert (reading.title, reading.authors, reading.tags) == (
        "The Boiler",
        ("Ada Lovelace", "王芳"),
        ("Heating", "Engines"),
    )
    assert (reading.created, reading.pages) == (datetime(1843, 1, 1, tzinfo=UTC), None)
    assert headings(reading) == [
        "Part One", "Part One > Fire", "Part One > Fire > Smoke", "Part One > Water", "Afterword",
    ]  # fmt: skip
    assert text_of(reading) == (
        "Part One\n\nFire\n\nIt burns.\n\nSmoke\n\nIt rises.\n\nIt flows.\n\nIt freezes.\n\nAfterword\n\nThanks."
    )


def test_older_books_name_places_within_files(tmp_path: Path) -> None:
    point = '<navPoint><navLabel><text>%s</text></navLabel><content src="all.xhtml%s"/>%s</navPoint>'
    inner = point % ("Smoke", "#s", "")
    points = point % ("Fire", "#f", inner) + point % ("Water", "#w", "")
    ncx = f'<ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>{points}</navMap></ncx>'
    body = '<p id="f">It burns.</p><p><a id="s"/>It rises.</p><p><span><a name="w"></a></span>It flows.</p>'
    reading = read(book(tmp_path / "b.epub", {"all.xhtml": body}, **{"OEBPS/toc_ncx": ncx}))
    assert headings(reading) == ["Fire", "Fire > Smoke", "Water"]
    assert "Water\n\nIt flows." in text_of(reading)


def test_books_without_a_table_of_contents(tmp_path: Path) -> None:
    reading = read(book(tmp_path / "b.epub", {"a.xhtml": "<h2>Fire</h2><p>It burns.</p>", "b.xhtml": "<p>On.</p>"}))
    assert headings(reading) == ["Fire"]


def test_protected_books_say_so(tmp_path: Path) -> None:
    sealed = (
        '<encryption xmlns:enc="http://www.w3.org/2001/04/xmlenc#"><enc:EncryptedData>'
        '<enc:EncryptionMethod Algorithm="%s"/></enc:EncryptedData></encryption>'
    )
    chapters = {"a.xhtml": "<p>Text.</p>"}
    fonts = sealed % "http://www.idpf.org/2008/embedding"
    assert text_of(read(book(tmp_path / "a.epub", chapters, **{"META-INF/encryption_xml": fonts}))) == "Text."
    locked = sealed % "http://www.w3.org/2001/04/xmlenc#aes128-cbc"
    with pytest.raises(UnreadableFile, match=r"protected against copying \(DRM\)"):
        read(book(tmp_path / "b.epub", chapters, **{"META-INF/encryption_xml": locked}))


def test_books_open_no_entities_and_no_other_files(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("top secret")
    entities = "".join(f'<!ENTITY {chr(n + 1)} "{f"&{chr(n)};" * 10}">' for n in range(ord("a"), ord("j")))
    bomb = f'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">{entities}<!ENTITY f SYSTEM "file://{secret}">]>'
    ncx = f"{bomb}<ncx><navMap><navPoint><navLabel><text>&j;&f;</text></navLabel>"
    ncx += '<content src="a.xhtml"/></navPoint></navMap></ncx>'
    chapters = {"a.xhtml": "<p>Text.</p>", f"../../../../../..{secret}": ""}
    reading = read(book(tmp_path / "b.epub", chapters, **{"OEBPS/toc_ncx": ncx}))
    assert "secret" not in text_of(reading) and "Text." in text_of(reading)
    assert all(len(piece.heading) < 200 for piece in reading.pieces)


def test_a_damaged_chapter_is_named_and_the_rest_read(tmp_path: Path) -> None:
    path = book(tmp_path / "b.epub", {"a.xhtml": "<p>First words.</p>", "b.xhtml": "<p>" + "Other words. " * 50})
    data = bytearray(path.read_bytes())
    at = data.index(b"OEBPS/b.xhtml") + 40
    data[at : at + 10] = bytes(10)
    path.write_bytes(data)
    text = text_of(read(path))
    assert text.startswith("First words.") and text.endswith("Not read: OEBPS/b.xhtml (is cut off or damaged)")


@pytest.mark.parametrize("members", [{"META-INF/container.xml": "<container/>"}, {"META-INF/container.xml": CONTAINER}])
def test_books_without_a_package_say_so(tmp_path: Path, members: dict[str, str]) -> None:
    path = tmp_path / "b.epub"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/epub+zip")
        for name, content in members.items():
            archive.writestr(name, content)
    with pytest.raises(UnreadableFile, match="damaged or no book"):
        read(path)


@real
def test_a_real_book() -> None:
    reading = read(DOCUMENTS / "purvis_poetry.epub")
    assert (reading.title, reading.authors) == ("Poetry", ("Sarah Louisa Forten Purvis",))
    assert reading.created == datetime(2023, 12, 6, 20, 52, 11, tzinfo=UTC)
    assert "Antislavery movements" in reading.tags
    assert headings(reading)[2:4] == ["The Grave of the Slave", "The Slave Girl’s Address to Her Mother"]
    assert "He is safe in his last home, he feels not the storm." in text_of(reading)
