"""A training step of the x-vector network beside speechbrain's of the same widths and contexts.

Softmax over speakers through segment7, backward and AdamW (PyTorch's fused one, as in our loop).
speechbrain fills the 7 frames before and after a clip by reflection; ours gets 14 frames more
instead, so that both pool over as many. ReLU in both.
"""

from collections.abc import Callable
from importlib.util import find_spec

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from benchmarks.case import Case
from lecturelib.encoders.tdnn import TDNN
from lecturelib.objectives.speakers import speaker_softmax

BATCH, TIME, MELS, SPEAKERS = 32, 200, 24, 100


def ours() -> nn.Module:
    """The paper's sizes, [batch, time, mels] -> scores."""
    net = TDNN(mels=MELS)
    return speaker_softmax(net, dim=net.dim, speakers=SPEAKERS).train()


def of_speechbrain() -> nn.Module:
    """Only where it is installed: pip install speechbrain. Its classifier is segment7, too."""
    from speechbrain.lobes.models.Xvector import Classifier, Xvector

    net = Xvector(in_channels=MELS, activation=nn.ReLU)
    head = Classifier((2, 1, 512), activation=nn.ReLU, out_neurons=SPEAKERS)
    return nn.Sequential(net, head, nn.Flatten()).train()


def stepper(
    model: nn.Module, forward: Callable[[Tensor], Tensor], time: int
) -> Callable[[], Tensor]:
    """One training step on the same clips, again and again; it gives the loss before it."""
    rng, one = torch.Generator().manual_seed(0), next(model.parameters())
    clips = torch.randn(BATCH, time, MELS, generator=rng).to(one)
    speakers = torch.randint(SPEAKERS, (BATCH,), generator=rng)
    optimiser = torch.optim.AdamW(model.parameters(), fused=True)

    def step() -> Tensor:
        loss = F.cross_entropy(forward(clips), speakers)
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        return loss.detach()

    return step


def xvector_step() -> Case:
    """32 clips of 2 s; 24 filterbanks; 100 speakers."""
    torch.manual_seed(0)
    mine = ours()
    step = stepper(mine, mine.logits, TIME + 14)
    peer, why = None, "not installed: pip install speechbrain"
    if find_spec("speechbrain"):
        theirs = of_speechbrain()
        peer, why = stepper(theirs, theirs, TIME), None
    with FlopCounterMode(display=False) as counter:
        step()
    return Case(
        step, peer, "speechbrain Xvector", goal=1.1, flops=counter.get_total_flops(), why=why
    )
