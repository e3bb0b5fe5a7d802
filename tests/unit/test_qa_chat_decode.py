"""Streaming text: the pieces join to the whole, characters come whole, and nothing of a stop text gets out."""

from hypothesis import given
from hypothesis import strategies as st

from qa.chat.decode import Decoder

CUTS = st.lists(st.integers(1, 4), max_size=200)
TEXT = st.text(alphabet=st.sampled_from("abc \n北京，😊é#"), max_size=60)


def decode(ids: list[int]) -> str:
    """A byte-level tokenizer in its barest form: an id is a byte."""
    return bytes(ids).decode("utf-8", errors="replace")


def stream(text: str, cuts: list[int], stop: tuple[str, ...] = ()) -> list[str]:
    data, decoder, pieces = list(text.encode()), Decoder(decode, stop), []
    for cut in [*cuts, len(data) or 1]:
        pieces.append(decoder.feed(data[:cut]))
        data = data[cut:]
        if decoder.stopped:
            break
    return [*pieces, decoder.rest()]


@given(TEXT, CUTS)
def test_pieces_join_to_the_whole_without_broken_characters(text: str, cuts: list[int]) -> None:
    pieces = stream(text, cuts)
    assert "".join(pieces) == text
    assert all("\ufffd" not in piece for piece in pieces)


@given(TEXT, CUTS, st.lists(st.text(alphabet="abc\n北#", min_size=1, max_size=3), max_size=3))
def test_text_ends_before_the_first_stop_text(text: str, cuts: list[int], stops: list[str]) -> None:
    said = "".join(stream(text, cuts, tuple(stops)))
    assert text.startswith(said)
    assert not any(stop in said for stop in stops)
    assert said == text or any(text[len(said) :].startswith(stop) for stop in stops)


def test_what_may_become_a_stop_text_waits_until_it_is_certain() -> None:
    decoder = Decoder(decode, ("###",))
    assert decoder.feed(list(b"yes ##")) == "yes "
    assert decoder.feed(list(b" no")) == "## no"
    assert decoder.feed(list(b" #")) == " "
    assert decoder.rest() == "#"


def test_a_character_that_never_gets_whole_still_ends_the_text() -> None:
    decoder = Decoder(decode)
    assert decoder.feed([0xE5, 0x8C]) == ""
    assert decoder.rest() == "\ufffd"


def test_an_empty_stop_text_stops_nothing() -> None:
    assert "".join(stream("abc", [1], ("",))) == "abc"
