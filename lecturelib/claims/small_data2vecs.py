"""Small data2vec models of sound, pictures and words: what the cards of notebook 08 compare."""

import copy
from dataclasses import replace
from functools import cache, partial
from typing import Any

import torch
from torch import Tensor, nn

from lecturelib.adapt.hearing import layers_of, log_mel
from lecturelib.adapt.latents import health
from lecturelib.adapt.layers import read_out
from lecturelib.adapt.reading import BertReader
from lecturelib.adapt.tagging import draw, observe, score
from lecturelib.adapt.transfer import features
from lecturelib.claims.small_berts import side_by_side
from lecturelib.claims.small_vits import read as picture_right
from lecturelib.claims.small_wav2vecs import hide, word_right
from lecturelib.encoders.model import Model
from lecturelib.objectives import Objective
from lecturelib.objectives.latent_regression import LatentRegression
from lecturelib.objectives.masked_lm import MaskedLM
from lecturelib.pretraining import wav2vec2
from lecturelib.pretraining.bert import LENGTH
from lecturelib.pretraining.data2vec import FRONTENDS, WORLDS, World, begin
from lecturelib.recipes.data2vec import OURS
from lecturelib.training import schedule
from lecturelib.training.loop import Plan, Trainer

STEPS = {"speech": 250, "wikipedia": 600}
RIVALS = {"speech": "wav2vec 2.0", "wikipedia": "BERT"}
RIVAL_STEPS = {"speech": 317, "wikipedia": 730}
RIVAL_RATES = {"speech": 2e-3, "wikipedia": 1.5e-3}
"""As notebooks 05 and 07a train them; steps for equally many operations, as PyTorch counts them."""
READ = {
    "speech": "frozen, mean and deviation over frames, logistic regression on 5 clips a digit of 3 "
    "people, mean of 5 draws; layer and C by a fourth person, accuracy on two more",
    "cifar10": "frozen, mean over patches of all layers side by side, a linear layer on 50 labels "
    "of each of 5 classes of CIFAR-10, 2,000 test pictures",
    "wikipedia": "frozen, a linear layer on all layers side by side gives Brown's 18 tags, 400 "
    "sentences to learn from, 1,000 test sentences",
}
SMALL = {
    "speech": "log-mel front end, 3 layers of 128, 250 steps of 8 crops of 3 s of spoken digits "
    f"and telephone prompts; {READ['speech']}",
    "wikipedia": "4 layers of 128, 86 Wikipedia articles, 600 steps of 8 x 64 pieces, a start from "
    f"word2vec (5 epochs, one for all seeds); {READ['wikipedia']}",
}
SHIPPED = {
    "speech": "our shipped data2vec of sound (log-mel), ONE pre-training of 3,000 steps of 8 crops "
    f"of 3 s; {READ['speech']}; a seed draws labels and untrained weights",
    "cifar10": "our shipped data2vec of pictures, ONE pre-training of 2,500 steps of 64 without "
    f"labels; {READ['cifar10']}; a seed draws labels and untrained weights",
    "wikipedia": "our shipped data2vec of words, ONE pre-training of 10,000 steps of 8 x 64 pieces "
    f"from word2vec's vectors; {READ['wikipedia']}; a seed draws sentences and untrained weights",
}
DRAWN = "a seed draws weights, batches, masks and labels"


@cache
def world(data: str) -> World:
    """Batches, and what is only watched."""
    return WORLDS[data]()


def plan(data: str, seed: int) -> Plan:
    """The shipped recipe's rate and schedule, squeezed into fewer steps."""
    recipe = OURS[FRONTENDS[data]]
    shape = getattr(schedule, recipe.schedule)
    return Plan(STEPS[data], lr=recipe.rate, schedule=shape, clip=5.0, seed=seed)


def untrained(data: str, seed: int, **changes: Any) -> LatentRegression:
    """Where a seed begins; the teacher slows down over the whole run."""
    return begin(data, world(data), seed, **({"tau": (0.99, 0.999, STEPS.get(data, 1))} | changes))


