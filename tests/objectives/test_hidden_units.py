"""HuBERT: the loss by a plain loop and beside torchaudio's, units beside scikit-learn's."""

from functools import partial

import pytest
import torch
import torch.nn.functional as F
from sklearn.cluster import MiniBatchKMeans
from torch import nn
from torchaudio.functional import compute_deltas
from torchaudio.models.wav2vec2.components import LogitGenerator

from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.encoders.transformer import Encoder, Variant
from lecturelib.frontends.waveform import ConvPositions, MelFrames, Waveform
from lecturelib.masking import span_mask
from lecturelib.objectives.hidden_units import Cepstra, HiddenUnits, Layer, Units, find_units
from lecturelib.objectives.masked_contrast import frame_pad
from lecturelib.quantizers import Codebook
from tests.oracle import error, gradients, padded, randomise, same_gradients

HIDE = partial(span_mask, start_prob=0.1, span=4)
WAVES = torch.randn(3, 6400, generator=torch.Generator().manual_seed(0))
CODES = 5


def model() -> Model:
    front = Waveform(
        convolutions=MelFrames(width=6),
        positions=ConvPositions(dim=8, kernel=4, groups=2),
        dim=8,
        norm_last=True,
    )
    variant = Variant(activation=F.gelu, dropout=0.0)
    built = Model(
        frontend=front, encoder=Encoder(dim=8, heads=2, depth=3, hidden=12, variant=variant)
    )
    return randomise(built).eval()  # type: ignore[return-value]


def spoken(padding: bool) -> Batch:
    return Batch(WAVES.double(), padded([6400, 4800, 4000]) if padding else None, None)


def objective() -> HiddenUnits:
    units = find_units(Cepstra().double(), spoken(False), codes=CODES)
    return randomise(HiddenUnits(model(), units=units, hide=HIDE, width=6)).eval()  # type: ignore


@pytest.mark.parametrize("padding", [True, False])
def test_the_loss_is_a_softmax_of_cosines(padding):
    """Equation 3 frame by frame, unit by unit."""
    ours, batch = objective(), spoken(padding)
    front, names = ours.model.frontend, ours.names
    is_pad = frame_pad(front, batch)
    hidden = HIDE(is_pad, rng=torch.Generator().manual_seed(3))
    tokens = front(batch.signal, is_pad, hidden)
    context, want, right = ours.model.encoder(tokens, is_pad), 0.0, 0
    units = ours.units(batch)
    for row, time in hidden.nonzero().tolist():
        o = ours.project(context[row, time])
        cosines = [(o @ e) / (o.norm() * e.norm()) for e in names]
        odds = torch.stack([(cosine / 0.1).exp() for cosine in cosines])
        answer = int(units[row, time])
        want = want - (odds[answer] / odds.sum()).log()
        right += int(odds.argmax()) == answer
    want.backward()
    grads = {name: grad.clone() for name, grad in gradients(ours).items()}
    ours.zero_grad()
    total, parts, count = ours(batch, torch.Generator().manual_seed(3))
    total.backward()
    assert count == hidden.sum() > 20
    assert error(total, want) < 1e-10
    same_gradients(ours, grads)
    assert not [name for name in grads if name.startswith("units")]
    commonest = max((units[hidden] == code).sum() for code in range(CODES))
    assert float(parts["right"]) == pytest.approx(right / count)
    assert float(parts["majority"]) == pytest.approx(int(commonest) / count)
    assert float(parts["nll"]) == pytest.approx(float(want.detach()) / count)


