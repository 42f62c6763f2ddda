//go:build linux

package linuxbridge

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/mdlayher/netlink"
	"github.com/mdlayher/netlink/nltest"
	"golang.org/x/sys/unix"
)

// indices numbers the test's interfaces.
func indices(device string) uint32 {
	return map[string]uint32{"h1": 101, "h2": 102, "h3": 103, "box": 104, "side.box": 105, "samples": 106}[device]
}

// fake stands for the kernel: it keeps what is sent, and answers the question
// that ends a transaction.
type fake struct{ sent []netlink.Message }

func (f *fake) dial() *tables {
	return &tables{nltest.Dial(func(requests []netlink.Message) ([]netlink.Message, error) {
		f.sent = append(f.sent, requests...)
		if len(requests) != 1 || requests[0].Header.Type != unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_GETGEN {
			return nil, nil
		}
		return []netlink.Message{{Header: netlink.Header{
			Type: unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_NEWGEN, Sequence: requests[0].Header.Sequence, PID: nltest.PID,
		}}}, nil
	})}
}

// The exact bytes towards the kernel: message type, flags, data.
func TestBytes(t *testing.T) {
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("skipped: the expected bytes are those of a little-endian machine")
	}
	p, err := newPlan(rules(t, everything), Config{Bridge: "br0", Ports: ports})
	if err != nil {
		t.Fatal(err)
	}
	requests, err := replaceTable(p.table, p.chains, indices)
	if err != nil {
		t.Fatal(err)
	}
	kernel := &fake{}
	if err := kernel.dial().transaction(requests); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, m := range kernel.sent {
		fmt.Fprintf(&b, "type 0x%04x flags 0x%04x\n%s\n", uint16(m.Header.Type), uint16(m.Header.Flags), hex.Dump(m.Data))
	}
	golden(t, "everything.hex", b.String())
}

func TestRehearsal(t *testing.T) {
	kernel := &fake{}
	if err := kernel.dial().missing(); err != nil {
		t.Fatal(err)
	}
	for _, m := range kernel.sent {
		if m.Header.Type == unix.NFNL_MSG_BATCH_END {
			t.Error("a rehearsal ends its transaction, and so does what it only tries")
		}
	}
}

// A rule read back in the kernel's own form is the one that was sent: it leaves
// out flags, and adds numbers that are zero.
func TestDescribe(t *testing.T) {
	sent, err := encode(rule{steps: []step{ifSource{2, 0, 0, 0, 1, 5}, oneIn(4), setMark(Mark), duplicate{"samples"}, forward{"box"}, drop{}, accept{}}}, indices)
	if err != nil {
		t.Fatal(err)
	}
	const want = "payload{1=00000001;3=00000006;4=00000006;} cmp{1=00000001;3{1=020000000105;}} numgen{1=00000001;2=00000004;3=00000001;} cmp{1=00000001;3{1=00000000;}} " +
		"immediate{1=00000001;2{1=6c6c6970;}} meta{2=00000003;3=00000001;} " +
		"immediate{1=00000001;2{1=6a000000;}} dup{2=00000001;} immediate{1=00000001;2{1=68000000;}} fwd{1=00000001;} " +
		"immediate{2{2{}}} immediate{2{2{1=00000001;}}}"
	if binary.NativeEndian.Uint16([]byte{1, 0}) != 1 {
		t.Skip("skipped: the expected bytes are those of a little-endian machine")
	}
	if got, err := describeAll(sent); err != nil || got != want {
		t.Errorf("%s, %v", got, err)
	}
	bare := attributes(
		attribute{unix.NFTA_EXPR_NAME, text("cmp")},
		attribute{unix.NFTA_EXPR_DATA, attributes(
			attribute{unix.NFTA_CMP_OP, number(0)},
			attribute{unix.NFTA_CMP_DATA, attributes(attribute{unix.NFTA_DATA_VALUE, native(0)})},
			attribute{unix.NFTA_CMP_SREG, number(1)},
		)},
	)
	if got, err := describe(bare); err != nil || got != "cmp{1=00000001;3{1=00000000;}}" {
		t.Errorf("%s, %v", got, err)
	}
}

func FuzzDescribe(f *testing.F) {
	sent, err := encode(rule{steps: []step{ifSource{2, 0, 0, 0, 1, 5}, oneIn(4), forward{"box"}, drop{}}}, indices)
	if err != nil {
		f.Fatal(err)
	}
	for _, e := range sent {
		f.Add(e)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		text, err := describe(data)
		if err == nil && len(text) > 64*(len(data)+1) {
			t.Errorf("%d bytes make %d", len(data), len(text))
		}
		if object, err := parse(data); err == nil {
			readRule(object)
		}
	})
}

// An error of the kernel's comes before the answer to the last question, and is
// what the transaction returns.
func TestRefusal(t *testing.T) {
	answered := false
	tables := &tables{nltest.Dial(func(requests []netlink.Message) ([]netlink.Message, error) {
		switch {
		case len(requests) == 1: // the question
			return nltest.Error(int(unix.EOPNOTSUPP), requests)
		case len(requests) == 0: // more is received
			answered = true
			return []netlink.Message{{Header: netlink.Header{Type: unix.NFNL_SUBSYS_NFTABLES<<8 | unix.NFT_MSG_NEWGEN, PID: nltest.PID}}}, nil
		}
		return nil, nil
	})}
	if err := tables.transaction(deleteTable("x")); !errors.Is(err, unix.EOPNOTSUPP) || !answered {
		t.Errorf("the error is %v, answered: %t", err, answered)
	}
}
