"""``python -m zipread.benchmark FOLDER``: what reading costs, in one run on one machine."""
