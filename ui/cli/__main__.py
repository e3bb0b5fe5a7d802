"""`python -m ui.cli` is `footnote`."""

from ui.cli import main

if __name__ == "__main__":
    main()
