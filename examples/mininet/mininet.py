#!/usr/bin/python3
"""Build the topology of a Pillion network file in Mininet, and stay at Mininet's prompt.

    sudo ./mininet.py --network network.yaml --switch bmv2 --bundle bundle

Endpoints become hosts with their MAC and IP addresses, P4 switches become simple_switch_grpc or
`pillion switch` processes at their addresses, middleboxes become namespaces that pass frames on.
Ordinary switches become bridges of Open vSwitch or of Linux, with `pillion sidecar` beside them and
`pillion shim` at the hosts. README.md beside this file says more.
"""

import sys

# This file has the name of the library that it uses: look for that elsewhere first.
sys.path.append(sys.path.pop(0))
sys.dont_write_bytecode = True

import argparse
import ipaddress
import os
import re
import shutil
import signal
import subprocess
import tempfile

try:
    from mininet.cli import CLI
    from mininet.log import error, info, setLogLevel
    from mininet.net import Mininet
except ImportError as e:
    sys.exit(f"mininet.py: {sys.executable} has no Mininet ({e}): install it (Debian: apt install mininet)")

import network_file
from network_file import Trouble
from nodes import BMv2, Bridge, Endpoint, Middlebox, PillionSwitch, Port, Reflector, halt
from ordinary import ENCAPSULATION, LinuxBridge, OpenVSwitch, Ordinary, Shim, Sidecar, own_mounts

LONGEST_INTERFACE = 15  # characters: IFNAMSIZ without its closing zero
VLAN_TAG = 4  # bytes
P4 = {"bmv2": BMv2, "pillion": PillionSwitch}
ORDINARY = {"ovs": OpenVSwitch, "lxbr": LinuxBridge}
DRIVERS = {kind.driver: kind for kind in ORDINARY.values()}


def options():
    parser = argparse.ArgumentParser(
        description="Build the topology of a Pillion network file in Mininet, and stay at Mininet's prompt.",
        epilog="example: mininet.py --network network.yaml --switch pillion --bundle bundle --exec 'web1 ping -c1 app1'",
    )
    add = parser.add_argument
    add("--network", metavar="FILE", help="the network file, YAML or JSON (default: network.json of the bundle)")
    add("--switch", choices=[*P4, *ORDINARY],
        help="what runs as P4 switches, like --p4, or as ordinary ones, whatever their driver says")
    add("--p4", choices=P4, help="what runs as P4 switches (default: pillion)")
    add("--bundle", metavar="DIR", help="push this bundle once the switches run")
    add("--pillion", metavar="PROGRAM", default="pillion", help="the pillion command (default: the one in PATH)")
    add("--tap", metavar="NAME", action="append", default=[], help="this one-armed middlebox only listens; again for each")
    add("--outside", metavar="GATEWAY=IP", action="append", default=[],
        help="give a gateway an address beyond it, on its lo; again for each")
    add("--exec", metavar="COMMAND", action="append", default=[], dest="commands",
        help="run a command of Mininet's prompt instead of staying there; again for each")
    add("--test", metavar="FILE", help="run the prompt's commands in this file, likewise")
    add("--logs", metavar="DIR", help="keep the switches' logs here")
    chosen = parser.parse_args()
    if not chosen.network and not chosen.bundle:
        parser.error("give --network FILE, or --bundle DIR, which holds a network too")
    if chosen.switch in P4:
        if chosen.p4 not in (None, chosen.switch):
            parser.error(f"--switch {chosen.switch} and --p4 {chosen.p4} both say what runs as P4 switches")
        chosen.p4 = chosen.switch
    chosen.p4 = chosen.p4 or "pillion"
    return chosen


class Names:
    """Makes the file's names fit Mininet's prompt and the kernel."""

    def __init__(self):
        self.taken = set()

    def node(self, name):
        """Returns a name that the prompt takes for a node, and for nothing else."""
        name = re.sub(r"[^A-Za-z0-9_.-]", "_", name)
        while name in self.taken or hasattr(CLI, "do_" + name):
            name += "_"
        self.taken.add(name)
        return name

    def interface(self, node, number):
        """Returns a name of the form that `mn -c` cleans up, short enough for the kernel."""
        name, count = f"{node}-eth{number}", 0
        while len(name) > LONGEST_INTERFACE or name in self.taken:
            name = f"n{count}-eth{number}"
            count += 1
        self.taken.add(name)
        return name


