"""Mails and mailboxes: who wrote what to whom when, what was attached, and nothing that a mail should not do."""

import struct
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from email.message import EmailMessage
from io import BytesIO
from pathlib import Path
from time import monotonic

import pytest

from ingest.clean import Reading
from ingest.readers import read
from ingest.readers.archives import enclosed
from ingest.readers.mails import lzfu
from ingest.readers.mails.wrapped import unwrapped
from storage.errors import UnreadableFile
from tests.samples import DOCUMENTS
from tests.unit import compound
from tests.unit.reading import headings, text_of


def letter(subject: str = "Order 4711", body: str = "The boiler arrives on Monday.\n") -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = subject
    message["From"] = "Ada Lovelace <ada@example.org>"
    message["To"] = "Bob <bob@example.org>, 王芳 <wang@example.org>"
    message["Date"] = "Fri, 23 Dec 2022 12:08:48 -0600"
    message.set_content(body)
    return message


def kept(tmp_path: Path, data: bytes | EmailMessage, name: str = "a.eml") -> Reading:
    path = tmp_path / name
    path.write_bytes(data if isinstance(data, bytes) else bytes(data))
    return read(path)


def test_mail_says_who_wrote_to_whom_when_and_what(tmp_path: Path) -> None:
    reading = kept(tmp_path, letter())
    assert text_of(reading) == (
        "Subject: Order 4711\nFrom: Ada Lovelace <ada@example.org>\n"
        "To: Bob <bob@example.org>, 王芳 <wang@example.org>\n"
        "Date: 2022-12-23 12:08 -0600 (Friday, 23 December 2022)\n\nThe boiler arrives on Monday."
    )
    assert (reading.title, reading.authors, reading.pages) == ("Order 4711", ("Ada Lovelace",), None)
    assert reading.created == datetime(2022, 12, 23, 12, 8, 48, tzinfo=timezone(timedelta(hours=-6)))


def test_attachments_are_read_by_their_own_readers(tmp_path: Path) -> None:
    message = letter()
    message.add_attachment("Room,Price\nAttic,40\n", subtype="csv", filename="../../etc/prices.csv")
    message.add_attachment("# Rules\n\n## Quiet hours\n\nFrom 22:00.\n", subtype="markdown", filename="规定.md")
    message.add_attachment(b"\x00\x01", maintype="video", subtype="mp4", filename="tour.mp4")
    reading = kept(tmp_path, message)
    assert headings(reading) == [
        "", "Attachment: prices.csv", "Attachment: 规定.md", "Attachment: 规定.md > Quiet hours",
    ]  # fmt: skip
    assert all(piece.spot is None for piece in reading.pieces), "places in an attachment are none of the mail's"
    text = text_of(reading)
    assert "Attachments: prices.csv, 规定.md, tour.mp4" in text
    assert "Room: Attic; Price: 40" in text
    assert text.endswith("Not read: tour.mp4 (has a format that cannot be read)")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.eml"]


def test_html_is_read_where_there_is_no_plain_text_or_only_a_stub(tmp_path: Path) -> None:
    page = "<h1>Autumn prices</h1><table><tr><th>Room<th>Price<tr><td>Attic<td>40</table><p>" + "Book early. " * 30
    message = letter(body="Your program cannot show this mail.")
    message.add_alternative(page, subtype="html")
    reading = kept(tmp_path, message)
    assert "Room: Attic; Price: 40" in text_of(reading) and "cannot show" not in text_of(reading)
    assert "Autumn prices" in headings(reading)
    message = letter(body="The whole of it in plain text. " * 30)
    message.add_alternative(page, subtype="html")
    assert "Attic" not in text_of(kept(tmp_path, message))


def test_pictures_within_a_page_are_passed_over(tmp_path: Path) -> None:
    message = letter()
    message.clear_content()
    message.set_content("<p>See <img src='cid:logo'> below.</p>", subtype="html")
    message.add_related(b"\x89PNG", "image", "png", cid="<logo>", filename="logo.png")
    assert "logo" not in text_of(kept(tmp_path, message))


