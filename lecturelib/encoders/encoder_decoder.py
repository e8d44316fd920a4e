"""The whole of "Attention is all you need": an encoder reads, a decoder writes."""

from jaxtyping import Bool, Float, Int, Shaped
from torch import Tensor, nn

from lecturelib.encoders.decoder import Cache, Decoder
from lecturelib.encoders.transformer import Encoder
from lecturelib.shapes import Logits


class EncoderDecoder(nn.Module):
    """Reads, then writes (Figure 1).

    source, target: front ends (signal -> tokens); `target(ids, start=n)` begins at position n.
    `predict` turns the decoder's context into a score for each of `vocab` next tokens.
    """

    def __init__(
        self,
        *,
        source: nn.Module,
        encoder: Encoder,
        target: nn.Module,
        decoder: Decoder,
        vocab: int,
    ):
        super().__init__()
        self.source, self.encoder = source, encoder
        self.target, self.decoder = target, decoder
        self.predict = nn.Linear(decoder.dim, vocab)

    def forward(
        self,
        signal: Shaped[Tensor, "batch ..."],
        written: Int[Tensor, "batch time"],
        is_source_pad: Bool[Tensor, "batch source"] | None = None,
        is_pad: Bool[Tensor, "batch time"] | None = None,
    ) -> Float[Tensor, "batch time vocab"]:
        """Teacher forcing: at each place of `written`, the scores of what comes next."""
        memory = self.encoder(self.source(signal), is_source_pad)
        return self.predict(self.decoder(self.target(written), memory, is_pad, is_source_pad))

    def read(
        self,
        signal: Shaped[Tensor, "batch ..."],
        is_source_pad: Bool[Tensor, "batch source"] | None = None,
    ) -> Cache:
        """Read the source once; nothing is written yet."""
        return self.decoder.start(self.encoder(self.source(signal), is_source_pad), is_source_pad)

    def write(self, ids: Int[Tensor, "batch new"], cache: Cache) -> tuple[Logits, Cache]:
        """Append ids; the scores of what comes next, and the longer cache."""
        tokens = self.target(ids, start=cache.length)
        context, cache = self.decoder.step(tokens, cache)
        return self.predict(context[:, -1]), cache
