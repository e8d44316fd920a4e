"""One function a row of `python -m lecturelib bench`: it builds ours and the peer, same work."""

from benchmarks.bert import bert_step_8k, bert_step_8k_bf16, bert_step_30k
from benchmarks.data2vec import data2vec_over_supervised, data2vec_over_supervised_speech
from benchmarks.decoding import decode_cached
from benchmarks.encoder import encoder_forward, encoder_step
from benchmarks.growth import GROWTH
from benchmarks.images import vgg_step, vit_step
from benchmarks.quantizers import gumbel_v320, kmeans_distance, kmeans_nearest
from benchmarks.speech import (
    wav2vec2_forward,
    wav2vec2_forward_torchaudio,
    wav2vec2_step,
    wav2vec2_step_bf16,
)
from benchmarks.student import student_step
from benchmarks.voices import xvector_step
from benchmarks.word2vec import word2vec_epoch, word2vec_step

ROWS = {
    "student_step": student_step,
    "encoder_forward": encoder_forward,
    "encoder_step": encoder_step,
    "decode_cached": decode_cached,
    "bert_step_8k": bert_step_8k,
    "bert_step_30k": bert_step_30k,
    "bert_step_8k_bf16": bert_step_8k_bf16,
    "word2vec_step": word2vec_step,
    "word2vec_epoch": word2vec_epoch,
    "vit_step": vit_step,
    "vgg_step": vgg_step,
    "xvector_step": xvector_step,
    "wav2vec2_forward": wav2vec2_forward,
    "wav2vec2_forward_torchaudio": wav2vec2_forward_torchaudio,
    "wav2vec2_step": wav2vec2_step,
    "wav2vec2_step_bf16": wav2vec2_step_bf16,
    "data2vec_over_supervised": data2vec_over_supervised,
    "data2vec_over_supervised_speech": data2vec_over_supervised_speech,
    "gumbel_v320": gumbel_v320,
    "kmeans_distance": kmeans_distance,
    "kmeans_nearest": kmeans_nearest,
    **{name: lambda g=g: g.at(g.sizes[-1]) for name, g in GROWTH.items()},  # the largest size
}
