package drivers

import (
	"errors"

	"pillion/sidecarfallback/redirect"
	"pillion/sidecarfallback/redirect/linuxbridge"
)

func openLinuxBridge(c Config) (redirect.Driver, error) {
	if len(c.Ports) == 0 {
		return nil, errors.New("driver linux-bridge: say which interface each port number of the network file is, as in 7@veth7: a Linux bridge does not number its ports")
	}
	d, err := linuxbridge.Open(linuxbridge.Config{Bridge: c.Bridge, Ports: c.Ports})
	if err != nil {
		return nil, err
	}
	return d, nil
}
