"""How well scanning reads labelled scans: what ``zipread evaluate scan`` measures and shows.

``truth`` says what is on each page, ``matched`` sets a reading beside it, ``measure`` counts,
``thresholds`` tells which ``--accept`` keeps a wanted error, ``causes`` where a miss went wrong;
``report`` and ``pictures`` show it.
"""
