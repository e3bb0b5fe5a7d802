"""Mails, one or many in a file, with what is attached to them."""
