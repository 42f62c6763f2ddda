package server

//lint:file-ignore SA1019 deprecated fields are still to be served, or refused

import (
	"context"
	"sync"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/anypb"
)

func TestPrimaryAndBackup(t *testing.T) {
	b := newBench(t)
	one := b.controller("", 1)
	one.wantArbitration(codes.OK, 1)

	// A lower id becomes backup, and nobody else hears of it.
	zero := b.connect()
	zero.arbitrate(nil)
	zero.wantArbitration(codes.AlreadyExists, 1)

	// A higher id takes over; all hear of it.
	five := b.controller("", 5)
	five.wantArbitration(codes.OK, 5)
	one.wantArbitration(codes.AlreadyExists, 5)
	zero.wantArbitration(codes.AlreadyExists, 5)

	// The primary goes: there is none, although others are there.
	five.cancel()
	one.wantArbitration(codes.NotFound, 5)
	zero.wantArbitration(codes.NotFound, 5)

	// A backup cannot become primary with less than the highest id so far.
	one.arbitrate(&p4.Uint128{Low: 4})
	one.wantArbitration(codes.NotFound, 5)
	// With the same id it can.
	one.arbitrate(&p4.Uint128{Low: 5})
	one.wantArbitration(codes.OK, 5)
	zero.wantArbitration(codes.AlreadyExists, 5)

	// It downgrades itself; all hear of it.
	one.arbitrate(&p4.Uint128{Low: 2})
	one.wantArbitration(codes.NotFound, 5)
	zero.wantArbitration(codes.NotFound, 5)

	// The high half counts first.
	zero.arbitrate(&p4.Uint128{High: 1})
	if a := zero.next().GetArbitration(); a.GetStatus().GetCode() != 0 || a.GetElectionId().GetHigh() != 1 {
		t.Errorf("election id 1:0 after 0:5: %v", a)
	}
}

func TestNoPrimaryYet(t *testing.T) {
	b := newBench(t)
	c := b.connect()
	c.arbitrate(nil)
	c.wantArbitration(codes.NotFound, 0)
	// Zero is an election id, and not the same as none.
	c.arbitrate(&p4.Uint128{})
	a := c.next().GetArbitration()
	if a.GetStatus().GetCode() != 0 || a.ElectionId == nil {
		t.Errorf("election id 0: %v; want primary", a)
	}
}

func TestRolesAreApart(t *testing.T) {
	b := newBench(t)
	all := b.controller("", 3)
	all.wantArbitration(codes.OK, 3)
	mon := b.controller("monitor", 1)
	mon.wantArbitration(codes.OK, 1)
	mon.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY, featuresConfig(t), codes.OK)
	// An election id is good for its role only.
	mon.role = "else"
	mon.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY, featuresConfig(t), codes.NotFound)
	mon.role = ""
	mon.setPipeline(p4.SetForwardingPipelineConfigRequest_VERIFY, featuresConfig(t), codes.PermissionDenied)
}

func TestArbitrationErrorsEndTheStream(t *testing.T) {
	for _, c := range []struct {
		name  string
		first *p4.MasterArbitrationUpdate // nil: none before
		then  *p4.MasterArbitrationUpdate
		want  codes.Code
	}{
		{"unknown device", nil, &p4.MasterArbitrationUpdate{DeviceId: 99}, codes.NotFound},
		{"device 0", nil, &p4.MasterArbitrationUpdate{}, codes.NotFound},
		{"another device later", &p4.MasterArbitrationUpdate{DeviceId: testDevice}, &p4.MasterArbitrationUpdate{DeviceId: 99}, codes.FailedPrecondition},
		{"another role later", &p4.MasterArbitrationUpdate{DeviceId: testDevice}, &p4.MasterArbitrationUpdate{DeviceId: testDevice, Role: &p4.Role{Name: "x"}}, codes.FailedPrecondition},
		{"role config", nil, &p4.MasterArbitrationUpdate{DeviceId: testDevice, Role: &p4.Role{Config: &anypb.Any{}}}, codes.InvalidArgument},
		{"role id", nil, &p4.MasterArbitrationUpdate{DeviceId: testDevice, Role: &p4.Role{Id: 3}}, codes.InvalidArgument},
		{"id in use", nil, &p4.MasterArbitrationUpdate{DeviceId: testDevice, ElectionId: &p4.Uint128{Low: 1}}, codes.InvalidArgument},
		{"id in use, later", &p4.MasterArbitrationUpdate{DeviceId: testDevice, ElectionId: &p4.Uint128{Low: 2}}, &p4.MasterArbitrationUpdate{DeviceId: testDevice, ElectionId: &p4.Uint128{Low: 1}}, codes.InvalidArgument},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t)
			other := b.controller("", 1)
			other.wantArbitration(codes.OK, 1)
			x := b.connect()
			for _, m := range []*p4.MasterArbitrationUpdate{c.first, c.then} {
				if m != nil {
					x.send(&p4.StreamMessageRequest{Update: &p4.StreamMessageRequest_Arbitration{Arbitration: m}})
				}
			}
			x.wantEnd(c.want)
		})
	}
}

