// Package metrics shows what a long-running agent does: counters and gauges in Prometheus' text form at /metrics, and
// whether it is well at /healthz.
//
// In: the parts of an agent ([Registry.Ports], [Registry.Server], [Registry.Drops], [Registry.Add]) and an address. Out: HTTP. It
// reads what the parts count anyway, when somebody asks; nothing is counted for it on a packet's way, and without
// a registry nothing is counted for it at all.
//
// It must not know policies, bundles and commands.
//
// # Names
//
// Names begin with pillion_, end with their unit and, for counters, _total. All of them are in [Metrics]. How many series
// there are is bounded: by the ports of a switch (512), the methods of gRPC services, the reasons for drops, and 1,024 tables of a
// program.
package metrics
