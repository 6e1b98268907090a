"""Rules on text: words, numbers with their units, passages of a transcript."""
