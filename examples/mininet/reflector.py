#!/usr/bin/python3
"""A one-armed middlebox: it returns every frame, unchanged, by the interface that it came in by.

    reflector.py INTERFACE

It says "ready" on standard output once it does so.
"""

import socket
import sys

ETH_P_ALL = 0x0003  # <linux/if_ether.h>: frames of every protocol
LONGEST_FRAME = 65535 + 18  # bytes: the longest MTU, Ethernet header and VLAN tag


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: reflector.py INTERFACE")
    # Protocol 0 receives nothing until bind names the interface.
    arm = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    arm.bind((sys.argv[1], ETH_P_ALL))
    print("ready", flush=True)
    while True:
        try:
            frame, source = arm.recvfrom(LONGEST_FRAME)
            if source[2] != socket.PACKET_OUTGOING:
                arm.send(frame)
        except OSError:
            # The interface is down, or its queue is full: a lost frame, as on any wire.
            continue


if __name__ == "__main__":
    main()
