"""Lines on a page, of a PDF or a picture, put in order and joined to paragraphs and tables. Pure."""
