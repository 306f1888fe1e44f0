#!/usr/bin/env python3
"""pydfu-sequence.py PATH ADDRESS FILE: writes FILE to ADDRESS of the board in DFU mode at PATH (3-1.2) as MicroPython's pydfu
does: it erases sector by sector, sets the address before every block, and asks for the status twice without waiting for
what bwPollTimeout says. Ends with 0 if the board took all of it."""
import re
import struct
import sys

import usb.core
import usb.util

DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT = range(7)
IDLE, DOWNLOAD_BUSY, DOWNLOAD_IDLE, ERROR = 2, 4, 5, 10
TIMEOUT = 4000


class Board:
    def __init__(self, path):
        bus, ports = path.split("-")
        wanted = tuple(int(x) for x in ports.split("."))
        self.device = usb.core.find(custom_match=lambda x: x.bus == int(bus) and x.port_numbers == wanted)
        if self.device is None:
            sys.exit(f"nothing is plugged in at {path}")
        usb.util.claim_interface(self.device, 0)
        if self.status() == ERROR:
            self.device.ctrl_transfer(0x21, CLRSTATUS, 0, 0, None, TIMEOUT)
        while self.status() != IDLE:
            self.device.ctrl_transfer(0x21, ABORT, 0, 0, None, TIMEOUT)

    def status(self):
        return self.device.ctrl_transfer(0xA1, GETSTATUS, 0, 0, 6, TIMEOUT)[4]

    def download(self, block, data, what):
        self.device.ctrl_transfer(0x21, DNLOAD, block, 0, data, TIMEOUT)
        for expected in (DOWNLOAD_BUSY, DOWNLOAD_IDLE):
            state = self.status()
            if state != expected:
                sys.exit(f"{what}: state {state} where {expected} was expected")

    def block(self):
        """wTransferSize of the DFU functional descriptor, which lies behind one of the alternate settings."""
        for interface in self.device.get_active_configuration():
            extra = bytes(interface.extra_descriptors)
            while len(extra) >= 2 and extra[0] >= 2:
                if extra[1] == 0x21 and extra[0] >= 7:
                    return struct.unpack_from("<H", extra, 5)[0]
                extra = extra[extra[0]:]
        sys.exit("there is no DFU functional descriptor")

    def sectors(self):
        interface = self.device.get_active_configuration()[(0, 0)]
        name = usb.util.get_string(self.device, interface.iInterface)
        for start, layout in re.findall(r"/\s*0x([0-9A-Fa-f]+)\s*/([^/]*)", name):
            address = int(start, 16)
            for count, size, unit, _ in re.findall(r"(\d+)\*(\d+)([ BKM])([a-g])", layout):
                for _ in range(int(count)):
                    length = int(size) * {"K": 1024, "M": 1024 * 1024}.get(unit, 1)
                    yield address, length
                    address += length


board = Board(sys.argv[1])
address = int(sys.argv[2], 0)
with open(sys.argv[3], "rb") as file:
    data = file.read()
for start, length in board.sectors():
    if start < address + len(data) and start + length > address:
        board.download(0, struct.pack("<BI", 0x41, start), f"erasing 0x{start:08x}")
block = board.block()
for offset in range(0, len(data), block):
    board.download(0, struct.pack("<BI", 0x21, address + offset), f"setting the address 0x{address + offset:08x}")
    board.download(2, data[offset:offset + block], f"writing at 0x{address + offset:08x}")
usb.util.dispose_resources(board.device)
