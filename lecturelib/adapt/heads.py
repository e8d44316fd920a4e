"""Just one additional layer: a text's vector, one linear layer, and a little training.

Devlin 2019, Section 4 and Figure 4: a single text (spam? sentiment?) and a pair of texts alike.
"""

import copy

import torch
from einops import rearrange
from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.adapt.transfer import check_classes
from lecturelib.data.batch import Batch
from lecturelib.encoders.model import Model
from lecturelib.objectives.classification import Classification
from lecturelib.shapes import Features, Ids, IsPad, Logits, Tokens
from lecturelib.training.loop import History, Plan, Trainer


class TextVector(nn.Module):
    """A text or a pair as one vector: what stands at [CLS], or the mean over its pieces (MiniLM).

    BERT's published code has the pre-trained pooler between [CLS] and the new layer; the slide
    and Section 4.1 do not, nor do we.
    """

    def __init__(self, model: Model, *, mean: bool = False):
        super().__init__()
        self.model, self.mean = model, mean

    def forward(self, ids: Ids, is_pad: IsPad, segment: Ids) -> Features:
        context = self.model(ids, segment, is_pad=is_pad)
        return mean_over_pieces(context, is_pad) if self.mean else context[:, 0]


def mean_over_pieces(context: Tokens, is_pad: IsPad) -> Features:
    """The mean over what is not padding."""
    keep = rearrange(~is_pad, "batch time -> batch time 1").to(context.dtype)
    return (context * keep).sum(1) / keep.sum(1)


def text_classifier(model: Model, *, classes: int, mean: bool = False) -> Classification:
    """A copy of the model and just one additional layer: W C, softmax (Section 4.1).

    The model that is given stays as it is. Freeze parts of the copy with `transfer.freeze`.
    """
    vector = TextVector(copy.deepcopy(model), mean=mean)
    return Classification(vector, dim=model.encoder.dim, classes=classes)


def first_layers(model: Model, count: int) -> Model:
    """A copy that stops after `count` layers; 0: the embeddings alone, no word sees another."""
    depth = len(model.encoder.layers)
    if not 0 <= count <= depth:
        raise ValueError(f"count={count}: this model has {depth} layers")
    shorter = copy.deepcopy(model)
    shorter.encoder.layers = shorter.encoder.layers[:count]
    return shorter


def fine_tune(
    classifier: Classification, labelled: Batch, plan: Plan, *, size: int = 16
) -> History:
    """Train the new layer and all that is not frozen, on `size` random labelled texts a step.

    Raises ValueError for labels of one class only.
    """
    check_classes(labelled.labels)

    def draw(rng: torch.Generator) -> Batch:
        rows = torch.randint(len(labelled), (size,), generator=rng)
        return without_spare_padding(labelled.rows(rows))

    return Trainer(classifier, draw, plan, label="fine-tuning").run()


@torch.no_grad()
def vectors(encoder: nn.Module, batch: Batch, *, size: int = 64) -> Float[Tensor, "texts dim"]:
    """The vector of each text; texts of like length go together, so that little is padding."""
    assert batch.is_pad is not None
    encoder.eval()
    device = next(encoder.parameters()).device
    order = (~batch.is_pad).sum(1).argsort()
    found = [
        encoder(*without_spare_padding(batch.rows(rows)).to(device).inputs).cpu()
        for rows in order.split(size)
    ]
    return torch.cat(found)[order.argsort()]


@torch.no_grad()
def probabilities(classifier: Classification, batch: Batch) -> Logits:
    """Of each class, for every text [texts, classes]."""
    head = classifier.head
    return head(vectors(classifier.encoder, batch).to(head.weight.device)).softmax(1).cpu()


def without_spare_padding(batch: Batch) -> Batch:
    """The same texts, as wide as the longest of them."""
    assert batch.is_pad is not None
    end = int((~batch.is_pad).sum(1).max())
    segment = None if batch.segment is None else batch.segment[:, :end]
    return Batch(
        batch.signal[:, :end], batch.is_pad[:, :end], batch.label, segment=segment, meta=batch.meta
    )
