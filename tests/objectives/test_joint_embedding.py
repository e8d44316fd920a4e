"""I-JEPA: the loss and its gradients by a plain loop, and a teacher that no gradient reaches."""

import copy

import pytest
import torch
import torch.nn.functional as F

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.patches import Patches
from lecturelib.objectives.joint_embedding import JointEmbedding
from tests.oracle import error, gradients, randomise, same_gradients

IMAGES = torch.rand(2, 3, 8, 12, dtype=torch.double, generator=torch.Generator().manual_seed(0))
EVEN = torch.tensor([[1, 1, 0, 1, 0, 1], [0, 1, 1, 1, 1, 0]]).bool()
UNEVEN = torch.tensor([[1, 1, 0, 1, 1, 1], [0, 0, 1, 1, 1, 0]]).bool()


def objective(hidden: torch.Tensor = UNEVEN) -> JointEmbedding:
    variant = Variant(norm_first=True, activation=F.gelu, eps=1e-6, dropout=0.0)
    front = Patches(grid=(2, 3), patch=(4, 4), channels=3, dim=12)
    encoder = Encoder(dim=12, heads=3, depth=2, hidden=20, variant=variant)
    model = Model(frontend=front, encoder=encoder)
    ours = JointEmbedding(model, hide=lambda *_: hidden, dim=8, depth=1, tau=(0.9, 0.99, 4))
    return randomise(ours)  # type: ignore[return-value]


def by_hand(ours: JointEmbedding, hidden: torch.Tensor) -> tuple[list, list]:
    """(guesses, answers), one picture and one place at a time; no padding, no gather."""
    student, teacher, own = ours.model, ours.teacher.network, ours.predictor
    guesses, answers = [], []
    for image, gone in zip(IMAGES, hidden.tolist(), strict=True):
        tokens = student.frontend(image[None])[0]
        seen = [0] + [1 + place for place, is_gone in enumerate(gone) if not is_gone]
        context = own.enter(student.encoder(torch.stack([tokens[i] for i in seen])[None]))[0]
        rows = [context[seen.index(i)] if i in seen else own.missing for i in range(7)]
        said = own.encoder((torch.stack(rows) + own.position[0])[None])[0]
        known = teacher.encoder(teacher.frontend(image[None]))[0].detach()
        for place, is_gone in enumerate(gone, start=1):
            if is_gone:
                x = known[place]
                guesses.append(own.leave(said[place]))
                answers.append((x - x.mean()) / (x.var(correction=0) + 1e-5).sqrt())
    return guesses, answers


@pytest.mark.parametrize("hidden", [EVEN, UNEVEN])
def test_equals_a_plain_loop(hidden):
    ours = objective(hidden)
    guesses, answers = by_hand(ours, hidden)
    want = torch.zeros((), dtype=torch.double)
    for guess, answer in zip(guesses, answers, strict=True):
        want = want + (guess - answer).square().sum() / 12
    want.backward()
    grads = {name: grad.clone() for name, grad in gradients(ours).items()}
    ours.zero_grad()
    total, parts, count = ours(Batch(IMAGES, None, None), torch.Generator())
    total.backward()
    assert count == hidden.sum()
    assert error(total, want) < 1e-10
    same_gradients(ours, grads)
    assert not [name for name in grads if name.startswith("teacher")]
    answer, guess = torch.stack(answers).numpy(), torch.stack(guesses).detach().numpy()
    left, around = ((guess - answer) ** 2).sum(), ((answer - answer.mean(0)) ** 2).sum()
    assert float(parts["r2"]) == pytest.approx(1 - left / around)
    assert float(parts["target_variance"]) == pytest.approx(answer.var(0).mean())
    assert float(parts["prediction_variance"]) == pytest.approx(guess.var(0).mean())


def test_the_student_never_sees_what_is_hidden_and_the_teacher_does():
    ours, other = objective(), IMAGES.clone()
    other[1, :, 4:, :8] = 0.5  # patches 3 and 4 of the second picture: both hidden
    assert torch.equal(ours.guess(IMAGES, UNEVEN), ours.guess(other, UNEVEN))
    assert error(ours.target(IMAGES)[1], ours.target(other)[1]) > 1e-3


def test_the_teacher_follows_the_whole_student():
    ours = objective()
    with torch.no_grad():
        for weight in ours.model.parameters():
            weight.add_(1.0)
    want = copy.deepcopy(ours.teacher.network)
    for step, tau in enumerate([0.9225, 0.945, 0.9675, 0.99, 0.99]):
        ours.after_step(step)
        assert ours.teacher.tau == pytest.approx(tau)
        for old, new in zip(want.parameters(), ours.model.parameters(), strict=True):
            old.data = tau * old.data + (1 - tau) * new.data
    for (name, have), weight in zip(
        ours.teacher.network.named_parameters(), want.parameters(), strict=True
    ):
        assert error(have, weight) < 1e-12, name
        assert not have.requires_grad
    assert ours.train().model.training
    assert not ours.teacher.network.training


def test_bad_input_is_named():
    ours = objective()
    with pytest.raises(ValueError, match=r"hidden is \[2, 5\], the pictures have \[2, 6\]"):
        ours.guess(IMAGES, UNEVEN[:, :5])
    for hidden, message in ((UNEVEN | True, "hide everything"), (UNEVEN & False, "nothing is hid")):
        with pytest.raises(ValueError, match=message):
            ours.guess(IMAGES, hidden)
    with pytest.raises(ValueError, match=r"tau=1\.5 is outside 0-1"):
        JointEmbedding(ours.model, hide=ours.hide, tau=(0.9, 1.5, 10))
