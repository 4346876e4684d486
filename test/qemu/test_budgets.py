# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""What is promised in instructions, which are the same on any machine: counted by the benchmarks' own code."""

import os
import sys

import pytest

from harness.workshop import REPOSITORY
from test_calls import ARCHS

sys.path.insert(0, os.path.join(REPOSITORY, "test/bench"))
import call_bench  # noqa: E402


@pytest.mark.parametrize("arch", ARCHS)
def test_a_call_and_the_same_again(workshop, arch):
    """Of an empty image, from the menu's choice to the result; what had to be prepared for its first call is in no step of the next."""
    results = call_bench.measure(workshop, arch)
    first, repeated = results["empty, first"], results["empty, next"]
    assert set(repeated) == set(call_bench.AGAIN) and set(first) == set(call_bench.FIRST)
    assert call_bench.total(first) < call_bench.GOAL
    assert call_bench.total(repeated) < call_bench.total(first)
