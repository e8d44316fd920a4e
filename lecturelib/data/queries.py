"""Search queries with the same words in another order, written by this project.

Each pair holds the same words and means something else; each query has a paraphrase of its own.
They were written before any model was run on them.
"""

from typing import NamedTuple


class Swapped(NamedTuple):
    """Two queries with the same words, and what each of them asks for in other words."""

    first: str
    second: str
    like_first: str
    like_second: str


SWAPPED = tuple(
    Swapped(*row)
    for row in (
        (
            "flights from london to paris",
            "flights from paris to london",
            "air travel out of england, landing in france",
            "air travel out of france, landing in england",
        ),
        (
            "did the dog bite the man",
            "did the man bite the dog",
            "a person hurt by an animal",
            "an animal hurt by a person",
        ),
        (
            "convert dollars to euros",
            "convert euros to dollars",
            "how much european money do i get for american money",
            "how much american money do i get for european money",
        ),
        (
            "translate english to german",
            "translate german to english",
            "how do you say it in berlin",
            "how do you say it in new york",
        ),
        (
            "did brazil beat germany",
            "did germany beat brazil",
            "brazil won, germany lost",
            "germany won, brazil lost",
        ),
        (
            "call c code from python",
            "call python code from c",
            "use a c library inside a python program",
            "embed the python interpreter into a c program",
        ),
        (
            "tenant sues landlord",
            "landlord sues tenant",
            "a renter takes the owner of the flat to court",
            "the owner of the flat takes a renter to court",
        ),
        (
            "teacher blames student",
            "student blames teacher",
            "a pupil is accused by the instructor",
            "the instructor is accused by a pupil",
        ),
        (
            "work after school",
            "school after work",
            "jobs for pupils in the afternoon",
            "evening classes for people with a job",
        ),
        ("milk chocolate", "chocolate milk", "a sweet bar to eat", "a sweet drink"),
        ("house cat", "cat house", "a pet that lives indoors", "a small shelter for a pet"),
        ("race horse", "horse race", "a fast animal", "a competition that people bet on"),
        (
            "is the sun bigger than the earth",
            "is the earth bigger than the sun",
            "would our planet fit into its star",
            "would our star fit into its planet",
        ),
        (
            "moving from spain to canada",
            "moving from canada to spain",
            "emigrate to a cold country in north america",
            "emigrate to a warm country in europe",
        ),
        (
            "parents who look after children",
            "children who look after parents",
            "raising sons and daughters",
            "caring for an elderly mother and father",
        ),
        ("not sweet but sour", "not sour but sweet", "tastes of lemon", "tastes of honey"),
    )
)