def test_quotes_and_signatures_stay_and_broken_lines_are_joined(tmp_path: Path) -> None:
    body = (
        "We agree to the price that you named in your letter of the third of May,\n"
        "and ask you to send the boiler.\n\n"
        "> Would you take the boiler for nine hundred euros, delivery and montage\n"
        "> included?\n\n-- \nAda Lovelace\nHead of Engines\n"
    )
    assert text_of(kept(tmp_path, letter(body=body))).endswith(
        "We agree to the price that you named in your letter of the third of May, and ask you to send the boiler.\n\n"
        "> Would you take the boiler for nine hundred euros, delivery and montage included?\n\n"
        "--\nAda Lovelace\nHead of Engines"
    )


@pytest.mark.parametrize(
    ("text", "flowed", "joined"),
    [
        ("soft \nwrapped\nnext", True, "soft wrapped\nnext"),
        (" >no quote", True, ">no quote"),
        ("one\ntwo", False, "one\ntwo"),  # short lines were broken by hand
        ("Total: 12 euros for the whole of the summer and the autumn of the year\nVAT: 2 euros", False, None),
        ("这个房间的租金是每个月四百元，含水电费和网络费，不含停车费，押金是两个月\n的租金。", False,
         "这个房间的租金是每个月四百元，含水电费和网络费，不含停车费，押金是两个月的租金。"),
        (">> a\n> b\nc", False, ">> a\n> b\nc"),
    ],
)  # fmt: skip
def test_only_lines_that_were_full_are_joined(text: str, flowed: bool, joined: str | None) -> None:
    assert unwrapped(text, flowed) == (text if joined is None else joined)


def test_of_several_forms_one_is_read_and_all_that_is_attached(tmp_path: Path) -> None:
    page = "<p>" + "Dear Bob, we take it. " * 5
    parts = (
        f"--i\nContent-Type: text/html\n\n{page}\n--i\nContent-Type: text/csv; name=t.csv\n"
        "Content-Disposition: attachment\n\na,b\n1,2\n--i--\n"
    )
    head = "Subject: x\nFrom: a@b.org\nContent-Type: multipart/alternative; boundary=o\n\n--o\n"
    inner = f"Content-Type: multipart/mixed; boundary=i\n\n{parts}--o--\n"
    both = f"{head}Content-Type: text/plain\n\n{'Dear Bob, we take it. ' * 5}\n--o\n{inner}"
    for message in (both, head + inner, both.replace("multipart/mixed", "multipart/related")):
        text = text_of(kept(tmp_path, message.encode()))
        assert text.count("Dear Bob") == 5 and "a: 1; b: 2" in text


def test_names_of_attachments_are_told_however_they_are_written(tmp_path: Path) -> None:
    head = "Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n"
    for line, name in (
        ("Content-Disposition: attachment; filename*=utf-8''%E5%8F%91%E7%A5%A8.csv", "发票.csv"),
        ('Content-Disposition: attachment; filename="=?gb2312?B?t6LGsS5jc3Y=?="', "发票.csv"),
        ('Content-Disposition: attachment; filename="发票.csv"', "发票.csv"),
        ('Content-Disposition: attachment; filename="C:\\\\My Papers\\\\发票"', "发票.csv"),
        ("Content-Disposition: attachment", "unnamed.csv"),
    ):
        message = f"{head}Content-Type: text/csv\n{line}\n\na,b\n1,2\n--b--\n".encode("gb18030")
        assert headings(kept(tmp_path, message))[-1] == f"Attachment: {name}", line


def test_mails_within_mails_are_read_below_their_subjects(tmp_path: Path) -> None:
    inner = letter("Old offer", "It cost 900 euros.\n")
    inner.add_attachment("a,b\n1,2\n", subtype="csv", filename="t.csv")
    outer = letter("Fwd: offer")
    outer.add_attachment(inner)
    reading = kept(tmp_path, outer)
    assert headings(reading) == ["", "Attachment: Old offer", "Attachment: Old offer > Attachment: t.csv"]
    assert "It cost 900 euros." in text_of(reading)


