"""PDF: what its pages hold, and which of them are read as pictures."""
