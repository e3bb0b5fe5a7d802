"""The documents of a collection on the page: brought in, found, read, tagged, mapped."""
