"""data2vec's teacher: what moves it, what it sees, and what a run does with it."""

from functools import partial
from pathlib import Path

import pytest
import torch
from torch import Generator, Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import SPECIAL, from_vocabulary
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.words import Words
from lecturelib.masking import mask_words, random_patches
from lecturelib.objectives.latent_regression import LatentRegression, Settings
from lecturelib.recipes import beit
from lecturelib.recipes.data2vec import patches, words
from lecturelib.training.loop import Plan, Trainer
from tests.oracle import error, gradients, randomise

DIM, LENGTH = 12, 9
PIECES = from_vocabulary([*SPECIAL, *"abcdefghijklmno"])
SOME = partial(mask_words, share=0.4)


def text(seed: int = 0, size: int = 4) -> Batch:
    """[CLS], seven words, [SEP]."""
    rng = torch.Generator().manual_seed(seed)
    ids = torch.randint(len(SPECIAL), len(PIECES), (size, LENGTH), generator=rng)
    ids[:, 0], ids[:, -1] = PIECES.cls, PIECES.sep
    return Batch(ids, None, None)


def reader(*, dropout: float = 0.0, seed: int = 0, **settings) -> LatentRegression:
    """A small text model, teacher and student alike, in float32."""
    torch.manual_seed(seed)
    front = Words(vocab=len(PIECES), dim=DIM, length=LENGTH, dropout=dropout)
    variant = Variant(dropout=dropout)
    encoder = Encoder(dim=DIM, heads=3, depth=3, hidden=20, variant=variant)
    model = Model(frontend=front, encoder=encoder)
    view = partial(words, front, hide=SOME, pieces=PIECES)
    return LatentRegression(model, view=view, settings=Settings(**{"top": 2} | settings))


def seeded(seed: int = 0) -> Generator:
    return torch.Generator().manual_seed(seed)


def weights(m: nn.Module) -> Tensor:
    return torch.cat([p.detach().flatten().double() for p in m.parameters()])


def draw(rng: Generator) -> Batch:
    return text(int(torch.randint(1000, (), generator=rng)))


def test_the_teacher_is_a_weighted_sum_of_all_students_so_far() -> None:
    """Closed form: prod(tau) s_0 + sum_i (1 - tau_i) tau_{i+1} ... tau_n s_i, tau changing."""
    of = reader(tau=(0.5, 0.9, 4)).double()
    students, taus = [weights(of.model.encoder)], []
    for step in range(6):
        randomise(of.model.encoder, seed=step)
        of.after_step(step)
        students.append(weights(of.model.encoder))
        taus.append(of.teacher.tau)
    assert taus == pytest.approx([0.6, 0.7, 0.8, 0.9, 0.9, 0.9])
    want, kept = torch.zeros_like(students[0]), 1.0
    for student, tau in zip(reversed(students[1:]), reversed(taus), strict=True):
        want, kept = want + kept * (1 - tau) * student, kept * tau
    assert error(weights(of.teacher), want + kept * students[0]) < 1e-12


def test_in_a_run_the_teacher_follows_the_student_after_each_update() -> None:
    of = reader(tau=(0.5, 0.9, 4))
    want, trainer = weights(of.teacher), Trainer(of, draw, Plan(9, lr=0.01))
    for step, tau in enumerate((0.6, 0.7, 0.8, 0.9, 0.9)):
        trainer.step(step)
        want = tau * want + (1 - tau) * weights(of.model.encoder)
        assert error(weights(of.teacher), want) < 1e-6


def test_neither_gradients_nor_the_optimiser_reach_the_teacher() -> None:
    """tau 1: it never moves, whatever weight decay does; the student and front end do."""
    of = reader(tau=(1.0, 1.0, 1))
    before = {name: value.clone() for name, value in of.state_dict().items()}
    trainer = Trainer(of, draw, Plan(3, lr=0.01, weight_decay=0.5))
    trained = {id(p) for group in trainer.optimiser.param_groups for p in group["params"]}
    assert not trained & {id(p) for p in of.teacher.parameters()}
    assert trained == {id(p) for part in (of.model, of.head) for p in part.parameters()}
    trainer.run()
    assert all(p.grad is None and not p.requires_grad for p in of.teacher.parameters())
    for name, value in of.state_dict().items():
        assert torch.equal(value, before[name]) == name.startswith("teacher."), name


def test_the_teacher_never_drops_anything_out() -> None:
    """Neither does the front end while it looks; no random number is used up."""
    of = reader(dropout=0.5)
    assert not any(m.training for m in of.teacher.modules())  # before anybody calls train()
    of.train()
    assert of.training
    assert of.model.training
    assert not any(m.training for m in of.teacher.modules())
    state, view = torch.get_rng_state(), of.view(text())
    train = of.target(view)
    assert torch.equal(state, torch.get_rng_state())
    assert all(m.training for m in of.model.modules())
    assert torch.equal(train, of.target(view))
    assert not torch.equal(view.whole(), view.whole())  # the student's look does drop out
    assert torch.equal(of.eval().target(view), train)
    assert not any(m.training for m in of.model.modules())


def test_a_look_that_fails_leaves_the_front_end_as_it_was() -> None:
    of = reader().train()
    wrong = of.view(Batch(text().signal + 100, None, None))
    with pytest.raises(ValueError, match="ids run from"):
        of.target(wrong)
    assert of.model.frontend.training


