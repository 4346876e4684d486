# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Modules of the host-side tools; the commands are in the folder above."""
