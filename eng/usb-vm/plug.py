#!/usr/bin/python3
"""plug.py PORT BUSID: plugs what a USB/IP server on 127.0.0.1 exports into this virtual machine's own xHCI controller.

The kernel refuses to export again what it imported. So this is a client of its own, and hands every request to QEMU's
usb-redir device, through a virtio port that `run` connects to it: the kernel sees a device on a real port, with all its
descriptors and alternate settings. When the device leaves the server, it is unplugged and, once it is back, plugged in.
"""

import errno
import glob
import os
import select
import socket
import struct
import sys
import time

STALL = 4
GETSTATUS, DFU_MANIFEST = 3, 7


class Imported:
    """A device that was imported over USB/IP 1.1.1 (Linux, Documentation/usb/usbip_protocol.rst); endpoint 0 only."""

    def __init__(self, port, bus_id):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sequence = 0
        self.socket.sendall(struct.pack(">HHI32s", 0x0111, 0x8003, 0, bus_id.encode()))
        _, code, status = struct.unpack(">HHI", self.receive(8))
        if code != 3 or status != 0:
            raise ConnectionError(f"{bus_id} was refused with status {status}")
        record = self.receive(312)
        bus, device, self.speed = struct.unpack_from(">III", record, 288)
        self.id = bus << 16 | device
        self.vendor, self.product = struct.unpack_from(">HH", record, 300)

    def receive(self, length):
        data = b""
        while len(data) < length:
            part = self.socket.recv(length - len(data))
            if not part:
                raise ConnectionError("it left the server")
            data += part
        return data

    def control(self, request_type, request, value, index, length, data=b""):
        """What the device answers; None if that is STALL."""
        self.sequence += 1
        is_in = request_type >> 7
        self.socket.sendall(
            struct.pack(">IIIIIIIIiI", 1, self.sequence, self.id, is_in, 0, 0, length, 0, -1, 0)
            + struct.pack("<BBHHH", request_type, request, value, index, length)
            + data)
        command, sequence, status, actual = struct.unpack(">II12xiI20x", self.receive(48))
        if (command, sequence) != (3, self.sequence):
            raise ConnectionError(f"it answered {command} to {sequence} instead of 3 to {self.sequence}")
        if status == -errno.EPIPE:
            return None
        if status != 0:
            raise ConnectionError(f"the server reports {os.strerror(-status)}")
        return self.receive(actual) if is_in else b""


