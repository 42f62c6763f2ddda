package server

import (
	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
)

// entryRoom is memory for one entry on its way to the engine, which keeps none of it.
type entryRoom struct {
	key  []engine.KeyField
	args [][]byte
}

// quick makes an update that is plain, without a message, and says whether it has. If not, nothing has
// changed: the update is another one, or fails, and change says why.
func (p *pipeline) quick(r *writeRequest, i int) bool {
	u := r.plainAt(i)
	if u == nil || p.follower != nil {
		return false
	}
	t := p.tableByID[u.table]
	if t == nil || !t.plain || t.priority != (u.priority > 0) || u.priority < 0 {
		return false
	}
	e := engine.Entry{Priority: u.priority}
	var err error
	if e.Key, err = decodeMatch(t.fields, r.plain.matchOf(u), r.entry.key); err != nil {
		return false
	}
	r.entry.key = e.Key
	if u.typ == p4.Update_DELETE {
		return t.eng.Delete(e) == nil
	}
	if !u.acts {
		return false
	}
	act, args, err := decodeCall(t.actions, u.action, r.plain.paramsOf(u), forEntry, r.entry.args)
	if err != nil {
		return false
	}
	r.entry.args = args
	e.Kind, e.Action, e.Args = engine.Direct, act.name, args
	switch u.typ {
	case p4.Update_INSERT:
		return t.eng.Insert(e) == nil
	case p4.Update_MODIFY:
		// The meter goes back to its default, which is not a matter of the entry alone.
		return t.meter == nil && t.eng.Modify(e) == nil
	}
	return false
}
