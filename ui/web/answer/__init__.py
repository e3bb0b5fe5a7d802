"""A question and its answer on the page, and what can be done with them."""
