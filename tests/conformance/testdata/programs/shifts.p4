// What is in the elements of a stack that a shift made invalid: the report shows the
// values of all three after the shift, valid or not.

#include <core.p4>
#include <v1model.p4>

header order_t {
    bit<8> shift;
    bit<8> first;
    bit<8> second;
    bit<8> third;
}

header item_t {
    bit<8> value;
}

struct headers_t {
    order_t   order;
    item_t[3] list;
}

struct meta_t {}

parser TakeApart(packet_in packet, out headers_t hdr, inout meta_t meta, inout standard_metadata_t standard) {
    state start {
        packet.extract(hdr.order);
        packet.extract(hdr.list.next);
        packet.extract(hdr.list.next);
        packet.extract(hdr.list.next);
        transition accept;
    }
}

control Verify(inout headers_t hdr, inout meta_t meta) {
    apply {}
}

control Shift(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t standard) {
    apply {
        if (standard.parser_error != error.NoError) {
            mark_to_drop(standard);
            exit;
        }
        standard.egress_spec = 2;
        switch (hdr.order.shift) {
            1: { hdr.list.push_front(1); }
            2: { hdr.list.push_front(2); }
            3: { hdr.list.push_front(3); }
            4: { hdr.list.pop_front(1); }
            5: { hdr.list.pop_front(2); }
            6: { hdr.list.pop_front(3); }
            7: { hdr.list.push_front(1); hdr.list.pop_front(2); }
            8: { hdr.list.pop_front(1); hdr.list.push_front(1); }
        }
        hdr.order.first = hdr.list[0].value;
        hdr.order.second = hdr.list[1].value;
        hdr.order.third = hdr.list[2].value;
    }
}

control Leave(inout headers_t hdr, inout meta_t meta, inout standard_metadata_t standard) {
    apply {}
}

control Update(inout headers_t hdr, inout meta_t meta) {
    apply {}
}

control PutTogether(packet_out packet, in headers_t hdr) {
    apply {
        packet.emit(hdr.order);
        packet.emit(hdr.list);
    }
}

V1Switch(TakeApart(), Verify(), Shift(), Leave(), Update(), PutTogether()) main;
