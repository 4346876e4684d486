# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What the QEMU tests stand on: machines, media, and readers of what comes out of the serial line."""