class Builder:
    """Makes a Mininet of a network file."""

    def __init__(self, net, network, chosen, folder):
        self.net, self.network, self.chosen, self.folder = net, network, chosen, folder
        self.names = Names()
        self.switches = {}
        self.shims = []
        self.endpoints = network.get("endpoints", [])

    def read_outside(self):
        """Returns the addresses beyond each gateway."""
        gateways = {e["name"]: [] for e in self.endpoints if e.get("prefixes")}
        for given in self.chosen.outside:
            name, _, ip = given.partition("=")
            if name not in gateways:
                raise Trouble(f"--outside {given}: there is no gateway {name}; the gateways are: {', '.join(gateways) or 'none'}")
            gateways[name].append(ipaddress.ip_address(ip))
        return gateways

    def check_taps(self):
        one_armed = [m["name"] for m in self.network.get("middleboxes", []) if "out" not in m]
        for name in self.chosen.tap:
            if name not in one_armed:
                raise Trouble(f"--tap {name}: there is no one-armed middlebox {name}; there are: {', '.join(one_armed) or 'none'}")

    def build(self):
        try:
            self.add_all()
        except (AttributeError, KeyError, TypeError, ValueError) as e:
            raise Trouble(f"the network file is not as it should be ({type(e).__name__}: {e}): `pillion check` says where") from e

    def add_all(self):
        self.check_taps()
        outside = self.read_outside()
        for s in self.network["switches"]:
            self.add_switch(s)
        network_file.check_loops(self.network)
        for link in self.network.get("links", []):
            self.add_link(link)
        onlink = network_file.neighbourhood(self.endpoints)
        for e in self.endpoints:
            self.add_endpoint(e, onlink, outside.get(e["name"], ()))
        mtu = max((int(e.get("mtu", 1500)) for e in self.endpoints), default=1500)
        for m in self.network.get("middleboxes", []):
            self.add_middlebox(m, mtu)
        for s in self.network.get("sidecars", []):
            self.add_sidecar(s, mtu)

    def add_switch(self, s):
        name = self.names.node(s["name"])
        if s.get("target", "p4runtime") == "p4runtime":
            node = self.net.addSwitch(name, cls=P4[self.chosen.p4], entry=s, folder=self.folder)
        else:
            kind = ORDINARY.get(self.chosen.switch) or DRIVERS[s["driver"]]
            # The name is that of an interface too.
            name = name if len(name) <= LONGEST_INTERFACE else self.names.interface("bridge", len(self.switches))
            node = self.net.addSwitch(name, cls=kind, dpid=f"{len(self.switches) + 1:x}")
        self.switches[s["name"]] = node

    def add_link(self, link):
        if isinstance(link, list):
            link = {"ends": link}
        near, far = link["ends"]
        self.connect(*self.port(near), *self.port(far), mtu=int(link.get("mtu", 1600)), silent=True)

    def add_endpoint(self, e, onlink, outside):
        mtu, shim = int(e.get("mtu", 1500)), e.get("shim")
        host = self.net.addHost(
            self.names.node(e["name"]), cls=Endpoint, ip=None, ips=network_file.addresses(e), onlink=onlink,
            routes=network_file.beyond(self.endpoints, e), outside=outside, limit=mtu if shim else None,
        )
        if shim:
            mtu += ENCAPSULATION
            self.shims.append(Shim(host, shim["address"], self.chosen.pillion, self.folder))
        self.connect(host, 0, *self.port(e["at"]), mtu=mtu, addr1=e["mac"], params2={"silent": True})

    def add_middlebox(self, m, mtu):
        """mtu: the longest that a frame of any endpoint may be, as what passes a middlebox is not encapsulated."""
        name = self.names.node(m["name"])
        arms = [m["at"]]
        if m["name"] in self.chosen.tap:
            node = self.net.addSwitch(name, cls=Middlebox)
        elif "out" in m:
            arms.append(m["out"])
            # One that does not learn may see an address on both arms; a learning bridge would lose its frames.
            node = self.net.addSwitch(name, cls=Bridge, learning=str(m.get("nonlearning", False)).lower() != "true")
        else:
            node = self.net.addSwitch(name, cls=Reflector)
        for number, arm in enumerate(arms, 1):
            self.connect(node, number, *self.port(arm), mtu=mtu, silent=True)

    def add_sidecar(self, s, mtu):
        """mtu: as of a middlebox; the trunk carries encapsulated and tagged frames too."""
        beside, number = self.port(s["at"])
        node = self.net.addSwitch(
            self.names.node(s["name"]), cls=Sidecar, entry=s, beside=beside, bundle=self.chosen.bundle, folder=self.folder
        )
        self.connect(node, 1, beside, number, mtu=mtu + ENCAPSULATION + VLAN_TAG, silent=True)
        for own, (port, via) in enumerate(s.get("wires", []), 2):
            self.connect(node, own, beside, int(via), mtu=mtu, silent=True)
            node.wires[int(port)] = node.intfs[own]
        if via := s.get("sample", {}).get("via"):
            own = max(node.intfs) + 1
            self.connect(node, own, beside, int(via), mtu=mtu + ENCAPSULATION, silent=True)
            node.samples = node.intfs[own]

    def port(self, at):
        """Returns the switch and the number of a place."""
        switch, number = network_file.place(at)
        if switch not in self.switches:
            raise Trouble(f"there is no switch {switch!r} for the place {at}; the switches are: {', '.join(self.switches)}")
        return self.switches[switch], number

    def connect(self, node1, port1, node2, port2, **params):
        names = [self.names.interface(node, port) for node, port in ((node1, port1), (node2, port2))]
        for node, name in zip((node1, node2), names):
            if not node.inNamespace and os.path.exists("/sys/class/net/" + name):
                raise Trouble(f"interface {name} exists: end the other Mininet, or remove what it left: `ip link del {name}`")
        self.net.addLink(node1, node2, port1, port2, intfName1=names[0], intfName2=names[1], **params)


