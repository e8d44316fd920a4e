"""Does a student that learns from its teacher's sure guesses beat the teacher?"""

from lecturelib.adapt.worlds import against_control, world, written
from lecturelib.claims import Card

THRESHOLD = 0.8


def run(seed: int, per_class: int = 5) -> dict[str, float]:
    """One label draw: test accuracies of teacher, same-steps teacher and student, in percent."""
    split, _, test, _ = written()
    found = against_control(world(split, per_class, seed=seed), test, threshold=THRESHOLD)
    return found | {"effect": found["student"] - found["same_steps_teacher"]}


CARD = Card(
    name="student_beats_teacher",
    source="Xie et al. 2020, arXiv 1911.04252v4, abstract",
    statement="A noisy student trained on its teacher's pseudo-labels beats a teacher that is "
    "given as many training steps",
    paper_number="ImageNet top-1 88.4 %, 2.0 points above the best before it",
    protocol="MNIST-5k, 5 labels a class drawn from 3,000, the rest unlabelled; threshold 0.8, one "
    "round of 150 + 150 steps, control 300 steps on the labels; 1,500 test digits",
    run=run,
    unit="points of accuracy, student minus same-steps teacher",
)
