"""Moving a network: what is held stands exactly still, and every arm is what its name says."""

import copy

import pytest
import torch
from torch import Generator, Tensor, nn

from lecturelib.adapt import moving
from lecturelib.adapt.moving import HALF, How, Standing, arms, hold_lower, learn
from lecturelib.adapt.self_training import accuracy
from lecturelib.adapt.transfer import read_out
from lecturelib.data.batch import Batch
from lecturelib.encoders.vgg import ConvStack
from lecturelib.recipes.images import MINI_VGG

PLAN = (6, "M", 8, "M")  # conv, norm, ReLU, halving; twice


def seasoned(plan=PLAN) -> ConvStack:
    """An encoder whose statistics are no longer 0 and 1, as after training."""
    torch.manual_seed(0)
    encoder = ConvStack(channels=3, plan=plan)
    encoder.train()(torch.rand(16, 3, 8, 8))
    return encoder.eval()


def colours(count: int, seed: int, classes: int = 3) -> Batch:
    """Noise that is redder, greener or bluer: the channel is the label."""
    rng = torch.Generator().manual_seed(seed)
    label = torch.arange(count) % classes
    pixels = 0.5 * torch.rand(count, 3, 8, 8, generator=rng)
    pixels[torch.arange(count), label] += 0.4
    return Batch(pixels, None, label)


def state(module: nn.Module) -> dict[str, Tensor]:
    return copy.deepcopy(module.state_dict())


def same(one: dict[str, Tensor], two: dict[str, Tensor]) -> list[bool]:
    """Which weights and statistics agree to the last bit."""
    return [torch.equal(a, b) for a, b in zip(one.values(), two.values(), strict=True)]


def lower(encoder: nn.Module) -> Standing:
    """What is held of it."""
    assert isinstance(encoder, ConvStack)
    held = encoder.layers[0]
    assert isinstance(held, Standing)
    return held


def unchanged(images: Tensor, rng: Generator) -> Tensor:
    return images


@pytest.mark.parametrize("layers", [0, 3, 4, 8])
def test_held_layers_give_the_same_function_and_the_original_is_untouched(layers: int) -> None:
    encoder, images = seasoned(), colours(5, 1).signal
    before, vectors = state(encoder), encoder(images)
    held = hold_lower(encoder, layers)
    assert torch.equal(held(images), vectors)
    assert len(lower(held)) == layers
    held.train()(images)  # moves the statistics of what is not held
    with torch.no_grad():
        for weights in held.parameters():
            weights.add_(1)
    assert all(same(before, state(encoder)))
    assert all(weights.requires_grad for weights in encoder.parameters())
    assert len(encoder.layers) == 8


def test_held_layers_stand_still_to_the_last_bit_while_all_others_learn() -> None:
    encoder = seasoned()
    before = state(encoder)
    how = How(steps=4, lr=1e-2, augment=unchanged)
    learned = learn(hold_lower(encoder, 4), colours(12, 1), how=how, seed=0).encoder
    assert isinstance(learned, ConvStack)
    assert all(same(state(lower(learned)), state(encoder.layers[:4])))
    assert not any(same(state(learned.layers[1:]), state(encoder.layers[4:])))
    assert all(same(before, state(encoder)))


def test_standing_layers_stay_in_eval_mode_while_the_rest_trains() -> None:
    held = hold_lower(seasoned(), 4)
    held.train()
    still = [name for name, layer in held.named_modules() if not layer.training]
    assert still == ["layers.0", *(f"layers.0.{number}" for number in range(4))]
    assert [weights.requires_grad for weights in held.parameters()] == [False] * 3 + [True] * 3


def test_half_is_four_of_the_six_convolutions_up_to_the_second_halving() -> None:
    layers = seasoned(MINI_VGG).layers
    kinds = [[type(layer) for layer in part] for part in (layers[:HALF], layers[HALF:])]
    assert [part.count(nn.Conv2d) for part in kinds] == [4, 2]
    assert [part.count(nn.MaxPool2d) for part in kinds] == [1, 2]
    assert kinds[1][0] is nn.MaxPool2d


@pytest.mark.parametrize("layers", [-1, 9])
def test_more_layers_than_there_are_cannot_be_held(layers: int) -> None:
    with pytest.raises(ValueError, match=f"layers={layers}: the encoder has 8"):
        hold_lower(seasoned(), layers)


@pytest.mark.parametrize("classes", [2, 3])
def test_the_new_head_has_the_labels_classes_and_learns_them(classes: int) -> None:
    how = How(steps=40, lr=1e-2, augment=unchanged)
    known, unseen = colours(24, 1, classes), colours(24, 2, classes)
    learned = learn(seasoned(), known, how=how, seed=0)
    assert learned.head.weight.shape == (classes, 8)
    assert accuracy(learned, known) == accuracy(learned, unseen) == 1


def test_every_step_sees_changed_pictures_and_the_seed_decides_them() -> None:
    seen: list[Tensor] = []

    def noisy(images: Tensor, rng: Generator) -> Tensor:
        seen.append(images + 0.1 * torch.rand(len(images), 1, 1, 1, generator=rng))
        return seen[-1]

    heads = [
        learn(seasoned(), colours(9, 1), how=How(3, 1e-2, noisy), seed=seed).head.weight
        for seed in (5, 5, 6)
    ]
    assert [len(images) for images in seen] == [moving.BATCH] * 9
    assert torch.equal(torch.stack(seen[:3]), torch.stack(seen[3:6]))
    assert torch.equal(heads[0], heads[1])
    assert not torch.equal(heads[0], heads[2])


def fresh(seed: int) -> ConvStack:
    torch.manual_seed(seed)
    return ConvStack(channels=3, plan=MINI_VGG)


def test_the_frozen_arms_are_a_linear_layer_on_what_the_encoder_says() -> None:
    encoder, known, rng = seasoned(MINI_VGG), colours(12, 1), torch.Generator().manual_seed(0)
    noise = torch.rand(60, 3, 8, 8, generator=rng)  # nothing to be read: not 100 % for both
    unseen = Batch(noise**3, None, torch.arange(60) % 3)
    before, ways = state(encoder), arms(encoder, unseen)
    assert ways["frozen"](known, known, 3) == 100 * read_out(encoder, known, unseen)
    assert ways["random, frozen"](known, known, 3) == 100 * read_out(fresh(3), known, unseen)
    assert all(same(before, state(encoder)))


def test_the_trained_arms_begin_where_their_names_say(monkeypatch) -> None:
    """What each hands to `learn`, with the same labels, plan and seed; percent of its accuracy."""
    begun = []
    monkeypatch.setattr(moving, "learn", lambda *given, **named: begun.append((given, named)))
    monkeypatch.setattr(moving, "accuracy", lambda model, test: 0.25)
    encoder, known, how = seasoned(MINI_VGG), colours(9, 1), How(steps=1)
    ways = arms(encoder, known, how=how)
    names = ["from scratch", "random, frozen", "frozen", "fine-tuned", "lower half frozen"]
    assert list(ways) == names
    trained = [name for name in names if not name.endswith(", frozen") and name != "frozen"]
    assert [ways[name](known, known, 4) for name in trained] == [25.0] * 3
    assert all(given[1] is known and named == {"how": how, "seed": 4} for given, named in begun)
    scratch, tuned, half = (given[0] for given, _ in begun)
    assert all(same(state(scratch), state(fresh(4))))
    assert tuned is encoder
    assert all(same(state(half), state(encoder)))
    assert len(lower(half)) == HALF
