"""What a Pillion network is made of, as Mininet nodes and interfaces: endpoints, middleboxes, P4 switches."""

import array
import contextlib
import ctypes
import fcntl
import itertools
import os
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import time

from mininet.link import Intf
from mininet.node import Host, Switch

from network_file import Trouble

START_SECONDS = 30  # until a switch must accept connections
STOP_SECONDS = 5  # until a process that was asked to end is killed

libc = ctypes.CDLL(None, use_errno=True)


def die_with_parent():
    """Run in a child: even a killed script leaves no processes behind."""
    PR_SET_PDEATHSIG = 1
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def end(process):
    if process is None:
        return
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def run(node, *command, given=""):
    """Runs a command in a node's namespace, with text on its standard input."""
    process = node.popen(list(command), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said, _ = process.communicate(given.encode())
    if process.returncode:
        raise Trouble(f"{node}: `{' '.join(command)}` failed: {said.decode(errors='replace').strip()}")


def network_of(pid):
    """Identifies a process's network namespace; None if the process is gone, or is none of ours to look at."""
    try:
        return os.readlink(f"/proc/{pid}/ns/net")
    except OSError:
        return None


def halt(nodes):
    """Ends what users started at nodes, in the foreground and in the background, so that the nodes can be stopped."""
    kill_all_at(nodes)
    for node in nodes:
        if node.shell and node.shell.poll() is None:
            quieten(node)
        if node.shell and node.shell.poll() is not None:
            node.shell = None  # The user left it by `exit`; Mininet then does without.


def kill_all_at(nodes):
    """Kills every process in the nodes' namespaces, and every descendant of their shells, but the shells."""
    shells = {node.pid for node in nodes}
    namespaces = {network_of(node.pid) for node in nodes if node.inNamespace} - {None}
    family = parents()
    for pid in family:
        if pid not in shells and (descends(pid, shells, family) or network_of(pid) in namespaces):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def parents():
    """Returns the parent of every process."""
    found = {}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError), open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stat:
            # proc(5): PID (NAME) STATE PPID …, and NAME may hold anything.
            found[int(pid)] = int(stat.read().rpartition(")")[2].split()[1])
    return found


def descends(pid, ancestors, family):
    while pid in family:
        pid = family[pid]
        if pid in ancestors:
            return True
    return False


def quieten(node):
    """Brings a node's shell back to its prompt, wherever a signal has stopped the conversation with it.

    A command may not have begun yet, so that it cannot be killed yet, or it may swallow what the shell is to read. So
    both are tried again, until the shell says what only it can say."""
    said, deadline = "", time.monotonic() + STOP_SECONDS
    for attempt in itertools.count():
        kill_all_at([node])
        node.write(f"\x03\necho halted-$(({attempt}+0))\n")
        while select.select([node.stdout], [], [], 0.1)[0]:
            try:
                said += node.read()
            except OSError:
                return  # The shell is gone.
            if re.search(rf"halted-{attempt}\s+\x7f\Z", said):
                node.waiting, node.readbuf = False, ""
                return
        if time.monotonic() > deadline:
            node.shell.kill()
            node.shell.wait()
            return


@contextlib.contextmanager
def namespace_of(node):
    """Puts the script into a node's network namespace for a while."""
    CLONE_NEWNET = 0x40000000
    with open("/proc/self/ns/net") as own, open(f"/proc/{node.pid}/ns/net") as other:
        if libc.setns(other.fileno(), CLONE_NEWNET):
            raise Trouble(f"entering the namespace of {node}: {os.strerror(ctypes.get_errno())}")
        try:
            yield
        finally:
            libc.setns(own.fileno(), CLONE_NEWNET)


def disable_offloads(node, interface):
    """Turns off what hands unfinished checksums and frames longer than the MTU to a switch in user space."""
    SIOCETHTOOL = 0x8946
    # The "set" commands of <linux/ethtool.h> for TSO, GSO, GRO, tx and rx checksums: segmentation
    # goes first, as it needs checksums.
    with namespace_of(node), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        for command in (0x1F, 0x24, 0x2C, 0x17, 0x15):
            value = array.array("I", [command, 0])
            request = struct.pack("16sP16x", interface.encode(), value.buffer_info()[0])
            # What a driver does not have, it does not do either.
            with contextlib.suppress(OSError):
                fcntl.ioctl(s, SIOCETHTOOL, request)


