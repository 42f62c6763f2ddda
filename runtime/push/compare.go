package push

import (
	"context"
	"errors"

	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/backends/bundle"
	"pillion/runtime/p4rt"
)

// difference is what there is to do, or left to do, at a target.
type difference struct {
	insert    []int  // indexes of the target's entities
	modify    []int  // likewise: there, but not so
	adopt     []int  // likewise: so, but foreign
	stale     []held // ours, and not wanted any more
	foreign   []held // not ours, and not wanted
	unchanged int
	unmarked  int                    // table entries that are so, but foreign
	present   map[replicationID]bool // every multicast group and clone session that is there
}

// held is an entity that a target holds.
type held struct {
	entity bundle.Entity // as far as a bundle can express it; its ID always
	proto  *p4v1.Entity
	text   string // in words
}

// compare reads everything back and compares it with what is wanted; wanted indexes the target's
// entities by their key.
func (p *pusher) compare(ctx context.Context, wanted map[string]int) (*difference, error) {
	d := &difference{present: map[replicationID]bool{}}
	entities := p.target.Entities
	seen := make([]bool, len(entities))
	var key []byte
	err := p.client.Read(ctx, p4rt.Everything(), func(read *p4v1.Entity) error {
		if t := read.GetTableEntry(); t.GetIsConst() || t.GetIsDefaultAction() || p.kind.constant[t.GetTableId()] {
			return nil
		}
		e, err := bundle.FromProto(read)
		var unsupported *bundle.UnsupportedError
		keyed := err == nil || errors.As(err, &unsupported) && unsupported.Keyed
		if keyed && e.Kind != bundle.TableEntry {
			d.present[replicationID{e.Kind, e.ID}] = true
		}
		if keyed {
			key = e.AppendKey(key[:0])
			if i, ok := wanted[string(key)]; ok {
				if seen[i] {
					return nil // a server may say something twice
				}
				seen[i] = true
				switch {
				case err != nil || !e.Equal(&entities[i]):
					d.modify = append(d.modify, i)
				case p.ledger.isOurs(read):
					d.unchanged++
				default:
					d.unchanged++
					d.adopt = append(d.adopt, i)
					if e.Kind == bundle.TableEntry {
						d.unmarked++
					}
				}
				return nil
			}
		}
		h := held{e, read, p.words(&e, err)}
		if p.ledger.isOurs(read) {
			d.stale = append(d.stale, h)
		} else {
			d.foreign = append(d.foreign, h)
		}
		return nil
	})
	for i := range seen {
		if !seen[i] {
			d.insert = append(d.insert, i)
		}
	}
	return d, err
}

func (p *pusher) words(e *bundle.Entity, err error) string {
	if err == nil {
		return p.kind.names.Entity(e)
	}
	return p.kind.names.Where(e) + " " + p.kind.names.Match(e) + ": " + err.Error()
}
