package journal

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/proto"

	programs "pillion/p4"
	"pillion/runtime/server"
)

// open makes a server with what the journal holds.
func open(t *testing.T, path string) (*server.Server, *Recorder, bool) {
	t.Helper()
	r := New(Options{Path: path, Sync: true})
	s, err := server.New(server.Options{DeviceID: 1, Follower: r})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close(); r.Close() })
	restored, err := r.Restore(s)
	if err != nil {
		t.Fatal(err)
	}
	return s, r, restored
}

// group is a multicast group with one replica.
func group(id, port uint32) *p4.Entity {
	return &p4.Entity{Entity: &p4.Entity_PacketReplicationEngineEntry{PacketReplicationEngineEntry: &p4.PacketReplicationEngineEntry{
		Type: &p4.PacketReplicationEngineEntry_MulticastGroupEntry{MulticastGroupEntry: &p4.MulticastGroupEntry{
			MulticastGroupId: id, Replicas: []*p4.Replica{{PortKind: &p4.Replica_Port{Port: []byte{byte(port)}}, Instance: 1}},
		}},
	}}}
}

func stateOf(t *testing.T, s *server.Server) []*p4.Update {
	t.Helper()
	_, updates, err := s.State()
	if err != nil {
		t.Fatal(err)
	}
	return updates
}

// A server that begins holds what the one before it held when it was killed: nothing is closed here.
func TestRestore(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.journal")
	program, err := programs.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	cfg := &p4.ForwardingPipelineConfig{P4Info: program.Info, P4DeviceConfig: program.Config}
	first, _, restored := open(t, path)
	if restored {
		t.Error("restored from nothing")
	}
	if err := first.SetPipeline(cfg); err != nil {
		t.Fatal(err)
	}
	for _, batch := range [][]*p4.Update{
		{{Type: p4.Update_INSERT, Entity: group(1, 1)}, {Type: p4.Update_INSERT, Entity: group(2, 1)}, {Type: p4.Update_INSERT, Entity: group(3, 1)}},
		{{Type: p4.Update_MODIFY, Entity: group(1, 7)}},
		{{Type: p4.Update_DELETE, Entity: group(2, 1)}},
	} {
		if err := first.Restore(batch); err != nil {
			t.Fatal(err)
		}
	}
	// What is refused, and what is taken back with it, is not written down.
	if err := first.Restore([]*p4.Update{{Type: p4.Update_INSERT, Entity: group(9, 1)}, {Type: p4.Update_INSERT, Entity: group(3, 1)}}); err == nil {
		t.Fatal("a group was inserted twice")
	}
	want := stateOf(t, first)
	if len(want) != 2 {
		t.Fatalf("the server holds %v", want)
	}
	for range 2 {
		next, _, restored := open(t, path)
		got := stateOf(t, next)
		if !restored || len(got) != len(want) {
			t.Fatalf("restored %t: %v", restored, got)
		}
		for i := range got {
			if !proto.Equal(got[i], want[i]) {
				t.Errorf("%v instead of %v", got[i], want[i])
			}
		}
	}
}

// What could not be written down, as the disk was full, is written down later: nothing is lost, and nothing stands alone.
func TestJournalCatchesUp(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.journal")
	program, err := programs.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	first, r, _ := open(t, path)
	if err := first.SetPipeline(&p4.ForwardingPipelineConfig{P4Info: program.Info, P4DeviceConfig: program.Config}); err != nil {
		t.Fatal(err)
	}
	full, err := os.OpenFile("/dev/full", os.O_RDWR, 0)
	if err != nil {
		t.Skipf("skipped: there is no file here that is always full: %v", err)
	}
	real := r.journal.file
	r.journal.file = full
	if err := first.Restore([]*p4.Update{{Type: p4.Update_INSERT, Entity: group(1, 1)}}); err == nil {
		t.Fatal("a full disk takes a journal")
	}
	r.journal.file = real
	if err := first.Restore([]*p4.Update{{Type: p4.Update_DELETE, Entity: group(1, 1)}, {Type: p4.Update_INSERT, Entity: group(2, 1)}}); err != nil {
		t.Fatal(err)
	}
	next, _, restored := open(t, path)
	if got, want := stateOf(t, next), stateOf(t, first); !restored || len(got) != 1 || len(want) != 1 || !proto.Equal(got[0], want[0]) {
		t.Errorf("restored %t: %v instead of %v", restored, got, want)
	}
}

func TestJournalThatDoesNotFit(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x.journal")
	program, err := programs.Pillion()
	if err != nil {
		t.Fatal(err)
	}
	j := &journal{path: path}
	if err := j.rewrite(&p4.ForwardingPipelineConfig{P4Info: program.Info, P4DeviceConfig: program.Config}, []*p4.Update{updateOf(1)}); err != nil {
		t.Fatal(err)
	}
	j.close()
	r := New(Options{Path: path})
	s, err := server.New(server.Options{DeviceID: 1, Follower: r})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if restored, err := r.Restore(s); restored || err == nil || !strings.Contains(err.Error(), "remove it to begin without rules") {
		t.Errorf("%t, %v", restored, err)
	}
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		t.Error("the journal is gone")
	}
}
