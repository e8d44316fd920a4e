"""What is asked of frozen frames one by one: which letter, and is the speech fluent here?

One linear layer on a learned mix of the layers, as in SUPERB (Yang et al. 2021, Section 2.2).
"""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from einops import rearrange
from torch import Generator, Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from lecturelib.adapt.events import Kinds, balanced_accuracy, event_f1, events_of, smooth
from lecturelib.adapt.hearing import Frames, Hear, frames
from lecturelib.adapt.layers import Labelled, standardised, weigh_layers
from lecturelib.adapt.recognition import Alphabet, error_rates
from lecturelib.adapt.transfer import few_labels
from lecturelib.data.disfluencies import KINDS, Timeline, frame_kinds
from lecturelib.data.speech import Utterance
from lecturelib.decoding.ctc import greedy
from lecturelib.encoders.scalar_mix import ScalarMix

STEPS, BATCH = 240, 16
DECAY = 1.0  # best of 0, 1, 5 on strings of the validation speaker, mean of three encoders
BALANCED = 1000  # frames of each kind, at most


def letters_wrong(hear: Hear, known: Sequence[Utterance], unseen: Sequence[Utterance]) -> float:
    """Character error rate on the unseen clips, after learning to spell the known ones."""
    texts = [said.text or "" for said in known]
    guess = spell(frames(hear, known), texts, frames(hear, unseen))
    return error_rates([said.text or "" for said in unseen], guess).letters


def spell(known: list[Frames], texts: Sequence[str], unseen: list[Frames]) -> list[str]:
    """The letters of unseen clips: a linear layer and softmax in each frame, trained by CTC."""
    alphabet = Alphabet("".join(sorted(set("".join(texts)))))
    seen, new = scaled(known, unseen)
    mix, head = ScalarMix(len(known[0])), nn.Linear(known[0].shape[2], len(alphabet))
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    probe = nn.Sequential(mix, head, nn.LogSoftmax(-1))
    optimiser = torch.optim.AdamW(probe.parameters(), lr=0.02, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.LinearLR(optimiser, 1.0, 0.0, total_iters=STEPS)
    rng = Generator().manual_seed(0)
    for _ in range(STEPS):
        rows: list[int] = torch.randint(len(seen), (BATCH,), generator=rng).tolist()
        label, is_label_pad = alphabet.labels([texts[row] for row in rows])
        states = side_by_side([seen[row] for row in rows])
        lengths = torch.tensor([seen[row].shape[1] for row in rows])
        optimiser.zero_grad()
        F.ctc_loss(probe(states), label, lengths, (~is_label_pad).sum(1)).backward()
        optimiser.step()
        schedule.step()
    with torch.no_grad():
        return [alphabet.decode(greedy(probe(one)).ids) for one in new]


def side_by_side(clips: Sequence[Frames]) -> Tensor:
    """[layers, time, clips, dim], zeros after the end: time first, as PyTorch's CTC wants it."""
    rows = [rearrange(one, "layers time dim -> time layers dim") for one in clips]
    return rearrange(pad_sequence(rows), "time clips layers dim -> layers time clips dim")


def scaled(known: list[Frames], unseen: list[Frames]) -> tuple[list[Frames], list[Frames]]:
    """Both in the known frames' scale, clip by clip."""
    seen, new = standardised(torch.cat(known, dim=1), torch.cat(unseen, dim=1))
    return split_like(seen, known), split_like(new, unseen)


def split_like(states: Tensor, clips: Sequence[Frames]) -> list[Tensor]:
    """Frames of all clips in a row [layers, time, dim] -> clip by clip."""
    return list(states.split([one.shape[1] for one in clips], dim=1))


def stumbles(hear: Hear, known: Sequence[Timeline], unseen: Sequence[Timeline]) -> list[Kinds]:
    """The kind of each frame of the unseen clips, smoothed.

    Learned from as many frames of each kind, since most are fluent. Raises ValueError where a kind
    does not occur in the known clips.
    """
    seen = frames(hear, [one.said for one in known])
    label = torch.cat(true_kinds(known, [one.shape[1] for one in seen]))
    count = label.bincount(minlength=1 + len(KINDS))
    if rare := [kind for kind, n in zip(("fluent", *KINDS), count, strict=True) if not n]:
        raise ValueError(f"no frame is a {', '.join(rare)}: give clips in which each kind occurs")
    rows = few_labels(label, min(int(count.min()), BALANCED), seed=0)
    heard = Labelled(torch.cat(seen, dim=1)[:, rows], label[rows])
    new = frames(hear, [one.said for one in unseen])
    guess, _ = weigh_layers(heard, torch.cat(new, dim=1), cost=0.1)
    return [smooth(kinds) for kinds in guess.split([one.shape[1] for one in new])]


def true_kinds(lines: Sequence[Timeline], lengths: Sequence[int]) -> list[Kinds]:
    """What should be guessed, of so many frames of each clip."""
    return [frame_kinds(line.events, n) for line, n in zip(lines, lengths, strict=True)]


def events_heard(guess: Sequence[Kinds], unseen: Sequence[Timeline]) -> tuple[float, float]:
    """Share of frames right, each kind counting alike, and the F1 of whole events."""
    true = true_kinds(unseen, [len(kinds) for kinds in guess])
    right = balanced_accuracy(torch.cat(true), torch.cat(list(guess)))
    return right, event_f1([line.events for line in unseen], [events_of(one) for one in guess])
