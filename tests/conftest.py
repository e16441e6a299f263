"""Test files and notebooks run side by side; so each gets one thread for its matrix products."""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
