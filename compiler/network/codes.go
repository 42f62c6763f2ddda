package network

// The codes of what this package reports. They are stable: people search for
// them.
const (
	codeFile     = "N001" // the file cannot be read, or is no text
	codeSyntax   = "N002" // not YAML, not JSON
	codeBound    = "N003" // too large, too deep, too many
	codeYAML     = "N004" // YAML's anchors, aliases, tags, several documents
	codeUnknown  = "N005" // unknown key
	codeTwice    = "N006" // the same key twice in one object
	codeMissing  = "N007" // a key is missing
	codeKind     = "N008" // a string where a number must be, and so on
	codeChoice   = "N009" // not one of the choices, or out of range
	codeName     = "N010" // a name that cannot be one
	codeSameName = "N011" // two objects with one name
	codePlace    = "N012" // not of the form switch:port
	codeSwitch   = "N013" // no such switch
	codePort     = "N014" // no such port number
	codeUsed     = "N015" // two things at one port
	codeSelf     = "N016" // a link from a switch to itself
	codeMAC      = "N017" // bad MAC address
	codeSameMAC  = "N018" // two of one MAC address
	codeIP       = "N019" // bad IP address
	codeSameIP   = "N020" // two of one IP address
	codePrefix   = "N021" // bad prefix
	codeGateways = "N022" // two gateways to one prefix
	codeMTU      = "N023" // a link that does not carry what endpoints send
	codeAddress  = "N024" // bad address of a server
	codeDevice   = "N025" // two targets with one address and device id
	codeTarget   = "N026" // a key that does not go with the switch's target
	codeSidecar  = "N027" // switch and sidecar do not belong together
	codeShim     = "N028" // a shim in front of a P4 switch
	codeArms     = "N029" // the arms of a middlebox on two switches
	codeWire     = "N030" // a virtual wire that joins nothing, or is there twice
	codeSample   = "N031" // samples that go nowhere, or to two places
)
