# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""Fixtures of the QEMU tests; docs/testing.md tells how to run and extend them."""

import os
import re
import sys

import pytest

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.realpath(__file__)))

from harness.machine import FLASH, Machine  # noqa: E402
from harness.session import SessionFolder  # noqa: E402
from harness.workshop import REPOSITORY, Workshop  # noqa: E402


def pytest_addoption(parser):
    parser.addoption("--build", default=os.path.join(REPOSITORY, "build"), help="the build folder")
    parser.addoption("--ran", default="", help="what was run before, for the summary")


def pytest_configure(config):
    """Media of an earlier run prove nothing about this one; the workers of a parallel run share theirs."""
    config.addinivalue_line("markers", "interop: tests that need the Linux of `make linux-kernel`, or its ramdisk")
    config.addinivalue_line("markers", "xdist_group(name): tests that one process of a parallel run gets together")
    if hasattr(config, "workerinput"):
        config.work = config.workerinput["work"]
        return
    config.session_folder = SessionFolder(os.path.join(os.path.abspath(config.getoption("--build")), "test-work"))
    config.work = config.session_folder.path


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    node.workerinput["work"] = node.config.work


def pytest_sessionfinish(session, exitstatus):
    session.config.passed = exitstatus == pytest.ExitCode.OK


def pytest_unconfigure(config):
    """When a test failed, what its machines were made of stays: the `command` among its logs starts them again."""
    if hasattr(config, "workerinput"):
        return
    if getattr(config, "passed", True):
        config.session_folder.remove()
    else:
        config.session_folder.leave()


def pytest_collection_modifyitems(items):
    """The tests marked interop, which take longest, come first: the end of a parallel run is then many short ones."""
    items.sort(key=lambda item: item.get_closest_marker("interop") is None)


@pytest.fixture(scope="session")
def workshop(request):
    return Workshop(request.config.getoption("--build"), request.config.work)


@pytest.fixture
def boot(request):
    """boot(spec, name="") starts a machine whose logs go to build/test-logs/TEST/NAME; use it in a with statement."""
    root = os.path.join(os.path.abspath(request.config.getoption("--build")), "test-logs")
    test = re.sub(r"[^A-Za-z0-9._=+-]+", "_", f"{request.node.module.__name__}.{request.node.name}").strip("_")

    def start(spec, name=""):
        missing = [path for path in FLASH.get(spec.firmware, ())[:2] if not os.path.exists(path)]
        if missing:
            pytest.skip(f"no {spec.firmware} firmware here: {missing[0]}")
        return Machine(spec, os.path.join(root, test, name))

    return start


def pytest_terminal_summary(terminalreporter, config):
    """What was run, before the closing line; -rs has said what was skipped and why."""
    counts = {}
    for outcome in ("passed", "failed", "error", "skipped"):
        for report in terminalreporter.stats.get(outcome, ()):
            if outcome == "passed" and report.when != "call":
                continue
            module = os.path.basename(report.nodeid.partition("::")[0])
            counts.setdefault(module, {}).setdefault(outcome, 0)
            counts[module][outcome] += 1
    terminalreporter.section("what was run")
    if config.getoption("--ran"):
        terminalreporter.write_line(f"before: {config.getoption('--ran')}")
    for module, outcomes in sorted(counts.items()):
        text = ", ".join(f"{count} {outcome}" for outcome, count in outcomes.items())
        terminalreporter.write_line(f"{module:24}{text}")
