package server

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/testing/protocmp"
	"pgregory.net/rapid"
)

// What is written is read back as it was written, for every kind of entity.
func TestReadBack(t *testing.T) {
	_, c := newReady(t)
	full := te(`table_id: $acl$ priority: 7`,
		`match { field_id: 1 ternary { value: "\x02" mask: "\xff" } } match { field_id: 2 range { low: "\x08\x00" high: "\x0f\xff" } } match { field_id: 3 optional { value: "\x01" } }`,
		drop, `controller_metadata: 12 metadata: "cookie"`)
	everywhere := te("table_id: $acl$ priority: 1", drop)
	lpm := te(`table_id: $prefix$ match { field_id: 1 exact { value: "\x01" } } match { field_id: 2 lpm { value: "\xaa\x00\x00\x00\x00\x00" prefix_len: 8 } } action {`, classify, `}`)
	lpmAny := te(`table_id: $prefix$ match { field_id: 1 exact { value: "\x00" } } action {`, classify, `}`)
	idle := te(macKey, fwd, "idle_timeout_ns: 5000000000")
	oneShot := te(`table_id: $nexthop$ match { field_id: 1 exact { value: "\x01" } } action { action_profile_action_set {
		action_profile_actions { action { action_id: $forward$ params { param_id: 1 value: "\x01" } } weight: 2 }
		action_profile_actions { action { action_id: $forward$ params { param_id: 1 value: "\x01" } } weight: 3 } } }`)
	group := `packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 5 metadata: "mm" replicas { port: "\x01" instance: 4 } replicas { egress_port: 2 } } }`
	session := `packet_replication_engine_entry { clone_session_entry { session_id: 6 class_of_service: 2 packet_length_bytes: 100 replicas { port: "\x01\xfe" instance: 4 } } }`
	learn := `digest_entry { digest_id: $learn_t$ config { max_timeout_ns: 1 max_list_size: 2 ack_timeout_ns: 3 } }`
	member := `action_profile_member { action_profile_id: $shared$ member_id: 8 action { ` + `action_id: $classify$ params { param_id: 1 value: "\x05" } } }`
	viaMember := te(`table_id: $service$ match { field_id: 1 exact { value: "\x01" } } action { action_profile_member_id: 8 }`)
	for _, e := range []string{full, everywhere, lpm, lpmAny, idle, oneShot, group, session, learn, member, viaMember} {
		c.mustWrite("INSERT " + e)
	}
	c.wantRead(te("table_id: $acl$"), full, everywhere)
	c.wantRead(te("table_id: $prefix$"), lpm, lpmAny)
	c.wantRead(te("table_id: $mac$"), idle)
	c.wantRead(te("table_id: $nexthop$"), oneShot)
	c.wantRead("packet_replication_engine_entry { multicast_group_entry {} }", group)
	c.wantRead("packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 5 } }", group)
	c.wantRead("packet_replication_engine_entry { clone_session_entry {} }", session)
	c.wantRead("digest_entry {}", learn)
	c.wantRead("action_profile_member {}", member)
	c.wantRead("action_profile_member { action_profile_id: $shared$ member_id: 8 }", member)
	c.wantRead("action_profile_member { action_profile_id: $spread$ }")
	c.wantRead(te("table_id: $service$"), viaMember)
	c.wantRead("extern_entry {}")

	// Filters.
	c.wantRead(te("table_id: $acl$ priority: 7"), full)
	c.wantRead(te(`table_id: $acl$ metadata: "cookie"`), full)
	c.wantRead(te(`table_id: $acl$ controller_metadata: 12`), full)
	c.wantRead(te(`table_id: $acl$ controller_metadata: 13`))
	c.wantRead(te(`table_id: $acl$`, drop), full, everywhere)
	c.wantRead(te(`table_id: $acl$ action { action { action_id: $permit$ } }`))
	c.wantRead(te(`table_id: $prefix$ match { field_id: 1 exact { value: "\x00" } }`), lpmAny)
	c.wantRead(te(`table_id: $prefix$ match { field_id: 1 exact { value: "\x09" } }`))

	// A longer encoding of a value is taken, and comes back canonical.
	c.mustWrite("DELETE "+idle, "INSERT "+te(`table_id: $mac$ match { field_id: 1 exact { value: "\x00\x00\x00\x00\x00\x00\x00\x02" } }`,
		`action { action { action_id: $forward$ params { param_id: 1 value: "\x00\x00\x03" } } }`))
	c.wantRead(te("table_id: $mac$"), te(macKey, fwd))

	// MODIFY without action keeps the action, and a DELETE looks at the key only.
	c.mustWrite("MODIFY "+te(macKey, `metadata: "new"`), "MODIFY "+te(macKey, "counter_data { packet_count: 9 byte_count: 8 }"))
	c.wantRead(te("table_id: $mac$ counter_data {}"), te(macKey, fwd, `metadata: "new" counter_data { packet_count: 9 byte_count: 8 }`))
	c.mustWrite("DELETE " + te(macKey, "action { action_profile_member_id: 77 } idle_timeout_ns: -3"))
	c.wantRead(te("table_id: $mac$"))
}

