"""Three worlds: numbers are the objective's own, colours are components, copies are copies."""

import copy
from dataclasses import replace
from functools import cache

import pytest
import torch
from sklearn.decomposition import PCA
from torch import Generator, Tensor

from lecturelib.adapt.three_worlds import (
    HIDING,
    Look,
    Palette,
    World,
    code,
    differing,
    looks,
    panels,
    turned,
    unguarded,
    verdict,
)
from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import WordPieces, train_wordpieces
from lecturelib.objectives.latent_regression import LatentRegression
from lecturelib.recipes.data2vec import data2vec, patches, words
from lecturelib.training.loop import Plan, Trainer
from lecturelib.training.schedule import constant

NUMBERS = ("r2", "target_variance", "prediction_variance")
KINDS = ("speech", "images", "text")
TEXT = ["the cat sat on the mat and the dog lay by the door", "a red hen ran over the long road"]


@cache
def pieces() -> WordPieces:
    return train_wordpieces(TEXT * 5, 60)


def examples(kind: str, rng: Generator) -> Batch:
    """Three examples of noise; of text, the last is shorter."""
    if kind == "speech":
        return Batch(torch.randn(3, 8000, generator=rng), None, None)
    if kind == "images":
        return Batch(torch.rand(3, 3, 32, 32, generator=rng), None, None)
    ids = torch.randint(5, len(pieces()), (3, 16), generator=rng)
    ids[:, 0], ids[:, -1], ids[2, 12:] = pieces().cls, pieces().sep, pieces().pad
    return Batch(ids, ids == pieces().pad, None)


def begun(kind: str) -> LatentRegression:
    torch.manual_seed(3)
    name = {"speech": "waveform", "images": "patches", "text": "words"}[kind]
    return data2vec(name, pieces=pieces() if kind == "text" else None)


def world(kind: str) -> World:
    shown = examples(kind, Generator().manual_seed(1))
    first = int(kind == "images")
    return World(kind, "", begun(kind), lambda rng: examples(kind, rng), shown, first=first)


def as_forward(objective: LatentRegression, shown: Batch) -> list[float]:
    """The same numbers from the objective's own forward."""
    with torch.no_grad():
        parts = objective.eval()(shown, Generator().manual_seed(HIDING)).parts
    return [float(parts[name]) for name in NUMBERS]


def values(look: Look) -> list[float]:
    return [getattr(look, name) for name in NUMBERS]


@pytest.mark.parametrize("kind", KINDS)
def test_each_look_is_the_objective_on_what_is_held_out_after_that_many_steps(kind: str) -> None:
    here, plain = world(kind), begun(kind)
    seen = list(looks(here, 2, 1, seed=5))
    assert [look.step for look in seen] == [0, 1, 2]
    want = [as_forward(plain, here.shown)]
    trainer = Trainer(plain, here.draw, Plan(2, lr=1e-3, schedule=constant, clip=5.0, seed=5))
    for step in range(2):
        plain.train()
        trainer.step(step)
        want.append(as_forward(plain, here.shown))
    for look, numbers in zip(seen, want, strict=True):
        assert values(look) == pytest.approx(numbers, rel=1e-5, abs=1e-7)
    assert want[0] != pytest.approx(want[2], rel=1e-3)


@pytest.mark.parametrize("kind", KINDS)
def test_a_run_leaves_the_world_as_it_was_and_its_seed_is_all_that_it_depends_on(kind: str) -> None:
    here = world(kind)
    before = copy.deepcopy(here.objective.state_dict())
    one, same, other = (list(looks(here, 2, 2, seed))[1] for seed in (0, 0, 1))
    after = here.objective.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert values(one) == values(same)
    assert (one.target == same.target).all()
    assert (one.prediction == same.prediction).all()
    assert values(one) != values(other)


@pytest.mark.parametrize("kind", KINDS)
def test_colours_are_those_of_the_first_examples_places(kind: str) -> None:
    """48 frames of a second; 64 patches without [class]; text without padding."""
    here = world(kind)
    if kind == "text":
        here = replace(here, shown=here.shown.rows([2, 0, 1]))
    (look,) = looks(here, 0, 1)
    objective, first = here.objective.eval(), here.first
    with torch.no_grad():
        view = objective.view(here.shown)
        target = objective.target(view)
        tokens, hidden = view.cover(Generator().manual_seed(HIDING))
        guess = objective.head(objective.model.encoder(tokens, view.is_pad))
    is_pad = torch.zeros_like(hidden) if view.is_pad is None else view.is_pad
    everywhere = target[:, first:][~is_pad[:, first:]]
    size = {"speech": 48, "images": 64, "text": 12}[kind]
    assert len(look.hidden) == size
    assert look.hidden.tolist() == hidden[0, first : first + size].tolist()
    palette = Palette()
    palette.follow(everywhere)
    for vectors, colours in ((target, look.target), (guess, look.prediction)):
        want = palette.colours(vectors[0, first : first + size])
        assert abs(colours - want).max() < 1e-5


def cloud(count: int = 200, dim: int = 8) -> Tensor:
    """Vectors that vary differently along each axis, turned, off centre."""
    rng = Generator().manual_seed(0)
    scale = torch.linspace(3, 0.1, dim).double()
    turn = torch.linalg.qr(torch.randn(dim, dim, generator=rng, dtype=torch.double)).Q
    return (torch.randn(count, dim, generator=rng, dtype=torch.double) * scale) @ turn + 7


