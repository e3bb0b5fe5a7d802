"""The drawer beside the page in which a document is read, with a quote marked."""