class Port(Intf):
    """An interface with an MTU and without offloads."""

    def config(self, mtu=1500, silent=False, **params):
        """silent: the kernel sends and answers nothing here by itself; the port is a switch's or a middlebox's."""
        settings = f"link set dev {self.name} mtu {mtu}"
        if silent:
            settings += " arp off"
            v6 = f"/proc/sys/net/ipv6/conf/{self.name}/disable_ipv6"
            run(self.node, "sh", "-c", f"! [ -e {v6} ] || echo 1 >{v6}")
        run(self.node, "ip", "-batch", "-", given=settings)
        disable_offloads(self.node, self.name)
        return super().config(**params)

    def updateIP(self):
        # Mininet asks ifconfig, for IPv4 only.
        known = self.ip
        self.ip = super().updateIP() or known
        return self.ip


class Endpoint(Host):
    """A host with an endpoint's addresses and routes."""

    def config(self, ips=(), onlink=(), routes=(), outside=(), limit=None, **params):
        """limit: the longest packet that it sends, if its interface takes longer ones."""
        result = super().config(**params)
        port = self.defaultIntf()
        lines = [f"address add {ip}/{ip.max_prefixlen} dev {port.name}{' nodad' * (ip.version == 6)}" for ip in ips]
        lines += [f"address add {ip}/{ip.max_prefixlen} dev lo" for ip in outside]
        to_port = f"dev {port.name}" + (f" mtu {limit}" if limit else "")
        lines += [f"route add {prefix} {to_port}" for prefix in onlink]
        lines += [f"route add {prefix} via {via} {to_port}" for prefix, via in routes]
        lines += [f"route add 224.0.0.0/4 {to_port}"]
        run(self, "ip", "-batch", "-", given="\n".join(lines))
        port.ip, port.prefixLen = str(ips[0]), ips[0].max_prefixlen
        return result


class Middlebox(Switch):
    """A namespace of its own that gets frames. Mininet's word for a node that passes frames on is switch,
    so `switch NAME stop` and `start` at the prompt fail and repair it, and `pingall` leaves it out.

    This one passes nothing on: a tap."""

    def __init__(self, name, **params):
        self.controlIntf = None
        params["inNamespace"] = True
        super().__init__(name, dpid="0", **params)

    def start(self, _controllers):
        pass


class Bridge(Middlebox):
    """A two-armed middlebox: a Linux bridge between its arms, which learns unless it is told not to."""

    def __init__(self, name, learning=True, **params):
        super().__init__(name, **params)
        self.learning = "on" if learning else "off"

    def start(self, _controllers):
        lines = ["link add name bridge type bridge stp_state 0"]
        for arm in self.intfNames():
            lines += [f"link set dev {arm} master bridge", f"link set dev {arm} type bridge_slave learning {self.learning}"]
        run(self, "ip", "-batch", "-", given="\n".join(lines + ["link set dev bridge arp off up"]))
        # A kernel that cannot snoop floods multicast anyway.
        with contextlib.suppress(Trouble):
            run(self, "ip", "link", "set", "dev", "bridge", "type", "bridge", "mcast_snooping", "0")

    def stop(self, deleteIntfs=True):
        self.cmd("ip link del bridge")
        super().stop(deleteIntfs)


class Reflector(Middlebox):
    """A one-armed middlebox: what comes in goes out by the same interface."""

    process = None

    def start(self, _controllers):
        program = os.path.join(os.path.dirname(os.path.realpath(__file__)), "reflector.py")
        self.process = self.popen(
            [sys.executable, program, self.intfNames()[0]], stderr=None, preexec_fn=die_with_parent
        )
        if self.process.stdout.readline() != b"ready\n":
            raise Trouble(f"middlebox {self}: {program} does not run")

    def stop(self, deleteIntfs=True):
        end(self.process)
        self.process = None
        super().stop(deleteIntfs)


