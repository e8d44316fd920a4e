"""The loop beside the same steps written out by hand, and resumed beside not interrupted."""

import multiprocessing
import os
import socket

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from lecturelib.objectives import Losses, Objective
from lecturelib.objectives.classification import Classification
from lecturelib.training.loop import Plan, Trainer, decay_groups
from lecturelib.training.schedule import cosine, linear
from tests.training.clouds import draw, fresh, weights


def test_the_loop_is_the_loop_written_out():
    plan = Plan(20, lr=0.01, schedule=cosine, weight_decay=0.1, clip=0.5, seed=4)
    ours, by_hand = fresh(), fresh()
    history = Trainer(ours, draw, plan).run()

    rng = torch.Generator().manual_seed(4)
    optimiser = torch.optim.AdamW(
        decay_groups(list(by_hand.parameters()), 0.1), lr=0.01, betas=(0.9, 0.98)
    )
    losses = []
    for step in range(20):
        for group in optimiser.param_groups:
            group["lr"] = 0.01 * cosine(step, 20)
        batch = draw(rng)
        loss = F.cross_entropy(by_hand.logits(batch.signal), batch.label)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(by_hand.parameters(), 0.5)
        optimiser.step()
        losses.append(loss.item())
    assert history.column("loss")[1] == pytest.approx(losses, abs=1e-6)
    torch.testing.assert_close(weights(ours), weights(by_hand), rtol=0, atol=1e-6)


def test_half_precision_is_autocast_and_both_precisions_fit_in_one_process():
    """A bfloat16 product keeps 8 bits: the first loss is the hand-made one's, to about 1 %."""
    losses = {}
    for bf16 in (False, True):
        losses[bf16] = (
            Trainer(fresh(), draw, Plan(1, lr=0.01, seed=4, bf16=bf16)).run().rows[0]["loss"]
        )
    batch = draw(torch.Generator().manual_seed(4))
    with torch.autocast("cpu", torch.bfloat16):
        by_hand = F.cross_entropy(fresh().logits(batch.signal), batch.labels)
    assert losses[True] == pytest.approx(by_hand.item(), abs=1e-6)
    assert losses[True] != losses[False] == pytest.approx(losses[True], rel=0.02)


def test_a_run_that_was_cut_goes_on_as_if_nothing_had_happened(tmp_path):
    plan = Plan(30, lr=0.01, save_every=10)
    whole, cut, resumed = fresh(0.5), fresh(0.5), fresh(0.5)
    straight = Trainer(whole, draw, plan).run()

    def stop_at_17(row):
        if row["step"] == 17:
            raise KeyboardInterrupt

    state = tmp_path / "state.safetensors"
    first = Trainer(cut, draw, plan, on_step=stop_at_17, state=state).run()
    assert first.interrupted
    assert len(first.rows) == 18
    second = Trainer(resumed, draw, plan, state=state).run()
    assert torch.equal(weights(resumed), weights(whole))
    assert second.column("loss") == straight.column("loss")


def test_another_plan_does_not_continue_a_run(tmp_path):
    state = tmp_path / "state.safetensors"
    Trainer(fresh(), draw, Plan(2, lr=0.01), state=state).run()
    with pytest.raises(ValueError, match="made with another plan"):
        Trainer(fresh(), draw, Plan(3, lr=0.01), state=state)


def test_the_stop_button_returns_the_model_so_far():
    model = fresh()

    def stop(row):
        raise KeyboardInterrupt

    history = Trainer(model, draw, Plan(5, lr=0.01), on_step=stop).run()
    assert history.interrupted
    assert len(history.rows) == 1
    assert not torch.equal(weights(model), weights(fresh()))
    assert not model.training


def test_weight_decay_leaves_biases_and_gains_alone():
    model = nn.Sequential(nn.Linear(4, 4), nn.LayerNorm(4))
    matrices, vectors = decay_groups(list(model.parameters()), 0.3)
    assert [tuple(p.shape) for p in matrices["params"]] == [(4, 4)]
    assert matrices["weight_decay"] == 0.3
    assert len(vectors["params"]) == 3
    assert vectors["weight_decay"] == 0


def test_measurements_join_their_rows_and_see_no_dropout():
    model = fresh(0.5)
    seen = []

    def measure():
        seen.append(model.training)
        return {"validation": float(len(seen))}

    history = Trainer(model, draw, Plan(7, lr=0.01, measure_every=3), measure).run()
    assert history.column("validation") == ([2, 5, 6], [1.0, 2.0, 3.0])
    assert seen == [False] * 3


def test_a_loss_that_is_not_a_number_stops_before_it_spoils_the_weights():
    class Broken(Objective):
        def __init__(self):
            super().__init__()
            self.weight = nn.Parameter(torch.ones(2))

        def forward(self, batch, rng):
            return Losses(self.weight.sum() * torch.nan, {}, 1)

    model = Broken()
    with pytest.raises(ValueError, match=r"loss is nan at step 0: lower lr=0\.1"):
        Trainer(model, draw, Plan(3, lr=0.1)).run()
    assert torch.equal(model.weight, torch.ones(2))


def test_the_objective_is_told_after_every_update():
    told = []

    class Listening(Classification):
        def after_step(self, step):
            told.append((step, weights(self).sum().item()))

    model = Listening(nn.Linear(5, 8), dim=8, classes=3)
    sums = [weights(model).sum().item()]
    Trainer(model, draw, Plan(3, lr=0.1), on_step=lambda row: sums.append(
        weights(model).sum().item())).run()  # fmt: skip
    assert told == list(zip(range(3), sums[1:], strict=True))
    assert len(set(sums)) == 4


def one_rank(rank: int, ranks: int, port: int, results) -> None:
    """A process of a gloo group; accelerate reads the environment."""
    os.environ |= {
        "RANK": str(rank),
        "LOCAL_RANK": str(rank),
        "WORLD_SIZE": str(ranks),
        "MASTER_ADDR": "127.0.0.1",
        "MASTER_PORT": str(port),
        "ACCELERATE_USE_CPU": "true",
    }
    torch.set_num_threads(1)
    model = fresh()
    history = Trainer(model, draw, Plan(6, lr=0.01, schedule=linear)).run()
    results.put((rank, weights(model).tolist(), history.column("loss")[1]))


@pytest.fixture
def unused_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def test_two_processes_are_one_process_with_all_the_rows(unused_port):
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    ranks = [context.Process(target=one_rank, args=(r, 2, unused_port, results)) for r in (0, 1)]
    for process in ranks:
        process.start()
    found = [results.get(timeout=120) for _ in ranks]
    for process in ranks:
        process.join()
    alone = fresh()
    history = Trainer(alone, draw, Plan(6, lr=0.01, schedule=linear)).run()
    for _, weight, loss in found:
        torch.testing.assert_close(torch.tensor(weight), weights(alone), rtol=0, atol=1e-6)
        assert loss == pytest.approx(history.column("loss")[1], abs=1e-6)