def test_the_scores_are_torchaudios():
    """Theirs puts the true unit first, leaves it out of the others, and computes in float32."""
    ours, batch = objective(), spoken(False)
    theirs = LogitGenerator(8, CODES, 6, skip_masked=False, skip_nomask=True).double()
    theirs.load_state_dict(
        {
            "label_embeddings": ours.names.data,
            "final_proj.weight": ours.project.weight.data,
            "final_proj.bias": ours.project.bias.data,
        }
    )
    rng = torch.Generator().manual_seed(1)
    context = torch.randn(3, 38, 8, dtype=torch.double, generator=rng)
    units, hidden = ours.units(batch), torch.rand(3, 38, generator=rng) < 0.5
    logits, _ = theirs(context, units, hidden, hidden)
    want = F.cross_entropy(logits, torch.zeros(len(logits), dtype=torch.long), reduction="sum")
    have = F.cross_entropy(ours.scores(context[hidden]), units[hidden], reduction="sum")
    assert error(have, want) < 1e-5


def test_units_are_scikit_learns():
    cepstra, batch = Cepstra(), Batch(WAVES, None, None)
    vectors = cepstra(batch).flatten(0, 1).numpy()
    found = MiniBatchKMeans(CODES, batch_size=4096, n_init="auto", random_state=7).fit(vectors)
    units = find_units(cepstra, batch, codes=CODES, seed=7)
    assert units(batch).flatten().tolist() == found.predict(vectors).tolist()


def test_cepstra_stand_in_the_middle_of_the_frames():
    """Frame t of `MelFrames` sees samples 160 t ... 160 t + 416; a cepstrum sees 256 of them."""
    cepstra, front = Cepstra().double(), MelFrames().double()
    for samples in (416, 575, 576, 6400, 6480, 6479):
        batch = Batch(torch.randn(1, samples).double(), None, None)
        assert cepstra(batch).shape[1] == front(batch.signal).shape[1]
    one = cepstra(Batch(WAVES.double(), None, None))
    middle = cepstra.mfcc(WAVES.double()[:, 160 * 5 + 80 : 160 * 5 + 80 + 256])
    assert error(one[:, 5, :13], middle[:, :, 0]) < 1e-10
    every = cepstra.mfcc(WAVES.double())
    slopes = compute_deltas(every)
    assert error(one[:, 5, 13:26], slopes[:, :, 11]) < 1e-12
    assert error(one[:, 5, 26:], compute_deltas(slopes)[:, :, 11]) < 1e-12


def test_the_second_round_asks_for_a_layer_of_the_first():
    first, batch = model(), spoken(True)
    is_pad = frame_pad(first.frontend, batch)
    layer = Layer(first, number=1)
    trace = first.encoder.trace(first.frontend(batch.signal, is_pad), is_pad)
    assert error(layer(batch), trace.layers[1].out) < 1e-10
    units = Units(layer, Codebook(codes=2, dim=8).double())
    units.book.centres.copy_(trace.layers[1].out[:2, 0])
    before = units.train()(batch)
    assert before[:2, 0].tolist() == [0, 1]
    assert not units.features.training
    nn.init.zeros_(first.encoder.layers[0].feed_forward.widen.weight)
    assert torch.equal(units(batch), before)  # a copy: the first round's model may go on
    assert first.frontend.mask.requires_grad


def test_bad_input_is_named():
    ours, batch = objective(), spoken(False)
    with pytest.raises(ValueError, match="number=3 of 3 layers: choose 0 to 2"):
        Layer(ours.model, number=3)
    with pytest.raises(ValueError, match="114 vectors for codes=200: give at least as many"):
        find_units(Cepstra(), Batch(WAVES, None, None), codes=200)
    for hide, message in (
        (lambda is_pad, rng: is_pad, "nothing is hidden"),
        (lambda is_pad, rng: ~is_pad, "hide everything"),
    ):
        ours.hide = hide
        with pytest.raises(ValueError, match=message):
            ours(batch, torch.Generator())
    ours.hide = HIDE
    ours.units.features = nn.Sequential(ours.units.features, nn.MaxPool2d((2, 1)))
    with pytest.raises(ValueError, match="19 units a clip, 38 frames: name the same frames"):
        ours(batch, torch.Generator())
