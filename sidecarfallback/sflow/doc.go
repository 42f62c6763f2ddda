// Package sflow reads sFlow version 5 datagrams (sflow.org, sFlow Version 5,
// July 2004) as far as a sidecar needs them: the beginnings of sampled Ethernet
// frames.
//
// What goes in: the payload of a UDP datagram, from anybody.
//
// What comes out: a [Datagram] with its flow samples that quote an Ethernet
// frame. Counter samples, other records, and formats of other enterprises are
// skipped.
//
// What it must not know: what the frames mean, and who may have sent them.
package sflow