def test_a_run_that_was_cut_goes_on_as_if_nothing_had_happened(tmp_path: Path) -> None:
    """Teacher and tau too, with dropout, so that random states count."""
    make = partial(reader, dropout=0.2, tau=(0.5, 0.99, 9))
    plan, state = Plan(8, lr=0.01, save_every=3), tmp_path / "state.safetensors"
    whole, cut, resumed = make(), make(), make(seed=5)
    straight = Trainer(whole, draw, plan).run()

    def stop_at_4(row: dict) -> None:
        if row["step"] == 4:
            raise KeyboardInterrupt

    assert Trainer(cut, draw, plan, on_step=stop_at_4, state=state).run().interrupted
    second = Trainer(resumed, draw, plan, state=state).run()
    for name, value in whole.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], value), name
    assert whole.teacher.tau == resumed.teacher.tau == pytest.approx(0.99 - 0.49 / 9)
    for name in ("loss", "r2", "target_variance", "prediction_variance"):
        assert second.column(name) == straight.column(name)
    assert not torch.equal(weights(whole.teacher), weights(whole.model.encoder))


def test_a_near_sighted_teacher_does_not_know_what_is_far() -> None:
    """1 word to each side in 3 layers: 3 words. Without a norm over time, nothing else mixes."""
    of, near, far = reader(top=1, window=1).double(), text(size=1), text(size=1)
    far.signal[0, 1] = near.signal[0, 1] % 10 + len(SPECIAL) + 1
    assert far.signal[0, 1] != near.signal[0, 1]
    change = (of.target(of.view(near)) - of.target(of.view(far))).abs().amax(2)[0]
    assert (change[:5] > 1e-9).all()  # places 0-4 are at most 3 from place 1
    assert (change[5:] == 0).all()
    everything = reader(top=1).double()
    change = everything.target(everything.view(near)) - everything.target(everything.view(far))
    assert (change.abs().amax(2) > 1e-9).all()


def test_the_student_sees_far_whatever_the_teacher_sees() -> None:
    near, everything = reader(window=1), reader()
    guesses = [
        of.guess(of.view(text()), torch.zeros(4, LENGTH, DIM), seeded())[0]
        for of in (near, everything)
    ]
    assert torch.equal(*guesses)


def test_a_student_that_sees_everything_has_nothing_to_learn() -> None:
    """cover=False, still the teacher's equal and no head: it says what the teacher says."""
    same = {"top": 1, "target": "out", "norm": "none"}
    for cover in (False, True):
        of = reader(cover=cover, **same).double()
        of.head = nn.Identity()
        found = of(text(), seeded())
        assert (float(found.total.detach()) < 1e-20) == (not cover)
        assert (float(found.parts["r2"]) == pytest.approx(1)) == (not cover)
        assert found.count == 4 * 4  # 40 % of 9 words


def test_three_masks_are_three_times_one_mask() -> None:
    """The same rng goes on; the teacher looks once."""
    three, one = reader(masks=3).double(), reader().double()
    looks = []
    three.teacher.network.layers[0].register_forward_pre_hook(lambda *_: looks.append(1))
    rng, batch = seeded(), text()
    have, want = three(batch, seeded()), [one(batch, rng) for _ in range(3)]
    assert have.count == sum(single.count for single in want)
    assert error(have.total, sum(single.total for single in want)) < 1e-12
    assert len({float(single.total.detach()) for single in want}) == 3
    have.total.backward()
    sum(single.total for single in want).backward()
    theirs = gradients(one)
    for name, value in gradients(three).items():
        assert error(value, theirs[name]) < 1e-12, name


def test_relative_positions_reach_teacher_and_student() -> None:
    torch.manual_seed(0)
    model = beit("mini")
    hide = partial(random_patches, share=0.5)
    view = partial(patches, model.frontend, hide=hide)
    of: LatentRegression = randomise(  # type: ignore[assignment]
        LatentRegression(model, view=view, settings=Settings(top=4, norm="average"))
    )
    batch = Batch(torch.rand(2, 3, 32, 32, generator=seeded()).double(), None, None)
    seen = view(batch)
    trace = of.teacher.network.trace(seen.whole(), bias=model.frontend.bias()).layers
    want = sum(layer.feed_forward for layer in trace) / 4
    want = nn.functional.layer_norm(want, (128,))
    assert error(of.target(seen), want) < 1e-10
    tokens, hidden = seen.cover(seeded())
    context = model.encoder.trace(tokens, bias=model.frontend.bias()).context
    have = of.guess(seen, want, seeded())[0]
    assert error(have, of.head(context[hidden])) < 1e-10
    of(batch, seeded()).total.backward()
    assert model.frontend.relative[0].table.grad.abs().max() > 0
    model.frontend.relative[0].table.data.zero_()
    assert error(of.target(seen), want) > 1e-3
    assert error(of.guess(seen, want, seeded())[0], have) > 1e-3


def test_in_bfloat16_products_weights_teacher_and_targets_stay_float32() -> None:
    """A tau so near to 1 moves the teacher all the same, and everything of the student learns."""
    of, seen = reader(tau=(0.9999, 0.9999, 1)), []
    real = of.target
    of.target = lambda view: seen.append(real(view)) or seen[-1]
    before = weights(of.teacher)
    row = Trainer(of, draw, Plan(2, lr=0.01, bf16=True)).run().rows[0]
    full = Trainer(reader(), draw, Plan(1, lr=0.01)).run().rows[0]
    assert row["loss"] != full["loss"] == pytest.approx(row["loss"], rel=0.02)
    assert {value.dtype for value in of.state_dict().values()} == {torch.float32}
    assert {target.dtype for target in seen} == {torch.float32}
    assert not torch.equal(weights(of.teacher), before)
    assert gradients(of).keys() == {n for n, p in of.named_parameters() if p.requires_grad}
