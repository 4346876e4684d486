# SPDX-License-Identifier: GPL-2.0-or-later OR BSD-2-Clause
"""The harness itself: it must notice what it is there to notice, or every other test proves nothing."""

import os

import pexpect
import pytest

from harness.machine import NEVER, MachineFailure, Spec, reset_places
from harness.screen import Screen, ScreenError
from harness.session import SessionFolder

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


RESET_32 = """CPU Reset (CPU 0)
EAX=00000006 EBX=000f3e32 ECX=00000000 EDX=00000cf9
ESI=00000000 EDI=00100000 EBP=00000000 ESP=00000fc8
EIP={offset:08x} EFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0
ES =0010 00000000 ffffffff 00cf9300 DPL=0 DS   [-WA]
CS ={selector:04x} {base:08x} ffffffff 00cf9b00 DPL=0 CS32 [-RA]
"""
RESET_64 = """CPU Reset (CPU 0)
RAX=0000000000000006 RBX=0000000000000000 RCX=0000000000000000 RDX=0000000000000000
RSI=0000000000000000 RDI=0000000000000000 RBP=0000000000000000 RSP=0000000000000000
R8 =0000000000000000 R9 =0000000000000000 R10=0000000000000000 R11=0000000000000000
R12=0000000000000000 R13=0000000000000000 R14=0000000000000000 R15=0000000000000000
RIP=0000000002000007 RFL=00000046 [---Z-P-] CPL=0 II=0 A20=1 SMM=0 HLT=0
ES =0010 0000000000000000 ffffffff 00cf9300 DPL=0 DS   [-WA]
CS =0010 0000000000000000 ffffffff 00af9b00 DPL=0 CS64 [-RA]
"""


def test_resets_are_told_apart_by_where_they_happen():
    """Power-on, two of SeaBIOS's beginning anew, an image's."""
    log = (RESET_32.format(offset=0, selector=0, base=0) + RESET_32.format(offset=0xfff0, selector=0xf000, base=0xffff0000) +
           "Triple fault\n" + RESET_32.format(offset=0xefaad, selector=8, base=0) +
           RESET_32.format(offset=0x1234, selector=0xf000, base=0xf0000) + "Triple fault\n" + RESET_64 + RESET_64.replace("CPU 0", "CPU 1"))
    assert reset_places(log, reboots=True) == [0, 0x2000007]
    assert reset_places(log, reboots=False) == [0, 0xfffffff0, 0xefaad, 0xf1234, 0x2000007]
    with pytest.raises(MachineFailure, match="cannot be read"):
        reset_places("CPU Reset (CPU 0)\n", reboots=False)


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


def test_sessions_leave_each_other_alone(tmp_path):
    """One that ends takes its own folder along, one that begins those of the dead, and what lies about, nobody the living's."""
    (tmp_path / "old.iso").write_bytes(b"of a session that had no folder")
    living, ending, dead = (SessionFolder(tmp_path) for _ in range(3))
    for session in (living, ending, dead):
        open(os.path.join(session.path, "medium"), "wb").close()
    ending.remove()
    dead.leave()
    assert sorted(os.listdir(tmp_path)) == sorted(os.path.basename(session.path) for session in (living, dead))
    new = SessionFolder(tmp_path)
    assert sorted(os.listdir(tmp_path)) == sorted(os.path.basename(session.path) for session in (living, new))
    assert os.listdir(living.path) == ["medium"] and os.listdir(new.path) == []
    for session in (living, new):
        session.remove()
    assert os.listdir(tmp_path) == []
