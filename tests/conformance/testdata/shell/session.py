"""An operator's ordinary work with p4runtime-shell, step by step; any exception is a failure.

Run by TestStockShell: session.py ADDRESS P4INFO CONFIG. The switch sends back whatever leaves
by port 2.
"""
import sys

import p4runtime_sh.shell as sh
from p4runtime_sh.p4runtime import P4RuntimeWriteException

address, p4info, config = sys.argv[1:]
sh.setup(device_id=7, grpc_addr=address, election_id=(0, 1), config=sh.FwdPipeConfig(p4info, config))


def step(text):
    print("step:", text, flush=True)


def read(entity):
    found = []
    entity.read(lambda e: found.append(e))
    return found


def mac(dst, action=None, **args):
    e = sh.TableEntry("ingress.mac")(action=action) if action else sh.TableEntry("ingress.mac")
    e.match["dst"] = dst
    for name, value in args.items():
        e.action[name] = value
    return e


step("table entries: insert, read, modify, delete")
mac("00:00:00:00:00:01", "ingress.forward", port="1").insert()
mac("00:00:00:00:00:02", "ingress.forward", port="2").insert()
assert len(read(sh.TableEntry("ingress.mac"))) == 2
assert len(read(mac("00:00:00:00:00:01"))) == 1
mac("00:00:00:00:00:01", "ingress.forward", port="3").modify()
assert len(read(mac("00:00:00:00:00:01"))) == 1
mac("00:00:00:00:00:02").delete()
assert len(read(sh.TableEntry("ingress.mac"))) == 1
try:
    mac("00:00:00:00:00:01", "ingress.forward", port="3").insert()
    raise AssertionError("an entry was inserted twice")
except P4RuntimeWriteException:
    pass

step("ternary, range, optional and longest prefix")
e = sh.TableEntry("acl")(action="drop")
e.match["src"] = "00:00:00:00:00:00&&&ff:00:00:00:00:00"
e.match["type"] = "0x800..0x900"
e.match["port"] = "1"
e.priority = 10
e.insert()
e = sh.TableEntry("acl")(action="mirror")
e.match["port"] = "3"
e.action["session"] = "1"
e.priority = 11
e.meter_config.cir, e.meter_config.cburst, e.meter_config.pir, e.meter_config.pburst = 1, 2, 3, 4
e.insert()
assert len(read(sh.TableEntry("acl"))) == 2
e = sh.TableEntry("prefix")(action="classify")
e.match["port"] = "1"
e.match["dst"] = "0a:00:00:00:00:00/8"
e.action["class"] = "7"
e.insert()

step("default actions")
e = sh.TableEntry("mac")(action="flood", is_default=True)
e.action["group"] = "1"
e.modify()
assert read(sh.TableEntry("mac")(is_default=True))[0].action is not None
sh.TableEntry("mac")(is_default=True).modify()

step("multicast groups and clone sessions")
sh.MulticastGroupEntry(1).add(1, 1).add(3, 2).add(1, 3).insert()
assert len(read(sh.MulticastGroupEntry(1))[0].replicas) == 3
sh.MulticastGroupEntry(1).add(1, 1).modify()
sh.CloneSessionEntry(1).add(3, 1).insert()
c = sh.CloneSessionEntry(1).add(4, 1)
c.cos, c.packet_length_bytes = 2, 100
c.modify()
assert read(sh.CloneSessionEntry(1))[0].cos == 2

step("counters and meters")
assert len(read(sh.CounterEntry("per_port"))) == 16
c = sh.CounterEntry("per_port")
c.index, c.packet_count, c.byte_count = 3, 5, 50
c.modify()
c = sh.CounterEntry("per_port")
c.index = 3
assert read(c)[0].packet_count == 5
assert len(read(sh.DirectCounterEntry("mac_hits"))) >= 1
c = sh.DirectCounterEntry("mac_hits")
c.table_entry.match["dst"] = "00:00:00:00:00:01"
c.packet_count, c.byte_count = 9, 90
c.modify()
e = sh.TableEntry("mac")
e.match["dst"] = "00:00:00:00:00:01"
e.counter_data
assert read(e)[0].counter_data.packet_count == 9
m = sh.MeterEntry("per_class")
m.index, m.cir, m.cburst, m.pir, m.pburst = 1, 1, 2, 3, 4
m.modify()
assert len(read(sh.MeterEntry("per_class"))) == 8
assert len(read(sh.DirectMeterEntry("acl_meter"))) >= 1

step("action profiles: members, groups, one-shot sets")
for i in 1, 2:
    m = sh.ActionProfileMember("spread")(member_id=i, action="forward")
    m.action["port"] = str(i)
    m.insert()
sh.ActionProfileGroup("spread")(group_id=1).add(1).add(2, 3).insert()
assert len(read(sh.ActionProfileGroup("spread")(group_id=1))[0].members) == 2
e = sh.TableEntry("nexthop")
e.match["class"] = "5"
e.group_id = 1
e.insert()
assert len(read(e)) == 1
e.delete()
sh.ActionProfileGroup("spread")(group_id=1).delete()
for i in 1, 2:
    sh.ActionProfileMember("spread")(member_id=i).delete()
e = sh.TableEntry("nexthop")
e.match["class"] = "6"
a, b = sh.Action("forward"), sh.Action("forward")
a["port"], b["port"] = "1", "2"
e.oneshot.add(a).add(b, weight=2)
e.insert()
assert len(read(sh.TableEntry("nexthop"))) == 1
e.delete()

step("packet-out, packet-in and digests")
d = sh.DigestEntry("learn_t")
d.max_timeout_ns, d.max_list_size, d.ack_timeout_ns = 0, 1, 0
d.insert()
mac("00:00:00:00:00:44", "to_cpu", reason="5").insert()
e = sh.TableEntry("learning")(action="learn", is_default=True)
e.modify()
packets, digests = [], []
packet_in, digest_list = sh.PacketIn(), sh.DigestList()
p = sh.PacketOut()
p.payload = bytes.fromhex("000000000044" "000000000055" "88b6") + b"hello"
p.metadata["egress_port"], p.metadata["through_tables"], p.metadata["pad"] = "2", "0", "0"
p.send()
packet_in.sniff(lambda m: packets.append(m), timeout=3)
digest_list.sniff(lambda m: digests.append(m), timeout=1)
assert packets and packets[0].packet.payload == p.payload, packets
assert digests

step("idle entries")
e = mac("00:00:00:00:00:79", "ingress.forward", port="1")
e.idle_timeout_ns = 100000000
e.insert()
idle = []
sh.IdleTimeoutNotification().sniff(lambda m: idle.append(m), timeout=2)
assert idle

sh.teardown()
step("done")