def test_mails_nested_without_end_are_cut_short(tmp_path: Path) -> None:
    message = letter("innermost")
    for number in range(12):
        outer = letter(f"level {number}")
        outer.add_attachment(message)
        message = outer
    text = text_of(kept(tmp_path, message))
    assert "Subject: level 11" in text and "Subject: innermost" not in text
    assert "lies too deep in other files" in text


@pytest.mark.parametrize(
    ("charset", "declared", "words"),
    [
        ("gb18030", "gb2312", "发票镕基已经寄出，请查收。"),
        ("big5", "big5", "發票已經寄出，請查收附件。"),
        ("gb18030", "utf-8", "发票已经寄出，请查收附件。我们会在本周内处理这个问题。"),
        ("utf-8", "iso-8859-1", "Grüße aus Köln"),
        ("cp1252", "us-ascii", "Grüße aus Köln – 5 €"),
        ("latin1", "iso-8859-1", "\u00a1This is one foreign sign."),
        ("gb18030", "iso-8859-1", "发票已经寄出，请查收附件。"),
        ("iso2022_jp", "iso-2022-jp", "請求書"),
        ("gbk", "gb2312", "模"),  # its two bytes are UTF-8, too
        ("utf-8", "gbk", "发票"),
        ("utf-16-le", "utf-16le", "Wide words"),
        ("utf-8", "x-unknown", "发票"),
        ("utf-8", "punycode", "发票"),
    ],
)
def test_bodies_are_decoded_whatever_their_charset_says(
    tmp_path: Path, charset: str, declared: str, words: str
) -> None:
    head = f"Subject: x\nFrom: a@b.org\nContent-Type: text/plain; charset={declared}\n\n"
    assert text_of(kept(tmp_path, head.encode() + words.encode(charset))).endswith(words)


@pytest.mark.parametrize(
    ("raw", "subject"),
    [
        (b"=?UTF-8?B?5Y+R56Wo?= 2024", "发票 2024"),
        (b"=?gb2312?B?t6LGsQ==?=", "发票"),
        (b"=?utf-8?Q?Caf=C3?= =?utf-8?Q?=A9_bill?=", "Café bill"),  # a character cut in two
        (b"=?utf-8*en?q?two?=\r\n =?utf-8?q?_words?=", "two words"),
        ("发票".encode("gb18030") + " 已经寄出的账单".encode("gb18030"), "发票 已经寄出的账单"),
        ("Grüße".encode(), "Grüße"),
        (b"=?utf-8?B?!!!?= rest", "rest"),
        (b"=?nonsense?q?plain?=", "plain"),
    ],
)
def test_subjects_are_decoded(tmp_path: Path, raw: bytes, subject: str) -> None:
    assert kept(tmp_path, b"Subject: " + raw + b"\r\nFrom: a@b.org\r\n\r\nbody\r\n").title == subject


@pytest.mark.parametrize(
    ("sender", "author"),
    [
        ('"Lovelace, Ada" <ada@example.org>', "Lovelace, Ada"),
        ("=?utf-8?B?546L6Iqz?= <wang@example.org>", "王芳"),
        ("ada@example.org (Ada Lovelace)", "Ada Lovelace"),
        ("ada@example.org", "ada@example.org"),
        ("<ada@example.org>", "ada@example.org"),
        ("((((" * 5000 + "<a@b>", "((("),
    ],
)
def test_the_author_is_the_sender(tmp_path: Path, sender: str, author: str) -> None:
    reading = kept(tmp_path, f"Subject: x\nFrom: {sender}\n\nbody\n".encode())
    assert reading.authors[0].startswith(author)


def test_dates_that_are_none_stay_as_they_are(tmp_path: Path) -> None:
    reading = kept(tmp_path, b"Subject: x\nDate: the day after\n\nbody\n")
    assert reading.created is None and "Date: the day after" in text_of(reading)