class Prompt(CLI):
    """Mininet's prompt, where a node's name may have dots and hyphens."""

    identchars = CLI.identchars + ".-"


class Script(Prompt):
    """The prompt's commands, one after the other, without a terminal."""

    def __init__(self, net, lines):
        self.lines = lines
        self.failed = False
        # Mininet passes what comes in here on to the running command: nothing does.
        silence, self.silent = os.pipe()
        with os.fdopen(silence) as stdin:
            super().__init__(net, stdin=stdin)

    def run(self):
        for line in self.lines:
            if self.onecmd(self.precmd(line.strip())):
                break

    def default(self, line):
        super().default(line)
        name = self.parseline(line)[0]
        if name not in self.mn or self.mn[name].cmd("echo $?").strip() != "0":
            self.failed = True


def push(chosen):
    info(f"*** Pushing {chosen.bundle}\n")
    try:
        pushed = subprocess.run([chosen.pillion, "push", chosen.bundle], stdout=sys.stderr, check=False)
    except OSError as e:
        raise Trouble(f"{chosen.pillion}: {e.strerror}; give the pillion command with --pillion") from e
    if pushed.returncode:
        raise Trouble(f"`pillion push {chosen.bundle}` failed with exit code {pushed.returncode}")


def redirect(chosen, switches):
    """Gives their rules to the ordinary switches that have no sidecar to do it."""
    if not any(isinstance(node, Ordinary) for node in switches.values()):
        return
    manifest = network_file.read_network(os.path.join(chosen.bundle, "manifest.json"))
    for r in manifest.get("redirects", []):
        node = switches.get(r["switch"])
        if not r.get("sidecar") and isinstance(node, Ordinary):
            node.redirect(os.path.join(chosen.bundle, r["file"]))


def use(chosen, network, folder):
    """Builds the network, lets the user at it, and removes all of it. Returns the exit code."""
    net = Mininet(controller=None, intf=Port, build=False)
    builder = Builder(net, network, chosen, folder)
    try:
        builder.build()
        net.build()
        # Before the switches: what a host sends without its shim would be a violation.
        if builder.shims:
            info("*** Starting shims\n")
        for shim in builder.shims:
            shim.start()
        net.start()
        if chosen.bundle:
            redirect(chosen, builder.switches)
            push(chosen)
        lines = list(chosen.commands)
        if chosen.test:
            with open(chosen.test, encoding="utf-8") as f:
                lines += f.readlines()
        if not lines:
            Prompt(net)
            return 0
        return 1 if Script(net, lines).failed else 0
    finally:
        # Cleaning up is not to be interrupted.
        Leaving.cleaning = True
        for s in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
            signal.signal(s, signal.SIG_IGN)
        for shim in builder.shims:
            shim.stop()
        for node in net.switches:
            if isinstance(node, Sidecar):
                node.stop(deleteIntfs=False)
        for node in builder.switches.values():
            if isinstance(node, Ordinary):
                node.clear()
        halt(net.values())
        net.stop()


class Leaving:
    """Ends the script when a signal asks for it, by way of all the cleaning up."""

    cleaning = False
    number = None  # the signal's

    @classmethod
    def asked(cls, number, _frame):
        """Mininet swallows exceptions in places, so an alarm clock asks again until the cleaning up begins."""
        if cls.cleaning:
            return
        if number != signal.SIGALRM:
            cls.number = number
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        sys.exit(128 + cls.number)


def check_programs(chosen, network):
    """Says which program is missing before anything is built."""
    needed = {"ip"}
    for s in network.get("switches", []):
        p4 = s.get("target", "p4runtime") == "p4runtime"
        kind = P4[chosen.p4] if p4 else ORDINARY.get(chosen.switch) or DRIVERS.get(s.get("driver"), LinuxBridge)
        needed.add(getattr(kind, "program", chosen.pillion))
    if chosen.bundle or network.get("sidecars") or any("shim" in e for e in network.get("endpoints", [])):
        needed.add(chosen.pillion)
    for program in sorted(needed):
        if not shutil.which(program):
            hint = ", or say where it is with --pillion" * (program == chosen.pillion)
            raise Trouble(f"there is no program {program}: install it" + hint)


def main():
    chosen = options()
    if os.geteuid():
        sys.exit("mininet.py: Mininet makes network namespaces, which takes root: use sudo")
    for kind in (PillionSwitch, Ordinary, Sidecar):
        kind.pillion = chosen.pillion
    for s in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(s, Leaving.asked)
    setLogLevel("output" if chosen.commands or chosen.test else "info")
    folder = chosen.logs or tempfile.mkdtemp(prefix="pillion-mininet-")
    try:
        os.makedirs(folder, exist_ok=True)
        network = network_file.read_network(chosen.network or os.path.join(chosen.bundle, "network.json"))
        check_programs(chosen, network)
        if any("shim" in e for e in network.get("endpoints", [])):
            own_mounts()
        return use(chosen, network, folder)
    except Trouble as e:
        error(f"mininet.py: {e}\n")
        return 1
    finally:
        if not chosen.logs:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
