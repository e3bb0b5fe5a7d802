"""Documents, slides and workbooks of Office and OpenDocument, old and new."""
