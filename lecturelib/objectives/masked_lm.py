"""BERT: guess the hidden words from both sides, and whether the second text follows the first."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from lecturelib.data.batch import Batch
from lecturelib.data.tokenizers import WordPieces
from lecturelib.encoders.model import Model
from lecturelib.masking import Mix, mask_words
from lecturelib.objectives import Losses, Objective
from lecturelib.shapes import Ids, IsHidden, IsPad, Logits, Tokens


class WordHead(nn.Module):
    """Context -> a score for every word: one more layer, then the embedding table itself (tied).

    table       the front end's nn.Embedding [vocab, dim]
    activation  and eps: as in the encoder
    """

    def __init__(
        self,
        table: nn.Embedding,
        *,
        activation: Callable[[Tensor], Tensor] = F.gelu,
        eps: float = 1e-12,
        tied: bool = True,
    ):
        super().__init__()
        vocab, dim = table.weight.shape
        self.dense = nn.Linear(dim, dim)
        self.activation = activation
        self.norm = nn.LayerNorm(dim, eps=eps)
        self.decoder = nn.Linear(dim, vocab)
        nn.init.zeros_(self.decoder.bias)
        if tied:
            self.decoder.weight = table.weight

    def forward(self, context: Float[Tensor, "... dim"]) -> Float[Tensor, "... vocab"]:
        return self.decoder(self.norm(self.activation(self.dense(context))))


class NextSentence(nn.Module):
    """[CLS]'s context -> two scores, it follows and it is random: BERT's pooler and one layer."""

    def __init__(self, dim: int):
        super().__init__()
        self.pooler = nn.Linear(dim, dim)
        self.follows = nn.Linear(dim, 2)

    def forward(self, context: Tokens) -> Logits:
        return self.follows(self.pooler(context[:, 0]).tanh())


class MaskedLM(Objective):
    """Masked language model, with next-sentence prediction where the batch is labelled.

    model          a front end for words and the encoder
    next_sentence  False: the label is not looked at
    share, mix     as in `masking.mask_words`

    Only the hidden places reach the word head: of 128 words 19, not 128. The loss is BERT's, mean
    over hidden words plus mean over pairs; `Losses.total` is that times `count`, the hidden words.
    """

    def __init__(
        self,
        model: Model,
        pieces: WordPieces,
        *,
        next_sentence: bool = True,
        share: float = 0.15,
        mix: Mix = (0.8, 0.1, 0.1),
    ):
        super().__init__()
        table = model.frontend.word
        if table.num_embeddings != len(pieces):
            raise ValueError(
                f"the model knows {table.num_embeddings} pieces, the vocabulary has {len(pieces)}: "
                "use the one that it was trained with"
            )
        self.model, self.pieces, self.share, self.mix = model, pieces, share, mix
        self.words = WordHead(table)
        self.next = NextSentence(table.embedding_dim) if next_sentence else None

    def forward(self, batch: Batch, rng: torch.Generator) -> Losses:
        changed, hidden = mask_words(batch.signal, self.pieces, rng, share=self.share, mix=self.mix)
        context = self.model(changed, batch.segment, is_pad=batch.is_pad)
        logits, answer = self.words(context[hidden]), batch.signal[hidden]
        loss, count = F.cross_entropy(logits, answer, reduction="sum"), len(answer)
        parts = {
            "words_nll": loss.detach() / count,
            "words_right": (logits.argmax(-1) == answer).float().mean(),
        }
        if self.next is not None:
            guess = self.next(context)
            parts["next_right"] = (guess.argmax(-1) == batch.labels).float().mean()
            loss = loss + count * F.cross_entropy(guess, batch.labels)
        return Losses(loss, parts, count)

    @torch.no_grad()
    def fill_in(
        self, ids: Ids, hidden: IsHidden, segment: Ids | None = None, is_pad: IsPad | None = None
    ) -> Float[Tensor, "hidden vocab"]:
        """Probabilities of all pieces at the hidden places, each of which is shown as [MASK]."""
        context = self.model(ids.masked_fill(hidden, self.pieces.mask), segment, is_pad=is_pad)
        return self.words(context[hidden]).softmax(-1)
