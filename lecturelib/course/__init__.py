"""The course as a whole: its slides, its words, its map, each linked to where it is run."""
