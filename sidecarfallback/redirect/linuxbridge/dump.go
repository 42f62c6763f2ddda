//go:build linux

package linuxbridge

import (
	"errors"
	"fmt"
	"strings"

	"github.com/mdlayher/netlink"
	"golang.org/x/sys/unix"
)

// installedChain is a chain of family netdev as the kernel has it.
type installedChain struct {
	table, name, device string
	hook                string // like hookOf
	rules               []installedRule
}

// installedRule is a rule with its expressions in the form of describe.
type installedRule struct {
	comment     string
	expressions string
}

// hookOf describes where a chain is called.
func hookOf(d direction, device string) string {
	if d == none {
		return "none"
	}
	return hookText(hooks[d], uint32(d.priority()), device, policyAccept)
}

func hookText(hook, priority uint32, device string, policy uint32) string {
	return fmt.Sprintf("hook %d priority %d device %s policy %d", hook, int32(priority), device, policy)
}

// dump asks for all objects of a kind.
func (t *tables) dump(kind uint16, filter []byte) ([][]attribute, error) {
	replies, err := t.conn.Execute(message(kind, unix.NLM_F_DUMP, filter))
	if errors.Is(err, unix.ENOENT) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var objects [][]attribute
	for _, m := range replies {
		if m.Header.Type == netlink.Done || len(m.Data) < 4 {
			continue
		}
		object, err := parse(m.Data[4:])
		if err != nil {
			return nil, err
		}
		objects = append(objects, object)
	}
	return objects, nil
}

// chains lists every chain of family netdev, with the rules of those in the
// given table.
func (t *tables) chains(table string) ([]installedChain, error) {
	objects, err := t.dump(unix.NFT_MSG_GETCHAIN, nil)
	if errors.Is(err, unix.EPERM) {
		return nil, fmt.Errorf("nftables: reading the chains: %w: run as root, or with CAP_NET_ADMIN", err)
	}
	if err != nil {
		return nil, fmt.Errorf("nftables: reading the chains: %w", err)
	}
	var chains []installedChain
	ours := map[string]int{}
	for _, o := range objects {
		c := installedChain{table: findText(o, unix.NFTA_CHAIN_TABLE), name: findText(o, unix.NFTA_CHAIN_NAME), hook: "none"}
		if data := find(o, unix.NFTA_CHAIN_HOOK); data != nil {
			hook, err := parse(data)
			if err != nil {
				return nil, fmt.Errorf("nftables: chain %s of table %s: %w", c.name, c.table, err)
			}
			c.device = findText(hook, unix.NFTA_HOOK_DEV)
			c.hook = hookText(findNumber(hook, unix.NFTA_HOOK_HOOKNUM), findNumber(hook, unix.NFTA_HOOK_PRIORITY),
				c.device, findNumber(o, unix.NFTA_CHAIN_POLICY))
		}
		if c.table == table {
			ours[c.name] = len(chains)
		}
		chains = append(chains, c)
	}
	if len(ours) == 0 {
		return chains, nil
	}
	objects, err = t.dump(unix.NFT_MSG_GETRULE, attributes(attribute{unix.NFTA_RULE_TABLE, text(table)}))
	if err != nil {
		return nil, fmt.Errorf("nftables: reading the rules of table %s: %w", table, err)
	}
	for _, o := range objects {
		i, ok := ours[findText(o, unix.NFTA_RULE_CHAIN)]
		if !ok || findText(o, unix.NFTA_RULE_TABLE) != table {
			continue
		}
		r, err := readRule(o)
		if err != nil {
			return nil, fmt.Errorf("nftables: table %s: %w", table, err)
		}
		chains[i].rules = append(chains[i].rules, r)
	}
	return chains, nil
}

func readRule(object []attribute) (installedRule, error) {
	var r installedRule
	r.comment = commentOf(find(object, unix.NFTA_RULE_USERDATA))
	elements, err := parse(find(object, unix.NFTA_RULE_EXPRESSIONS))
	if err != nil {
		return r, err
	}
	encoded := make([][]byte, len(elements))
	for i, e := range elements {
		encoded[i] = e.data
	}
	r.expressions, err = describeAll(encoded)
	return r, err
}

// describeAll describes the expressions of one rule.
func describeAll(expressions [][]byte) (string, error) {
	parts := make([]string, len(expressions))
	for i, e := range expressions {
		var err error
		if parts[i], err = describe(e); err != nil {
			return "", err
		}
	}
	return strings.Join(parts, " "), nil
}
