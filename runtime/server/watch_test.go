package server

import (
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
)

// TestWatchPort: members whose port is down are not chosen, and read back all the same.
func TestWatchPort(t *testing.T) {
	b, c := newReady(t)
	group := `action_profile_group { action_profile_id: $spread$ group_id: 1 members { member_id: 1 weight: 1 watch_port: "\x01" } members { member_id: 2 weight: 1 watch: 2 } members { member_id: 3 weight: 1 watch_port: "" } }`
	c.mustWrite(
		`INSERT action_profile_member { action_profile_id: $spread$ member_id: 1 action { action_id: $forward$ params { param_id: 1 value: "\x01" } } }`,
		`INSERT action_profile_member { action_profile_id: $spread$ member_id: 2 action { action_id: $forward$ params { param_id: 1 value: "\x02" } } }`,
		`INSERT action_profile_member { action_profile_id: $spread$ member_id: 3 action { action_id: $forward$ params { param_id: 1 value: "\x03" } } }`,
		"INSERT "+group,
		`INSERT table_entry { table_id: $nexthop$ match { field_id: 1 exact { value: "\x00" } } action { action_profile_group_id: 1 } }`,
	)
	for _, x := range []struct {
		number uint32
		up     bool
		want   string
	}{
		{9, false, "123"}, {1, false, "23"}, {1, false, "23"}, {2, false, "3"}, {1, true, "13"}, {2, true, "123"},
	} {
		b.srv.SetPortUp(x.number, x.up)
		if got := b.chosen(t); got != x.want {
			t.Errorf("port %d up %v: packets leave by ports %s, want %s", x.number, x.up, got, x.want)
		}
		c.wantRead("action_profile_group { action_profile_id: $spread$ }", group)
	}
	// A port that is down already when the group is written.
	b.srv.SetPortUp(3, false)
	c.mustWrite(`MODIFY action_profile_group { action_profile_id: $spread$ group_id: 1 members { member_id: 1 weight: 1 } members { member_id: 3 weight: 5 watch_port: "\x03" } }`)
	if got := b.chosen(t); got != "1" {
		t.Errorf("packets leave by ports %s, want 1", got)
	}
	for _, bad := range []string{`watch_port: "\x02\x00"`, "watch: 512", "watch: -1"} {
		err := c.write(0, c.parse("MODIFY action_profile_group { action_profile_id: $spread$ group_id: 1 members { member_id: 1 weight: 1 "+bad+" } }"))
		if e := updateErrors(err); len(e) != 1 || codes.Code(e[0].CanonicalCode) != codes.InvalidArgument {
			t.Errorf("%s: got %v", bad, err)
		}
	}
}

// TestWatchPortOneShot is the same for action sets; a config that is committed later
// knows the ports, too.
func TestWatchPortOneShot(t *testing.T) {
	b, c := newReady(t)
	entry := `table_entry { table_id: $nexthop$ match { field_id: 1 exact { value: "\x00" } } action { action_profile_action_set {
		action_profile_actions { action { action_id: $forward$ params { param_id: 1 value: "\x04" } } weight: 1 watch_port: "\x04" }
		action_profile_actions { action { action_id: $forward$ params { param_id: 1 value: "\x05" } } weight: 1 } } } }`
	c.mustWrite("INSERT " + entry)
	if got := b.chosen(t); got != "45" {
		t.Errorf("packets leave by ports %s, want 45", got)
	}
	b.srv.SetPortUp(4, false)
	if got := b.chosen(t); got != "5" {
		t.Errorf("packets leave by ports %s, want 5", got)
	}
	c.wantRead("table_entry { table_id: $nexthop$ }", entry)
	c.setPipeline(p4.SetForwardingPipelineConfigRequest_RECONCILE_AND_COMMIT, featuresConfig(t), codes.OK)
	if got := b.chosen(t); got != "5" {
		t.Errorf("after a new config packets leave by ports %s, want 5", got)
	}
	b.srv.SetPortUp(4, true)
	if got := b.chosen(t); got != "45" {
		t.Errorf("packets leave by ports %s, want 45", got)
	}
}

// TestBackupReplicas: the first port that is up gets the copy.
func TestBackupReplicas(t *testing.T) {
	b, c := newReady(t)
	group := `packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 1
		replicas { port: "\x01" instance: 1 backup_replicas { port: "\x02" instance: 2 } backup_replicas { port: "\x03" instance: 3 } }
		replicas { port: "\x04" instance: 1 } } }`
	c.mustWrite("INSERT "+group, `MODIFY table_entry { table_id: $mac$ is_default_action: true action { action { action_id: $flood$ params { param_id: 1 value: "\x01" } } } }`)
	for _, x := range []struct {
		number uint32
		up     bool
		want   string
	}{
		{9, false, "14"}, {1, false, "24"}, {2, false, "34"}, {4, false, "34"}, {3, false, "4"}, {2, true, "24"}, {1, true, "14"},
	} {
		b.srv.SetPortUp(x.number, x.up)
		if got := b.chosen(t); got != x.want {
			t.Errorf("port %d up %v: copies leave by ports %s, want %s", x.number, x.up, got, x.want)
		}
		c.wantRead("packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 1 } }", group)
	}
}

// chosen sends frames that differ in their addresses, and returns the ports that they
// leave by, in ascending order.
func (b *bench) chosen(t *testing.T) string {
	t.Helper()
	var ports [10]bool
	for i := range byte(100) {
		b.srv.Receive(7, []byte{0, 0, 0, 0, 0, i, 0, 0, 0, 0, i, 1, 0x12, 0x34})
	}
	for len(b.sent) > 0 {
		ports[(<-b.sent).Port] = true
	}
	text := ""
	for i, used := range ports {
		if used {
			text += string(rune('0' + i))
		}
	}
	return text
}
