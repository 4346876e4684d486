# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""modules.py TOOL TOP: options for tools/mkinitrd that put in what TOOL imports from the Python below the folder TOP."""

import encodings.ascii  # noqa: F401  which open() imports when it is first asked for it
import os
import runpy
import sys

tool, top = sys.argv[1:]
sys.argv = [tool]
runpy.run_path(tool, run_name="imported")

for module in list(sys.modules.values()):
    path = getattr(module, "__file__", None)
    if path and path.startswith(top):
        print(f"--file={os.path.relpath(path, top)}={path}")
