"""Everything a person can mend. Each message says what happened and what to do next, in one line.

    FootnoteError
      BadSettings         a setting, option or environment variable cannot be used
      NotFound            no such document, conversation, collection or model
      UnreadableFile      a file is damaged, encrypted, empty or too costly to read
        UnsupportedFormat   no reader for this kind of file
      IndexMismatch       a collection was embedded by an embedder that is not here
      ModelUnavailable    a model is not there, does not load, or its server does not answer
        DownloadFailed      a model could not be fetched whole and right
      DatabaseUnavailable the database cannot be opened or written

Raised where the cause is known, caught only in ui/. Anything else that is raised is a bug and shows its trace.
"""


class FootnoteError(Exception):
    """Base of all errors whose message is written for the person who uses Footnote."""


class BadSettings(FootnoteError):
    """A setting, option or environment variable cannot be used."""


class NotFound(FootnoteError):
    """No such document, conversation, collection or model."""


class UnreadableFile(FootnoteError):
    """A file is damaged, encrypted, empty or too costly to read."""


class UnsupportedFormat(UnreadableFile):
    """No reader for this kind of file."""


class IndexMismatch(FootnoteError):
    """A collection was embedded by an embedder that is neither in use nor here."""


class ModelUnavailable(FootnoteError):
    """A model is not there, does not load, or its server does not answer."""


class DownloadFailed(ModelUnavailable):
    """A model could not be fetched whole and right."""


class DatabaseUnavailable(FootnoteError):
    """The database cannot be opened or written."""
