"""How well questions are answered, on a person's own questions too: asking is the caller's, counting is here."""