def test_hundreds_of_recipients_are_counted(tmp_path: Path) -> None:
    people = ", ".join(f"person{n}@example.org" for n in range(600))
    text = text_of(kept(tmp_path, f"Subject: x\nTo: {people}\n\nbody\n".encode()))
    assert "person1@example.org" in text and len(text) < 2000
    assert text.split("\n")[1].endswith(" more")


@pytest.mark.parametrize(
    "message",
    [
        b'From: a@b.org\nContent-Type: multipart/encrypted; boundary=x; protocol="application/pgp-encrypted"\n\n--x\n'
        b"Content-Type: application/octet-stream\n\n-----BEGIN PGP MESSAGE-----\n--x--\n",
        b"From: a@b.org\nContent-Type: application/pkcs7-mime; smime-type=enveloped-data; name=smime.p7m\n\nMIAG\n",
        b"From: a@b.org\n\n-----BEGIN PGP MESSAGE-----\n\nhIwDY32hYGCE8MkBA\n",
    ],
)
def test_encrypted_mails_say_so(tmp_path: Path, message: bytes) -> None:
    with pytest.raises(UnreadableFile, match="is encrypted: open it in your mail program"):
        kept(tmp_path, message)


def test_signed_mails_are_read_without_the_signature(tmp_path: Path) -> None:
    message = (
        b"Subject: x\nFrom: a@b.org\nContent-Type: multipart/signed; boundary=x\n\n--x\nContent-Type: text/plain\n\n"
        b"Signed words.\n--x\nContent-Type: application/pgp-signature; name=signature.asc\n\nabc\n--x--\n"
    )
    text = text_of(kept(tmp_path, message))
    assert text.endswith("Signed words.") and "signature" not in text


def test_an_invitation_says_what_when_and_where(tmp_path: Path) -> None:
    message = letter()
    message.add_alternative(
        "BEGIN:VCALENDAR\r\nSUMMARY:Boiler\\, part 2\r\nDTSTART;TZID=Europe/Berlin:20240301T100000\r\n"
        "LOCATION:Cel\r\n lar\r\nEND:VCALENDAR\r\n",
        subtype="calendar",
    )
    text = text_of(kept(tmp_path, message))
    assert "Event: Boiler, part 2\nStart: 20240301T100000\nPlace: Cellar" in text and "VCALENDAR" not in text


def test_reports_on_delivery_are_text(tmp_path: Path) -> None:
    message = (
        b"Subject: Undelivered\nFrom: daemon@b.org\nContent-Type: multipart/report; boundary=x\n\n--x\n"
        b"Content-Type: text/plain\n\nYour mail could not be delivered.\n--x\nContent-Type: message/delivery-status\n\n"
        b"Reporting-MTA: dns; b.org\n\nFinal-Recipient: rfc822; c@d.org\nStatus: 5.1.1\n--x--\n"
    )
    assert "Final-Recipient: rfc822; c@d.org\nStatus: 5.1.1" in text_of(kept(tmp_path, message))


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (b"Subject: x\nContent-Type: multipart/mixed\n\nNo boundary at all.\n", "No boundary at all."),
        (b"Subject: x\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\nCut off", "Cut off"),
        (b"Subject: x\nContent-Type: nonsense\n\nStill text.\n", "Still text."),
        (b"Subject: x\nContent-Transfer-Encoding: base64\n\nU3RpbGw=!!", "Still"),
        (b"\r\n\r\nSubject: late\n\nAfter blank lines.", "After blank lines."),
        (b"No header, only words.\n", "No header, only words."),
    ],
)
def test_malformed_mails_are_read_as_far_as_they_go(tmp_path: Path, message: bytes, words: str) -> None:
    assert words in text_of(kept(tmp_path, message))


@pytest.mark.parametrize("message", [b"   \n\n  \n", b"\n", b"X-Empty: yes\n\n"])
def test_empty_mails_hold_no_text(tmp_path: Path, message: bytes) -> None:
    with pytest.raises(UnreadableFile, match="holds no text"):
        kept(tmp_path, message)


