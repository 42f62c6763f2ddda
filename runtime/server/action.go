package server

import (
	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
)

// use is what an action is wanted for, which its scope may forbid.
type use int

const (
	forEntry use = iota
	forDefault
)

// paramValues reads the arguments of a message.
func paramValues(params []*p4.Action_Param) []paramValue {
	out := make([]paramValue, len(params))
	for i, p := range params {
		out[i] = paramValue{p.GetParamId(), p.GetValue()}
	}
	return out
}

// decodeAction checks an action's message as decodeCall does.
func decodeAction(refs []actionRef, a *p4.Action, u use) (*action, [][]byte, error) {
	return decodeCall(refs, a.GetActionId(), paramValues(a.GetParams()), u, nil)
}

// decodeCall checks an action against those of a table and returns it with its
// arguments for the engine (section "Action Specification"). These are in room, if that is large enough.
func decodeCall(refs []actionRef, id uint32, params []paramValue, u use, room [][]byte) (*action, [][]byte, error) {
	var ref *actionRef
	for i := range refs {
		if refs[i].id == id {
			ref = &refs[i]
		}
	}
	if ref == nil {
		return nil, nil, invalid("action 0x%08x is not one of the table's; they are %s", id,
			choices(refs, func(r actionRef) string { return r.String() }))
	}
	switch {
	case ref.scope == configv1.ActionRef_TABLE_ONLY && u == forDefault:
		return nil, nil, denied("action %v may not be the default action (@tableonly)", ref.action)
	case ref.scope == configv1.ActionRef_DEFAULT_ONLY && u == forEntry:
		return nil, nil, denied("action %v may only be the default action (@defaultonly)", ref.action)
	}
	args, err := decodeParams(ref.action, params, room)
	return ref.action, args, err
}

func decodeParams(a *action, list []paramValue, room [][]byte) ([][]byte, error) {
	args := room[:0]
	if cap(room) < len(a.params) {
		args = make([][]byte, 0, len(a.params))
	}
	args = args[:len(a.params)]
	clear(args)
	for n := range list {
		given := &list[n]
		i := -1
		for j := range a.params {
			if a.params[j].id == given.id {
				i = j
			}
		}
		if i < 0 {
			return nil, invalid("action %v has no parameter %d; there is %s", a, given.id, choices(a.params, param.String))
		}
		if args[i] != nil {
			return nil, invalid("action %v: parameter %v is given twice", a, a.params[i])
		}
		v, err := a.params[i].number(given.value)
		if err != nil {
			return nil, invalid("action %v, parameter %v: %v", a, a.params[i], err)
		}
		args[i] = v
	}
	for i := range args {
		if args[i] == nil {
			return nil, invalid("action %v: parameter %v is missing", a, a.params[i])
		}
	}
	return args, nil
}

// encodeAction is the inverse of decodeAction.
func encodeAction(a *action, args [][]byte) *p4.Action {
	out := &p4.Action{ActionId: a.id}
	for i, p := range a.params {
		out.Params = append(out.Params, &p4.Action_Param{ParamId: p.id, Value: p.text(args[i])})
	}
	return out
}
