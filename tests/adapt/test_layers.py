"""Which layer? Each option against sums by hand, the probe against scikit-learn, the mix against a
planted layer."""

import pytest
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from lecturelib.adapt.layers import (
    MIXED,
    OPTIONS,
    TUNED,
    VIEWS,
    Labelled,
    head,
    layer_options,
    read_out,
    settle,
    standardised,
    weigh_layers,
)


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def planted(layer: int, count: int = 5, things: int = 300) -> Labelled:
    """Only one layer tells the label, by a plane; the others are noise."""
    states = noise(count, things, 6)
    return Labelled(states, (states[layer] @ noise(6, 3, seed=1)).argmax(1))


def halves(both: Labelled) -> tuple[Labelled, Labelled]:
    middle = len(both.label) // 2
    return (
        Labelled(both.states[:, :middle], both.label[:middle]),
        Labelled(both.states[:, middle:], both.label[middle:]),
    )


def test_every_view_is_the_papers_by_hand():
    states = noise(7, 2, 3)
    by_hand = {
        "embeddings": states[0],
        "last": states[6],
        "second to last": states[5],
        "sum of last 4": states[3] + states[4] + states[5] + states[6],
        "concat of last 4": torch.cat([states[3], states[4], states[5], states[6]], 1),
    }
    assert by_hand.keys() == VIEWS.keys()
    for name, expected in by_hand.items():
        torch.testing.assert_close(VIEWS[name](states), expected)


def test_with_three_layers_the_last_four_are_these_three():
    states = noise(3, 2, 5)
    torch.testing.assert_close(VIEWS["sum of last 4"](states), states.sum(0))
    assert VIEWS["concat of last 4"](states).shape == (2, 15)


def test_standardising_uses_the_known_things_alone():
    known, unseen = 3 + 2 * noise(2, 50, 4), noise(2, 10, 4, seed=1)
    ours = standardised(known, unseen)
    for layer in range(2):
        scaler = StandardScaler().fit(known[layer].numpy())
        for mine, raw in zip(ours, (known, unseen), strict=True):
            theirs = torch.from_numpy(scaler.transform(raw[layer].numpy()))
            torch.testing.assert_close(mine[layer], theirs)


def test_a_number_that_never_changes_is_no_reason_to_divide_by_zero():
    known, unseen = standardised(torch.ones(4, 1), torch.ones(2, 1))
    assert not known.any()
    assert not unseen.any()


def test_the_linear_layer_settles_where_scikit_learns_does():
    known, unseen = halves(planted(0, count=1))
    x, new = standardised(known.states[0], unseen.states[0])
    theirs = LogisticRegression(C=0.1, max_iter=1000, tol=1e-10).fit(x.numpy(), known.label.numpy())
    probe = torch.nn.Sequential(head(x, known.label))
    settle(probe, x, known.label, 0.1)
    ours = probe(new).softmax(1).detach()
    assert (ours - torch.from_numpy(theirs.predict_proba(new.numpy()))).abs().max() < 1e-3
    guesses = read_out(known.states[0], known.label, unseen.states[0], cost=0.1)
    assert (guesses.numpy() == theirs.predict(new.numpy())).mean() > 0.99


def test_a_plane_is_read_out_and_noise_is_not():
    known, unseen = halves(planted(2))
    right = read_out(known.states[2], known.label, unseen.states[2], cost=1.0) == unseen.label
    wrong = read_out(known.states[1], known.label, unseen.states[1], cost=1.0) == unseen.label
    assert right.double().mean() > 0.9
    assert wrong.double().mean() < 0.6


@pytest.mark.parametrize("layer", [0, 3])
def test_the_mix_finds_the_planted_layer(layer):
    known, unseen = halves(planted(layer))
    guesses, shares = weigh_layers(known, unseen.states, cost=1.0)
    assert shares.argmax() == layer
    assert shares[layer] > 0.8
    assert (guesses == unseen.label).double().mean() > 0.9
    torch.testing.assert_close(shares.sum(), torch.tensor(1.0, dtype=shares.dtype))


def test_of_one_layer_alone_the_mix_is_that_layer():
    known, unseen = halves(planted(0, count=1))
    guesses, shares = weigh_layers(known, unseen.states)
    assert shares.tolist() == [1.0]
    assert torch.equal(guesses, read_out(known.states[0], known.label, unseen.states[0]))


def test_all_options_in_the_papers_order_and_tuning_only_where_asked():
    known, unseen = halves(planted(4))
    frozen = layer_options(known, unseen.states)
    assert (*frozen, TUNED) == OPTIONS
    both = layer_options(known, unseen.states, lambda: unseen.label)
    assert torch.equal(both[TUNED], unseen.label)
    for name, view in VIEWS.items():
        by_hand = read_out(view(known.states), known.label, view(unseen.states))
        assert torch.equal(frozen[name], by_hand)
    assert torch.equal(frozen[MIXED], weigh_layers(known, unseen.states)[0])


def test_a_draw_of_random_numbers_elsewhere_changes_nothing():
    known, unseen = halves(planted(1))
    first = layer_options(known, unseen.states)
    torch.rand(7)
    assert all(torch.equal(first[k], v) for k, v in layer_options(known, unseen.states).items())


def test_one_class_only_is_named():
    one = Labelled(noise(3, 4, 2), torch.full((4,), 7))
    with pytest.raises(ValueError, match=r"all 4 labels are \[7\]"):
        layer_options(one, one.states)
    with pytest.raises(ValueError, match=r"all 4 labels are \[7\]"):
        weigh_layers(one, one.states)


def test_one_layer_only_is_named():
    known, unseen = halves(planted(0, count=1))
    with pytest.raises(ValueError, match="1 layer leaves nothing to choose"):
        layer_options(known, unseen.states)
