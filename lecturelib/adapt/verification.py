"""Was it the same voice? Trials, scores and error rates, from embeddings and speaker labels alone.

Rows are clips: embedding [batch, dim], speaker [batch]. The cosine needs no training; the paper's
own scoring is in plda.py.
"""

from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, Int
from torch import Generator, Tensor

from lecturelib.shapes import Features, Labels

Scores = Float[Tensor, " trials"]
IsSame = Bool[Tensor, " trials"]
FEWEST = 10  # speakers, our choice: from fewer, an interval over people is hardly one


class Trials(NamedTuple):
    """Pairs of clips, and whether one person said both: `cosine(*embedding[pair].unbind(1))`.

    pair  two row numbers a trial
    """

    pair: Int[Tensor, "trials 2"]
    same: IsSame


def trials(
    speaker: Labels, session: Labels | None = None, *, within: Labels | None = None
) -> Trials:
    """Every pair of clips once, none with itself.

    session  two clips of one speaker in one session are no trial: the room would tell
    within   pairs of one sex, or of one language, only: neither gives the speaker away then

    Raises ValueError where no pair is of one speaker, or none of two.
    """
    pair = torch.triu_indices(len(speaker), len(speaker), 1).T
    first, second = pair.unbind(1)
    same = speaker[first] == speaker[second]
    keep = torch.ones_like(same)
    if session is not None:
        keep &= ~(same & (session[first] == session[second]))
    if within is not None:
        keep &= within[first] == within[second]
    check_both(same[keep])
    return Trials(pair[keep], same[keep])


def unit_length(embedding: Features) -> Features:
    """Length normalisation: the direction is kept (Garcia-Romero and Espy-Wilson 2011).

    Raises ValueError for NaN, and for a vector of length 0: it points nowhere.
    """
    check_vectors(embedding)
    return embedding / embedding.norm(dim=1, keepdim=True)


def cosine(a: Features, b: Features) -> Float[Tensor, " batch"]:
    """The cosine of each row of a with the same row of b: 1 where they point alike."""
    check_dims(a, b)
    return (unit_length(a) * unit_length(b)).sum(1)


class ErrorRates(NamedTuple):
    """What goes wrong at each threshold; a score at or above it is accepted as one speaker.

    miss         share of same-speaker trials that are refused
    false_alarm  share of different-speaker trials that are accepted
    """

    miss: Float[Tensor, " thresholds"]
    false_alarm: Float[Tensor, " thresholds"]
    threshold: Float[Tensor, " thresholds"]


def error_rates(score: Scores, same: IsSame, threshold: Float[Tensor, " thresholds"]) -> ErrorRates:
    """Both kinds of error at each of these thresholds."""
    check_both(same)
    if score.isnan().any():
        raise ValueError(f"{int(score.isnan().sum())} scores are NaN: look at their embeddings")
    own, other = score[same].sort().values, score[~same].sort().values
    refused, right = torch.searchsorted(own, threshold), torch.searchsorted(other, threshold)
    return ErrorRates(
        refused.double() / len(own), 1 - right.double() / len(other), threshold.double()
    )


def det(score: Scores, same: IsSame) -> ErrorRates:
    """Detection error trade-off (Martin et al. 1997): the errors at every score, and above all."""
    above = torch.full((1,), torch.inf).to(score)
    return error_rates(score, same, torch.cat([score.unique(), above]))


class EqualError(NamedTuple):
    """The error rate where misses are as frequent as false alarms, and the threshold there."""

    rate: float
    threshold: float


def eer(score: Scores, same: IsSame) -> EqualError:
    """Equal error rate: where the straight lines between the points of `det` meet miss = alarm.

    threshold  the first score at which misses are no longer the rarer error
    """
    miss, false_alarm, threshold = det(score, same)
    gap = miss - false_alarm
    after = int((gap >= 0).nonzero()[0, 0])
    step = gap[after - 1] / (gap[after - 1] - gap[after])
    rate = torch.lerp(miss[after - 1], miss[after], step)
    return EqualError(rate.item(), threshold[after].item())


class Interval(NamedTuple):
    """From low to high, and how many speakers it rests on."""

    low: float
    high: float
    speakers: int


