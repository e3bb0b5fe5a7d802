"""What tests of readers look at in a reading."""

from ingest.clean import Reading, join


def text_of(reading: Reading) -> str:
    return join(reading.pieces).text


def headings(reading: Reading) -> list[str]:
    """The heading paths of all pieces that hold any text, each once."""
    return list(dict.fromkeys(piece.heading for piece in reading.pieces if piece.text))