@cache
def trained(data: str, seed: int, **changes: Any) -> LatentRegression:
    """The recipe in fewer steps, with something changed."""
    objective = untrained(data, seed, **changes)
    label = f"{data} {seed} {changes}"
    Trainer(objective, world(data).draw, plan(data, seed), label=label).run()
    return objective.eval()


def rival(data: str, seed: int) -> Objective:
    """The same encoder before it learns with the target of notebook 05 or 07a."""
    model, pieces = copy.deepcopy(untrained(data, seed).model), world(data).pieces
    if pieces is not None:
        return MaskedLM(model, pieces, next_sentence=False)
    objective = wav2vec2.untrained(wav2vec2.cooling(wav2vec2.SETTINGS, RIVAL_STEPS[data]))
    objective.model = model
    objective.hide = partial(hide, start_prob=0.13, span=5)
    return objective


@cache
def rival_model(data: str, seed: int) -> Any:
    """That, trained on the same stream with as many operations."""
    objective, shape = rival(data, seed), plan(data, seed)
    shape = replace(shape, steps=RIVAL_STEPS[data], lr=RIVAL_RATES[data])
    Trainer(objective, world(data).draw, shape, label=f"rival, {data} {seed}").run()
    return objective.model


class EveryLayer(nn.Module):
    """A picture as one vector: each layer's mean over patches, side by side."""

    def __init__(self, model: Model):
        super().__init__()
        self.model = model

    def forward(self, images: Tensor) -> Tensor:
        tokens = self.model.frontend(images)
        steps = self.model.encoder.steps(tokens, None, self.model.bias())
        return torch.cat([step.out[:, 1:].mean(1) for step in steps], dim=1)


def right(data: str, model: Model, seed: int) -> float:
    """What a linear reader makes of the frozen model: percent right on what it never saw."""
    model.eval()
    if data == "speech":
        return word_right(layers_of(model), seed)
    if data == "cifar10":
        return picture_right(partial(features, EveryLayer(model)), seed)
    pieces = world(data).pieces
    assert pieces is not None
    reader = BertReader("data2vec", pieces, model.requires_grad_(False), LENGTH)
    seen, new = (observe(reader, draw(*of, seed)) for of in (("train", 400), ("test", 1000)))
    guess = read_out(side_by_side(seen.states), seen.label, side_by_side(new.states))
    return score(guess, draw("test", 1000, seed))["all"]


def without(data: str, seed: int) -> dict[str, float]:
    """What needs no pre-training: the same encoder untrained, and for two the signal itself."""
    found = {"untrained": right(data, untrained(data, seed).model, seed)}
    if data == "speech":
        found["log-mel"] = word_right(log_mel, seed)
    if data == "cifar10":
        found["raw pixels"] = picture_right(lambda pixels: pixels.flatten(1), seed)
    return found


def over_nothing(data: str, seed: int, objective: LatentRegression) -> dict[str, float]:
    """What pre-training adds to the best that needs none; and whether the model is alive."""
    numbers = {"data2vec": right(data, objective.model, seed)} | without(data, seed)
    better = max(value for name, value in numbers.items() if name != "data2vec")
    found = {"before": untrained(data, seed), "after": objective}
    for when, one in found.items():
        row = health(one, world(data).held_out)
        numbers |= {f"{name.removeprefix('held_out_')} {when}": x for name, x in row.items()}
    return numbers | {"effect": numbers["data2vec"] - better}


def over_rival(data: str, seed: int) -> dict[str, float]:
    """data2vec and the target of an earlier notebook, read out alike."""
    ours = right(data, trained(data, seed).model, seed)
    theirs = right(data, rival_model(data, seed), seed)
    return {"data2vec": ours, RIVALS[data]: theirs, "effect": ours - theirs}


def compared(data: str, seed: int, ways: dict[str, dict[str, Any]]) -> dict[str, float]:
    """The recipe with one thing changed at a time: percent right, and R2 on held-out examples."""
    found = {}
    for way, changes in ways.items():
        objective = trained(data, seed, **changes)
        found[way] = right(data, objective.model, seed)
        row = health(objective, world(data).held_out)
        found[f"R2, {way}"] = row["held_out_r2"]
        found[f"target rank, {way}"] = row["held_out_target_rank"]
    return found
