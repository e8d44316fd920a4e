"""Only positive pairs: take the stop-gradient away and everything becomes one vector."""

import torch

from lecturelib.adapt.worlds import written
from lecturelib.claims import Card
from lecturelib.data.augment import jitter
from lecturelib.data.batch import at_random
from lecturelib.encoders.vgg import ConvStack
from lecturelib.objectives.non_contrastive import NonContrastive
from lecturelib.training.loop import Plan, Trainer

SWITCHES = {
    "all three": (True, True, 0.99),
    "no EMA teacher": (True, True, None),
    "no predictor": (False, True, 0.99),
    "no predictor, no teacher": (False, True, None),
    "no stop-gradient, no teacher": (True, False, None),
    "none": (False, False, None),
}


def final_spread(
    seed: int, predictor: bool, stop_gradient: bool, tau: float | None, steps: int = 300
) -> float:
    """The collapse meter after training: 1 spread out, 0 one vector for every digit."""
    signal = written().train.signal
    torch.manual_seed(seed)
    encoder = ConvStack()
    model = NonContrastive(
        encoder,
        dim=encoder.dim,
        view=jitter,
        predictor=predictor,
        stop_gradient=stop_gradient,
        tau=tau,
    )

    history = Trainer(
        model, at_random(signal, 128), Plan(steps, lr=2e-3, seed=seed), label="collapse?"
    ).run()
    return sum(row["spread"] for row in history.rows[-10:]) / 10


def run(seed: int) -> dict[str, float]:
    """The collapse meter for six settings of the three switches."""
    meter = {name: final_spread(seed, *switch) for name, switch in SWITCHES.items()}
    return meter | {"effect": meter["no EMA teacher"] - meter["no stop-gradient, no teacher"]}


CARD = Card(
    name="collapse",
    source="Chen and He 2021 (SimSiam), arXiv 2011.10566v1, Figure 2",
    statement="With positive pairs only, stop-gradient is what prevents collapse",
    paper_number="ImageNet k-NN / linear accuracy 67.7 % with stop-gradient, 0.1 % without",
    protocol="MNIST-5k without labels, two views, 300 steps of 128; meter: standard deviation of "
    "the unit vectors x sqrt(dim), last 10 steps; judged: SimSiam with minus without "
    "stop-gradient, reproduced where the interval lies above 0.5",
    run=run,
    bound=0.5,
    unit="collapse meter, with minus without stop-gradient",
)
