// What comes in by port 1 leaves by port 2, and the other way round. The
// smallest program that shows that a switch's ports are alive.
#include <core.p4>
#include <v1model.p4>

struct headers_t {}
struct metadata_t {}

parser Start(packet_in packet, out headers_t headers, inout metadata_t metadata,
             inout standard_metadata_t standard) {
    state start { transition accept; }
}

control Verify(inout headers_t headers, inout metadata_t metadata) { apply {} }

control Cross(inout headers_t headers, inout metadata_t metadata,
              inout standard_metadata_t standard) {
    apply { standard.egress_spec = 9w3 - standard.ingress_port; }
}

control Leave(inout headers_t headers, inout metadata_t metadata,
              inout standard_metadata_t standard) { apply {} }

control Compute(inout headers_t headers, inout metadata_t metadata) { apply {} }

control Deparse(packet_out packet, in headers_t headers) { apply {} }

V1Switch(Start(), Verify(), Cross(), Leave(), Compute(), Deparse()) main;