func TestReadConstantEntries(t *testing.T) {
	_, c := newReady(t)
	entry := func(priority int, value, mask, class string) string {
		return te(fmt.Sprintf(`table_id: $fixed_types$ priority: %d match { field_id: 1 ternary { value: "%s" mask: "%s" } } action { action { action_id: $classify$ params { param_id: 1 value: "%s" } } } is_const: true`, priority, value, mask, class))
	}
	c.wantRead(te("table_id: $fixed_types$"),
		entry(3, `\x08\x00`, `\xff\xff`, `\x04`), entry(2, `\x86\xdd`, `\xff\xff`, `\x06`), entry(1, `\x80\x00`, `\xf0\x00`, `\x08`))
	c.wantRead(te("table_id: $fixed_types$ priority: 2"), entry(2, `\x86\xdd`, `\xff\xff`, `\x06`))
	all, err := c.readAll(c.entity("table_entry {}"))
	if err != nil || len(all) != 5 {
		t.Errorf("all tables have %d entries, %v; want the program's 5", len(all), err)
	}
}

func TestReadDefaultEntries(t *testing.T) {
	_, c := newReady(t)
	noAction := `action { action { action_id: $NoAction$ } }`
	mac := te("table_id: $mac$ is_default_action: true")
	c.wantRead(mac, te("table_id: $mac$ is_default_action: true", noAction))
	c.mustWrite("MODIFY " + te("table_id: $mac$ is_default_action: true", fwd, `metadata: "d" counter_data { packet_count: 3 }`))
	c.wantRead(te("table_id: $mac$ is_default_action: true counter_data {}"), te("table_id: $mac$ is_default_action: true", fwd, `metadata: "d" counter_data { packet_count: 3 }`))
	// Without action it goes back to what the program says.
	c.mustWrite("MODIFY " + mac)
	c.wantRead(te("table_id: $mac$ is_default_action: true counter_data {}"), te("table_id: $mac$ is_default_action: true", noAction, "counter_data {}"))
	c.wantRead(te("table_id: $prefix$ is_default_action: true"), te("table_id: $prefix$ is_default_action: true is_const: true", noAction))
	c.wantRead(te("table_id: $nexthop$ is_default_action: true"), te("table_id: $nexthop$ is_default_action: true is_const: true", noAction))
	all, err := c.readAll(c.entity("table_entry { is_default_action: true }"))
	if err != nil || len(all) != 9 {
		t.Errorf("%d default entries, %v; want one for each of 9 tables", len(all), err)
	}
}

