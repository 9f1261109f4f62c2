"""Documents: the bytes of a file to its pages, within limits, and never silently wrong.

:func:`open_document` takes what a file holds and gives its pages as 8-bit grey or RGB arrays.
Whatever the bytes are, it raises :class:`zipread.errors.DocumentError` or gives what they say.
Formats are told by content, from an allow-list (:func:`sniff`). Three rules shape the package:

- **Size first.** Width, height, pages and the lengths of all pieces are read from the file's own
  structure and held against the limits before any decoder sees the file. Decoders are then given
  only the pieces that make the picture: a profile, a comment or a thumbnail can hide no bomb.
- **Whole or not at all.** A decoder that fills what is missing with grey or white is worse than
  none. PNG: every checksum of the picture is verified. JPEG: libjpeg's warnings count as errors,
  which Pillow and OpenCV both discard (``simplejpeg`` reports them). TIFF: each strip must be
  within the file, and be complete by what its compression allows to verify; what libtiff
  complains of on stderr is overheard, and counts. Damage that leaves a valid stream (a flipped bit
  in baseline JPEG, raw or fax data, which carry no checksum) cannot be seen by anyone here.
- **As fast as decoding can be.** CPU time of a file of the development benchmark (78 % colour JPEG,
  2.1 megapixels): OpenCV to grey 5.7 ms, to colour 7.5 ms; Pillow to an array 10.8 ms (4 ms
  of them copying its 4-byte pixels); here 7.0 ms, colour kept. simplejpeg decodes straight into an
  RGB array (chroma replicated, not interpolated). Pillow decodes the others: it is as fast as
  OpenCV on grey PNG and fax TIFF, and keeps what OpenCV loses (alpha, orientation, depth, pages).

This module imports no decoder: each is loaded with the first document that needs it.
"""

from zipread.documents.formats import HEAD_LENGTH, Format, sniff
from zipread.documents.opening import Document, open_document

__all__ = ["HEAD_LENGTH", "Document", "Format", "open_document", "sniff"]
