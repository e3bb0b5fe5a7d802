"""Where in its file each citation stands."""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select

from storage import rows
from storage import schema as t
from storage.anchors import spot_of
from storage.database import Database
from storage.records import Citation
from storage.statements import batches


def placed(database: Database, citations: Sequence[Citation]) -> tuple[Citation, ...]:
    """The citations with the lines or cells that they stand in, where their documents are there and have such."""
    d = t.documents.c
    found = {}
    with database.reading() as connection:
        for some in batches(sorted({citation.document_id for citation in citations})):
            for row in connection.execute(select(d.id, d.text, d.anchors).where(d.id.in_(some))):
                found[row.id] = row.text, rows.anchors(row.anchors)
    return tuple(
        replace(citation, spot=spot_of(*found[citation.document_id], citation.start, citation.end))
        if citation.document_id in found
        else citation
        for citation in citations
    )
