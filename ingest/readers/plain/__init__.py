"""Texts that a person can read as they are: prose with marks, and source code."""
