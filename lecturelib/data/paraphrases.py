"""Questions that share no content word with their paragraph, written by this project.

SQuAD's questions were written by people who had the paragraph before their eyes, so they repeat its
words. These ask about the same paragraphs (XQuAD's English test articles) in other words, as
somebody would who has never seen them. They were written before any retriever was run on them.
"""

from collections.abc import Sequence

from lecturelib.data.text import Question

PARAPHRASES = (  # article, an answer that its paragraph holds, our question
    ("1973_oil_crisis", "20%", "How many filling pumps ran dry across the US that winter?"),
    ("1973_oil_crisis", "Lexus", "Which upmarket badges did Asian carmakers invent?"),
    ("1973_oil_crisis", "October 6, 1973", "Who began a war during a Jewish holy day?"),
    ("Oxygen", "oxygen chambers", "How are scuba accidents cured?"),
    ("Oxygen", "James Dewar", "Who cooled vapours until they became fluid for sale?"),
    ("Oxygen", "Paleoclimatologists", "How do fossils tell researchers about prehistoric weather?"),
    ("Oxygen", "a satellite platform", "Can we see from orbit whether crops are thriving?"),
    ("Southern_California", "NFL", "Which football, basketball and hockey clubs are based here?"),
    ("Southern_California", "Van Nuys Airport", "Where do most planes land near Hollywood?"),
    ("Southern_California", "Chivas", "Which football clubs shared a stadium until one shut down?"),
    ("Apollo_program", "electrical fire", "How did three men die in a blaze during a rehearsal?"),
    ("Apollo_program", "Lowry Digital", "Who repaired the old moonwalk footage?"),
    ("Apollo_program", "visor helmet", "What clothing kept moonwalkers comfortable?"),
    ("Chloroplast", "eukaryotic", "How did bacteria come to dwell inside plants?"),
    ("Chloroplast", "1986", "When was the genetic code of these leaf organelles read out?"),
    ("Construction", "six to nine percent", "What sets making houses apart from factory work?"),
    ("Construction", "An attorney", "How can lawyers get permission for forbidden houses?"),
    (
        "Economic_inequality",
        "Kuznets curve hypothesis",
        "Did armed conflict narrow the gap between haves and have-nots?",
    ),
    (
        "Economic_inequality",
        "widespread education",
        "Why is schooling worth more than equipment for prosperity nowadays?",
    ),
    ("Force", "Aristotelian cosmology", "How did an ancient Greek thinker explain falling stones?"),
    ("Force", "general relativity", "Why did Einstein say that planets merely follow geometry?"),
    ("Rhine", "the Romantic Rhine", "Where can tourists see medieval strongholds and wine?"),
    ("Rhine", "120 m", "Could people once walk from Britain to France?"),
    ("Rhine", "1936", "When did Nazi troops march back into the borderland?"),
    ("Rhine", "9000 BP", "When did trees return once the cold ended?"),
    ("Teacher", "US Supreme Court", "Is beating pupils still legal anywhere?"),
    ("Teacher", "guru", "Who guides followers of an Indian religion?"),
    ("Teacher", "Lama", "Which title do Himalayan monks carry?"),
    ("Teacher", "bachelor's degree", "Which diploma must somebody hold to instruct American kids?"),
    ("Teacher", "between 2005 and 2010", "How often are British educators assaulted by pupils?"),
    ("Harvard_University", "$37.6 billion", "How much money does the richest college own?"),
    ("Harvard_University", "Duke Kent-Brown", "What protest against apartheid came from pupils?"),
    ("Harvard_University", "5.3%", "How hard is it to get in as a freshman?"),
    ("Harvard_University", "Ban Ki-moon", "Which famous statesmen once studied there?"),
    ("European_Union_law", "1996", "When did British families gain days off for a baby?"),
)


def in_other_words(questions: Sequence[Question]) -> list[Question]:
    """Our questions, each on the paragraph it is about; those whose paragraph is not among
    `questions` are left out (all of them where XQuAD could not be had)."""
    holds = {(q.title, q.answer): q for q in reversed(questions)}
    return [
        holds[title, answer]._replace(question=ours, source="written by this project")
        for title, answer, ours in PARAPHRASES
        if (title, answer) in holds
    ]