def test_attachments_stop_at_a_total_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(enclosed, "_MOST_BYTES", 5000)
    message = letter()
    for name in ("small.txt", "large.txt", "last.txt"):
        message.add_attachment("word " * (10 if name == "small.txt" else 2000), filename=name)
    text = text_of(kept(tmp_path, message))
    assert "word word" in text and "large.txt (was left out, there is more than" in text


def test_hostile_mails_are_read_at_once(tmp_path: Path) -> None:
    started = monotonic()
    words = b"=?utf-8?q?a?= " * 20_000
    parts = b"--b\nContent-Type: text/plain; name=a.txt\nContent-Disposition: attachment\n\nhello\n" * 300
    head = b"Subject: " + words + b"\nTo: " + b'<("a@' * 20_000 + b"\nContent-Type: multipart/mixed; boundary=b\n\n"
    assert "hello" in text_of(kept(tmp_path, head + parts))
    assert text_of(kept(tmp_path, b"Subject: s\n\n" + b">" * 100_000 + b"\n" + b"> > " * 50_000))
    with pytest.raises(UnreadableFile, match="is damaged"):
        kept(tmp_path, b"Subject: s\n" + b"Content-Type: message/rfc822\n\n" * 3000 + b"hello\n")
    assert monotonic() - started < 10


def mailbox(*messages: EmailMessage | bytes) -> bytes:
    return b"".join(b"From ada@example.org Mon Jan  1 00:00:00 2024\n" + bytes(each) + b"\n" for each in messages)


def test_a_mailbox_has_a_page_for_each_message(tmp_path: Path) -> None:
    second = letter("Re: Order", "From Monday on it is yours.\n")
    second.add_attachment("a,b\n1,2\n", subtype="csv", filename="t.csv")
    box = mailbox(letter("Order"), bytes(second).replace(b"\nFrom Monday", b"\n>From Monday"), letter("Third"))
    reading = kept(tmp_path, box, "Inbox.mbox")
    assert (reading.title, reading.pages, reading.authors) == ("Inbox", 3, ())
    assert list(dict.fromkeys((piece.page, piece.heading) for piece in reading.pieces if piece.text)) == [
        (1, "Order"), (2, "Re: Order"), (2, "Re: Order > Attachment: t.csv"), (3, "Third"),
    ]  # fmt: skip
    text = text_of(reading)
    assert "\nFrom Monday on it is yours." in text
    assert text.count("Date: 2022-12-23 12:08 -0600") == 3


def test_words_that_begin_with_from_are_no_new_message(tmp_path: Path) -> None:
    box = b"From - \nSubject: a\n\nwords\n\nFrom now on: all\nis well.\n\nFrom \nX-Mozilla-Keys: \nSubject: b\n\nx\n"
    assert kept(tmp_path, box, "a.mbox").pages == 2


def test_an_encrypted_or_hostile_message_leaves_the_others(tmp_path: Path) -> None:
    sealed = b"Subject: sealed\nFrom: a@b.org\n\n-----BEGIN PGP MESSAGE-----\nabc\n"
    deep = b"Subject: deep\n" + b"Content-Type: message/rfc822\n\n" * 3000 + b"hello\n"
    reading = kept(tmp_path, mailbox(sealed, deep, letter("Last")), "a.mbox")
    text = text_of(reading)
    assert reading.pages == 3
    assert "Subject: sealed\nFrom: a@b.org\n\n(This message is encrypted.)" in text
    assert "(This message is nested too deep to be read.)" in text and "Subject: Last" in text


def test_a_file_that_is_no_mailbox_says_so(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="is no mailbox"):
        kept(tmp_path, b"Subject: x\n\nbody\n", "a.mbox")


