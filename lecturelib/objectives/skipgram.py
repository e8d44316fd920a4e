"""word2vec: a word's vector is what helps to guess its neighbours (Mikolov 2013b, Section 2).

Skip-gram with negative sampling has a training loop of its own. A step touches a few thousand rows
of two tables, and its gradient is one line: the shared loop's dense AdamW would be another
algorithm, and slower. Words, word pieces or anything else with an id will do.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass

import torch
import torch.nn.functional as F
from einops import einsum, rearrange
from jaxtyping import Float, Int
from torch import Generator, Tensor, nn

Ids = Int[Tensor, " words"]
Centre = Int[Tensor, " pairs"]
Noise = Int[Tensor, "pairs negatives"]


@dataclass(frozen=True)
class Settings:
    """word2vec's own: the defaults are those of its C code, but for dim and batch.

    window    of each word 1 to `window` neighbours on either side are guessed, by chance
    frequent  words with a larger share of the text are thinned out (t in the paper: 1e-5 there)
    power     noise words are drawn from counts^power
    lr        falls in a straight line to 0
    batch     pairs whose gradients are added up before the tables move; the C code takes 1
    """

    dim: int = 128
    window: int = 5
    negatives: int = 5
    epochs: int = 5
    frequent: float = 1e-3
    power: float = 0.75
    lr: float = 0.025
    batch: int = 1024

    def as_json(self) -> dict:
        """Plain values, for a checkpoint's metadata."""
        return asdict(self)


class SkipGram(nn.Module):
    """Two vectors a word: `inputs` as the centre (kept), `outputs` as a neighbour (thrown away)."""

    def __init__(self, *, vocab: int, dim: int, rng: Generator):
        super().__init__()
        self.inputs, self.outputs = nn.Embedding(vocab, dim), nn.Embedding(vocab, dim)
        nn.init.uniform_(self.inputs.weight, -0.5 / dim, 0.5 / dim, generator=rng)
        nn.init.zeros_(self.outputs.weight)

    def loss(self, centre: Centre, context: Centre, noise: Noise) -> Float[Tensor, ""]:
        """Eq. 4, negated: -log s(u.v) of the neighbour, -log s(-u.v) of each noise word; summed.

        A noise word that happens to be the neighbour does not count, as in the C code.
        """
        v = self.inputs(centre)
        true = einsum(v, self.outputs(context), "pair dim, pair dim -> pair")
        false = einsum(v, self.outputs(noise), "pair dim, pair noise dim -> pair noise")
        counts = noise != context[:, None]
        return -F.logsigmoid(true).sum() - F.logsigmoid(-false)[counts].sum()

    @torch.no_grad()
    def descend(self, centre: Centre, context: Centre, noise: Noise, lr: float) -> None:
        """One step of plain gradient descent on `loss`, whose gradient is known in closed form:

        d loss / d score = sigmoid(score) - label; times u it moves v, times v it moves u.
        """
        targets = torch.cat([context[:, None], noise], dim=1)  # label 1, then 0, 0, 0 ...
        v = F.embedding(centre, self.inputs.weight)
        u = F.embedding(targets, self.outputs.weight)
        error = einsum(v, u, "pair dim, pair target dim -> pair target").sigmoid()
        error[:, 0] -= 1
        error[:, 1:].masked_fill_(noise == context[:, None], 0)
        pull = -lr * error
        move_v = einsum(pull, u, "pair target, pair target dim -> pair dim")
        move_u = rearrange(pull[:, :, None] * v[:, None], "pair target dim -> (pair target) dim")
        self.inputs.weight.index_add_(0, centre, move_v)
        self.outputs.weight.index_add_(0, targets.flatten(), move_u)


