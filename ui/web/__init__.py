"""The web pages: they show what `ui.app.App` knows and pass on what a person wants; they hold no rules."""