def test_what_is_left_out_of_a_huge_message_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ingest.readers.mails.mbox._MOST_BYTES", 500)
    text = text_of(kept(tmp_path, mailbox(letter("Huge", "all of it\n" * 200), letter("Small")), "a.mbox"))
    assert text.count("(The rest of this message is left out: it is too large.)") == 1
    assert text.index("is left out") < text.index("Subject: Small")


def test_a_large_mailbox_comes_mail_by_mail_and_tells_how_far_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ingest.readers.mails.mbox._LARGE", 1000)
    path = tmp_path / "a.mbox"
    path.write_bytes(mailbox(*[letter(f"Order {n}") for n in range(20)]))
    signs: list[tuple[int, int]] = []
    pieces = iter(read(path, lambda done, total: signs.append((done, total))).pieces)
    next(pieces)
    assert signs[-1][0] < 3 and signs[-1][1] == 20
    list(pieces)
    assert signs[-1] == (19, 20)


def wide(text: str) -> bytes:
    return text.encode("utf-16-le")


def properties(head: int, **values: int) -> bytes:
    """A list of properties with values of eight bytes, by their tags in hexadecimal."""
    return bytes(head) + b"".join(struct.pack("<IIQ", int(tag, 16), 6, value) for tag, value in values.items())


def recipient(name: str, address: str, kind: int) -> compound.Tree:
    return {
        "__properties_version1.0": properties(8, **{"0C150003": kind}),
        "__substg1.0_3001001F": wide(name),
        "__substg1.0_39FE001F": wide(address),
    }


def attachment(name: str, data: "bytes | compound.Tree") -> compound.Tree:
    embedded = not isinstance(data, bytes)
    return {
        "__properties_version1.0": properties(8, **{"37050003": 5 if embedded else 1}),
        "__substg1.0_3707001F": wide(name),
        "__substg1.0_3701000D" if embedded else "__substg1.0_37010102": data,
    }


def outlook(head: int = 32, **extra: "bytes | compound.Tree") -> compound.Tree:
    sent = int((datetime(2026, 5, 20, 10, 30, tzinfo=UTC) - datetime(1601, 1, 1, tzinfo=UTC)).total_seconds() * 10**7)
    return {
        "__properties_version1.0": properties(head, **{"00390040": sent, "3FFD0003": 936}),
        "__substg1.0_001A001F": wide("IPM.Note"),
        "__substg1.0_0037001F": wide("发票 4711"),
        "__substg1.0_0C1A001F": wide("Ada"),
        "__substg1.0_0C1F001F": wide("ada@example.org"),
        "__recip_version1.0_#00000000": recipient("Bob", "bob@example.org", 1),
        "__recip_version1.0_#00000001": recipient("王芳", "/o=Org/cn=wang", 2),
        **extra,
    }


def saved(tmp_path: Path, **extra: "bytes | compound.Tree") -> Reading:
    path = tmp_path / "a.msg"
    compound.write(path, outlook(**extra))
    return read(path)


def test_outlook_mail_reads_like_any_other(tmp_path: Path) -> None:
    reading = saved(tmp_path, **{"__substg1.0_1000001F": wide("The boiler arrives.\r\n")})
    assert text_of(reading) == (
        "Subject: 发票 4711\nFrom: Ada <ada@example.org>\nTo: Bob <bob@example.org>\nCc: 王芳\n"
        "Date: 2026-05-20 10:30 (Wednesday, 20 May 2026)\n\nThe boiler arrives."
    )
    assert (reading.title, reading.authors) == ("发票 4711", ("Ada",))
    assert reading.created == datetime(2026, 5, 20, 10, 30, tzinfo=UTC)


def test_outlook_text_in_a_code_page_html_and_rtf(tmp_path: Path) -> None:
    assert "请查收附件。" in text_of(saved(tmp_path, **{"__substg1.0_1000001E": "请查收附件。".encode("gbk")}))
    page = b"<html><meta charset=utf-8><table><tr><th>Room<th>Price<tr><td>Attic<td>40</table></html>"
    assert "Room: Attic; Price: 40" in text_of(saved(tmp_path, **{"__substg1.0_10130102": page}))
    rtf = b"{\\rtf1\\ansi hello world}"
    packed = struct.pack("<IIII", len(rtf) + 12, len(rtf), 0x414C454D, 0) + rtf
    assert text_of(saved(tmp_path, **{"__substg1.0_10090102": packed})).endswith("hello world")


