"""The file that a document was read from, as it looks: whether it is still there, pictures of its pages, its rows."""
