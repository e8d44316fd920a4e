"""One function a row of `python -m lecturelib bench`: it builds ours and the peer, same work."""

from benchmarks.decoding import decode_cached
from benchmarks.encoder import encoder_forward, encoder_step
from benchmarks.student import student_step

ROWS = {
    "student_step": student_step,
    "encoder_forward": encoder_forward,
    "encoder_step": encoder_step,
    "decode_cached": decode_cached,
}