def word2vec(
    sentences: Sequence[Sequence[int]],
    settings: Settings,
    *,
    vocab: int,
    rng: Generator,
    on_step: Callable[[dict[str, float | int]], None] | None = None,
) -> SkipGram:
    """Train on sequences of ids below `vocab`; no window reaches into the next sequence.

    `on_step` gets step, lr and loss a pair, every 50th step.

    Raises ValueError for ids outside the vocabulary, and where no word has a neighbour.
    """
    ids, sentence = flat(sentences, vocab)
    counts = torch.bincount(ids, minlength=vocab)
    model = SkipGram(vocab=vocab, dim=settings.dim, rng=rng)
    for step, (centre, context, share) in enumerate(batches(ids, sentence, settings, rng)):
        noise = draw_noise(counts, len(centre), settings, rng)
        lr = settings.lr * (1 - share)
        if on_step and step % 50 == 0:
            with torch.no_grad():
                loss = float(model.loss(centre, context, noise)) / len(centre)
            on_step({"step": step, "lr": lr, "loss": loss})
        model.descend(centre, context, noise, lr)
    return model


def flat(sentences: Sequence[Sequence[int]], vocab: int) -> tuple[Ids, Ids]:
    """All ids in a row, and the number of the sequence that each is from."""
    ids = torch.tensor([number for sentence in sentences for number in sentence])
    if not max(map(len, sentences), default=0) > 1:
        raise ValueError("no sequence has two ids: there are no neighbours to guess")
    if ids.min() < 0 or ids.max() >= vocab:
        raise ValueError(
            f"ids run from {ids.min()} to {ids.max()}, vocab={vocab}: use one tokenizer"
        )
    lengths = torch.tensor([len(sentence) for sentence in sentences])
    return ids, torch.arange(len(sentences)).repeat_interleave(lengths)


def keep_probability(counts: Int[Tensor, " vocab"], frequent: float) -> Float[Tensor, " vocab"]:
    """How often an occurrence stays: sqrt(t/f) + t/f for a word of share f, at most 1.

    The C code's rule; the paper's Eq. 5 has sqrt(t/f) alone.
    """
    ratio = frequent * counts.sum() / counts.clamp(min=1)
    return (ratio.sqrt() + ratio).clamp(max=1)


def pairs(
    ids: Ids, sentence: Ids, window: int, rng: Generator
) -> tuple[Int[Tensor, " pairs"], Int[Tensor, " pairs"]]:
    """(centre, context): every word with its neighbours up to its own random reach, 1 to window."""
    reach = torch.randint(1, window + 1, ids.shape, generator=rng)
    centre, context = [], []
    for shift in range(1, min(window, len(ids) - 1) + 1):
        together = sentence[shift:] == sentence[:-shift]
        left, right = ids[:-shift], ids[shift:]
        ahead, behind = together & (reach[:-shift] >= shift), together & (reach[shift:] >= shift)
        centre += [left[ahead], right[behind]]
        context += [right[ahead], left[behind]]
    return torch.cat(centre), torch.cat(context)


def batches(
    ids: Ids, sentence: Ids, settings: Settings, rng: Generator
) -> Iterator[tuple[Centre, Centre, float]]:
    """(centre, context, share of all work done): thinned, windowed and shuffled in each epoch."""
    keep = keep_probability(torch.bincount(ids), settings.frequent)[ids]
    for epoch in range(settings.epochs):
        kept = torch.rand(ids.shape, generator=rng) < keep
        centre, context = pairs(ids[kept], sentence[kept], settings.window, rng)
        order = torch.randperm(len(centre), generator=rng)
        for start in range(0, len(order), settings.batch):
            some = order[start : start + settings.batch]
            yield centre[some], context[some], (epoch + start / len(order)) / settings.epochs


def noise_share(counts: Int[Tensor, " vocab"], power: float) -> Float[Tensor, " vocab"]:
    """How often each word is drawn as noise: counts^power, over their sum."""
    weight = counts.double() ** power
    return weight / weight.sum()


def draw_noise(
    counts: Int[Tensor, " vocab"], size: int, settings: Settings, rng: Generator
) -> Noise:
    """Noise words for `size` pairs."""
    share = noise_share(counts, settings.power)
    drawn = torch.multinomial(share, size * settings.negatives, replacement=True, generator=rng)
    return drawn.view(size, settings.negatives)