func TestReadArrays(t *testing.T) {
	_, c := newReady(t)
	c.mustWrite(
		"MODIFY counter_entry { counter_id: $per_port$ data { packet_count: 7 } }", // all
		"MODIFY counter_entry { counter_id: $per_port$ index { index: 3 } data { packet_count: 8 byte_count: 9 } }",
		"MODIFY counter_entry { counter_id: $per_port$ index { index: 3 } }", // no data: no change
		"MODIFY meter_entry { meter_id: $per_class$ index { index: 1 } config { cir: 1 cburst: 2 pir: 3 pburst: 4 } }",
		`MODIFY register_entry { register_id: $last_source$ index { index: 2 } data { bitstring: "\x00\x01" } }`,
		"INSERT "+te("table_id: $acl$ priority: 1", drop, "meter_config { cir: 1 cburst: 2 pir: 3 pburst: 4 }"),
		"INSERT "+te("table_id: $acl$ priority: 2", drop),
	)
	for query, want := range map[string]int{
		"counter_entry {}": 16, "counter_entry { counter_id: $per_port$ }": 16,
		"meter_entry {}": 8, "register_entry {}": 8, "value_set_entry {}": 1,
		"direct_meter_entry {}": 2, "direct_meter_entry { table_entry { table_id: $acl$ } }": 2,
		"direct_counter_entry {}": 0,
	} {
		got, err := c.readAll(c.entity(query))
		if err != nil || len(got) != want {
			t.Errorf("%s: %d entities, %v; want %d", query, len(got), err, want)
		}
	}
	c.wantRead("counter_entry { counter_id: $per_port$ index { index: 3 } }", "counter_entry { counter_id: $per_port$ index { index: 3 } data { packet_count: 8 byte_count: 9 } }")
	c.wantRead("counter_entry { counter_id: $per_port$ index {} }", "counter_entry { counter_id: $per_port$ index {} data { packet_count: 7 } }")
	c.wantRead("meter_entry { meter_id: $per_class$ index { index: 1 } }", "meter_entry { meter_id: $per_class$ index { index: 1 } config { cir: 1 cburst: 2 pir: 3 pburst: 4 } }")
	c.wantRead("meter_entry { meter_id: $per_class$ index {} }", "meter_entry { meter_id: $per_class$ index {} }")
	c.wantRead("register_entry { register_id: $last_source$ index { index: 2 } }", `register_entry { register_id: $last_source$ index { index: 2 } data { bitstring: "\x01" } }`)
	configured := "direct_meter_entry { " + te("table_id: $acl$ priority: 1") + " config { cir: 1 cburst: 2 pir: 3 pburst: 4 } }"
	c.wantRead("direct_meter_entry { "+te("table_id: $acl$ priority: 1")+" }", configured)
	// A MODIFY of the entry without meter_config resets the meter.
	c.mustWrite("MODIFY " + te("table_id: $acl$ priority: 1", drop))
	c.wantRead("direct_meter_entry { "+te("table_id: $acl$ priority: 1")+" }", "direct_meter_entry { "+te("table_id: $acl$ priority: 1")+" }")
	c.mustWrite("MODIFY " + configured)
	c.wantRead(te("table_id: $acl$ priority: 1 meter_config {}"), te("table_id: $acl$ priority: 1", drop, "meter_config { cir: 1 cburst: 2 pir: 3 pburst: 4 }"))
}

