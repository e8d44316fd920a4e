"""Sentences written for a demonstration: never part of a number, and labelled so where shown.

"bank" has too few tagged verb uses in Brown; the others stand in where Brown cannot be had.
"""

from lecturelib.adapt.homographs import Use

NOTE = "Sentences written for this demonstration; they are not in the number."
WRITTEN = {
    "bank": {
        "money": (
            "she put her savings in the bank",
            "the bank raised its interest rate again",
            "he asked the bank for a loan to buy a house",
            "our bank closes at four on Fridays",
            "the bank refused to cash the cheque",
            "they opened an account at the bank last week",
            "a clerk at the bank counted the notes twice",
            "the bank lost millions when prices fell",
            "you can pay the rent through your bank",
            "two men robbed the bank in broad daylight",
            "the central bank printed new coins",
            "my bank sends a statement every month",
        ),
        "river": (
            "we sat on the bank and watched the river",
            "the boat drifted towards the muddy bank",
            "willows grow along the bank of the stream",
            "he pulled the canoe up onto the bank",
            "an otter ran down the bank into the water",
            "the flood washed away part of the bank",
            "they fished all day from the shady bank",
            "she swam across to the other bank",
            "cows came down the bank to drink",
            "the path follows the left bank of the river",
            "reeds hid the bank from the passing boats",
            "he slipped on the wet bank and fell in",
        ),
    },
    "play": {
        "noun": (
            "the play opened in a small theatre last night",
            "she wrote a play about her grandmother",
            "his first play was a failure",
            "we saw a play by an unknown author",
            "the second act of the play is far too long",
            "every play needs a good ending",
            "the actors read the play aloud",
            "a school play brings the parents together",
            "this play has only three characters",
            "the critics praised her new play",
            "rain stopped the play for an hour",
            "that play won a prize in the spring",
        ),
        "verb": (
            "those boys play near the lake after school",
            "we play cards every Sunday evening",
            "she can play the violin very well",
            "the children want to play outside",
            "do you play chess with your brother",
            "I play football on the beach in summer",
            "he will play for the other team next year",
            "the dogs play with an old ball",
            "let us play one more game",
            "they refused to play by the rules",
            "you should play a little slower",
            "the band began to play at nine",
        ),
    },
}


def written(word: str) -> tuple[list[Use], tuple[str, ...]]:
    """The demonstration's uses of a word and the names of its two senses."""
    if word not in WRITTEN:
        raise ValueError(f"nothing is written for {word!r}: choose from {', '.join(WRITTEN)}")
    uses = []
    for sense, lines in enumerate(WRITTEN[word].values()):
        split = [tuple(line.split()) for line in lines]
        uses += [Use(words, words.index(word), sense) for words in split]
    return uses, tuple(WRITTEN[word])
