package server

import (
	"fmt"

	p4 "github.com/p4lang/p4runtime/go/p4/v1"

	"pillion/p4/engine"
)

type register struct {
	id    uint32
	name  string
	codec codec
	eng   *engine.RegisterArray
}

func (r *register) String() string { return fmt.Sprintf("register %s (0x%08x)", r.name, r.id) }

func (s *schema) register(id uint32) (*register, error) {
	for _, r := range s.registers {
		if r.id == id {
			return r, nil
		}
	}
	return nil, s.unknown("register_id", id, "registers", choices(s.registers, (*register).String))
}

// writeRegister does section "RegisterEntry".
func (p *pipeline) writeRegister(typ p4.Update_Type, m *p4.RegisterEntry) (undo, error) {
	if err := onlyModify(typ, "registers"); err != nil {
		return nil, err
	}
	r, err := p.register(m.GetRegisterId())
	if err != nil {
		return nil, err
	}
	from, to, err := indexes(m.Index, r.eng.Size())
	if err != nil {
		return nil, within(err, "%v", r)
	}
	v, err := r.codec.decodeLeaf(m.Data)
	if err != nil {
		return nil, within(err, "%v", r)
	}
	old := make([][]byte, to-from)
	for i := from; i < to; i++ {
		old[i-from], _ = r.eng.Read(i)
		if err := r.eng.Write(i, v); err != nil {
			return nil, fromEngine(err)
		}
	}
	return func() {
		for i, o := range old {
			_ = r.eng.Write(from+i, o)
		}
	}, nil
}

func (p *pipeline) readRegisters(want *p4.RegisterEntry, out func(*p4.Entity)) error {
	list := p.registers
	if want.GetRegisterId() != 0 {
		r, err := p.register(want.RegisterId)
		if err != nil {
			return err
		}
		list = []*register{r}
	} else if want.GetIndex() != nil {
		return invalid("register_id 0 reads all registers; index must be unset then")
	}
	for _, r := range list {
		from, to, err := indexes(want.GetIndex(), r.eng.Size())
		if err != nil {
			return within(err, "%v", r)
		}
		for i := from; i < to; i++ {
			b, err := r.eng.Read(i)
			if err != nil {
				return fromEngine(err)
			}
			data, _, err := r.codec.encode([][]byte{b})
			if err != nil {
				return within(err, "%v", r)
			}
			out(&p4.Entity{Entity: &p4.Entity_RegisterEntry{RegisterEntry: &p4.RegisterEntry{
				RegisterId: r.id, Index: &p4.Index{Index: int64(i)}, Data: data}}})
		}
	}
	return nil
}