def test_red_green_and_blue_are_the_first_three_principal_components() -> None:
    x = cloud()
    palette = Palette()
    palette.follow(x)
    along = torch.as_tensor(PCA(3, svd_solver="full").fit_transform(x.numpy()))
    want = along / along.std(0, correction=0) / 4  # two deviations are full colour
    found = torch.as_tensor(palette.colours(x)) - 0.5
    signs = (want * found).sum(0).sign()
    assert (found - (want * signs).clamp(-0.5, 0.5)).abs().max() < 1e-10
    assert torch.as_tensor(palette.colours(x.mean(0, keepdim=True))).sub(0.5).abs().max() < 1e-12


def test_turning_undoes_a_rotation_and_a_mirror_and_is_as_near_as_can_be() -> None:
    rng = Generator().manual_seed(0)
    basis, onto = (
        torch.linalg.qr(torch.randn(8, 3, generator=rng, dtype=torch.double)).Q.T for _ in range(2)
    )
    best = (turned(basis, onto) - onto).norm()
    for _ in range(50):
        turn = torch.linalg.qr(torch.randn(3, 3, generator=rng, dtype=torch.double)).Q
        assert (turned(turn @ basis, basis) - basis).abs().max() < 1e-12
        assert (turn @ basis - onto).norm() >= best
    mirrored = turned(-basis, None)
    assert (mirrored - turned(basis, None)).abs().max() == 0


def test_colours_do_not_jump_where_components_change_places() -> None:
    """Two axes that vary alike swap: without turning, red and green would."""
    x = cloud()
    x = torch.linalg.qr(x - x.mean(0)).Q * len(x) ** 0.5
    stretch = torch.ones(2, 8).double()
    stretch[:, :3] = torch.tensor([[3.0, 2.9, 2.0], [2.9, 3.0, 2.0]])
    first, second = (x * one for one in stretch)
    palette = Palette()
    palette.follow(first)
    before = palette.colours(first)
    palette.follow(second)
    assert abs(palette.colours(second) - before).max() < 0.1
    fresh = Palette()
    fresh.follow(second)
    assert abs(fresh.colours(second) - before).max() > 0.3


def test_what_no_longer_varies_turns_grey_and_full_colour_stays() -> None:
    x = cloud()
    palette = Palette()
    palette.follow(x)
    before = torch.as_tensor(palette.colours(x)) - 0.5
    middle = before.abs().max(1).values < 0.49
    palette.follow(x / 10)
    found = torch.as_tensor(palette.colours(x / 10)) - 0.5
    assert (found - before / 10)[middle].abs().max() < 1e-10
    with pytest.raises(ValueError, match="no targets yet: let it follow some"):
        Palette().colours(x)


def test_without_safeguards_the_teacher_is_the_student_and_the_start_is_the_same() -> None:
    here = world("images")
    bare = unguarded(here)
    settings = bare.objective.settings
    assert (settings.norm, settings.tau) == ("none", (0.0, 0.0, 1))
    assert here.objective.settings.norm != "none"
    ours, theirs = here.objective.state_dict(), bare.objective.state_dict()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    objective = copy.deepcopy(bare.objective)
    assert objective.teacher.tau == 0
    Trainer(objective, bare.draw, Plan(1, lr=1e-3)).step(0)
    teacher, student = objective.teacher.network, objective.model.encoder
    pairs = list(zip(teacher.parameters(), student.parameters(), strict=True))
    assert all(torch.equal(one, other) for one, other in pairs)
    moved = zip(student.parameters(), here.objective.model.encoder.parameters(), strict=True)
    assert any(not torch.equal(one, other) for one, other in moved)


def test_a_panel_is_plain_data_and_shows_what_the_student_sees() -> None:
    speech, images, text = panels([world(kind) for kind in KINDS])
    assert [speech.signal.shape, images.signal.shape] == [(8000,), (3, 32, 32)]
    assert len(text.signal) == len(text.seen) == 16
    (look,) = looks(world("text"), 0, 1)
    changed = [one != other for one, other in zip(text.signal, text.seen, strict=True)]
    assert all(hidden for hidden, other in zip(look.hidden, changed, strict=True) if other)
    assert "[MASK]" in text.seen
    assert "[MASK]" not in text.signal


def test_a_recipes_own_lines_are_marked_and_shared_ones_are_not() -> None:
    _, images, text = panels([world(kind) for kind in KINDS])
    assert images.lines[0].startswith("def patches(")
    assert not any('"""' in line or not line.strip() for line in images.lines)
    marks = dict(zip(text.lines, text.changed, strict=True))
    assert marks["    def cover(rng: Generator) -> Covered:"] is False
    assert [line for line, own in marks.items() if own and "hide(" in line]
    assert differing([["a", "b"], ["b", "c"], ["b"]]) == [[True, False], [False, True], [False]]
    assert len(code(words)) == len(text.lines)
    assert code(patches) == list(images.lines)


def look(step: int, r2: float, prediction: float) -> Look:
    empty = torch.zeros(1, 3).numpy()
    return Look(step, r2, 0.5, prediction, torch.zeros(1).bool().numpy(), empty, empty)


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (look(60, 0.02, 0.1), "R2 0.02 after 60 steps: not learned"),
        (look(70, -0.5, 0.1), "R2 \N{MINUS SIGN}0.50 after 70 steps: not learned"),
        (look(59, 0.02, 0.1), ""),
        (look(60, 0.1, 0.1), ""),
        (look(60, 0.1, 0.0049), "all predictions alike"),
        (look(60, 0.1, 0.0051), ""),
        (look(0, 0.0, 0.0), ""),
        (look(80, 0.0, 0.0), "R2 0.00 after 80 steps: not learned; all predictions alike"),
    ],
)
def test_who_has_not_learned_says_so(now: Look, said: str) -> None:
    assert verdict(now, look(0, 0, 1)) == said
