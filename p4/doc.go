// Package p4 holds the P4 programs that targets run, and what p4c made of them.
//
// In: nothing. Out: the P4Info and the bmv2 JSON of each program, as committed. It must
// not know of policies or of networks.
//
// The programs are compiled by hand when their source changes (see docs/architecture.md); a test
// fails while the committed output belongs to another source.
package p4

//go:generate sh -c "p4c-bm2-ss --arch v1model --p4runtime-files pillion.p4info.txtpb -o pillion.json pillion.p4 && sha256sum headers.p4 pillion.p4 > pillion.sha256"
