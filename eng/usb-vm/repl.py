#!/usr/bin/env python3
"""repl.py PORT talk|much|bootloader|count|touch|pulse...: talks to a simulated program on a serial port; fails if it answers otherwise.

The first three talk to MicroPython's REPL, count and touch to a program that counts the seconds, and pulse drives DTR and RTS.
"""

import fcntl
import os
import select
import struct
import sys
import termios
import time
import tty


def open_port(path):
    fd = os.open(path, os.O_RDWR | os.O_NOCTTY)

    # At once: until the port is raw the kernel sends back to the board whatever the board says, and the board answers that.
    tty.setraw(fd, termios.TCSANOW)
    attributes = termios.tcgetattr(fd)
    attributes[4] = attributes[5] = termios.B115200
    termios.tcsetattr(fd, termios.TCSANOW, attributes)
    return fd


def until(fd, end, seconds=15):
    text, limit = b"", time.monotonic() + seconds
    while not text.endswith(end):
        if not has_more(fd, limit - time.monotonic()):
            sys.exit(f"instead of {end} came {text[-300:]}")
        text += os.read(fd, 4096)
    return text


def has_more(fd, seconds):
    return bool(select.select([fd], [], [], max(0, seconds))[0])


def ask(fd, text, end):
    os.write(fd, text)
    return until(fd, end)


def expect(got, wanted):
    if got != wanted:
        sys.exit(f"instead of {wanted} came {got}")


def set_lines(fd, request, lines):
    fcntl.ioctl(fd, request, struct.pack("I", lines))


def count(fd):
    text = b""
    while text.count(b"\r\n") < 3:
        text += until(fd, b"\r\n")
    numbers = [int(x) for x in text.split()][-2:]
    expect(numbers[1], numbers[0] + 1)
    return fd


def touch(fd):
    attributes = termios.tcgetattr(fd)
    attributes[4] = attributes[5] = termios.B1200
    termios.tcsetattr(fd, termios.TCSANOW, attributes)
    return fd


def pulse(fd):
    # DTR asserted is reset, RTS asserted is BOOT0 high; both are since the port was opened.
    set_lines(fd, termios.TIOCMBIS, termios.TIOCM_DTR | termios.TIOCM_RTS)
    time.sleep(0.1)
    set_lines(fd, termios.TIOCMBIC, termios.TIOCM_DTR)
    time.sleep(0.5)
    return fd


def wake(fd):
    """Interrupts what runs, and takes all that it has said; again, if something of that was sent back to it."""
    for _ in range(3):
        os.write(fd, b"\r\x03\x03")
        text = b""
        while has_more(fd, 2):
            text += os.read(fd, 4096)
        if text.endswith(b"\r\n>>> \r\n>>> "):
            return fd
        os.close(fd)
        fd = open_port(path)
    sys.exit(f"instead of a prompt came {text[-300:]}")


def talk(fd):
    fd = wake(fd)
    expect(ask(fd, b"print('hello')\r", b"hello\r\n>>> "), b"print('hello')\r\nhello\r\n>>> ")
    os.close(fd)
    fd = open_port(path)
    ask(fd, b"while True: pass\r", b"... ")
    ask(fd, b"\r", b"\r\n")
    os.write(fd, b"print(2)\r")
    time.sleep(1)
    if select.select([fd], [], [], 0)[0]:
        sys.exit("a program that runs answered")
    ask(fd, b"\x03", b"2\r\n>>> ")
    expect(ask(fd, b"\x01", b"exit\r\n>"), b"\r\nraw REPL; CTRL-B to exit\r\n>")
    expect(ask(fd, b"import os\nprint(1)\x04", b"\x04>"), b"OK1\r\n\x04\x04>")
    ask(fd, b"\x02", b">>> ")
    return fd


def much(fd):
    sent, got = b"x" * 40_000, b""
    left = sent
    limit = time.monotonic() + 40
    os.set_blocking(fd, False)
    while len(got) < len(sent) and time.monotonic() < limit:
        ready, free, _ = select.select([fd], [fd] if left else [], [], 1)
        if free:
            left = left[os.write(fd, left[:4096]):]
        if ready:
            got += os.read(fd, 4096)
    expect(got == sent, True)
    os.set_blocking(fd, True)
    ask(fd, b"\x03", b">>> ")
    return fd


def bootloader(fd):
    os.write(fd, b"import machine\rmachine.bootloader()\r")
    time.sleep(0.5)
    return fd


path, *whats = sys.argv[1:]
fd = open_port(path)
for what in whats:
    fd = {"talk": talk, "much": much, "bootloader": bootloader, "count": count, "touch": touch, "pulse": pulse}[what](fd)
os.close(fd)
