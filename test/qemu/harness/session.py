# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""A folder for what one session of tests makes, whatever other sessions work beside it in the same build folder."""

import contextlib
import fcntl
import os
import shutil
import tempfile


@contextlib.contextmanager
def locked(folder):
    """Nobody else's while it lasts; the kernel gives it up for a process that died."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


class SessionFolder:
    """A new folder in `root`, locked as long as the session lives; making it removes what dead sessions left there."""

    def __init__(self, root):
        os.makedirs(root, exist_ok=True)
        with locked(root):
            for name in os.listdir(root):
                remove_dead(os.path.join(root, name))
            self.path = tempfile.mkdtemp(prefix=f"{os.getpid()}-", dir=root)
            self.handle = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY)
            fcntl.flock(self.handle, fcntl.LOCK_EX)

    def leave(self):
        """What is in it stays until the next session begins."""
        os.close(self.handle)

    def remove(self):
        shutil.rmtree(self.path, ignore_errors=True)
        self.leave()


def remove_dead(path):
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    except NotADirectoryError:
        os.unlink(path)
        return
    except FileNotFoundError:
        # A session that ends removes its own without asking for the lock of all.
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(path, ignore_errors=True)
    except BlockingIOError:
        pass
    finally:
        os.close(handle)
