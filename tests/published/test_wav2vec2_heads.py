"""Hugging Face's wav2vec 2.0 for pre-training against ours, weights copied, in float64.

It computes in float32 inside (quantiser, cosines, cross-entropy): 1e-5 against it, and 1e-10
against loops over frames and distractors.
"""

from unittest.mock import patch

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import Wav2Vec2Config, Wav2Vec2ForCTC, Wav2Vec2ForPreTraining
from transformers.models.wav2vec2.modeling_wav2vec2 import _sample_negative_indices

from lecturelib import recipes
from lecturelib.data.batch import Batch
from lecturelib.objectives.masked_contrast import distractors
from lecturelib.pretraining import wav2vec2
from lecturelib.published import from_reference
from lecturelib.published.wav2vec2_heads import our_name
from tests.oracle import error, gradients, randomise, same_gradients, unchecked
from tests.published.test_wav2vec2 import BASE, KEEP, LARGE, RATES, SIZE, WAVES

HEAD = {"num_codevectors_per_group": 5, "codevector_dim": 8, "proj_codevector_dim": 7}
HEAD |= {"num_negatives": 6, "mask_time_prob": 0.6, "mask_time_length": 2, "vocab_size": 6}
HIDDEN = torch.zeros(2, 12, dtype=torch.bool)
HIDDEN[0, [1, 2, 3, 6, 7, 8, 9]] = HIDDEN[1, [0, 1, 4, 5]] = True  # not as many in each row
NOISE = torch.empty(48, 5).exponential_(generator=torch.Generator().manual_seed(9))
NOISE = -NOISE.log().double()  # two groups of five codes for each of 24 frames


def built(kind: type[nn.Module], **options) -> nn.Module:
    config = Wav2Vec2Config(**SIZE | HEAD | dict.fromkeys(RATES, 0.0) | options)
    return randomise(kind(config))


def sampled(hidden: Tensor = HIDDEN) -> Tensor:
    """Distractors, numbered through the batch, by Hugging Face."""
    np.random.seed(0)  # noqa: NPY002, what Hugging Face draws from
    return torch.from_numpy(_sample_negative_indices(hidden.shape, 6, hidden.numpy()))


def both(ours: nn.Module, reference: nn.Module, *given: Tensor | None) -> list:
    """What each gives from the same random numbers."""
    found = []
    for m in (ours, reference):
        torch.manual_seed(5)
        found.append(m(*given))
    return found


def nearly_same_gradients(ours: nn.Module, reference: nn.Module, owner: str = "") -> None:
    """Every gradient within 1e-5, given under our names."""
    norm_first, have = reference.config.do_stable_layer_norm, gradients(ours)
    want = {our_name(k, norm_first, owner): v for k, v in gradients(reference).items()}
    assert have.keys() == want.keys()
    worst = {name: error(have[name], want[name].view_as(have[name])) for name in want}
    assert max(worst.values()) < 1e-5, worst


@pytest.mark.parametrize("kind", [BASE, LARGE, BASE | {"apply_spec_augment": False}])
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("keep", [KEEP, None])
def test_pre_training(kind, training, keep):
    """The same seed, the same noise; soft perplexity while training, hard in eval mode."""
    reference = built(Wav2Vec2ForPreTraining, **kind).train(training)
    ours = from_reference(reference)
    have, want = both(ours, reference, WAVES, keep, HIDDEN, sampled())
    is_pad = ours.model.frontend.frame_pad(KEEP == 0) if keep is not None else HIDDEN & False
    for name in ("projected_states", "projected_quantized_states"):
        assert error(getattr(have, name)[~is_pad], getattr(want, name)[~is_pad]) < 1e-10, name
    for name in ("codevector_perplexity", "contrastive_loss", "diversity_loss", "loss"):
        assert error(getattr(have, name), getattr(want, name)) < 1e-5, name
    have.loss.backward()
    want.loss.backward()
    nearly_same_gradients(ours, reference, "objective.")


def fixed_noise(logits: Tensor, tau: float = 1.0, hard: bool = False) -> Tensor:
    """F.gumbel_softmax with noise that is the same every time."""
    soft = ((logits + NOISE) / tau).softmax(-1)
    best = F.one_hot(soft.argmax(-1), logits.shape[-1]).to(soft)
    return best - soft.detach() + soft if hard else soft


@pytest.mark.parametrize("tau", [2, 0.5])
def test_noise_from_outside(tau):
    """Whoever patches PyTorch's function patches both; the temperature is copied."""
    reference = built(Wav2Vec2ForPreTraining, **BASE).train()
    reference.set_gumbel_temperature(tau)
    ours = from_reference(reference)
    with patch("torch.nn.functional.gumbel_softmax", fixed_noise):
        have, want = both(ours, reference, WAVES, KEEP, HIDDEN, sampled())
    assert error(have.projected_quantized_states, want.projected_quantized_states) < 1e-10
    have.loss.backward()
    want.loss.backward()
    nearly_same_gradients(ours, reference, "objective.")


