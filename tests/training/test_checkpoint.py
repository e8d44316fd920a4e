"""A checkpoint is whole or absent, and is refused when it is not ours."""

import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from lecturelib.training import checkpoint


def test_weights_come_back_exactly_and_half_precision_rounds(tmp_path):
    model, other = nn.Linear(3, 2), nn.Linear(3, 2)
    path = checkpoint.export(tmp_path / "a.safetensors", model, {"command": "train it"})
    assert checkpoint.load_weights(path, other) == {"command": "train it"}
    assert torch.equal(other.weight, model.weight.half().float())
    assert other.weight.dtype == torch.float32


def test_an_interrupted_write_leaves_the_old_file_and_no_rubbish(tmp_path, monkeypatch):
    path = checkpoint.write(tmp_path / "a.safetensors", {"w": torch.ones(2)}, {})
    before = path.read_bytes()

    def full_disk(tensors, file, metadata):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(checkpoint, "save_file", full_disk)
    with pytest.raises(OSError, match="No space left"):
        checkpoint.write(path, {"w": torch.zeros(2)}, {})
    assert path.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["a.safetensors"]


def test_a_cut_off_file_is_named(tmp_path):
    path = checkpoint.write(tmp_path / "a.safetensors", {"w": torch.ones(200)}, {})
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(ValueError, match=r"a\.safetensors is no whole safetensors file"):
        checkpoint.read(path)


def test_a_pickle_is_not_opened(tmp_path):
    path = tmp_path / "a.safetensors"
    torch.save({"w": torch.ones(2)}, path)
    with pytest.raises(ValueError, match="no whole safetensors file"):
        checkpoint.read(path)


def test_a_foreign_safetensors_file_is_refused(tmp_path):
    save_file({"w": torch.ones(2)}, tmp_path / "a.safetensors", {"format": "pt"})
    with pytest.raises(ValueError, match=r"format 'pt'.*lecturelib did not write it"):
        checkpoint.read(tmp_path / "a.safetensors")


def test_a_missing_file_says_how_to_make_it(tmp_path):
    with pytest.raises(FileNotFoundError, match="lecturelib pretrain"):
        checkpoint.read(tmp_path / "a.safetensors")


def test_weights_of_another_model_are_refused_by_key_and_by_shape(tmp_path):
    path = checkpoint.export(tmp_path / "a.safetensors", nn.Linear(3, 2), {})
    with pytest.raises(ValueError, match=r"missing \['0\.bias', '0\.weight'\], extra"):
        checkpoint.load_weights(path, nn.Sequential(nn.Linear(3, 2)))
    with pytest.raises(ValueError, match=r"weight \(2, 3\) for \(2, 4\)"):
        checkpoint.load_weights(path, nn.Linear(4, 2))


def test_weights_alone_are_no_training_state(tmp_path):
    model = nn.Linear(3, 2)
    path = checkpoint.export(tmp_path / "a.safetensors", model, {})
    with pytest.raises(ValueError, match="weights only"):
        checkpoint.load_state(path, model, torch.optim.AdamW(model.parameters()), torch.Generator())


def test_the_digest_changes_with_one_value():
    one, two = torch.zeros(5), torch.zeros(5)
    assert checkpoint.digest(one) == checkpoint.digest(two)
    two[3] = 1e-6
    assert checkpoint.digest(one) != checkpoint.digest(two)
