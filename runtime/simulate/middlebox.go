package simulate

import "fmt"

// Arm is a port of a middlebox.
type Arm uint8

// A one-armed middlebox has ArmAt only.
const (
	ArmAt Arm = iota
	ArmOut
)

func (a Arm) String() string {
	if a == ArmOut {
		return "out"
	}
	return "at"
}

// Visit is a frame that comes to a middlebox.
type Visit struct {
	Instance string
	Arm      Arm
	TwoArmed bool
	Copy     bool // it is a copy for a tap
	Frame    []byte
}

// Sent is a frame that a middlebox sends.
type Sent struct {
	Arm   Arm
	Frame []byte
}

// Behaviour is what a middlebox does with a frame: it returns what it sends, or nil. It must not
// change the visit's frame.
type Behaviour func(Visit) []Sent

// Forward is a transparent middlebox: out of the other arm, or back where there is but one. A tap absorbs.
func Forward(v Visit) []Sent {
	switch {
	case v.Copy:
		return nil
	case v.TwoArmed:
		return []Sent{{Arm: 1 - v.Arm, Frame: v.Frame}}
	}
	return []Sent{{Arm: v.Arm, Frame: v.Frame}}
}

// Drop is a middlebox that lets nothing pass.
func Drop(Visit) []Sent { return nil }

// Bridge returns a two-armed middlebox that learns where MAC addresses are, as a Linux bridge does: it sends nothing
// back to the arm where the destination was last seen. One value serves one instance.
func Bridge() Behaviour {
	learned := map[[6]byte]Arm{}
	return func(v Visit) []Sent {
		if v.Copy || !v.TwoArmed || len(v.Frame) < 14 {
			return Forward(v)
		}
		learned[[6]byte(v.Frame[6:12])] = v.Arm
		if arm, ok := learned[[6]byte(v.Frame[:6])]; ok && arm == v.Arm {
			return nil
		}
		return Forward(v)
	}
}

// SetMiddlebox changes what an instance does; nil is Forward.
func (n *Network) SetMiddlebox(name string, b Behaviour) error {
	if n.boxes[name] == nil {
		return fmt.Errorf("the network has no middlebox %s", name)
	}
	if b == nil {
		delete(n.behave, name)
	} else {
		n.behave[name] = b
	}
	return nil
}

func (n *Network) visit(v Visit) []Sent {
	if b := n.behave[v.Instance]; b != nil {
		return b(v)
	}
	return Forward(v)
}