func TestTooManyStreams(t *testing.T) {
	b := newBench(t, func(o *Options) { o.MaxStreams = 2 })
	for i := range 2 {
		b.controller("", uint64(i+1)).wantArbitration(codes.OK, uint64(i+1))
	}
	b.controller("", 3).wantEnd(codes.ResourceExhausted)
}

func TestOnlyThePrimaryWrites(t *testing.T) {
	b, primary := newReady(t)
	entry := `INSERT table_entry { table_id: $mac$ match { field_id: 1 exact { value: "\x01" } } action { action { action_id: $drop$ } } }`
	backup := b.connect()
	backup.arbitrate(&p4.Uint128{})
	backup.wantArbitration(codes.AlreadyExists, 1)
	for _, c := range []struct {
		name string
		req  *p4.WriteRequest
		want codes.Code
	}{
		{"backup", &p4.WriteRequest{DeviceId: testDevice, ElectionId: backup.id}, codes.PermissionDenied},
		{"nobody's id", &p4.WriteRequest{DeviceId: testDevice, ElectionId: &p4.Uint128{Low: 77}}, codes.PermissionDenied},
		{"no id", &p4.WriteRequest{DeviceId: testDevice}, codes.PermissionDenied},
		{"another device", &p4.WriteRequest{DeviceId: 1, ElectionId: primary.id}, codes.NotFound},
		{"unknown role", &p4.WriteRequest{DeviceId: testDevice, ElectionId: primary.id, Role: "x"}, codes.NotFound},
		{"primary", &p4.WriteRequest{DeviceId: testDevice, ElectionId: primary.id}, codes.OK},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.req.Updates = []*p4.Update{primary.parse(entry)}
			_, err := b.Write(context.Background(), c.req)
			if status.Code(err) != c.want {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

// A new primary may write only when the writes of the old one are through, and the
// old one may not write from then on.
func TestTakeoverWaitsForWrites(t *testing.T) {
	inWrite, finish := make(chan struct{}), make(chan struct{})
	var mu sync.RWMutex
	a := newArbiter(testDevice, 10, func(f func()) { mu.Lock(); defer mu.Unlock(); f() })
	var log []string
	var logMu sync.Mutex
	note := func(s string) { logMu.Lock(); log = append(log, s); logMu.Unlock() }
	join := func(name string, id uint64) {
		_, err := a.update(nil, &p4.MasterArbitrationUpdate{DeviceId: testDevice, ElectionId: &p4.Uint128{Low: id}}, func(m *p4.StreamMessageResponse) {
			note(name + " " + m.GetArbitration().Status.Message)
		})
		if err != nil {
			t.Error(err)
		}
	}
	join("old", 1)
	var wg sync.WaitGroup
	wg.Go(func() {
		mu.Lock() // as Write does
		if err := a.mayWrite("", election{set: true, low: 1}); err != nil {
			t.Error(err)
		}
		close(inWrite)
		<-finish
		note("write done")
		mu.Unlock()
	})
	<-inWrite
	wg.Go(func() { join("new", 2) })
	for { // until the old primary is none any more
		if err := a.mayWrite("", election{set: true, low: 1}); err != nil {
			break
		}
	}
	if err := a.mayWrite("", election{set: true, low: 2}); status.Code(err) != codes.PermissionDenied {
		t.Errorf("the new primary may write before the old one's write is done: %v", err)
	}
	close(finish)
	wg.Wait()
	if err := a.mayWrite("", election{set: true, low: 2}); err != nil {
		t.Error(err)
	}
	want := []string{"old you are primary", "old you are backup; there is a primary", "write done", "new you are primary"}
	if len(log) != len(want) {
		t.Fatalf("%q, want %q", log, want)
	}
	for i := range want {
		if log[i] != want[i] {
			t.Fatalf("%q, want %q", log, want)
		}
	}
}
