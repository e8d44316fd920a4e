"""Brown's part-of-speech tags, put together to 18: what a word does, with the verb's forms apart.

Brown knows some 200 (Francis and Kucera 1979); the right column lists what each of ours gathers.
"""

import re
from functools import cache

from lecturelib.data.text import Sentence

SIMPLE = {
    "NOUN": "nn nns nr nrs",  # dog, dogs, home, Sundays
    "NAME": "np nps",  # London, Joneses
    "ADJ": "jj jjr jjs jjt",  # good, better, main, best
    "ADV": "rb rbr rbt rn ql qlp wrb wql *",  # often, more, most, here, very, enough, when, not
    "DET": "at dt dti dts dtx ap abl abn abx wdt",  # the, this, some, many, such, all, both, which
    "PRON": "pn pp$ pp$$ ppl ppls ppo pps ppss wps wpo wp$ ex",  # one, my, me, she, who, there
    "PREP": "in",  # of
    "CONJ": "cc cs",  # and, because
    "NUM": "cd od",  # two, second
    "PART": "rp to",  # up in "give up", to in "to give"
    "MODAL": "md",  # can
    "VB": "vb be ber bem hv do",  # play, be, are, have: the plain form
    "VBD": "vbd bed bedz hvd dod",  # played, was, had, did
    "VBG": "vbg beg hvg",  # playing, being
    "VBN": "vbn ben hvn",  # (has) played, been
    "VBZ": "vbz bez hvz doz",  # plays, is, has, does
    "PUNCT": ". , : ( ) -- `` '' '",
    "OTHER": "uh nil",  # oh; also every foreign word
}
SURFACE = ("capitalised", "lower", "number", "punctuation")  # of Brown's stand-in: what is seen
TAGS = (*SIMPLE, *SURFACE)
GATHERED = {tag: name for name, tags in SIMPLE.items() for tag in tags.split()}
GATHERED |= {name: name for name in SURFACE}


@cache
def simple(tag: str) -> str:
    """One of `TAGS`. "nn-tl" (in a title) and "nn$" (dog's) are NOUN; of "ppss+md" (I'll) the first
    part counts; "md*" (can't) is MODAL.

    Raises ValueError for a tag that Brown does not have.
    """
    if tag.startswith("fw-"):
        return "OTHER"
    first = re.sub(r"(-(hl|tl|nc))+$", "", tag.split("+")[0])
    for name in (first, first.rstrip("*$")):
        if name in GATHERED:
            return GATHERED[name]
    raise ValueError(f"tag {tag!r} is not one of Brown's: see data/tags.py")


def simplified(sentence: Sentence) -> Sentence:
    """The same words with simple tags."""
    return sentence._replace(tags=tuple(map(simple, sentence.tags)))
