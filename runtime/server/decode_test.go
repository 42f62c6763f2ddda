package server

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	"pillion/p4/engine"
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
	bare, err := proto.Marshal(entry(func(e *p4.TableEntry) { e.Action = nil }))
	if err != nil {
		t.Fatal(err)
	}
	odd := func(body []byte) []byte {
		return protowire.AppendBytes(protowire.AppendTag(nil, requestUpdates, protowire.BytesType), body)
	}
	return append(out,
		append(bytes.Clone(last), last...),
		odd(append(bytes.Clone(update), update...)),
		odd(append(bytes.Clone(bare), bare...)),
		odd(protowire.AppendVarint(protowire.AppendTag(update[:len(update):len(update)], 99, protowire.VarintType), 1)),
		odd(protowire.AppendVarint(protowire.AppendTag(update[:len(update):len(update)], 2, protowire.VarintType), 1)),
		odd(protowire.AppendFixed32(protowire.AppendTag(nil, 1, protowire.Fixed32Type), 1)),
		odd(update[:len(update)-1]),
		append(odd(update), odd(update[:len(update)-1])...),
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

// batches are write requests that do something to the tables of features.p4.
func batches(t testing.TB) [][]byte {
	c := &controller{bench: &bench{t: t}}
	const (
		range1   = `match { field_id: 2 range { low: "\x01" high: "\x08\x00" } }`
		port1    = `match { field_id: 3 optional { value: "\x01" } }`
		prefixes = `table_id: $prefix$ match { field_id: 1 exact { value: "\x01" } }`
		classify = `action { action { action_id: $classify$ params { param_id: 1 value: "\x04" } } }`
	)
	var out [][]byte
	for _, lines := range [][]string{
		{"INSERT " + te(macKey, fwd), "INSERT " + te(macKey, fwd), "MODIFY " + te(macKey, drop), "DELETE " + te(macKey), "DELETE " + te(macKey), "MODIFY " + te(macKey, fwd)},
		{"INSERT " + te(macKey), "INSERT " + te(macKey, "priority: 1", fwd), "INSERT " + te(macKey, `match { field_id: 1 exact { value: "\x03" } }`, fwd), "INSERT " + te("table_id: $mac$", fwd), "INSERT " + te("table_id: 7", fwd)},
		{"INSERT " + te(macKey, fwd, `metadata: "m"`), "MODIFY " + te(macKey, drop), "INSERT " + te(macKey, `action { action { action_id: $forward$ } }`)},
		{"INSERT " + te("table_id: $acl$ priority: 3", aclSrc, range1, port1, drop), "INSERT " + te("table_id: $acl$ priority: 3", aclSrc, drop), "MODIFY " + te("table_id: $acl$ priority: 3", aclSrc, drop),
			"INSERT " + te("table_id: $acl$", aclSrc, drop), "INSERT " + te("table_id: $acl$ priority: 1", port1, port1, drop), "DELETE " + te("table_id: $acl$ priority: 3", aclSrc, range1, port1)},
		{"INSERT " + te(prefixes, `match { field_id: 2 lpm { value: "\x0a\x00\x00\x00\x00\x00" prefix_len: 8 } }`, classify), "INSERT " + te(prefixes, classify),
			"INSERT " + te(prefixes, `match { field_id: 2 lpm { value: "\x0a\x00\x00\x00\x00\x01" prefix_len: 8 } }`, classify), "MODIFY " + te(prefixes, classify)},
		{"INSERT " + te(`table_id: $fixed_types$ priority: 1`, classify), "MODIFY " + te(`table_id: $initial_types$ match { field_id: 1 exact { value: "\x08\x06" } }`, classify),
			"DELETE " + te(`table_id: $initial_types$ match { field_id: 1 exact { value: "\x88\xb5" } }`)},
	} {
		r := &p4.WriteRequest{}
		for _, line := range lines {
			r.Updates = append(r.Updates, c.parse(line))
		}
		for _, r.Atomicity = range []p4.WriteRequest_Atomicity{p4.WriteRequest_CONTINUE_ON_ERROR, p4.WriteRequest_ROLLBACK_ON_ERROR} {
			b, err := proto.Marshal(r)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, b)
		}
	}
	return out
}

