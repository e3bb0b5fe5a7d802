"""Builds everything, reads settings, renders: the command line and the web pages."""
