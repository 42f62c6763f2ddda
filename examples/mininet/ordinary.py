"""Ordinary switches as Mininet nodes, the sidecars beside them, and the shims of endpoints behind them."""

import ctypes
import os
import subprocess

from mininet.log import warn
from mininet.node import OVSBridge, Switch

from network_file import Trouble
from nodes import delete_ports, end, forget, libc, run, serve, server


BRIDGE_FILTERS = [f"net.bridge.bridge-nf-call-{table}" for table in ("arptables", "iptables", "ip6tables")]
ENCAPSULATION = 38  # bytes that a frame has more of while it is on its way between edges


def setting(name):
    """Returns a kernel's setting; "" if it has none of the name."""
    try:
        with open("/proc/sys/" + name.replace(".", "/"), encoding="ascii") as f:
            return f.read().strip()
    except OSError:
        return ""


def own_mounts():
    """Gives the script a view of its own of what is mounted where: what shims mount, for their maps, ends with it."""
    CLONE_NEWNS, MS_SLAVE, MS_REC = 0x20000, 1 << 19, 1 << 14
    if libc.unshare(CLONE_NEWNS) or libc.mount(b"none", b"/", None, MS_SLAVE | MS_REC, None):
        raise Trouble(f"a mount namespace for the shims: {os.strerror(ctypes.get_errno())}")


def quietly(*command):
    """Runs a command in the root namespace, and returns what it said if it failed."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    return done.stdout.decode(errors="replace").strip() if done.returncode else ""


class Ordinary:
    """What the two kinds of ordinary switches have in common: they learn addresses, and know nothing of Pillion."""

    pillion = "pillion"

    def redirect(self, rules):
        """Gives the switch its rules, where no sidecar does, from a file of the bundle."""
        if said := self.have_redirected("apply", *self.ports_by_number(), rules):
            raise Trouble(f"switch {self}: {said}")

    def have_redirected(self, action, *options):
        return quietly(self.pillion, "redirect", action, "--driver", self.driver, "--bridge", self.name, *options)

    def clear(self):
        """Removes the rules, where they do not go with the switch."""

    def ports_by_number(self):
        """Returns the options that say which interface a port number of the network file is; 0 is Mininet's own."""
        return [o for n, port in sorted(self.intfs.items()) if n for o in ("--port", f"{n}@{port.name}")]


class OpenVSwitch(Ordinary, OVSBridge):
    """Mininet's bridge of Open vSwitch, in user space: so it takes no kernel module."""

    driver = "ovs"
    program = "ovs-vsctl"

    def __init__(self, name, **params):
        super().__init__(name, datapath="user", **params)

    def vsctl(self, *args, **kwargs):
        said = super().vsctl(*args, **kwargs)
        if said and "ovs-vsctl:" in said:
            raise Trouble(f"switch {self}: {said.strip()}")
        return said

    @classmethod
    def batchStartup(cls, switches, **_how):
        return switches  # Each has been started by itself.

    @classmethod
    def batchShutdown(cls, _switches, **_how):
        return []  # Each is stopped by itself, so that its interfaces go too.

    def stop(self, deleteIntfs=True):
        super().stop(deleteIntfs=False)
        if deleteIntfs:
            delete_ports(self)


class LinuxBridge(Ordinary, Switch):
    """A Linux bridge in the root namespace, where its sidecar can give it rules."""

    driver = "linux-bridge"
    program = "ip"

    @classmethod
    def setup(cls):
        if filtering := [name for name in BRIDGE_FILTERS if setting(name) == "1"]:
            off = " ".join(f"{name}=0" for name in filtering)
            warn(f"*** A firewall here meets bridged frames too: if it drops them, sysctl {off}\n")

    def start(self, _controllers):
        if os.path.exists("/sys/class/net/" + self.name):
            raise Trouble(f"switch {self}: there is an interface {self}: `ip link del {self}`, or rename the switch")
        lines = [f"link add name {self} type bridge stp_state 0"]
        lines += [f"link set dev {port.name} master {self}" for n, port in sorted(self.intfs.items()) if n]
        run(self, "ip", "-batch", "-", given="\n".join(lines + [f"link set dev {self} arp off addrgenmode none up"]))

    def stop(self, deleteIntfs=True):
        self.clear()
        self.cmd(f"ip link del {self}")
        if deleteIntfs:
            delete_ports(self)

    def clear(self):
        """Removes Pillion's rules: those of nftables outlive the bridge, and are found by its ports."""
        if options := self.ports_by_number():
            self.have_redirected("remove", *options)


class Sidecar(Switch):
    """`pillion sidecar` on ports of an ordinary switch. Its port 1 is the trunk."""

    pillion = "pillion"

    def __init__(self, name, entry, beside, bundle, folder, **params):
        """entry: the sidecar in the network file; beside: the switch's node; folder: for its log."""
        if not bundle:
            raise Trouble(f"sidecar {entry['name']} takes its rules for {beside} from a bundle: give --bundle DIR")
        self.entry, self.beside, self.bundle = entry, beside, bundle
        self.address, device = server(f"sidecar {entry['name']}", entry)
        self.log, self.state = os.path.join(folder, name + ".log"), os.path.join(folder, "state")
        self.process = None
        self.wires = {}  # interfaces, by the port of the ordinary switch that they stand for
        self.samples = None  # the interface of these
        super().__init__(name, dpid=f"{device:x}", **params)

    def start(self, _controllers):
        options = ["--bundle", self.bundle, "--grpc", self.address, "--trunk", self.intfs[1].name]
        options += [o for n, port in self.wires.items() for o in ("--wire", f"{n}@{port.name}")]
        if self.samples:
            options += ["--sample", self.samples.name]
        options += ["--state", self.state, "--driver", self.beside.driver, "--bridge", self.beside.name]
        command = [self.pillion, "sidecar", self.entry["name"]] + options + self.beside.ports_by_number()
        self.process = serve(f"sidecar {self}", command, self.address, self.log)

    def stop(self, deleteIntfs=True):
        end(self.process)
        self.process = None
        forget(self.address)
        if deleteIntfs:
            delete_ports(self)


class Shim:
    """`pillion shim` on a host's interface."""

    def __init__(self, host, address, pillion, folder):
        """address: as in the network file; folder: for its log and what outlives it."""
        if not address.startswith("unix:"):
            raise Trouble(
                f"endpoint {host}: its shim has the address {address}, in a network of its own: "
                "give it unix:PATH, which all networks of a machine share"
            )
        self.host, self.address, self.pillion, self.folder = host, address, pillion, folder
        self.process = None

    def start(self):
        command = [self.pillion, "shim", "-i", self.host.defaultIntf().name, "--grpc", self.address, "--name", self.host.name]
        command += ["--pins", os.path.join(self.folder, "bpf"), "--state", os.path.join(self.folder, "state")]
        log = os.path.join(self.folder, self.host.name + ".log")
        self.process = serve(f"the shim of {self.host}", command, self.address, log, popen=self.host.popen)

    def stop(self):
        end(self.process)
        self.process = None
        forget(self.address)
