"""Files -> batches: `registry` fetches and checks, `images`, `speech`, `text` read."""
