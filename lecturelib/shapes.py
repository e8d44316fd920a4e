"""Names of the axes, and types that say them.

batch    examples side by side          time     positions along a sequence (tokens, frames)
dim      width of a vector              heads    attention heads, head_dim = dim / heads
channel  colours, or filter responses   classes  what a label can be
samples  points of a waveform           mels     bands of a log-mel spectrogram

Boolean masks are predicates: True means what the word says. `is_pad`: filler, not data.
`hidden`: the model may not see it, and must predict it.
"""

from typing import TypeAlias

from jaxtyping import Bool, Float, Int
from torch import Tensor

IsPad: TypeAlias = Bool[Tensor, "batch time"]
IsHidden: TypeAlias = Bool[Tensor, "batch time"]
Tokens: TypeAlias = Float[Tensor, "batch time dim"]
Ids: TypeAlias = Int[Tensor, "batch time"]
Images: TypeAlias = Float[Tensor, "batch channel height width"]
Waves: TypeAlias = Float[Tensor, "batch samples"]
Mels: TypeAlias = Float[Tensor, "batch time mels"]
Features: TypeAlias = Float[Tensor, "batch dim"]
Logits: TypeAlias = Float[Tensor, "batch classes"]
Labels: TypeAlias = Int[Tensor, " batch"]
Heads: TypeAlias = Float[Tensor, "batch heads time head_dim"]
Weights: TypeAlias = Float[Tensor, "batch heads query key"]
