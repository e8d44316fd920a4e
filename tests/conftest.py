"""Before anything is imported: no window, and one thread, so that sums come out the same twice."""

import os

os.environ.setdefault("MPLBACKEND", "agg")
os.environ.setdefault("OMP_NUM_THREADS", "1")
