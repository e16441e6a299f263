"""Benchmarks: what the course promises about speed, measured; `python -m benchmarks.NAME` prints.

Nothing here is a test, and no time is asserted anywhere. Everything runs on one thread, which has
to be said before NumPy is imported, so it is said here.
"""

import os

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"