func TestReadErrors(t *testing.T) {
	_, c := newReady(t)
	for query, want := range map[string]codes.Code{
		"":                                           codes.InvalidArgument,
		"table_entry { table_id: 1 }":                codes.InvalidArgument,
		"table_entry { priority: 1 }":                codes.InvalidArgument,
		te("table_id: $acl$ counter_data {}"):        codes.InvalidArgument,
		te("table_id: $mac$ meter_config {}"):        codes.InvalidArgument,
		te("table_id: $acl$ time_since_last_hit {}"): codes.InvalidArgument,
		te("table_id: $mac$ is_default_action: true priority: 1"):               codes.InvalidArgument,
		te("table_id: $nexthop$", drop):                                         codes.InvalidArgument,
		"counter_entry { counter_id: 1 }":                                       codes.InvalidArgument,
		"counter_entry { index {} }":                                            codes.InvalidArgument,
		"counter_entry { counter_id: $per_port$ index { index: 99 } }":          codes.OutOfRange,
		"meter_entry { counter_data {} }":                                       codes.Unimplemented,
		"direct_counter_entry { table_entry { table_id: $acl$ } }":              codes.InvalidArgument,
		"direct_counter_entry { " + te(macKey) + " }":                           codes.NotFound,
		"action_profile_member { member_id: 1 }":                                codes.InvalidArgument,
		"action_profile_member { action_profile_id: $spread$ member_id: 1 }":    codes.NotFound,
		"action_profile_group { action_profile_id: $spread$ group_id: 1 }":      codes.NotFound,
		"packet_replication_engine_entry {}":                                    codes.InvalidArgument,
		"packet_replication_engine_entry { clone_session_entry {session_id:1}}": codes.NotFound,
		"extern_entry { extern_type_id: 200 }":                                  codes.InvalidArgument,
	} {
		// A good request before and after: those are answered all the same.
		got, err := c.readAll(c.entity(te("table_id: $fixed_types$")), c.entity(query), c.entity(te("table_id: $initial_types$")))
		details := updateErrors(err)
		if status.Code(err) != codes.Unknown || len(details) != 3 || codes.Code(details[1].CanonicalCode) != want || details[0].CanonicalCode != 0 || details[2].CanonicalCode != 0 {
			t.Errorf("%q: %v; want OK, %v, OK", query, details, want)
		}
		if len(got) != 5 {
			t.Errorf("%q: the good requests gave %d entities, want 5", query, len(got))
		}
	}
	for req, want := range map[*p4.ReadRequest]codes.Code{
		{DeviceId: 1}:                        codes.NotFound,
		{DeviceId: testDevice, Role: "none"}: codes.NotFound,
		{DeviceId: testDevice}:               codes.OK,
	} {
		stream, err := c.Read(context.Background(), req)
		if err == nil {
			_, err = stream.Recv()
		}
		if errors.Is(err, io.EOF) {
			err = nil
		}
		if status.Code(err) != want {
			t.Errorf("%v: %v, want %v", req, err, want)
		}
	}
}

// A big table comes in several messages, each small enough for a client with
// default limits.
func TestReadComesInParts(t *testing.T) {
	p, err := (&Server{opt: Options{}, arb: newArbiter(1, 1, nil)}).newPipeline(featuresConfig(t))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	s := &Server{opt: Options{DeviceID: 1}, arb: newArbiter(1, 1, nil)}
	s.active.Store(p)
	// 1,000 reads of 16 counters each.
	req := &p4.ReadRequest{DeviceId: 1}
	for range 1000 {
		req.Entities = append(req.Entities, &p4.Entity{Entity: &p4.Entity_CounterEntry{CounterEntry: &p4.CounterEntry{}}})
	}
	var sizes []int
	total := 0
	err = s.Read(req, &readSink{send: func(m *p4.ReadResponse) {
		sizes = append(sizes, proto.Size(m))
		total += len(m.Entities)
	}})
	if err != nil || total != 16_000 || len(sizes) < 2 {
		t.Fatalf("%d entities in %d messages, %v", total, len(sizes), err)
	}
	for _, n := range sizes {
		if n > 2<<20 {
			t.Errorf("a message of %d bytes", n)
		}
	}
}

type readSink struct {
	p4.P4Runtime_ReadServer
	send func(*p4.ReadResponse)
}

func (r *readSink) Send(m *p4.ReadResponse) error { r.send(m); return nil }