def test_outlook_attachments_and_mails_within(tmp_path: Path) -> None:
    inner = outlook(24, **{"__substg1.0_0037001F": wide("Old offer"), "__substg1.0_1000001F": wide("900 euros")})
    reading = saved(
        tmp_path,
        **{
            "__attach_version1.0_#00000000": attachment("prices.csv", b"Room,Price\nAttic,40\n"),
            "__attach_version1.0_#00000001": attachment("offer", inner),
            "__attach_version1.0_#00000002": attachment("film.mp4", b"\0\1"),
        },
    )
    assert headings(reading) == ["", "Attachment: prices.csv", "Attachment: Old offer"]
    text = text_of(reading)
    assert "Room: Attic; Price: 40" in text and "900 euros" in text
    assert "Not read: film.mp4 (has a format that cannot be read)" in text


@pytest.mark.parametrize(
    "extra",
    [
        {"__substg1.0_001A001F": wide("IPM.Note.SMIME")},
        {"__substg1.0_1000001F": wide("-----BEGIN PGP MESSAGE-----\r\nabc")},
        {"__attach_version1.0_#00000000": attachment("message.rpmsg", b"x")},
    ],
)
def test_encrypted_outlook_mails_say_so(tmp_path: Path, extra: dict[str, "bytes | compound.Tree"]) -> None:
    with pytest.raises(UnreadableFile, match="is encrypted: open it in your mail program"):
        saved(tmp_path, **extra)


def test_a_signed_outlook_mail_holds_an_internet_message(tmp_path: Path) -> None:
    signed = b"Content-Type: multipart/signed; boundary=x\n\n--x\nContent-Type: text/plain\n\nSigned words.\n--x--\n"
    reading = saved(
        tmp_path,
        **{
            "__substg1.0_001A001F": wide("IPM.Note.SMIME.MultipartSigned"),
            "__attach_version1.0_#00000000": attachment("smime.p7m", signed),
        },
    )
    assert reading.title == "发票 4711" and text_of(reading).endswith("Signed words.")


def test_compressed_rtf_is_unpacked_as_its_specification_shows() -> None:
    packed = bytes.fromhex(
        "2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0"
    )
    assert lzfu.unpacked(packed) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    crossing = bytes.fromhex("1a0000001c0000004c5a4675e2d44b51410004205758595a0d6e7d010eb0")
    assert lzfu.unpacked(crossing) == b"{\\rtf1 WXYZWXYZWXYZWXYZWXYZ}"
    assert lzfu.unpacked(packed[:-6]).startswith(b"{\\rtf1")
    for damaged in (b"", packed[:10], b"\0" * 30):
        with pytest.raises(UnreadableFile, match="damaged"):
            lzfu.unpacked(damaged)


def test_a_mail_may_carry_an_archive_with_mails(tmp_path: Path) -> None:
    archive = BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("inner.eml", bytes(letter("Innermost")))
    message = letter("Outer")
    message.add_attachment(archive.getvalue(), maintype="application", subtype="zip", filename="mails.zip")
    assert "Attachment: mails.zip > inner.eml" in headings(kept(tmp_path, message))


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the shared documents are not here")
@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("email_with_attachment.eml", "Hey this is a fake attachment!"),
        ("mime-different-plain-html.eml", "sent by Ray Tomlinson in 1971"),
        ("msg_with_attachment.msg", "It contains some dummy content."),
        ("broken/malformed_encoding.eml", "Violets are blue"),
        ("broken/no_body.eml", "Image Only Email"),
    ],
)
def test_real_mails(name: str, words: str) -> None:
    assert words in text_of(read(DOCUMENTS / name))
