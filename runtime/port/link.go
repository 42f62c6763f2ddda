package port

// Link is what the operating system knows of the interface behind a port.
type Link struct {
	// Bare says that there is no link header, as on TUN devices: frames begin with their IP header, or whatever they are.
	Bare bool
	// Present is false once the interface has been removed.
	Present bool
	// AdminUp says that the interface is switched on (IFF_UP), whoever did it.
	AdminUp bool
	// Carrier says that the interface can pass packets (IFF_RUNNING).
	Carrier bool
	// Index is the interface's number in its network namespace; 0: it has none.
	Index uint32
	// MTU is the longest Ethernet payload in bytes (what `ip link` calls mtu); 0: unknown.
	MTU int
	// MAC is the interface's own address; zero: unknown.
	MAC [6]byte
	// Speed is in bits per second; 0: unknown.
	Speed uint64
}

// Linked is a Device with a link that goes up and down. A Device without one
// counts as up for as long as it exists.
type Linked interface {
	Device
	// Link returns the state at this moment.
	Link() Link
	// WaitLink waits until the link may have changed. After Close it returns
	// net.ErrClosed. It is for one goroutine.
	WaitLink() error
	// SetLinkUp switches the interface on or off, so that the other end of the
	// link sees it. Close leaves the interface as Open found it.
	SetLinkUp(up bool) error
}

// linkOf is the link of any device.
func linkOf(dev Device) Link {
	if l, ok := dev.(interface{ Link() Link }); ok {
		return l.Link()
	}
	return Link{Present: true, AdminUp: true, Carrier: true}
}
