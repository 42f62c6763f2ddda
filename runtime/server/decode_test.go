package server

import (
	"bytes"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

// requestsOnWire are requests of many kinds, on the wire.
func requestsOnWire(t testing.TB) [][]byte {
	t.Helper()
	entry := func(change func(*p4.TableEntry)) *p4.Update {
		e := &p4.TableEntry{
			TableId: 0x02000001, Priority: 7,
			Match: []*p4.FieldMatch{
				{FieldId: 1, FieldMatchType: &p4.FieldMatch_Exact_{Exact: &p4.FieldMatch_Exact{Value: []byte{1}}}},
				{FieldId: 2, FieldMatchType: &p4.FieldMatch_Ternary_{Ternary: &p4.FieldMatch_Ternary{Value: []byte{1}, Mask: []byte{3}}}},
				{FieldId: 3, FieldMatchType: &p4.FieldMatch_Lpm{Lpm: &p4.FieldMatch_LPM{Value: []byte{10, 0}, PrefixLen: 15}}},
				{FieldId: 4, FieldMatchType: &p4.FieldMatch_Range_{Range: &p4.FieldMatch_Range{Low: []byte{}, High: []byte{9}}}},
				{FieldId: 5, FieldMatchType: &p4.FieldMatch_Optional_{Optional: &p4.FieldMatch_Optional{Value: []byte{8}}}},
			},
			Action: &p4.TableAction{Type: &p4.TableAction_Action{Action: &p4.Action{ActionId: 3, Params: []*p4.Action_Param{
				{ParamId: 1, Value: []byte{1, 2}}, {ParamId: 2}}}}},
		}
		change(e)
		return &p4.Update{Type: p4.Update_MODIFY, Entity: &p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: e}}}
	}
	requests := []*p4.WriteRequest{
		{},
		{DeviceId: 1, Role: "r", ElectionId: &p4.Uint128{High: 1, Low: 2}, Atomicity: p4.WriteRequest_DATAPLANE_ATOMIC},
		{DeviceId: 1, Updates: []*p4.Update{
			entry(func(*p4.TableEntry) {}),
			entry(func(e *p4.TableEntry) { e.Metadata = []byte("m"); e.IdleTimeoutNs = 5 }),
			{},
			{Type: p4.Update_DELETE, Entity: &p4.Entity{}},
			entry(func(e *p4.TableEntry) { e.Match, e.Action = nil, nil }),
			entry(func(e *p4.TableEntry) { e.Action = &p4.TableAction{} }),
			entry(func(e *p4.TableEntry) {
				e.Action = &p4.TableAction{Type: &p4.TableAction_ActionProfileMemberId{ActionProfileMemberId: 4}}
			}),
			entry(func(e *p4.TableEntry) { e.Match[1].FieldMatchType = nil }),
			entry(func(e *p4.TableEntry) { e.Match[1].FieldMatchType = &p4.FieldMatch_Other{Other: &anypb.Any{}} }),
			{Type: p4.Update_INSERT, Entity: &p4.Entity{Entity: &p4.Entity_RegisterEntry{RegisterEntry: &p4.RegisterEntry{RegisterId: 1}}}},
			entry(func(e *p4.TableEntry) { e.Priority = -1 }),
		}},
	}
	var out [][]byte
	for _, r := range requests {
		b, err := proto.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b)
	}
	// What no encoder writes: something twice, an unknown field, another wire type, a broken end.
	last := out[len(out)-1]
	update, err := proto.Marshal(entry(func(*p4.TableEntry) {}))
	if err != nil {
		t.Fatal(err)
	}
	odd := func(body []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, requestUpdates, protowire.BytesType), body)
	}
	return append(out,
		append(bytes.Clone(last), last...),
		odd(append(bytes.Clone(update), update...)),
		odd(protowire.AppendVarint(protowire.AppendTag(update[:len(update):len(update)], 99, protowire.VarintType), 1)),
		odd(protowire.AppendVarint(protowire.AppendTag(update[:len(update):len(update)], 2, protowire.VarintType), 1)),
		odd(protowire.AppendFixed32(protowire.AppendTag(nil, 1, protowire.Fixed32Type), 1)),
		odd(update[:len(update)-1]),
		last[:len(last)-1],
		protowire.AppendVarint(protowire.AppendTag(nil, requestUpdates, protowire.VarintType), 1),
		protowire.AppendBytes(protowire.AppendTag(nil, 6, protowire.BytesType), []byte{0xff}), // role: not UTF-8
	)
}

// same checks that the codec does what proto.Unmarshal does.
func same(t *testing.T, b []byte) {
	t.Helper()
	want := new(p4.WriteRequest)
	wantErr := proto.Unmarshal(b, want)
	r := newWriteRequest()
	gotErr := newCodec().Unmarshal(mem.BufferSlice{mem.SliceBuffer(bytes.Clone(b))}, r)
	if (gotErr == nil) != (wantErr == nil) {
		t.Fatalf("%x: %v, want %v", b, gotErr, wantErr)
	}
	got := proto.CloneOf(r.WriteRequest)
	got.Updates = nil
	for i := range r.count() {
		got.Updates = append(got.Updates, r.at(i))
	}
	r.release() // what it gave stays
	if wantErr == nil && !proto.Equal(got, want) {
		t.Fatalf("%x:\n%v\nwant\n%v", b, prototext.Format(got), prototext.Format(want))
	}
}

func TestDecodeWrite(t *testing.T) {
	for _, b := range requestsOnWire(t) {
		same(t, b)
	}
}

func FuzzDecodeWrite(f *testing.F) {
	for _, b := range requestsOnWire(f) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { same(t, b) })
}

// A plain batch must not cost an allocation per update.
func TestDecodeWriteAllocations(t *testing.T) {
	one := requestsOnWire(t)[2]
	m := new(p4.WriteRequest)
	if err := proto.Unmarshal(one, m); err != nil {
		t.Fatal(err)
	}
	const count = 1000
	u := m.Updates[0]
	m.Updates = nil
	for range count {
		m.Updates = append(m.Updates, u)
	}
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	r := newWriteRequest()
	if n := testing.AllocsPerRun(10, func() {
		r.clear()
		if err := r.decode(mem.SliceBuffer(b)); err != nil {
			t.Fatal(err)
		}
	}); n > 10 {
		t.Errorf("%v allocations for %d updates", n, count)
	}
	if r.count() != count || r.plainAt(count-1) == nil {
		t.Errorf("%d updates, or not plain ones", r.count())
	}
	if n := testing.AllocsPerRun(10, func() {
		for i := range count {
			r.at(i)
		}
	}); n > count/2 {
		t.Errorf("%v allocations for %d messages", n, count)
	}
}
