"""All search: from scores to a text, for models that write (sequences) and that listen (ctc)."""
