"""A batch in parts: the step is that of the whole batch, whoever computes them."""

from dataclasses import replace

import pytest
import torch
from torch import Generator, nn

from lecturelib.data.batch import Batch
from lecturelib.data.unread import Unread, unread
from lecturelib.objectives import Losses, Objective
from lecturelib.training.loop import Plan, Trainer
from tests.training.clouds import draw, fresh, weights

PLAN = Plan(5, lr=0.01)


@pytest.mark.parametrize("parts", [2, 5, 12])
def test_parts_are_the_whole_batch_also_where_they_differ_in_size(parts: int) -> None:
    whole, cut = fresh(), fresh()
    one = Trainer(whole, draw, PLAN).run()
    two = Trainer(cut, draw, replace(PLAN, parts=parts)).run()
    torch.testing.assert_close(weights(cut), weights(whole), rtol=0, atol=1e-6)
    for name in ("loss", "accuracy", "grad_norm"):
        assert one.column(name)[1] == pytest.approx(two.column(name)[1], abs=1e-6)


class Some(Objective):
    """Of row i the first i values count: the parts count differently much."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(5))

    def forward(self, batch: Batch, rng: Generator) -> Losses:
        counted = batch.labels[:, None] > torch.arange(5)
        loss = (batch.signal - self.weight).square()[counted]
        return Losses(loss.sum(), {"square": loss.detach().mean()}, len(loss))


def test_the_mean_is_over_all_that_was_counted_not_over_parts() -> None:
    """By hand: one mean over 1 + 2 + 3 + 4 values."""
    signal, label = torch.arange(20.0).view(4, 5), torch.tensor([1, 2, 3, 4])
    model = Some()
    plan = Plan(1, lr=0.1, parts=4, clip=1e9)
    row = Trainer(model, lambda rng: Batch(signal, None, label), plan).run().rows[0]
    values = torch.cat([signal[i, : i + 1] for i in range(4)])
    expected = pytest.approx(values.square().mean().item(), rel=1e-6)
    assert row["loss"] == expected
    assert row["square"] == expected
    slope = torch.stack(
        [-2 * sum(signal[i, j] for i in range(4) if i >= j) / 10 * torch.ones(()) for j in range(5)]
    )
    assert row["grad_norm"] == pytest.approx(slope.norm().item(), rel=1e-6)


def test_parts_with_chance_of_their_own_resume_exactly(tmp_path) -> None:
    plan = replace(PLAN, steps=9, parts=3, save_every=2)
    whole, cut, resumed = fresh(0.5), fresh(0.5), fresh(0.5)
    Trainer(whole, draw, plan).run()

    def stop(row: dict) -> None:
        if row["step"] == 4:
            raise KeyboardInterrupt

    state = tmp_path / "state.safetensors"
    Trainer(cut, draw, plan, on_step=stop, state=state).run()
    Trainer(resumed, draw, plan, state=state).run()
    assert torch.equal(weights(resumed), weights(whole))


def test_only_the_rows_of_a_part_are_read() -> None:
    read: list[int] = []

    def look(rngs: list[Generator]) -> Batch:
        read.append(len(rngs))
        rows = torch.stack([torch.randn(5, generator=rng) for rng in rngs])
        return Batch(rows, None, (rows[:, 0] > 0).long())

    whole, cut = fresh(), fresh()
    Trainer(whole, unread(look, 12), replace(PLAN, steps=1)).run()
    Trainer(cut, unread(look, 12), replace(PLAN, steps=1, parts=4)).run()
    assert read == [12, 3, 3, 3, 3]
    torch.testing.assert_close(weights(cut), weights(whole), rtol=0, atol=1e-6)


def test_rows_are_what_their_seeds_say_alone_or_among_others() -> None:
    def look(rngs: list[Generator]) -> Batch:
        return Batch(torch.stack([torch.randn(3, generator=rng) for rng in rngs]), None, None)

    drawn = unread(look, 6)(Generator().manual_seed(0))
    assert isinstance(drawn, Unread)
    every = drawn.rows(slice(None)).signal
    assert torch.equal(drawn.rows(slice(1, None, 2)).signal, every[1::2])
    assert len(every.unique(dim=0)) == 6
