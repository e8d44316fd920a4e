"""From one modality to another: an encoder of words begins to hear and to see, one of sound to see.

One pre-training a modality (the shipped ones); a seed draws labels, new weights and batches.
"""

from functools import cache

import torch

from lecturelib.adapt import speech_exam
from lecturelib.adapt.other_modality import clips, listener, some_labels, tuned, viewer
from lecturelib.adapt.pictures import TARGET
from lecturelib.claims import Card
from lecturelib.claims.small_vits import world
from lecturelib.data.batch import Batch
from lecturelib.encoders.transformer import Encoder
from lecturelib.pretraining.data2vec import shipped

LEARN = {"steps": 150, "lr": 1e-3}
EACH = {"digits": 5, "pictures": 50}


@cache
def digits() -> tuple[Batch, Batch]:
    """Of three people, and of two others."""
    said = speech_exam.digits()
    return clips(said["train"]), clips(said["test"])


@cache
def encoder(data: str) -> Encoder:
    """What our data2vec has learned from this modality."""
    return shipped(data).model.encoder


def run(seed: int) -> dict[str, float]:
    """Each target from a random encoder, and from those of other modalities."""
    heard, strangers = digits()
    pictures, unseen = world(TARGET).train, world(TARGET).test
    targets = {
        "digits": (listener, heard, strangers, ("wikipedia",)),
        "pictures": (viewer, pictures, unseen, ("wikipedia", "speech")),
    }
    found, gains = {}, []
    for name, (build, known, test, starts) in targets.items():
        few = some_labels(known, EACH[name], seed)
        for start in (None, *starts):
            torch.manual_seed(seed)
            network = build(start and encoder(start))
            right = tuned(network, few, test, seed=seed, **LEARN)
            found[f"{name} from {start or 'random'}"] = right
            gains += [right - found[f"{name} from random"]] if start else []
    return found | {"effect": sum(gains) / len(gains)}


CARD = Card(
    name="other_modality",
    source="slide Idea; Lu et al. 2021, arXiv 2103.05247, abstract",
    statement="An encoder that learned from one modality helps with another",
    paper_number="no number taken: pre-training on language can improve tasks without language",
    protocol="our shipped data2vec of words and of sound, ONE pre-training each; their first three "
    "layers under a new front end, all fine-tuned for 150 steps of 32 at 1e-3: spoken digits, 5 "
    "clips a digit of three people, tested on two others; 5 classes of CIFAR-10, 50 labels each, "
    "2,000 test pictures; against the same network from random weights; the mean of three moves "
    "(words to sound, words to pictures, sound to pictures); a seed draws labels, weights, batches",
    run=run,
    unit="points of accuracy, mean of three moves over a random start",
)
