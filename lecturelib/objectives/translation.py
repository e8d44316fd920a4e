"""Sequence to sequence: which token comes next, given the source and what is written so far?"""

import torch
import torch.nn.functional as F

from lecturelib.data.batch import Batch
from lecturelib.encoders.encoder_decoder import EncoderDecoder
from lecturelib.objectives import Losses, Objective


class Translation(Objective):
    """Teacher forcing: at every place the decoder sees the RIGHT beginning and says what follows.

    model  reads batch.signal, writes batch.label; `begin` is the id that every answer starts from

    The sum of the cross-entropies (Sutskever 2014, Eq. 2) over real tokens; `is_label_pad` marks
    the filler, which stands at the end, where no earlier place can see it.

    Raises ValueError where there is no label, or one that the model cannot write.
    """

    def __init__(self, model: EncoderDecoder, *, begin: int):
        super().__init__()
        self.model, self.begin = model, begin

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        label, vocab = batch.labels, self.model.predict.out_features
        is_pad = batch.is_label_pad
        real = torch.ones_like(label, dtype=torch.bool) if is_pad is None else ~is_pad
        if len(wrong := label[(label < 0) | (label >= vocab)]):
            raise ValueError(f"label {int(wrong[0])} is outside 0..{vocab - 1}: use one vocabulary")
        begin = label.new_full((len(label), 1), self.begin)
        logits = self.model(batch.signal, torch.cat([begin, label[:, :-1]], 1), batch.is_pad)
        right = (logits.argmax(-1) == label) | ~real
        return Losses(
            F.cross_entropy(logits[real], label[real], reduction="sum"),
            {
                "signs_right": right[real].float().mean(),
                "answers_right": right.all(1).float().mean(),
            },
            int(real.sum()),
        )
