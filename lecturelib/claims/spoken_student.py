"""The same loop on sound: a few labels from some people, unlabelled recordings of others."""

from dataclasses import replace

from lecturelib.adapt.worlds import against_control, new_voices, spoken, world
from lecturelib.claims import Card


def run(seed: int, per_class: int = 10, threshold: float = 0.0) -> dict[str, float]:
    """One label draw: accuracies on the new voices, in percent."""
    split = spoken()
    pool, test = new_voices(split.test)
    start = replace(world(split.train, per_class, seed=seed), pool=pool)
    found = against_control(start, test, threshold=threshold)
    return found | {"effect": found["student"] - found["same_steps_teacher"]}


CARD = Card(
    name="spoken_student",
    source="Xu et al. 2020, Iterative pseudo-labelling; numbers in arXiv 2010.11430, Table 1",
    statement="Pseudo-labels of unlabelled speech make a recogniser better",
    paper_number="LibriSpeech, 100 h labelled: iterative pseudo-labelling 5.59/8.95 % WER",
    protocol="FSDD: 10 labels a digit from 3 people; unlabelled recordings 10-49 of 2 new people, "
    "tested on their recordings 0-9; every guess counts (threshold 0: on the validation voice .5 "
    "and .8 gained less); one round of 150 + 150 steps, control 300",
    run=run,
    unit="points of accuracy, student minus same-steps teacher",
)