def by_loops(ours: nn.Module, hidden: Tensor, negatives: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Sections 2 and 3.2 of the paper, a frame and a distractor at a time."""
    of, front = ours.objective, ours.model.frontend
    latents = front.latents(WAVES)
    is_pad = front.frame_pad(KEEP == 0)
    context = ours.model.encoder(front.tokens(latents, is_pad, hidden), is_pad).flatten(0, 1)
    targets, names, shares = [], [], []
    for n, z in enumerate(latents.flatten(0, 1)):
        quantised = [by_hand(of.quantizer, z, g, ours.training * NOISE[2 * n + g]) for g in (0, 1)]
        parts, codes, share = zip(*quantised, strict=True)
        targets.append(torch.cat(parts))
        names.append(codes)
        shares.append(share if ours.training else [torch.eye(5).double()[one] for one in codes])
    contrast, used = torch.zeros((), dtype=torch.double), torch.zeros((), dtype=torch.double)
    frames = hidden.flatten().nonzero().flatten().tolist()
    for n in frames:
        others, here = negatives.flatten(0, 1)[n].tolist(), of.project_context(context[n])
        powers = [
            torch.exp(F.cosine_similarity(here, of.project_target(q), dim=0) / 0.1)
            for q in [targets[n], *(targets[one] for one in others if names[one] != names[n])]
        ]
        contrast = contrast - torch.log(powers[0] / sum(powers))
    for g in (0, 1):
        mean = sum(shares[n][g] for n in frames) / len(frames)
        used = used + torch.exp(-sum(p * torch.log(p) for p in mean if p > 0))
    return contrast, used, contrast + 0.1 * len(frames) * (10 - used) / 10


def by_hand(of: nn.Module, z: Tensor, g: int, noise: Tensor) -> tuple[Tensor, int, Tensor]:
    """One frame in one group: the entry, its code, and the softmax without noise.

    The entry's value is chosen by the noisy scores; their softmax carries the gradient, if any.
    """
    scores = of.score(z).view(2, 5)[g]
    luck = (scores + noise) / 2
    code = int(luck.argmax())
    soft = luck.softmax(0) * noise.any()  # eval mode: no noise, no gradient
    return of.book[g, code] + (soft - soft.detach()) @ of.book[g].detach(), code, scores.softmax(0)


@pytest.mark.parametrize("training", [True, False])
def test_pre_training_equals_loops(training):
    models = [from_reference(built(Wav2Vec2ForPreTraining, **LARGE).train(training)) for _ in "ab"]
    with patch("torch.nn.functional.gumbel_softmax", fixed_noise):
        have = models[0](WAVES, KEEP, HIDDEN, sampled())
    contrast, used, loss = by_loops(models[1], HIDDEN, sampled())
    assert error(have.contrastive_loss, contrast) < 1e-10
    assert error(have.codevector_perplexity, used) < 1e-10
    assert error(have.loss, loss) < 1e-10
    have.loss.backward()
    loss.backward()
    want = gradients(models[1])
    if not training:  # the best entry is taken: no gradient for the scores
        want = {name: v for name, v in want.items() if ".score." not in name}
    same_gradients(models[0], want)


def test_distractors_from_anywhere():
    """Frames in view and other rows count, as in the original."""
    reference = built(Wav2Vec2ForPreTraining, **BASE).eval()
    far = torch.randint(24, (2, 12, 6), generator=torch.Generator().manual_seed(1))
    have, want = both(from_reference(reference), reference, WAVES, None, HIDDEN, far)
    assert error(have.loss, want.loss) < 1e-5
    near = from_reference(reference)(WAVES, None, HIDDEN, sampled())
    assert error(near.loss, have.loss) > 0.01


def test_a_dead_codebook_has_no_loss_but_diversity():
    reference = built(Wav2Vec2ForPreTraining, **BASE).eval()
    nn.init.zeros_(reference.quantizer.weight_proj.weight)
    have, want = both(from_reference(reference), reference, WAVES, None, HIDDEN, sampled())
    assert have.contrastive_loss.item() == want.contrastive_loss.item() == 0
    assert have.codevector_perplexity.item() == pytest.approx(2)


@pytest.mark.parametrize("hidden", [HIDDEN, None])
def test_without_distractors_there_is_no_loss(hidden):
    reference = built(Wav2Vec2ForPreTraining, **BASE).eval()
    have, want = both(from_reference(reference), reference, WAVES, KEEP, hidden)
    assert have.loss is have.contrastive_loss is have.diversity_loss is None
    assert error(have.codevector_perplexity, want.codevector_perplexity) < 1e-5


@pytest.mark.parametrize("training", [True, False])
def test_the_objective_that_goes_on_is_the_published_one(training):
    """The same mask, distractors and noise: our training loop sees the published loss."""
    ours = from_reference(built(Wav2Vec2ForPreTraining, **BASE)).train(training)
    of = ours.objective
    of.hide = lambda is_pad, rng: HIDDEN
    others = distractors([7, 4], 6, torch.Generator().manual_seed(3))
    where = HIDDEN.flatten().nonzero().flatten()
    negatives = torch.zeros(24, 6, dtype=torch.long)
    negatives[where[:7]], negatives[where[7:]] = where[:7][others[:7]], where[7:][others[7:]]
    noise = torch.randn(24, 2, 5, generator=torch.Generator().manual_seed(6)).double()
    of.quantizer.noise = lambda count, rng: noise[where]
    tau = float(of.temperature)

    def fake(logits, tau, hard):
        soft = ((logits.double() + noise.view_as(logits)) / tau).softmax(-1)
        return F.one_hot(soft.argmax(-1), 5) - soft.detach() + soft

    assert tau == 2
    with patch("torch.nn.functional.gumbel_softmax", fake):
        want = ours(WAVES, KEEP, HIDDEN, negatives.view(2, 12, 6))
    have = of(Batch(WAVES, KEEP == 0, None), torch.Generator().manual_seed(3))
    assert have.count == 11
    if training:
        assert error(have.total, want.loss) < 1e-10
    assert error(11 * have.parts["contrastive"], want.contrastive_loss) < 1e-10
    kind = "soft" if training else "hard"
    assert error(have.parts[f"{kind}_perplexity"], want.codevector_perplexity) < 1e-10


def test_settings_are_copied():
    options = {"contrastive_logits_temperature": 0.3, "diversity_loss_weight": 0.7}
    options |= {"feat_quantizer_dropout": 0.2, "mask_time_prob": 0.65, "mask_time_length": 10}
    ours = from_reference(built(Wav2Vec2ForPreTraining, **BASE, **options))
    settings = ours.objective.settings
    assert (settings.kappa, settings.diversity, settings.negatives) == (0.3, 0.7, 6)
    assert settings.penalty == 0
    assert ours.drop_latents.p == 0.2
    assert ours.objective.hide.keywords == {"start_prob": 0.065, "span": 10}
    assert from_reference(built(Wav2Vec2ForCTC, **BASE, final_dropout=0.3)).drop.p == 0.3


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ((None, sampled()), r"are \[2, 12, 6\], mask_time_indices None: give both"),
        ((HIDDEN, sampled()[:, :11]), r"are \[2, 11, 6\], mask_time_indices \[2, 12\]: give both"),
        ((HIDDEN[:, :11], None), r"hidden is \[2, 11\], frames are \[2, 12\]"),
    ],
)
def test_masks_and_distractors_that_do_not_fit(given, found):
    ours = from_reference(built(Wav2Vec2ForPreTraining, **BASE))
    with unchecked(), pytest.raises(ValueError, match=found):
        ours(WAVES, None, *given)


def kinds(m: nn.Module) -> set[str]:
    """Which classes a network is made of."""
    return {type(part).__qualname__ for part in m.modules()}


@pytest.mark.parametrize(
    ("size", "options"),
    [
        ("base", BASE),
        (
            "large",
            LARGE
            | {"hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16}
            | {"intermediate_size": 4096, "layerdrop": 0.2},
        ),
    ],
)
def test_the_recipe_makes_the_published_model(size, options):
    """Names and shapes of all weights; `meta`: without memory."""
    with torch.device("meta"):
        config = Wav2Vec2Config(**{"layerdrop": 0.05} | options)
        reference = Wav2Vec2ForPreTraining(config).to("meta")
        recipe = recipes.wav2vec2(size)
        ours = from_reference(reference).model
    have, want = ({k: v.shape for k, v in m.state_dict().items()} for m in (recipe, ours))
    assert have == want
    assert kinds(recipe) == kinds(ours)
    assert recipe.encoder.layer_drop == ours.encoder.layer_drop


def test_the_shipped_model_is_made_of_the_same_classes():
    """One recipe, other sizes; the small one hears log-mel bands in place of convolutions."""
    published = from_reference(built(Wav2Vec2ForPreTraining, **BASE)).objective
    raw, mini = (wav2vec2.untrained(size=size) for size in ("raw", "mini"))
    assert kinds(raw) == kinds(published)
    raw.model.frontend.convolutions = mini.model.frontend.convolutions = nn.Identity()
    assert kinds(raw) == kinds(mini)
