"""Data: tables, nested values, feeds, notebooks."""
