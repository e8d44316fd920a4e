"""Where wav2vec 2.0's distractors come from: the same utterance, or other people's."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool
from torch import Generator, Tensor

from lecturelib.adapt.codes import Occurrence
from lecturelib.objectives.masked_contrast import distractors


def distractors_of(
    place: Occurrence,
    hidden: Sequence[Bool[Tensor, " frames"]],
    speakers: Sequence[str],
    *,
    count: int,
    others: bool,
    rng: Generator,
) -> list[Occurrence]:
    """`count` hidden frames to confuse one hidden frame with, drawn with replacement.

    others  False: of the same utterance, as the paper has it (Baevski 2020, Section 3.2); True: of
            other speakers' utterances, every hidden frame equally likely

    Raises ValueError for a frame that can be heard, and where there is nothing to draw from.
    """
    clip, frame = place
    if not hidden[clip][frame]:
        raise ValueError(f"frame {frame} of clip {clip} can be heard: choose a hidden one")
    if not others:
        frames = hidden[clip].nonzero()[:, 0]
        if len(frames) < 2:
            raise ValueError(f"clip {clip} hides one frame only: hide two or more")
        rank = int((frames == frame).nonzero())
        drawn = distractors([len(frames)], count, rng)[rank]
        return [Occurrence(clip, int(one)) for one in frames[drawn]]
    strangers = [at for at, who in enumerate(speakers) if who != speakers[clip]]
    pool = [Occurrence(at, int(t)) for at in strangers for t in hidden[at].nonzero()[:, 0]]
    if not pool:
        raise ValueError(f"nobody but {speakers[clip]} hides a frame: give another speaker's clip")
    return [pool[int(at)] for at in torch.randint(len(pool), (count,), generator=rng)]
