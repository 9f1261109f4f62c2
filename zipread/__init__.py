"""Read handwritten ZIP codes from scanned envelopes, and know when not to."""

__version__ = "0.1.0"
