# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The hash algorithms of FIT that the shim verifies."""

import hashlib
import zlib


class Crc32:
    """zlib's CRC-32 with hashlib's interface; the value is big-endian, as mkimage writes it."""
    digest_size = 4

    def __init__(self):
        self.value = 0

    def update(self, data):
        self.value = zlib.crc32(data, self.value)

    def digest(self):
        return self.value.to_bytes(4, "big")


ALGORITHMS = {"crc32": Crc32, "md5": hashlib.md5, "sha1": hashlib.sha1, "sha256": hashlib.sha256,
              "sha384": hashlib.sha384, "sha512": hashlib.sha512}
SIZES = {name: new().digest_size for name, new in ALGORITHMS.items()}
DEFAULT = "sha256"
CHUNK_SIZE = 1 << 20


def digests(chunks, names):
    """{name: value} of the bytes in `chunks`, read once."""
    running = {name: ALGORITHMS[name]() for name in names}
    for chunk in chunks:
        for one in running.values():
            one.update(chunk)
    return {name: one.digest() for name, one in running.items()}