class Redirection:
    """The side of the device in the USB network redirection protocol 0.7."""

    # What QEMU asks for at an xHCI controller: packet sizes of endpoints, 64-bit packet ids, 32-bit lengths.
    CAPABILITIES = 1 << 4 | 1 << 5 | 1 << 6

    HELLO, CONNECT, DISCONNECT, RESET, INTERFACES, ENDPOINTS = range(6)
    SET_CONFIGURATION, GET_CONFIGURATION, CONFIGURATION = 6, 7, 8
    SET_ALTERNATE, GET_ALTERNATE, ALTERNATE = 9, 10, 11
    CONTROL = 100

    def __init__(self, path):
        self.port = os.open(path, os.O_RDWR)
        # The packet that says how long ids are comes before that is known.
        self.write(struct.pack("<III64sI", self.HELLO, 68, 0, b"plug.py", self.CAPABILITIES))
        kind, length, _ = struct.unpack("<III", self.read(12))
        hello = self.read(length)
        if kind != self.HELLO or not struct.unpack_from("<I", hello, 64)[0] & 1 << 5:
            raise SystemExit(f"QEMU began with packet {kind}: {hello.hex()}")

    def read(self, length):
        data = b""
        while len(data) < length:
            data += os.read(self.port, length - len(data))
        return data

    def write(self, data):
        while data:
            data = data[os.write(self.port, data):]

    def receive(self):
        kind, length, packet = struct.unpack("<IIQ", self.read(16))
        return kind, packet, self.read(length)

    def send(self, kind, packet=0, data=b""):
        self.write(struct.pack("<IIQ", kind, len(data), packet) + data)

    def connect(self, device):
        """Plugs in a device with one interface, DFU mode, that has no endpoint but 0."""
        control_only = bytes([0] + [255] * 15) * 2
        self.send(self.ENDPOINTS, data=control_only + bytes(128))
        self.send(self.INTERFACES, data=struct.pack("<I32x32s32s32s", 1, b"\xfe", b"\x01", b"\x02"))
        self.send(self.CONNECT, data=struct.pack("<BBBBHH", device.speed - 1, 0, 0, 0, device.vendor, device.product))

    def answer(self, device):
        """Takes one packet to the device, and the answer back."""
        kind, packet, data = self.receive()
        if kind == self.RESET:
            # A reset of the bus takes the device out of its configuration.
            device.control(0x00, 9, 0, 0, 0)
        elif kind == self.SET_CONFIGURATION:
            done = device.control(0x00, 9, data[0], 0, 0)
            self.send(self.CONFIGURATION, packet, bytes([STALL if done is None else 0, data[0]]))
        elif kind == self.GET_CONFIGURATION:
            got = device.control(0x80, 8, 0, 0, 1)
            self.send(self.CONFIGURATION, packet, bytes([STALL, 0]) if got is None else b"\0" + got)
        elif kind == self.SET_ALTERNATE:
            done = device.control(0x01, 11, data[1], data[0], 0)
            self.send(self.ALTERNATE, packet, bytes([STALL if done is None else 0, data[0], data[1]]))
        elif kind == self.GET_ALTERNATE:
            got = device.control(0x81, 10, 0, data[0], 1)
            self.send(self.ALTERNATE, packet, bytes([STALL, data[0], 0]) if got is None else bytes([0, data[0]]) + got)
        elif kind == self.CONTROL:
            endpoint, request, request_type, _, value, index, length = struct.unpack_from("<BBBBHHH", data)
            reply = device.control(request_type, request, value, index, length, data[10:])
            if (request_type, request) == (0xA1, GETSTATUS) and reply and reply[4] == DFU_MANIFEST:
                # A ROM is off the bus before a host can do more; here it must not be overtaken by who closes the device,
                # since the kernel then resets a device that goes away meanwhile, which QEMU answers with nothing at all.
                select.select([device.socket], [], [], 10)
            status = STALL if reply is None else 0
            reply = reply or b""
            length = len(reply) if request_type & 0x80 else length
            self.send(
                self.CONTROL,
                packet,
                struct.pack("<BBBBHHH", endpoint, request, request_type, status, value, index, length) + reply)


def serve(redirection, device):
    """Until the device leaves the server."""
    redirection.connect(device)
    print("plugged in", flush=True)
    poll = select.poll()
    poll.register(redirection.port, select.POLLIN)
    poll.register(device.socket, select.POLLIN)
    try:
        while True:
            ready = [descriptor for descriptor, _ in poll.poll()]
            if device.socket.fileno() in ready:
                raise ConnectionError("it left the server")
            redirection.answer(device)
    finally:
        redirection.send(Redirection.DISCONNECT)


def until_gone(device):
    """As nobody is faster than the kernel at plugging it in again."""
    name = f"{device.product:04x}"
    while any(read_line(path) == name for path in glob.glob("/sys/bus/usb/devices/*/idProduct")):
        time.sleep(0.1)


def read_line(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None


def virtio_port(name):
    for path in glob.glob("/sys/class/virtio-ports/*/name"):
        if read_line(path) == name:
            return "/dev/" + path.split("/")[-2]
    raise SystemExit(f"there is no virtio port called {name}")


def main():
    port, bus_id = int(sys.argv[1]), sys.argv[2]
    redirection = Redirection(virtio_port("usb-redir"))
    while True:
        device = Imported(port, bus_id)
        try:
            serve(redirection, device)
        except ConnectionError as error:
            print(f"unplugged: {error}", flush=True)
            until_gone(device)


main()
