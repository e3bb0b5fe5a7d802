"""Conversations of earlier days on the page: found, named, exported, deleted and restored."""
