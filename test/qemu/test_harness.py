# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The harness itself: it must notice what it is there to notice, or every other test proves nothing."""

import pexpect
import pytest

from harness.machine import NEVER, MachineFailure, Spec
from harness.screen import Screen, ScreenError

TRIPLE, RESET, HANG, EXIT, FLOOD = 1, 2, 3, 4, 5
FLOOD_BYTES = 0x6000
EXIT_STATUS = 2 * 0x10 + 1


def sector(workshop, action, limit=20):
    image = workshop.boot_sector(action)
    return Spec("", extra=("-drive", f"if=ide,format=raw,snapshot=on,file={image}", "-boot", "order=c"), limit=limit)


def test_exit_status_of_the_guest_arrives(boot, workshop):
    with boot(sector(workshop, EXIT)) as machine:
        assert machine.expect_line("ready") == "ready"
        assert machine.wait_exit() == EXIT_STATUS


def test_triple_fault_fails_the_run(boot, workshop):
    with pytest.raises(MachineFailure, match="triple fault.*the machine was reset"):
        with boot(sector(workshop, TRIPLE)) as machine:
            machine.expect_line("ready")
            assert machine.wait_exit() == 0


def test_reset_fails_the_run(boot, workshop):
    with pytest.raises(MachineFailure, match="the machine was reset"):
        with boot(sector(workshop, RESET)) as machine:
            machine.expect_line("ready")
            machine.wait_exit()


def test_announced_reset_is_no_failure(boot, workshop):
    with boot(sector(workshop, RESET)) as machine:
        machine.reset_allowed = True
        machine.expect_line("ready")
        machine.wait_exit()


def test_silence_fails_the_run_with_the_tail_of_the_log(boot, workshop):
    with pytest.raises(MachineFailure, match="(?s)2 s without 'never'.*ready"):
        with boot(sector(workshop, HANG)) as machine:
            machine.expect_line("never", timeout=2)


def test_time_limit_holds(boot, workshop):
    with pytest.raises(MachineFailure, match="without 'never'"):
        with boot(sector(workshop, HANG, limit=3)) as machine:
            machine.expect_line("never")


def test_what_came_long_ago_is_still_found(boot, workshop):
    with boot(sector(workshop, FLOOD)) as machine:
        while len(machine.transcript()) < FLOOD_BYTES:
            machine.console.expect_list([NEVER, pexpect.TIMEOUT], timeout=0.1)
        assert machine.expect_line("ready", timeout=1) == "ready"


def test_screen_shows_what_a_terminal_shows():
    screen = Screen()
    screen.feed("\x1b[2J\x1b[H\x1b[?25lfirst\r\nsecond\x1b[5;10Hfifth\x1b[1;3H\x1b[7mR\x1b[0m\x1b[K\x1b[24;80Hx")
    assert screen.rows[:2] == ["fiR", "second"]
    assert screen.rows[4] == " " * 9 + "fifth"
    assert screen.rows[23] == " " * 79 + "x"
    assert screen.reversed_text() == ["R"] and not screen.cursor_visible
    screen.feed("y")
    assert screen.rows[22].endswith("x") and screen.rows[23] == "y"


def test_screen_takes_sequences_in_pieces():
    screen = Screen()
    for character in "\x1b[3;4Hhere\x1b[1A\x1b[4Dup":
        screen.feed(character)
    assert screen.rows[2] == "   here" and screen.rows[1] == "   up"


@pytest.mark.parametrize("rubbish", ["\x1b[5z", "\x01", "\x1b[?1049h", "\x1b\x1b"])
def test_screen_refuses_what_a_vt100_does_not_know(rubbish):
    with pytest.raises(ScreenError):
        Screen().feed(rubbish)
