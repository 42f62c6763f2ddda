package survey

import (
	"encoding/json"
	"io"
)

// Report is what the switches of a network say of their ports.
type Report struct {
	Switches []Switch `json:"switches"` // in the order of the network file
}

// Status of a switch in a report.
type Status string

const (
	StatusOK          Status = "compared"    // its ports were compared; they may have problems
	StatusNoNumbers   Status = "no-numbers"  // gNMI, but no interface has a P4 port number
	StatusNoGNMI      Status = "no-gnmi"     // it answers, but not to gNMI
	StatusUnreachable Status = "unreachable" // or it answered with an error
	StatusNotAsked    Status = "not-asked"   // an ordinary switch: nobody to ask
)

// Switch is what was found out about one switch.
type Switch struct {
	Name     string      `json:"name"`
	Address  string      `json:"address,omitempty"`
	DeviceID uint64      `json:"device-id,omitempty"`
	Status   Status      `json:"status"`
	Version  string      `json:"gnmi,omitempty"`      // of gNMI
	API      string      `json:"p4runtime,omitempty"` // version of P4Runtime
	Error    string      `json:"error,omitempty"`     // with StatusUnreachable
	Ports    []Port      `json:"ports"`               // that the network file uses, by number
	Unused   []Interface `json:"unused-by-the-file"`  // interfaces that it does not use
}

// Port is a port that the network file uses.
type Port struct {
	Number    uint32     `json:"port"`
	Uses      []string   `json:"uses"`               // what the file has there
	NeedMTU   int        `json:"need-mtu,omitempty"` // bytes of Ethernet payload
	Interface *Interface `json:"interface,omitempty"`
	Problems  []string   `json:"problems"`
	Notes     []string   `json:"notes"`
}

// Interface is an interface as the switch describes it.
type Interface struct {
	Name     string `json:"name"`
	Number   uint32 `json:"id,omitempty"` // the P4 port; with Numbered
	Numbered bool   `json:"-"`
	Enabled  string `json:"enabled,omitempty"`      // "true", "false"; "": not said
	Admin    string `json:"admin-status,omitempty"` // OpenConfig's words: "UP", "DOWN"
	Oper     string `json:"oper-status,omitempty"`
	MTU      int    `json:"mtu,omitempty"`                   // bytes of Ethernet payload; 0: not said
	Speed    uint64 `json:"speed-bits-per-second,omitempty"` // 0: not said
}

// OK says whether everything that could be compared is as the network file says.
func (r *Report) OK() bool { return r.Problems() == 0 && r.count(StatusUnreachable) == 0 }

// Problems is how many there are, of all ports.
func (r *Report) Problems() int {
	n := 0
	for _, s := range r.Switches {
		n += s.problems()
	}
	return n
}

func (s *Switch) problems() int {
	n := 0
	for _, p := range s.Ports {
		n += len(p.Problems)
	}
	return n
}

func (r *Report) count(status Status) int {
	n := 0
	for _, s := range r.Switches {
		if s.Status == status {
			n++
		}
	}
	return n
}

// WriteJSON writes the report as one JSON object, with empty lists instead of null.
func (r *Report) WriteJSON(w io.Writer) error {
	out := Report{Switches: append([]Switch{}, r.Switches...)}
	for i := range out.Switches {
		s := &out.Switches[i]
		s.Ports = append([]Port{}, s.Ports...)
		s.Unused = append([]Interface{}, s.Unused...)
		for k := range s.Ports {
			p := &s.Ports[k]
			p.Uses = append([]string{}, p.Uses...)
			p.Problems = append([]string{}, p.Problems...)
			p.Notes = append([]string{}, p.Notes...)
		}
	}
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(out)
}
