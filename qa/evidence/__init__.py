"""Where the answer stands: the sentence marked before any word is written, and the trained evidence model."""
