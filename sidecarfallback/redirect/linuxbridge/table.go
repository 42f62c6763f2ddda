//go:build linux

package linuxbridge

import (
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// tables is a connection to the kernel's nftables.
type tables struct{ conn *netlink.Conn }

// maxReplies bounds the error reports that one transaction may give.
const maxReplies = 1 << 16

// usualBuffer is how much one transaction may hold, in bytes, before the
// socket needs a larger buffer: half of what Linux gives a socket.
const usualBuffer = 100 << 10

// sizeOf is the length of the messages with their headers and padding, in bytes.
func sizeOf(batch []netlink.Message) int {
	size := 0
	for _, m := range batch {
		size += 16 + (len(m.Data)+3)&^3
	}
	return size
}

// message makes one request of nftables for family netdev.
func message(kind, flags uint16, data []byte) netlink.Message {
	return netlink.Message{
		Header: netlink.Header{
			Type:  netlink.HeaderType(unix.NFNL_SUBSYS_NFTABLES<<8 | kind),
			Flags: netlink.Request | netlink.HeaderFlags(flags),
		},
		// struct nfgenmsg: family, version, resource in network byte order
		Data: append([]byte{unix.NFPROTO_NETDEV, unix.NFNETLINK_V0, 0, 0}, data...),
	}
}

// border begins or ends a transaction.
func border(kind uint16) netlink.Message {
	return netlink.Message{
		Header: netlink.Header{Type: netlink.HeaderType(kind), Flags: netlink.Request},
		Data:   []byte{unix.AF_UNSPEC, unix.NFNETLINK_V0, 0, unix.NFNL_SUBSYS_NFTABLES},
	}
}

// deleteTable asks for the table with all that is in it to go. Making it first
// lets this succeed when it is not there.
func deleteTable(name string) []netlink.Message {
	table := attributes(attribute{unix.NFTA_TABLE_NAME, text(name)})
	return []netlink.Message{
		message(unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE, table),
		message(unix.NFT_MSG_DELTABLE, 0, table),
	}
}

// replaceTable asks for the table to hold exactly these chains.
func replaceTable(name string, chains []chain, index func(string) uint32) ([]netlink.Message, error) {
	out := append(deleteTable(name), message(unix.NFT_MSG_NEWTABLE, unix.NLM_F_CREATE,
		attributes(attribute{unix.NFTA_TABLE_NAME, text(name)})))
	for _, c := range chains {
		out = append(out, newChain(name, c))
	}
	for _, c := range chains {
		for _, r := range c.rules {
			m, err := newRule(name, c.name, r, index)
			if err != nil {
				return nil, err
			}
			out = append(out, m)
		}
	}
	return out, nil
}

// policyAccept is NF_ACCEPT: what no rule decides goes on.
const policyAccept = 1

// hooks of family netdev, from linux/netfilter.h.
var hooks = map[direction]uint32{early: unix.NF_NETDEV_INGRESS, ingress: unix.NF_NETDEV_INGRESS, egress: unix.NF_NETDEV_EGRESS}

func newChain(table string, c chain) netlink.Message {
	list := []attribute{
		{unix.NFTA_CHAIN_TABLE, text(table)},
		{unix.NFTA_CHAIN_NAME, text(c.name)},
	}
	if c.direction != none {
		list = append(list,
			attribute{unix.NFTA_CHAIN_HOOK | unix.NLA_F_NESTED, attributes(
				attribute{unix.NFTA_HOOK_HOOKNUM, number(hooks[c.direction])},
				attribute{unix.NFTA_HOOK_PRIORITY, number(uint32(c.direction.priority()))},
				attribute{unix.NFTA_HOOK_DEV, text(c.device)},
			)},
			attribute{unix.NFTA_CHAIN_POLICY, number(policyAccept)},
			attribute{unix.NFTA_CHAIN_TYPE, text("filter")},
		)
	}
	return message(unix.NFT_MSG_NEWCHAIN, unix.NLM_F_CREATE, attributes(list...))
}

func newRule(table, chain string, r rule, index func(string) uint32) (netlink.Message, error) {
	expressions, err := encode(r, index)
	if err != nil {
		return netlink.Message{}, err
	}
	var elements []attribute
	for _, e := range expressions {
		elements = append(elements, attribute{unix.NFTA_LIST_ELEM | unix.NLA_F_NESTED, e})
	}
	list := []attribute{
		{unix.NFTA_RULE_TABLE, text(table)},
		{unix.NFTA_RULE_CHAIN, text(chain)},
	}
	if len(elements) > 0 {
		list = append(list, attribute{unix.NFTA_RULE_EXPRESSIONS | unix.NLA_F_NESTED, attributes(elements...)})
	}
	list = append(list, attribute{unix.NFTA_RULE_USERDATA, commentData(r.comment)})
	return message(unix.NFT_MSG_NEWRULE, unix.NLM_F_CREATE|unix.NLM_F_APPEND, attributes(list...)), nil
}

// transaction has the kernel do all of the requests or none. Only errors are
// reported, in any number; the answer to a last question says that there are
// no more of them.
func (t *tables) transaction(requests []netlink.Message) error {
	batch := append([]netlink.Message{border(unix.NFNL_MSG_BATCH_BEGIN)}, requests...)
	return t.send(append(batch, border(unix.NFNL_MSG_BATCH_END)))
}

// rehearse has the kernel check the requests and do none of them, as a
// transaction without its end.
func (t *tables) rehearse(requests []netlink.Message) error {
	return t.send(append([]netlink.Message{border(unix.NFNL_MSG_BATCH_BEGIN)}, requests...))
}

func (t *tables) send(batch []netlink.Message) error {
	if size := sizeOf(batch); size > usualBuffer {
		if err := t.conn.SetWriteBuffer(2 * size); err != nil {
			return err
		}
	}
	if _, err := t.conn.SendMessages(batch); err != nil {
		return err
	}
	if _, err := t.conn.Send(message(unix.NFT_MSG_GETGEN, 0, nil)); err != nil {
		return err
	}
	var first error
	for range maxReplies {
		replies, err := t.conn.Receive()
		switch {
		case errors.Is(err, os.ErrClosed) || errors.Is(err, io.EOF):
			return err
		case err != nil:
			if first == nil {
				first = err
			}
			continue
		}
		for _, m := range replies {
			if m.Header.Type == unix.NFNL_SUBSYS_NFTABLES<<8|unix.NFT_MSG_NEWGEN {
				return first
			}
		}
	}
	return fmt.Errorf("nftables does not answer; it said last: %w", first)
}