class P4Switch(Switch):
    """A P4 switch in the root namespace that waits for a controller to bring its program."""

    def __init__(self, name, entry, folder, **params):
        """entry: the switch in the network file; folder: for its log."""
        self.address, self.device = server(f"switch {entry['name']}", entry)
        self.cpu_port = int(entry.get("cpu-port", 510))
        self.log = os.path.join(folder, name + ".log")
        self.process = None
        super().__init__(name, dpid=f"{self.device:x}", **params)

    def interfaces(self):
        """Returns -i options; port 0 is Mininet's own."""
        return [o for n, port in sorted(self.intfs.items()) if n for o in ("-i", f"{n}@{port.name}")]

    def start(self, _controllers):
        self.process = serve(f"switch {self}", self.command(), self.address, self.log)

    def stop(self, deleteIntfs=True):
        end(self.process)
        self.process = None
        forget(self.address)
        if deleteIntfs:
            delete_ports(self)


class BMv2(P4Switch):
    """bmv2's simple_switch_grpc."""

    program = "simple_switch_grpc"

    def command(self):
        options = ["--no-p4", "--device-id", str(self.device), "--log-console", "--log-level", "warn"] + self.interfaces()
        # Only builds with Thrift know this option, and there each needs a port of its own.
        known = subprocess.run([self.program, "--help"], capture_output=True, text=True, check=False)
        if "--thrift-port" in known.stdout + known.stderr:
            options += ["--thrift-port", str(free_port())]
        return [self.program] + options + ["--", "--grpc-server-addr", self.address, "--cpu-port", str(self.cpu_port)]


class PillionSwitch(P4Switch):
    """`pillion switch`."""

    pillion = "pillion"

    def command(self):
        options = ["--grpc", self.address, "--device-id", str(self.device), "--cpu-port", str(self.cpu_port)]
        return [self.pillion, "switch"] + options + self.interfaces()


def delete_ports(switch):
    """Deletes the interfaces of a switch in the root namespace, but for Mininet's own."""
    for port in list(switch.intfs.values()):
        if port is not switch.controlIntf:
            port.delete()


def server(what, entry):
    """Returns the address and device id of what the network file says is a P4Runtime server."""
    address, device = entry.get("address"), int(entry.get("device-id", 0))
    if not address or not device:
        raise Trouble(f"{what} needs an address, as in 127.0.0.1:50051, and a device-id in the network file")
    return address, device


def detached(command, **how):
    """Starts a process that does not hear of an interrupt at the prompt. So does Mininet's popen at nodes."""
    return subprocess.Popen(command, start_new_session=True, **how)


def serve(what, command, address, log, popen=detached):
    """Starts a server, waits until it accepts connections at its address, and returns its process."""
    family, place = where(address)
    refuse_taken(what, address)
    if family == socket.AF_UNIX:
        os.makedirs(os.path.dirname(place), exist_ok=True)
    with open(log, "ab") as out:
        process = popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, preexec_fn=die_with_parent)
    deadline = time.monotonic() + START_SECONDS
    while not answers(family, place):
        if process.poll() is not None or time.monotonic() > deadline:
            end(process)
            with open(log, encoding="utf-8", errors="replace") as out:
                said = "".join(out.readlines()[-10:])
            raise Trouble(f"{what} does not answer at {address}. Its last words:\n{said}")
        time.sleep(0.05)
    return process


def forget(address):
    """Removes what a server that was killed may leave of its address."""
    family, place = where(address)
    if family == socket.AF_UNIX:
        with contextlib.suppress(OSError):
            os.unlink(place)


def where(address):
    """Splits HOST:PORT or unix:PATH into what a socket takes."""
    if address.startswith("unix:"):
        return socket.AF_UNIX, re.sub("^/+", "/", address[len("unix:"):])
    host, _, port = address.rpartition(":")
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)[0]
    except (OSError, ValueError) as e:
        raise Trouble(f"address {address}: {e}; want HOST:PORT or unix:PATH") from e
    return found[0], found[4]


def answers(family, address):
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.settimeout(1)
        return s.connect_ex(address) == 0


def refuse_taken(what, address):
    """Says why a server cannot listen at its address, before it fails in its own words."""
    family, place = where(address)
    if answers(family, place):
        raise Trouble(f"{what}: somebody else listens at {address}; end that first")
    if family == socket.AF_UNIX:
        return
    with socket.socket(family, socket.SOCK_STREAM) as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind(place)
        except OSError as e:
            raise Trouble(
                f"{what} cannot listen at {address}: {e.strerror}; "
                "Mininet's switches need addresses of this machine, as in 127.0.0.1:50051"
            ) from e


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]
