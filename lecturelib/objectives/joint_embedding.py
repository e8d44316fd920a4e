"""I-JEPA: see a part of a picture, say what a slow copy of yourself makes of the rest."""

import torch
import torch.nn.functional as F
from torch import Generator, nn

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.masking import check_hidden
from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.latent_regression import Vectors, agreement, annealed
from lecturelib.objectives.masked_image import Hidden, Hide, Seen, leave, put_back
from lecturelib.objectives.teacher import Teacher, check_tau
from lecturelib.shapes import Images, Tokens


class Predictor(nn.Module):
    """A narrow Transformer that says what stands at the hidden places, from those that were seen.

    wide   of the encoder before it          places  [class] and all patches
    dim    its own width: the paper takes 384 beside an encoder of 768 to 1408
    """

    def __init__(self, *, wide: int, places: int, dim: int, depth: int):
        super().__init__()
        self.enter, self.leave = nn.Linear(wide, dim), nn.Linear(dim, wide)
        self.missing = nn.Parameter(torch.zeros(dim))
        self.position = nn.Parameter(0.02 * torch.randn(1, places, dim))
        variant = Variant(norm_first=True, activation=F.gelu, eps=1e-6, dropout=0.0)
        self.encoder = Encoder(dim=dim, heads=4, depth=depth, hidden=4 * dim, variant=variant)

    def forward(self, context: Seen, hidden: Hidden) -> Vectors:
        """The hidden places, picture by picture."""
        everywhere = put_back(self.enter(context), hidden, self.missing) + self.position
        return self.leave(self.encoder(everywhere)[:, 1:][hidden])


class JointEmbedding(Objective):
    """I-JEPA (Assran et al. 2023, Section 3): MAE's way in, data2vec's way out.

    model       front end and encoder: it sees only what is left of a picture, as in MAE
    hide        chooses the hidden patches: `masking.block_patches` with its share
    dim, depth  of the predictor, which is thrown away
    tau         of the teacher: first value, last value, steps from one to the other

    The target is what the teacher, an EMA of front end and encoder, makes of the hidden places when
    it sees the whole picture; each place normalised over its channels. The loss is the mean square
    of the paper; the published code takes smooth L1. The paper asks for four blocks one after
    another; here all that is hidden is asked for at once, and the encoder sees all the rest.
    """

    def __init__(
        self,
        model: Model,
        *,
        hide: Hide,
        dim: int = 64,
        depth: int = 2,
        tau: tuple[float, float, int] = (0.99, 0.999, 1000),
    ):
        super().__init__()
        for one in tau[:2]:
            check_tau(one)
        self.model, self.hide, self.tau = model, hide, tau
        self.grid = model.frontend.grid
        places = 1 + self.grid[0] * self.grid[1]
        self.predictor = Predictor(wide=model.encoder.dim, places=places, dim=dim, depth=depth)
        self.teacher = Teacher(model, tau=tau[0])

    def train(self, mode: bool = True) -> "JointEmbedding":
        """The teacher stays in eval mode."""
        super().train(mode)
        self.teacher.eval()
        return self

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        images = batch.signal
        hidden = self.hide(len(images), self.grid, rng).to(images.device)
        guess, answer = self.guess(images, hidden), self.target(images)[hidden]
        loss = (guess - answer).square().mean(1).sum()
        return Losses(loss, agreement(guess.detach(), answer), len(guess))

    def target(self, images: Images) -> Tokens:
        """What the teacher makes of every patch, [class] left out."""
        patches = self.teacher(images)[:, 1:]
        return F.layer_norm(patches, patches.shape[-1:])

    def guess(self, images: Images, hidden: Hidden) -> Vectors:
        """What the student expects at the hidden patches."""
        tokens = self.model.frontend(images)
        if hidden.shape != tokens[:, 1:].shape[:2]:
            have, want = list(hidden.shape), list(tokens[:, 1:].shape[:2])
            raise ValueError(
                f"hidden is {have}, the pictures have {want} patches: the grid differs"
            )
        check_hidden(hidden, torch.ones_like(hidden))
        return self.predictor(self.model.encoder(*leave(tokens, hidden)), hidden)

    def after_step(self, step: int) -> None:
        """The teacher follows, ever more slowly."""
        self.teacher.tau = annealed(self.tau, step + 1)
        self.teacher.follow(self.model)
