"""One document's reading to look at: drawn with characters in a terminal, or as a picture."""
