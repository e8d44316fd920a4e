"""What holds for every adapter, and the one real published model that installs without network."""

import copy
import warnings

import pytest
import torch
from torch import nn
from transformers import AutoModel, BertConfig, BertModel, ViTConfig, ViTForMaskedImageModeling

from lecturelib import published
from lecturelib.published import ADAPTERS, from_reference, load, packaged
from tests.oracle import error, padded

SMALL = {"vocab_size": 30, "hidden_size": 12, "num_hidden_layers": 2, "num_attention_heads": 3}
SMALL |= {"intermediate_size": 20}
MINILM = "sentence-transformers/all-MiniLM-L6-v2"


def test_the_reference_is_not_touched():
    reference = BertModel(BertConfig(**SMALL))
    before = copy.deepcopy(reference.state_dict())
    ours = from_reference(reference)
    with torch.no_grad():
        for parameter in ours.parameters():
            parameter.add_(1.0)
    after = reference.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    shared = {p.data_ptr() for p in ours.parameters()} & {
        p.data_ptr() for p in reference.parameters()
    }
    assert not shared


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16])
@pytest.mark.parametrize("training", [True, False])
def test_dtype_and_mode_are_copied(dtype, training):
    ours = from_reference(BertModel(BertConfig(**SMALL)).to(dtype).train(training))
    assert {p.dtype for p in ours.parameters()} == {dtype}
    assert {m.training for m in ours.modules()} == {training}
    assert ours(torch.zeros(1, 3, dtype=torch.long)).last_hidden_state.dtype == dtype


def test_the_device_is_copied():
    """Every machine has one more device: `meta`, shapes without numbers."""
    for reference in (
        nn.MultiheadAttention(4, 2, device="meta"),
        BertModel(BertConfig(**SMALL)).to("meta"),
    ):
        with warnings.catch_warnings(action="ignore"):  # PyTorch: copying nothing is a no-op
            ours = from_reference(reference)
        assert {p.device.type for p in ours.parameters()} == {"meta"}


class BertModelOfMine(BertModel):
    """A subclass may compute anything."""


@pytest.mark.parametrize(
    "other",
    [
        nn.Linear(2, 2),
        nn.TransformerDecoder(nn.TransformerDecoderLayer(4, 2), 1),
        BertModelOfMine(BertConfig(**SMALL)),
        ViTForMaskedImageModeling(
            ViTConfig(hidden_size=12, num_hidden_layers=1, num_attention_heads=3)
        ),
    ],
)
def test_another_class_gets_the_list_of_those_that_work(other):
    with pytest.raises(TypeError, match="has no adapter; there are: ") as caught:
        from_reference(other)
    assert type(other).__name__ in str(caught.value)
    assert all(name in str(caught.value) for name in ADAPTERS)


def test_keys_left_over_are_named():
    reference = BertModel(BertConfig(**SMALL))
    reference.encoder.layer[1].adapter = nn.Linear(2, 2, bias=False)
    with pytest.raises(ValueError, match=r"left over \['model.encoder.layers.1.adapter.weight'\]"):
        from_reference(reference)


def test_missing_keys_are_named():
    reference = BertModel(BertConfig(**SMALL))
    reference.encoder.layer[1].output.dense.register_parameter("bias", None)
    missing = "model.encoder.layers.1.feed_forward.narrow.bias"
    with pytest.raises(ValueError, match=rf"missing in the reference \['{missing}'\]"):
        from_reference(reference)


def test_another_shape_is_named():
    reference = BertModel(BertConfig(**SMALL))
    reference.pooler.dense = nn.Linear(12, 7)
    with pytest.raises(ValueError, match=r"pooler.weight is \[7, 12\] in the reference"):
        from_reference(reference)


def test_minilm_gives_the_published_outputs():
    """The one float32 comparison: real weights, 1e-5."""
    ours = load(MINILM)
    reference = AutoModel.from_pretrained(packaged(MINILM)).eval()
    assert not ours.training
    is_pad = padded([12, 7])
    ids = torch.randint(1000, 20000, (2, 12), generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        have, want = (m(ids, (~is_pad).long()) for m in (ours, reference))
    assert error(have.last_hidden_state[~is_pad], want.last_hidden_state[~is_pad]) < 1e-5
    assert error(have.pooler_output, want.pooler_output) < 1e-5


def test_packaged_weights_that_are_not_the_published_ones_are_refused(monkeypatch):
    package, _ = published.PACKAGED[MINILM]
    monkeypatch.setitem(published.PACKAGED, MINILM, (package, f"sha256:{64 * '0'}"))
    with pytest.raises(ValueError, match=r"model\.safetensors has sha256 53aa5117"):
        load(MINILM)


def test_pickles_are_not_opened(tmp_path):
    reference = BertModel(BertConfig(**SMALL)).eval()
    reference.save_pretrained(tmp_path)
    (tmp_path / "model.safetensors").unlink()
    torch.save(reference.state_dict(), tmp_path / "pytorch_model.bin")
    with pytest.raises(OSError, match=r"model\.safetensors"):
        load(str(tmp_path))


def test_load_from_a_folder(tmp_path):
    reference = BertModel(BertConfig(**SMALL)).eval()
    reference.save_pretrained(tmp_path)
    ids = torch.randint(0, 30, (2, 5))
    with torch.no_grad():
        assert error(load(str(tmp_path))(ids)[0], reference(ids)[0]) < 1e-6


def test_load_refuses_an_unknown_class_before_it_loads_weights(tmp_path):
    BertConfig(**SMALL, architectures=["BertForQuestionAnswering"]).save_pretrained(tmp_path)
    with pytest.raises(TypeError, match="BertForQuestionAnswering, which has no adapter"):
        load(str(tmp_path))


def test_load_offline_says_that_nothing_is_there(monkeypatch):
    monkeypatch.setenv("LECTURELIB_OFFLINE", "1")
    with pytest.raises(OSError, match=r"nobody/nothing is not here: .* LECTURELIB_OFFLINE"):
        load("nobody/nothing")