def bootstrap(
    score: Scores,
    same: IsSame,
    speakers: Int[Tensor, "trials 2"],
    rng: Generator,
    draws: int = 500,
) -> Interval:
    """95 % interval of the equal error rate if other people had come: speakers are drawn anew.

    Trials of one speaker go right or wrong together; drawing trials would promise too much.

    speakers  who speaks on both sides: `speaker[trials.pair]`

    Raises ValueError for fewer than FEWEST speakers.
    """
    names, who = speakers.unique(return_inverse=True)
    if len(names) < FEWEST:
        raise ValueError(f"too few speakers: {len(names)}, an interval takes {FEWEST} or more")
    rates = []
    for _ in range(draws):
        drawn = torch.randint(len(names), (len(names),), generator=rng)
        times = appearances(same, who, drawn.bincount(minlength=len(names)))
        rows = torch.arange(len(score)).repeat_interleave(times)
        rates.append(eer(score[rows], same[rows]).rate)
    low, high = torch.tensor(rates).quantile(torch.tensor([0.025, 0.975])).tolist()
    return Interval(low, high, len(names))


def appearances(
    same: IsSame, who: Int[Tensor, "trials 2"], times: Int[Tensor, " speakers"]
) -> Int[Tensor, " trials"]:
    """How often a trial comes up where each speaker was drawn so many times.

    Each copy of a speaker keeps its own trials of one; two copies are never two people.
    """
    return torch.where(same, times[who[:, 0]], times[who].prod(1))


class Means(NamedTuple):
    """The clips of each speaker: their mean, how many, and the speaker's row for each clip."""

    name: Int[Tensor, " speakers"]
    mean: Float[Tensor, "speakers dim"]
    clips: Float[Tensor, " speakers"]
    row: Int[Tensor, " clips"]


def means(embedding: Float[Tensor, "clips dim"], speaker: Int[Tensor, " clips"]) -> Means:
    """One vector a speaker. Raises ValueError where there is no clip at all."""
    if len(speaker) == 0:
        raise ValueError("0 clips are enrolled: give at least one clip of each speaker")
    name, row, clips = speaker.unique(return_inverse=True, return_counts=True)
    total = embedding.new_zeros(len(name), embedding.shape[1]).index_add(0, row, embedding)
    return Means(name, total / clips[:, None], clips.to(embedding), row)


def identify(
    enrolled: Float[Tensor, "clips dim"],
    speaker: Int[Tensor, " clips"],
    unknown: Float[Tensor, "asked dim"],
) -> Int[Tensor, " asked"]:
    """Closed set: whose mean is nearest, by cosine, each enrolled clip counting alike.

    Somebody is always named; whether it is nobody of them is a question for a threshold.
    """
    check_dims(enrolled, unknown)
    known = means(unit_length(enrolled), speaker)
    return known.name[(unit_length(unknown) @ unit_length(known.mean).T).argmax(1)]


def identified(
    enrolled: Float[Tensor, "clips dim"],
    speaker: Int[Tensor, " clips"],
    unknown: Float[Tensor, "asked dim"],
    truth: Int[Tensor, " asked"],
) -> Bool[Tensor, " asked"]:
    """Is each clip named rightly? Raises ValueError where the true speaker is not enrolled."""
    if unseen := sorted(set(truth.tolist()) - set(speaker.tolist())):
        raise ValueError(f"speakers {unseen} are not enrolled: a closed set cannot name them")
    return identify(enrolled, speaker, unknown) == truth


def check_both(same: IsSame) -> None:
    """Raise ValueError unless there are trials of one speaker and of two."""
    if not same.any():
        raise ValueError(f"{len(same)} trials, none of one speaker: give somebody a second clip")
    if same.all():
        raise ValueError(f"{len(same)} trials, all of one speaker: add a second speaker")


def check_vectors(embedding: Features) -> None:
    """Raise ValueError where a vector is not finite, or has length 0."""
    length = embedding.norm(dim=1)
    if bad := (~length.isfinite() | (length == 0)).nonzero()[:, 0].tolist():
        raise ValueError(
            f"{len(bad)} of {len(length)} embeddings are 0, infinite or NaN, the first in row "
            f"{bad[0]}: leave these clips out"
        )


def check_dims(a: Tensor, b: Tensor) -> None:
    """Raise ValueError unless both have vectors of one width."""
    if a.shape[1] != b.shape[1]:
        raise ValueError(f"dim={a.shape[1]} beside dim={b.shape[1]}: use one encoder for both")
