"""The network file, as far as a topology needs it: what is there, where, and which addresses lead where."""

import ipaddress
import json

LARGEST_FILE = 64 << 20  # characters


class Trouble(Exception):
    """What is wrong, and what to do about it, in words for the user."""


def read_network(path):
    """Returns the network file's content. `pillion check` judges it; here it is only read."""
    try:
        with open(path, encoding="utf-8") as f:
            text = f.read(LARGEST_FILE + 1)
    except (OSError, UnicodeDecodeError) as e:
        raise Trouble(f"network file {path}: {e}") from e
    if len(text) > LARGEST_FILE:
        raise Trouble(f"network file {path}: longer than {LARGEST_FILE} bytes")
    try:
        network = json.loads(text) if path.endswith(".json") else read_yaml(text)
    except (ValueError, RecursionError) as e:
        raise Trouble(f"network file {path}: {e}") from e
    if not isinstance(network, dict):
        raise Trouble(f"network file {path}: it has no keys; `pillion check` says more")
    return network


def read_yaml(text):
    try:
        import yaml
    except ImportError as e:
        raise Trouble(
            "reading YAML takes python3-yaml: install it, or give the network.json of a compiled bundle"
        ) from e
    try:
        # This loader leaves every value the text that it is. YAML 1.1's others make numbers of MAC addresses.
        return yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.YAMLError as e:
        raise ValueError(e) from e


def several(value):
    """One value may stand for a list of one."""
    return value if isinstance(value, list) else [value]


def place(text):
    """Splits switch:port."""
    switch, _, port = str(text).rpartition(":")
    return switch, int(port)


def addresses(endpoint):
    return [ipaddress.ip_address(a) for a in several(endpoint["ip"])]


def neighbourhood(endpoints):
    """Returns the prefixes that are on the link: the /24 and /64 networks around all endpoints.

    Everything that Pillion joins is one link to its hosts, whatever the addresses are."""
    around = {
        ipaddress.ip_network((ip, 24 if ip.version == 4 else 64), strict=False) for e in endpoints for ip in addresses(e)
    }
    return [
        prefix
        for version in (4, 6)
        for prefix in ipaddress.collapse_addresses(p for p in around if p.version == version)
    ]


def beyond(endpoints, own):
    """Returns (prefix, gateway address) for what an endpoint reaches through others."""
    routes = []
    for gateway in endpoints:
        if gateway is own:
            continue
        for prefix in several(gateway.get("prefixes", [])):
            prefix = ipaddress.ip_network(prefix)
            via = [ip for ip in addresses(gateway) if ip.version == prefix.version]
            if via:
                routes.append((prefix, via[0]))
    return routes


def check_loops(network):
    """Refuses ordinary switches that are linked in a ring: without a spanning tree, a frame would never leave it."""
    group = {s["name"]: s["name"] for s in network["switches"] if s.get("target", "p4runtime") != "p4runtime"}

    def leader(name):
        while group[name] != name:
            name = group[name]
        return name

    for link in network.get("links", []):
        ends = [place(end)[0] for end in (link["ends"] if isinstance(link, dict) else link)]
        if all(name in group for name in ends):
            near, far = map(leader, ends)
            if near == far:
                raise Trouble(
                    f"the link of {ends[0]} and {ends[1]} closes a ring of ordinary switches: no spanning tree runs here"
                )
            group[near] = far
