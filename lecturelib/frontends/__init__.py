"""Raw signal -> tokens. A front end owns positions; it never sees an encoder."""
