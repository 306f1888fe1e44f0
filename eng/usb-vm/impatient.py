#!/usr/bin/python3
"""impatient.py PATH FILE ADDRESS: writes raw bytes the way MicroPython's pydfu does, through libusb.

An address before every block, and a status asked for at once where the device said to wait. It is a script of ours, with that
order of requests; PATH is the port, as dfu-util names it ("3-1"). Exits with 0 if the device took all of it and left DFU mode.
"""

import struct
import sys

import usb.core
import usb.util

DETACH, DNLOAD, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT = range(7)
IDLE, BUSY, DNLOAD_IDLE, MANIFEST, ERROR = 2, 4, 5, 7, 10
TIMEOUT = 20_000


def path_of(device):
    return f"{device.bus}-" + ".".join(str(x) for x in device.port_numbers or ())


class Board:
    def __init__(self, path):
        self.device = usb.core.find(custom_match=lambda x: path_of(x) == path)
        if self.device is None:
            raise OSError(f"nothing is at {path}")
        interface = self.device.get_active_configuration()[(0, 0)]
        usb.util.claim_interface(self.device, interface.bInterfaceNumber)
        self.device.set_interface_altsetting(interface.bInterfaceNumber, 0)
        self.number = interface.bInterfaceNumber
        # The functional descriptor stands behind one of the alternate settings.
        extra = b"".join(bytes(x.extra_descriptors) for x in self.device.get_active_configuration())
        at = extra.find(b"\x09\x21")
        self.size = struct.unpack_from("<H", extra, at + 5)[0] if at >= 0 else 2048
        for _ in range(3):
            state = self.status()
            if state == IDLE:
                return
            self.device.ctrl_transfer(0x21, CLRSTATUS if state == ERROR else ABORT, 0, self.number, None, TIMEOUT)
        raise OSError("the device does not get to dfuIDLE")

    def status(self):
        return self.device.ctrl_transfer(0xA1, GETSTATUS, 0, self.number, 6, TIMEOUT)[4]

    def download(self, block, data):
        self.device.ctrl_transfer(0x21, DNLOAD, block, self.number, data, TIMEOUT)

    def work(self, block, data, what):
        self.download(block, data)
        for expected in BUSY, DNLOAD_IDLE:
            state = self.status()
            if state != expected:
                raise OSError(f"{what}: state {state}, where {expected} was expected")

    def write(self, address, data):
        for offset in range(0, len(data), self.size):
            self.work(0, struct.pack("<BI", 0x21, address + offset), f"set address 0x{address + offset:08x}")
            self.work(2, data[offset : offset + self.size], f"block at 0x{address + offset:08x}")

    def leave(self, address):
        self.work(0, struct.pack("<BI", 0x21, address), "set address to start")
        self.download(0, b"")
        try:
            if self.status() != MANIFEST:
                raise OSError("the device does not leave DFU mode")
        except usb.core.USBError:
            # Some are gone before they answer.
            pass


def main():
    path, file, address = sys.argv[1], sys.argv[2], int(sys.argv[3], 0)
    with open(file, "rb") as stream:
        data = stream.read()
    board = Board(path)
    board.work(0, b"\x41", "mass erase")
    board.write(address, data)
    board.leave(address)


if __name__ == "__main__":
    try:
        main()
    except (OSError, usb.core.USBError) as e:
        sys.exit(f"impatient: {e}")
