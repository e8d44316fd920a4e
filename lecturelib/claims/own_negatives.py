"""Where the distractors come from: the same clip, or clips of other people."""

from lecturelib.adapt.hearing import Hear, pooled
from lecturelib.adapt.speech_exam import flat, who_speaks
from lecturelib.adapt.speech_probes import answer, choose
from lecturelib.claims import Card
from lecturelib.claims.small_wav2vecs import PROTOCOL, digits, heard, trained, watched, word_right

WAYS = {"same clip": "targets quantised", "all clips": "negatives of other clips"}


def speaker_right(hear: Hear) -> float:
    """Percent of other takes of which the speaker is named right, of six."""
    asked, vectors = who_speaks(digits()), pooled(hear, flat(digits()))
    return answer(vectors, asked, choose(vectors, asked, [asked.known]), asked.known)


def run(seed: int) -> dict[str, float]:
    """Two trainings; the pretext accuracy of each is on its own distractors."""
    numbers = {}
    for name, way in WAYS.items():
        objective = trained(way, seed)
        numbers[name] = word_right(heard(objective), seed)
        numbers[f"{name}, speaker"] = speaker_right(heard(objective))
        numbers[f"{name}, pretext"] = 100 * watched(objective)["tie_accuracy"]
    return numbers | {"effect": numbers["same clip"] - numbers["all clips"]}


CARD = Card(
    name="own_negatives",
    source="Baevski et al. 2020, arXiv 2006.11477 v3, Table 4",
    statement="Distractors of the same clip make better features than those of other clips",
    paper_number="WER dev: 7.97 same utterance, 8.79 half from other utterances",
    protocol=f"{PROTOCOL}; other clips: drawn from all 8 crops of a batch, 7 of 8 by other crops",
    run=run,
    unit="points of accuracy, distractors of the same clip minus of all clips",
)
