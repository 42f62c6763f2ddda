package server

import (
	"fmt"
	"strings"
	"testing"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Parts of the messages below.
const (
	macKey   = `table_id: $mac$ match { field_id: 1 exact { value: "\x02" } }`
	fwd      = ` action { action { action_id: $forward$ params { param_id: 1 value: "\x03" } } }`
	aclSrc   = `match { field_id: 1 ternary { value: "\x02" mask: "\xff" } }`
	drop     = ` action { action { action_id: $drop$ } }`
	classify = `action { action_id: $classify$ params { param_id: 1 value: "\x05" } }`
)

func te(parts ...string) string { return "table_entry { " + strings.Join(parts, " ") + " }" }

// TestWriteErrors writes what the specification refuses, and compares code and
// message. Every case runs on a fresh server after its setup.
func TestWriteErrors(t *testing.T) {
	insertMac := "INSERT " + te(macKey, fwd)
	member := `INSERT action_profile_member { action_profile_id: $spread$ member_id: 1 action { action_id: $forward$ params { param_id: 1 value: "\x01" } } }`
	group := `INSERT action_profile_group { action_profile_id: $spread$ group_id: 1 members { member_id: 1 weight: 1 } }`
	nexthopKey := `table_id: $nexthop$ match { field_id: 1 exact { value: "\x01" } }`
	oneShot := ` action { action_profile_action_set { action_profile_actions { action { action_id: $forward$ params { param_id: 1 value: "\x01" } } weight: 1 } } }`
	multicast := func(body string) string {
		return "packet_replication_engine_entry { multicast_group_entry { " + body + " } }"
	}
	clone := func(body string) string {
		return "packet_replication_engine_entry { clone_session_entry { " + body + " } }"
	}
	var report strings.Builder
	for _, c := range []struct {
		name  string
		setup []string
		bad   string
		want  codes.Code
	}{
		{name: "no type", bad: "UNSPECIFIED " + te(macKey, fwd), want: codes.InvalidArgument},
		{name: "no entity", bad: "INSERT", want: codes.InvalidArgument},
		{name: "extern", bad: "INSERT extern_entry {}", want: codes.Unimplemented},
		{name: "table id 0", bad: "INSERT table_entry {}", want: codes.InvalidArgument},
		{name: "table id unknown", bad: "INSERT " + te("table_id: 33554439", fwd), want: codes.InvalidArgument},
		{name: "is_const", bad: "INSERT " + te(macKey, fwd, "is_const: true"), want: codes.InvalidArgument},

		{name: "field unknown", bad: "INSERT " + te(`table_id: $mac$ match { field_id: 2 exact { value: "\x02" } }`, fwd), want: codes.InvalidArgument},
		{name: "field twice", bad: "INSERT " + te(macKey, `match { field_id: 1 exact { value: "\x02" } }`, fwd), want: codes.InvalidArgument},
		{name: "exact missing", bad: "INSERT " + te(`table_id: $mac$`, fwd), want: codes.InvalidArgument},
		{name: "exact empty", bad: "INSERT " + te(`table_id: $mac$ match { field_id: 1 exact { value: "" } }`, fwd), want: codes.InvalidArgument},
		{name: "exact too wide", bad: "INSERT " + te(`table_id: $mac$ match { field_id: 1 exact { value: "\x01\x00\x00\x00\x00\x00\x00" } }`, fwd), want: codes.InvalidArgument},
		{name: "match without value", bad: "INSERT " + te(`table_id: $mac$ match { field_id: 1 }`, fwd), want: codes.InvalidArgument},
		{name: "match kind wrong", bad: "INSERT " + te(`table_id: $mac$ match { field_id: 1 ternary { value: "\x02" mask: "\x02" } }`, fwd), want: codes.InvalidArgument},
		{name: "priority on exact", bad: "INSERT " + te(macKey, fwd, "priority: 1"), want: codes.InvalidArgument},
		{name: "priority missing", bad: "INSERT " + te("table_id: $acl$", aclSrc, drop), want: codes.InvalidArgument},
		{name: "priority negative", bad: "INSERT " + te("table_id: $acl$ priority: -1", aclSrc, drop), want: codes.InvalidArgument},
		{name: "ternary mask zero", bad: "INSERT " + te(`table_id: $acl$ priority: 1 match { field_id: 1 ternary { value: "\x00" mask: "\x00" } }`, drop), want: codes.InvalidArgument},
		{name: "ternary value outside mask", bad: "INSERT " + te(`table_id: $acl$ priority: 1 match { field_id: 1 ternary { value: "\x03" mask: "\x02" } }`, drop), want: codes.InvalidArgument},
		{name: "ternary mask empty", bad: "INSERT " + te(`table_id: $acl$ priority: 1 match { field_id: 1 ternary { value: "\x00" } }`, drop), want: codes.InvalidArgument},
		{name: "range turned round", bad: "INSERT " + te(`table_id: $acl$ priority: 1 match { field_id: 2 range { low: "\x02" high: "\x01" } }`, drop), want: codes.InvalidArgument},
		{name: "range over all", bad: "INSERT " + te(`table_id: $acl$ priority: 1 match { field_id: 2 range { low: "\x00" high: "\xff\xff" } }`, drop), want: codes.InvalidArgument},
		{name: "optional too wide", bad: "INSERT " + te(`table_id: $acl$ priority: 1 match { field_id: 3 optional { value: "\x02\x00" } }`, drop), want: codes.InvalidArgument},
		{name: "prefix 0", bad: "INSERT " + te(`table_id: $prefix$ match { field_id: 1 exact { value: "\x01" } } match { field_id: 2 lpm { value: "\x00" } } action {`, classify, `}`), want: codes.InvalidArgument},
		{name: "prefix too long", bad: "INSERT " + te(`table_id: $prefix$ match { field_id: 1 exact { value: "\x01" } } match { field_id: 2 lpm { value: "\x00" prefix_len: 49 } } action {`, classify, `}`), want: codes.InvalidArgument},
		{name: "bits behind the prefix", bad: "INSERT " + te(`table_id: $prefix$ match { field_id: 1 exact { value: "\x01" } } match { field_id: 2 lpm { value: "\x01" prefix_len: 47 } } action {`, classify, `}`), want: codes.InvalidArgument},

		{name: "no action", bad: "INSERT " + te(macKey), want: codes.InvalidArgument},
		{name: "action empty", bad: "INSERT " + te(macKey, "action {}"), want: codes.InvalidArgument},
		{name: "action of another table", bad: "INSERT " + te(macKey, "action {", classify, "}"), want: codes.InvalidArgument},
		{name: "action only default", bad: "INSERT " + te(macKey, "action { action { action_id: $NoAction$ } }"), want: codes.PermissionDenied},
		{name: "parameter missing", bad: "INSERT " + te(macKey, "action { action { action_id: $forward$ } }"), want: codes.InvalidArgument},
		{name: "parameter unknown", bad: "INSERT " + te(macKey, `action { action { action_id: $forward$ params { param_id: 2 value: "\x01" } } }`), want: codes.InvalidArgument},
		{name: "parameter twice", bad: "INSERT " + te(macKey, `action { action { action_id: $forward$ params { param_id: 1 value: "\x01" } params { param_id: 1 value: "\x01" } } }`), want: codes.InvalidArgument},
		{name: "parameter too wide", bad: "INSERT " + te(macKey, `action { action { action_id: $forward$ params { param_id: 1 value: "\x02\x00" } } }`), want: codes.InvalidArgument},
		{name: "member in a direct table", bad: "INSERT " + te(macKey, "action { action_profile_member_id: 1 }"), want: codes.InvalidArgument},

		{name: "counter without a counter", bad: "INSERT " + te("table_id: $acl$ priority: 1", aclSrc, drop, "counter_data {}"), want: codes.InvalidArgument},
		{name: "meter without a meter", bad: "INSERT " + te(macKey, fwd, "meter_config {}"), want: codes.InvalidArgument},
		{name: "meter counters", bad: "INSERT " + te("table_id: $acl$ priority: 1", aclSrc, drop, "meter_counter_data {}"), want: codes.Unimplemented},
		{name: "meter peak below committed", bad: "INSERT " + te("table_id: $acl$ priority: 1", aclSrc, drop, "meter_config { cir: 2 pir: 1 }"), want: codes.InvalidArgument},
		{name: "meter with eburst", bad: "INSERT " + te("table_id: $acl$ priority: 1", aclSrc, drop, "meter_config { eburst: 1 }"), want: codes.InvalidArgument},
		{name: "idle timeout without support", bad: "INSERT " + te("table_id: $acl$ priority: 1 idle_timeout_ns: 5", aclSrc, drop), want: codes.InvalidArgument},
		{name: "idle timeout negative", bad: "INSERT " + te(macKey, fwd, "idle_timeout_ns: -5"), want: codes.InvalidArgument},
		{name: "time since last hit", bad: "INSERT " + te(macKey, fwd, "time_since_last_hit {}"), want: codes.InvalidArgument},

		{name: "insert twice", setup: []string{insertMac}, bad: insertMac, want: codes.AlreadyExists},
		{name: "modify nothing", bad: "MODIFY " + te(macKey, fwd), want: codes.NotFound},
		{name: "delete nothing", bad: "DELETE " + te(macKey), want: codes.NotFound},
		{name: "entry in a keyless table", bad: "INSERT " + te("table_id: $keyless$ action {", classify, "}"), want: codes.InvalidArgument},
		{name: "insert into constant table", bad: "INSERT " + te(`table_id: $fixed_types$ priority: 9 match { field_id: 1 ternary { value: "\x01" mask: "\x01" } } action {`, classify, "}"), want: codes.PermissionDenied},
		{name: "modify action of constant entry", bad: "MODIFY " + te(`table_id: $fixed_types$ priority: 3 match { field_id: 1 ternary { value: "\x08\x00" mask: "\xff\xff" } } action {`, classify, "}"), want: codes.PermissionDenied},
		{name: "delete constant entry", bad: "DELETE " + te(`table_id: $fixed_types$ priority: 3 match { field_id: 1 ternary { value: "\x08\x00" mask: "\xff\xff" } }`), want: codes.PermissionDenied},

		{name: "insert default", bad: "INSERT " + te("table_id: $mac$ is_default_action: true", fwd), want: codes.InvalidArgument},
		{name: "delete default", bad: "DELETE " + te("table_id: $mac$ is_default_action: true"), want: codes.InvalidArgument},
		{name: "default with match", bad: "MODIFY " + te(macKey, "is_default_action: true", fwd), want: codes.InvalidArgument},
		{name: "default with priority", bad: "MODIFY " + te("table_id: $mac$ is_default_action: true priority: 1", fwd), want: codes.InvalidArgument},
		{name: "default with idle timeout", bad: "MODIFY " + te("table_id: $mac$ is_default_action: true idle_timeout_ns: 1", fwd), want: codes.InvalidArgument},
		{name: "default constant", bad: "MODIFY " + te("table_id: $prefix$ is_default_action: true action {", classify, "}"), want: codes.PermissionDenied},
		{name: "default with table-only action", bad: "MODIFY " + te(`table_id: $acl$ is_default_action: true action { action { action_id: $to_cpu$ params { param_id: 1 value: "\x01" } } }`), want: codes.PermissionDenied},
		{name: "default of an indirect table", bad: "MODIFY " + te("table_id: $nexthop$ is_default_action: true", fwd), want: codes.PermissionDenied},

		{name: "action in an indirect table", bad: "INSERT " + te(nexthopKey, fwd), want: codes.InvalidArgument},
		{name: "member not there", bad: "INSERT " + te(nexthopKey, "action { action_profile_member_id: 1 }"), want: codes.NotFound},
		{name: "group not there", bad: "INSERT " + te(nexthopKey, "action { action_profile_group_id: 1 }"), want: codes.NotFound},
		{name: "group without selector", bad: "INSERT " + te(`table_id: $service$ match { field_id: 1 exact { value: "\x01" } } action { action_profile_group_id: 1 }`), want: codes.InvalidArgument},
		{name: "one-shot after members", setup: []string{member}, bad: "INSERT " + te(nexthopKey, oneShot), want: codes.InvalidArgument},
		{name: "members after one-shot", setup: []string{"INSERT " + te(nexthopKey, oneShot)}, bad: member, want: codes.InvalidArgument},
		{name: "one-shot weight 0", bad: "INSERT " + te(nexthopKey, strings.Replace(oneShot, "weight: 1", "", 1)), want: codes.InvalidArgument},
		{name: "one-shot watch port", bad: "INSERT " + te(nexthopKey, strings.Replace(oneShot, "weight: 1", `weight: 1 watch_port: "\x02\x00"`, 1)), want: codes.InvalidArgument},
		{name: "one-shot mode", bad: "INSERT " + te(nexthopKey, strings.Replace(oneShot, "{ action_profile_actions", "{ action_selection_mode: RANDOM action_profile_actions", 1)), want: codes.Unimplemented},
		{name: "profile unknown", bad: "INSERT action_profile_member { action_profile_id: 5 member_id: 1 }", want: codes.InvalidArgument},
		{name: "member id 0", bad: strings.Replace(member, "member_id: 1", "", 1), want: codes.InvalidArgument},
		{name: "member without action", bad: "INSERT action_profile_member { action_profile_id: $spread$ member_id: 1 }", want: codes.InvalidArgument},
		{name: "member twice", setup: []string{member}, bad: member, want: codes.AlreadyExists},
		{name: "member modify nothing", bad: strings.Replace(member, "INSERT", "MODIFY", 1), want: codes.NotFound},
		{name: "member delete nothing", bad: strings.Replace(member, "INSERT", "DELETE", 1), want: codes.NotFound},
		{name: "member in a group", setup: []string{member, group}, bad: strings.Replace(member, "INSERT", "DELETE", 1), want: codes.FailedPrecondition},
		{name: "member in an entry", setup: []string{member, "INSERT " + te(nexthopKey, "action { action_profile_member_id: 1 }")}, bad: strings.Replace(member, "INSERT", "DELETE", 1), want: codes.FailedPrecondition},
		{name: "group id 0", bad: "INSERT action_profile_group { action_profile_id: $spread$ }", want: codes.InvalidArgument},
		{name: "group of a plain profile", bad: "INSERT action_profile_group { action_profile_id: $shared$ group_id: 1 }", want: codes.InvalidArgument},
		{name: "group with unknown member", bad: group, want: codes.NotFound},
		{name: "group member twice", setup: []string{member}, bad: strings.Replace(group, "members {", "members { member_id: 1 weight: 1 } members {", 1), want: codes.InvalidArgument},
		{name: "group twice", setup: []string{member, group}, bad: group, want: codes.AlreadyExists},
		{name: "group in use", setup: []string{member, group, "INSERT " + te(nexthopKey, "action { action_profile_group_id: 1 }")}, bad: strings.Replace(group, "INSERT", "DELETE", 1), want: codes.FailedPrecondition},
		{name: "group max_size changed", setup: []string{member, group}, bad: strings.Replace(strings.Replace(group, "INSERT", "MODIFY", 1), "group_id: 1", "group_id: 1 max_size: 9", 1), want: codes.InvalidArgument},
		{name: "group past max_size", setup: []string{member}, bad: strings.Replace(strings.Replace(group, "weight: 1", "weight: 9", 1), "group_id: 1", "group_id: 1 max_size: 3", 1), want: codes.ResourceExhausted},

		{name: "counter insert", bad: "INSERT counter_entry { counter_id: $per_port$ index {} data {} }", want: codes.InvalidArgument},
		{name: "counter unknown", bad: "MODIFY counter_entry { counter_id: 1 index {} data {} }", want: codes.InvalidArgument},
		{name: "counter index negative", bad: "MODIFY counter_entry { counter_id: $per_port$ index { index: -1 } data {} }", want: codes.InvalidArgument},
		{name: "counter index too high", bad: "MODIFY counter_entry { counter_id: $per_port$ index { index: 16 } data {} }", want: codes.OutOfRange},
		{name: "counter negative", bad: "MODIFY counter_entry { counter_id: $per_port$ index {} data { byte_count: -1 } }", want: codes.InvalidArgument},
		{name: "direct counter delete", bad: "DELETE direct_counter_entry { " + te(macKey) + " }", want: codes.InvalidArgument},
		{name: "direct counter without entry", bad: "MODIFY direct_counter_entry {}", want: codes.InvalidArgument},
		{name: "direct counter of nothing", bad: "MODIFY direct_counter_entry { " + te(macKey) + " }", want: codes.NotFound},
		{name: "meter delete", bad: "DELETE meter_entry { meter_id: $per_class$ index {} }", want: codes.InvalidArgument},
		{name: "meter index too high", bad: "MODIFY meter_entry { meter_id: $per_class$ index { index: 8 } }", want: codes.OutOfRange},
		{name: "meter counter data", bad: "MODIFY meter_entry { meter_id: $per_class$ index {} counter_data {} }", want: codes.Unimplemented},
		{name: "direct meter of nothing", bad: "MODIFY direct_meter_entry { " + te("table_id: $acl$ priority: 1", aclSrc) + " }", want: codes.NotFound},
		{name: "register index negative", bad: `MODIFY register_entry { register_id: $last_source$ index { index: -1 } data { bitstring: "\x01" } }`, want: codes.InvalidArgument},
		{name: "register index too high", bad: `MODIFY register_entry { register_id: $last_source$ index { index: 8 } data { bitstring: "\x01" } }`, want: codes.OutOfRange},
		{name: "register data missing", bad: `MODIFY register_entry { register_id: $last_source$ index {} }`, want: codes.InvalidArgument},
		{name: "register data too wide", bad: `MODIFY register_entry { register_id: $last_source$ index {} data { bitstring: "\x01\x00\x00\x00\x00\x00\x00" } }`, want: codes.OutOfRange},
		{name: "register data of another type", bad: `MODIFY register_entry { register_id: $last_source$ index {} data { bool: true } }`, want: codes.InvalidArgument},

		{name: "replication empty", bad: "INSERT packet_replication_engine_entry {}", want: codes.InvalidArgument},
		{name: "group 0", bad: "INSERT " + multicast(""), want: codes.InvalidArgument},
		{name: "group twice (multicast)", setup: []string{"INSERT " + multicast("multicast_group_id: 1")}, bad: "INSERT " + multicast("multicast_group_id: 1"), want: codes.AlreadyExists},
		{name: "group not there (multicast)", bad: "MODIFY " + multicast("multicast_group_id: 1"), want: codes.NotFound},
		{name: "replica without port", bad: "INSERT " + multicast("multicast_group_id: 1 replicas { instance: 1 }"), want: codes.InvalidArgument},
		{name: "replica twice", bad: "INSERT " + multicast(`multicast_group_id: 1 replicas { port: "\x01" } replicas { egress_port: 1 }`), want: codes.InvalidArgument},
		{name: "replica port too wide", bad: "INSERT " + multicast(`multicast_group_id: 1 replicas { port: "\xff\xff\xff\xfd" }`), want: codes.OutOfRange},
		{name: "replica instance", bad: "INSERT " + multicast(`multicast_group_id: 1 replicas { port: "\x01" instance: 65536 }`), want: codes.InvalidArgument},
		{name: "backup replicas", bad: "INSERT " + multicast(`multicast_group_id: 1 replicas { port: "\x01" backup_replicas { port: "\x02\x00" } }`), want: codes.OutOfRange},
		{name: "session 0", bad: "INSERT " + clone(""), want: codes.InvalidArgument},
		{name: "session too high", bad: "INSERT " + clone("session_id: 32768"), want: codes.InvalidArgument},
		{name: "session not there", bad: "DELETE " + clone("session_id: 1"), want: codes.NotFound},
		{name: "session class", bad: "INSERT " + clone("session_id: 1 class_of_service: 256"), want: codes.InvalidArgument},
		{name: "session length negative", bad: "INSERT " + clone("session_id: 1 packet_length_bytes: -1"), want: codes.InvalidArgument},

		{name: "value set insert", bad: "INSERT value_set_entry { value_set_id: $refused_types$ }", want: codes.InvalidArgument},
		{name: "value set too big", bad: `MODIFY value_set_entry { value_set_id: $refused_types$ ` + valueSetMembers(5) + ` }`, want: codes.ResourceExhausted},
		{name: "value set twice", bad: `MODIFY value_set_entry { value_set_id: $refused_types$ ` + valueSetMembers(1) + valueSetMembers(1) + ` }`, want: codes.AlreadyExists},
		{name: "digest twice", setup: []string{"INSERT digest_entry { digest_id: $learn_t$ }"}, bad: "INSERT digest_entry { digest_id: $learn_t$ }", want: codes.AlreadyExists},
		{name: "digest modify nothing", bad: "MODIFY digest_entry { digest_id: $learn_t$ }", want: codes.NotFound},
		{name: "digest unknown", bad: "INSERT digest_entry { digest_id: 1 }", want: codes.InvalidArgument},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, ctl := newReady(t)
			ctl.mustWrite(c.setup...)
			before := ctl.everything()
			err := ctl.write(0, ctl.parse(c.bad))
			details := updateErrors(err)
			if status.Code(err) != codes.Unknown || len(details) != 1 || codes.Code(details[0].CanonicalCode) != c.want {
				t.Fatalf("%s\n%v; want %v", c.bad, details, c.want)
			}
			fmt.Fprintf(&report, "%s\n    %v: %s\n", c.name, c.want, details[0].Message)
			if after := ctl.everything(); after != before {
				t.Errorf("the refused update changed the state from\n%s\nto\n%s", before, after)
			}
		})
	}
	golden(t, "write_errors.txt", report.String())
}

func valueSetMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `members { match { field_id: 1 exact { value: "\x%02x" } } } `, i+1)
	}
	return b.String()
}

// everything is the whole state of the device in text form.
func (c *controller) everything() string {
	c.t.Helper()
	got, err := c.readAll(
		c.entity("table_entry { counter_data {} meter_config {} }"), c.entity("table_entry { is_default_action: true }"),
		c.entity("action_profile_member {}"), c.entity("action_profile_group {}"),
		c.entity("counter_entry {}"), c.entity("meter_entry {}"), c.entity("register_entry {}"), c.entity("value_set_entry {}"),
		c.entity("packet_replication_engine_entry { multicast_group_entry {} }"), c.entity("packet_replication_engine_entry { clone_session_entry {} }"),
		c.entity("digest_entry {}"))
	if err != nil {
		c.t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range got {
		fmt.Fprintf(&b, "%v\n", e)
	}
	return strings.ReplaceAll(b.String(), "  ", " ")
}

func TestBatchContinues(t *testing.T) {
	_, c := newReady(t)
	good1 := c.parse("INSERT " + te(macKey, fwd))
	bad := c.parse("DELETE " + te(`table_id: $mac$ match { field_id: 1 exact { value: "\x09" } }`))
	good2 := c.parse("INSERT " + te(`table_id: $mac$ match { field_id: 1 exact { value: "\x03" } }`, fwd))
	err := c.write(p4.WriteRequest_CONTINUE_ON_ERROR, good1, bad, good2)
	details := updateErrors(err)
	if status.Code(err) != codes.Unknown || len(details) != 3 {
		t.Fatalf("%v with %d details, want UNKNOWN with 3", err, len(details))
	}
	for i, want := range []codes.Code{codes.OK, codes.NotFound, codes.OK} {
		if codes.Code(details[i].CanonicalCode) != want {
			t.Errorf("update %d: %v, want %v", i+1, details[i], want)
		}
	}
	c.wantRead(te("table_id: $mac$"), te(macKey, fwd), te(`table_id: $mac$ match { field_id: 1 exact { value: "\x03" } }`, fwd))
}

// The all-or-none modes leave exactly the state from before, whatever the updates
// before the failing one did.
func TestBatchRollsBack(t *testing.T) {
	for _, mode := range []p4.WriteRequest_Atomicity{p4.WriteRequest_ROLLBACK_ON_ERROR, p4.WriteRequest_DATAPLANE_ATOMIC} {
		t.Run(mode.String(), func(t *testing.T) {
			_, c := newReady(t)
			member := func(verb string, id, port int) string {
				return fmt.Sprintf(`%s action_profile_member { action_profile_id: $spread$ member_id: %d action { action_id: $forward$ params { param_id: 1 value: "\x%02x" } } }`, verb, id, port)
			}
			c.mustWrite(
				"INSERT "+te(macKey, fwd, `metadata: "m" counter_data { packet_count: 5 byte_count: 50 }`),
				"INSERT "+te("table_id: $acl$ priority: 3", aclSrc, drop, "meter_config { cir: 1 cburst: 2 pir: 3 pburst: 4 }"),
				"MODIFY "+te("table_id: $mac$ is_default_action: true", fwd),
				member("INSERT", 1, 1), member("INSERT", 2, 2), member("INSERT", 3, 3),
				"INSERT action_profile_group { action_profile_id: $spread$ group_id: 1 members { member_id: 1 weight: 1 } }",
				"INSERT action_profile_group { action_profile_id: $spread$ group_id: 2 members { member_id: 1 weight: 1 } }",
				`INSERT packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 1 metadata: "g" replicas { egress_port: 1 } } }`,
				`INSERT packet_replication_engine_entry { clone_session_entry { session_id: 1 replicas { port: "\x01" } } }`,
				"INSERT digest_entry { digest_id: $learn_t$ config { max_list_size: 3 } }",
			)
			before := c.everything()
			var batch []*p4.Update
			for _, l := range []string{
				"INSERT " + te(`table_id: $mac$ match { field_id: 1 exact { value: "\x03" } }`, fwd),
				"MODIFY " + te(macKey, drop, "counter_data { packet_count: 9 }"),
				"DELETE " + te(macKey),
				"MODIFY " + te("table_id: $acl$ priority: 3", aclSrc, `action { action { action_id: $permit$ } }`),
				"DELETE " + te("table_id: $acl$ priority: 3", aclSrc),
				"MODIFY " + te("table_id: $mac$ is_default_action: true"),
				member("MODIFY", 1, 9), member("INSERT", 4, 4), member("DELETE", 3, 3),
				"MODIFY action_profile_group { action_profile_id: $spread$ group_id: 1 members { member_id: 2 weight: 2 } }",
				"DELETE action_profile_group { action_profile_id: $spread$ group_id: 2 }",
				"INSERT action_profile_group { action_profile_id: $spread$ group_id: 3 }",
				"MODIFY counter_entry { counter_id: $per_port$ data { packet_count: 7 } }",
				"MODIFY meter_entry { meter_id: $per_class$ config { cir: 1 cburst: 2 pir: 3 pburst: 4 } }",
				`MODIFY register_entry { register_id: $last_source$ data { bitstring: "\x07" } }`,
				`MODIFY value_set_entry { value_set_id: $refused_types$ ` + valueSetMembers(2) + ` }`,
				`MODIFY packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 1 } }`,
				`DELETE packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 1 } }`,
				`INSERT packet_replication_engine_entry { multicast_group_entry { multicast_group_id: 2 } }`,
				`DELETE packet_replication_engine_entry { clone_session_entry { session_id: 1 } }`,
				"DELETE digest_entry { digest_id: $learn_t$ }",
			} {
				batch = append(batch, c.parse(l))
			}
			// Every prefix of the batch is rolled back.
			for n := range len(batch) + 1 {
				bad := append(append([]*p4.Update(nil), batch[:n]...), c.parse("DELETE "+te(`table_id: $mac$ match { field_id: 1 exact { value: "\x63" } }`)))
				details := updateErrors(c.write(mode, bad...))
				if len(details) != n+1 || codes.Code(details[n].CanonicalCode) != codes.NotFound {
					t.Fatalf("after %d updates: %v", n, details)
				}
				for i := range n {
					if codes.Code(details[i].CanonicalCode) != codes.Aborted {
						t.Errorf("update %d of %d: %v, want ABORTED", i+1, n, details[i])
					}
				}
				if after := c.everything(); after != before {
					t.Fatalf("after %d updates and a failure the state is\n%s\nnot\n%s", n, after, before)
				}
			}
			// Without the failure all of it is done.
			if err := c.write(mode, batch...); err != nil {
				t.Fatal(updateErrors(err))
			}
			if after := c.everything(); after == before {
				t.Error("the batch changed nothing")
			}
		})
	}
}
