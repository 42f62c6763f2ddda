#!/usr/bin/python3
"""TCP between Mininet's hosts.

    tcp.py serve PORT...      answers on these ports, in the background; returns when it does so
    tcp.py ask WHAT IP PORT   says whether 100 kB come back: "WHAT: answered" or "WHAT: nothing"
    tcp.py ask WHAT IP PORT SOURCE   the same from an address of one's own
"""

import os
import selectors
import socket
import sys

ANSWER = bytes(100_000)


def serve(ports):
    waiting = selectors.DefaultSelector()
    for port in ports:
        s = socket.create_server(("::", int(port)), family=socket.AF_INET6, dualstack_ipv6=True)
        waiting.register(s, selectors.EVENT_READ)
    if os.fork():
        return
    nowhere = os.open(os.devnull, os.O_RDWR)
    for standard in range(3):
        os.dup2(nowhere, standard)
    while True:
        for key, _ in waiting.select():
            connection, _ = key.fileobj.accept()
            with connection:
                try:
                    connection.sendall(ANSWER)
                except OSError:
                    continue


def ask(what, ip, port, source=None):
    got = 0
    try:
        with socket.create_connection((ip, int(port)), 2, (source, 0) if source else None) as s:
            while got < len(ANSWER):
                read = s.recv(65536)
                if not read:
                    break
                got += len(read)
    except OSError:
        pass
    print(f"{what}: {'answered' if got == len(ANSWER) else 'nothing'}")


if __name__ == "__main__":
    {"serve": lambda *ports: serve(ports), "ask": ask}[sys.argv[1]](*sys.argv[2:])