// Any valid entry of the table with all match kinds reads back as it was written.
func TestEntrySymmetry(t *testing.T) {
	b, c := newReady(t)
	_ = b
	schema := b.srv.active.Load().schema
	acl := schema.tableOf["ingress.acl"]
	value := func(t *rapid.T, width int) []byte {
		raw := rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "value")
		v := binary.BigEndian.Uint64(raw) & (1<<width - 1)
		return canonical(binary.BigEndian.AppendUint64(nil, v))
	}
	rapid.Check(t, func(rt *rapid.T) {
		m := &p4.TableEntry{TableId: acl.id, Priority: rapid.Int32Range(1, 1<<31-1).Draw(rt, "priority"), Metadata: rapid.SliceOfN(rapid.Byte(), 0, 4).Draw(rt, "metadata")}
		if len(m.Metadata) == 0 {
			m.Metadata = nil
		}
		for _, f := range acl.fields {
			if rapid.Bool().Draw(rt, "left out") {
				continue
			}
			x, y := value(rt, f.width), value(rt, f.width)
			fm := &p4.FieldMatch{FieldId: f.id}
			switch f.kind {
			case configv1.MatchField_TERNARY:
				if isZero(y) {
					continue
				}
				x = pad(x, 8)
				for i, z := range pad(y, 8) {
					x[i] &= z
				}
				fm.FieldMatchType = &p4.FieldMatch_Ternary_{Ternary: &p4.FieldMatch_Ternary{Value: canonical(x), Mask: y}}
			case configv1.MatchField_RANGE:
				if compare(x, y) > 0 {
					x, y = y, x
				}
				if isZero(x) && compare(y, allOnes(f.width)) == 0 {
					continue
				}
				fm.FieldMatchType = &p4.FieldMatch_Range_{Range: &p4.FieldMatch_Range{Low: x, High: y}}
			case configv1.MatchField_OPTIONAL:
				fm.FieldMatchType = &p4.FieldMatch_Optional_{Optional: &p4.FieldMatch_Optional{Value: x}}
			}
			m.Match = append(m.Match, fm)
		}
		m.Action = &p4.TableAction{Type: &p4.TableAction_Action{Action: &p4.Action{ActionId: acl.actionByName["ingress.permit"].id}}}
		e := &p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: m}}
		if err := c.write(0, &p4.Update{Type: p4.Update_INSERT, Entity: e}); err != nil {
			rt.Fatalf("%v: %v", m, updateErrors(err))
		}
		got, err := c.readAll(&p4.Entity{Entity: &p4.Entity_TableEntry{TableEntry: &p4.TableEntry{TableId: acl.id}}})
		if err != nil {
			rt.Fatal(err)
		}
		if d := cmp.Diff([]*p4.Entity{e}, got, protocmp.Transform()); d != "" {
			rt.Fatalf("(-want +got):\n%s", d)
		}
		if err := c.write(0, &p4.Update{Type: p4.Update_DELETE, Entity: e}); err != nil {
			rt.Fatal(updateErrors(err))
		}
	})
}

// With DATAPLANE_ATOMIC no packet sees the table between the delete and the insert.
func TestDataplaneAtomic(t *testing.T) {
	var missed, hit int
	var mu sync.Mutex
	b, c := newReady(t, func(o *Options) {
		o.Transmit = func(port uint32, _ []byte) {
			mu.Lock()
			defer mu.Unlock()
			if port == 3 {
				hit++
			} else {
				missed++
			}
		}
	})
	c.mustWrite("INSERT " + te(macKey, fwd))
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					b.srv.Receive(1, ethernet("\x00\x00\x00\x00\x00\x02", "\x02\x00\x00\x00\x00\x01", 0x1234))
				}
			}
		})
	}
	batch := []*p4.Update{c.parse("DELETE " + te(macKey)), c.parse("INSERT " + te(macKey, fwd))}
	for range 300 {
		if err := c.write(p4.WriteRequest_DATAPLANE_ATOMIC, batch...); err != nil {
			t.Fatal(updateErrors(err))
		}
	}
	close(stop)
	wg.Wait()
	if missed != 0 || hit == 0 {
		t.Errorf("%d packets missed the entry, %d hit it; want none to miss", missed, hit)
	}
}