// sameWrite checks that a request off the wire does what its message does: the same errors, and the same state.
func sameWrite(t *testing.T, b []byte) {
	t.Helper()
	r := newWriteRequest()
	defer r.release()
	if newCodec().Unmarshal(mem.BufferSlice{mem.SliceBuffer(b)}, r) != nil {
		return
	}
	message := new(p4.WriteRequest)
	if err := proto.Unmarshal(b, message); err != nil {
		t.Fatalf("%x: %v", b, err)
	}
	var errs, states []string
	for _, r := range []*writeRequest{r, {WriteRequest: message}} {
		p := fuzzPipeline(t)
		defer p.close()
		apply := p.applyEach
		if message.Atomicity != p4.WriteRequest_CONTINUE_ON_ERROR {
			apply = p.applyAllOrNone
		}
		list := apply(r)
		for len(list) < r.count() {
			list = append(list, nil)
		}
		errs = append(errs, fmt.Sprint(list))
		states = append(states, state(t, p))
		sameAnswer(t, p)
	}
	if errs[0] != errs[1] || states[0] != states[1] {
		t.Fatalf("%v\n%s\nwant\n%s\nor another state", prototext.Format(message), errs[0], errs[1])
	}
}

// sameAnswer checks that table entries are written to the wire as their messages are.
func sameAnswer(t *testing.T, p *pipeline) {
	t.Helper()
	for _, want := range []*p4.TableEntry{
		{}, {IsDefaultAction: true}, {CounterData: &p4.CounterData{}}, {MeterConfig: &p4.MeterConfig{}}, {TimeSinceLastHit: &p4.TableEntry_IdleTimeout{}},
	} {
		var quick, general response
		if err := p.eachTableEntry(want, func(table *table, e *engine.EntryInfo) {
			quick.addEntry(table, e, want)
			general.add(&p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: table.encodeEntry(*e, want)}})
		}); err != nil {
			t.Fatal(err)
		}
		var got, message p4.ReadResponse
		if err := errors.Join(quick.err, general.err, proto.Unmarshal(bytes.Join(quick.parts, nil), &got), proto.Unmarshal(bytes.Join(general.parts, nil), &message)); err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(&got, &message) {
			t.Fatalf("%v\nwant\n%v", prototext.Format(&got), prototext.Format(&message))
		}
	}
}

func TestWriteOffTheWire(t *testing.T) {
	for _, b := range append(batches(t), requestsOnWire(t)...) {
		sameWrite(t, b)
	}
}

func FuzzWrite(f *testing.F) {
	for _, b := range append(batches(f), requestsOnWire(f)...) {
		f.Add(b)
	}
	f.Fuzz(sameWrite)
}

// A plain batch costs the entries, and nothing else for each.
func TestWriteAllocations(t *testing.T) {
	c := &controller{bench: &bench{t: t}}
	const count = 50
	m := &p4.WriteRequest{}
	for _, kind := range []string{"INSERT ", "MODIFY ", "DELETE "} {
		for i := range count {
			u := c.parse(kind + te(macKey, fwd))
			u.Entity.GetTableEntry().Match[0].GetExact().Value = []byte{byte(1 + i)}
			m.Updates = append(m.Updates, u)
		}
	}
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	p := fuzzPipeline(t)
	defer p.close()
	r := newWriteRequest()
	// The entry; after the MODIFY what it is bound to, and the arguments.
	if n := testing.AllocsPerRun(10, func() {
		r.clear()
		if err := r.decode(mem.SliceBuffer(b)); err != nil {
			t.Fatal(err)
		}
		if errs := p.applyEach(r); errs != nil {
			t.Fatal(errs)
		}
	}); n > 4.5*count {
		t.Errorf("%v allocations for %d entries", n, count)
	}
	if r.lent {
		t.Error("messages were made")
	}
}

// Lengths of one byte and of more.
func TestClosed(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 16383, 16384, 1 << 21} {
		inner := bytes.Repeat([]byte{7}, n)
		b, start := open([]byte("before"), tagEntities)
		b = closed(append(b, inner...), start)
		if want := protowire.AppendBytes(append([]byte("before"), tagEntities), inner); !bytes.Equal(b, want) {
			t.Errorf("%d bytes: %.20x, want %.20x", n, b, want)
		}
	}
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
