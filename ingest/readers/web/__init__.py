"""Web pages, saved ones, and books, which are made of them."""
