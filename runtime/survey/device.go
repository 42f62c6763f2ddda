package survey

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"pillion/runtime/gnmi"
)

// device is what a switch says of itself by gNMI.
type device struct {
	version    string
	interfaces []Interface // by number, then by name
}

// errNoGNMI says that a switch answers, but not to gNMI.
var errNoGNMI = errors.New("the switch does not speak gNMI")

// What is asked for. A switch may not have the second and third.
const (
	statePath    = "/interfaces/interface[name=*]/state"
	ethernetPath = "/interfaces/interface[name=*]/ethernet/state"
	configIDPath = "/interfaces/interface[name=*]/config/id"
)

// ask gets the interfaces of one switch.
func ask(ctx context.Context, conn grpc.ClientConnInterface) (*device, error) {
	client := gpb.NewGNMIClient(conn)
	caps, err := client.Capabilities(ctx, &gpb.CapabilityRequest{})
	if status.Code(err) == codes.Unimplemented {
		return nil, errNoGNMI
	}
	if err != nil {
		return nil, failed("Capabilities", err)
	}
	q := query{client: client, encoding: choose(caps.GetSupportedEncodings())}
	if err := q.fetch(ctx, statePath); err != nil {
		return nil, err
	}
	// Whatever is missing here is missing in the report, and that is all.
	for _, optional := range []string{ethernetPath, configIDPath} {
		if err := q.fetch(ctx, optional); err != nil && ctx.Err() != nil {
			return nil, err
		}
	}
	return &device{version: caps.GetGNMIVersion(), interfaces: q.leaves.interfaces()}, nil
}

// choose picks the encoding that most switches do best.
func choose(supported []gpb.Encoding) gpb.Encoding {
	for _, e := range []gpb.Encoding{gpb.Encoding_JSON_IETF, gpb.Encoding_PROTO} {
		if slices.Contains(supported, e) {
			return e
		}
	}
	return gpb.Encoding_JSON // the one that all must have (2.3.1)
}

type query struct {
	client   gpb.GNMIClient
	encoding gpb.Encoding
	leaves   leaves
}

// fetch gets everything below a path, by Get or else by a Subscribe of mode ONCE:
// some switches answer only that for a path with wildcards.
func (q *query) fetch(ctx context.Context, path string) error {
	p, err := gnmi.ParsePath(path)
	if err != nil {
		return err
	}
	r, err := q.client.Get(ctx, &gpb.GetRequest{Path: []*gpb.Path{p}, Encoding: q.encoding})
	switch status.Code(err) {
	case codes.OK:
		for _, n := range r.GetNotification() {
			if err := q.leaves.add(n); err != nil {
				return fmt.Errorf("gNMI Get %s: %w", path, err)
			}
		}
		return nil
	case codes.Unimplemented, codes.InvalidArgument, codes.NotFound:
		if once := q.once(ctx, p); once == nil {
			return nil
		}
	}
	return failed("Get "+path, err)
}

// failed puts the RPC in front of what a switch answered.
func failed(rpc string, err error) error {
	s := status.Convert(err)
	return fmt.Errorf("gNMI %s: %v: %s", rpc, s.Code(), s.Message())
}

func (q *query) once(ctx context.Context, p *gpb.Path) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	stream, err := q.client.Subscribe(ctx)
	if err != nil {
		return err
	}
	list := &gpb.SubscriptionList{Mode: gpb.SubscriptionList_ONCE, Encoding: q.encoding, Subscription: []*gpb.Subscription{{Path: p}}}
	if err := stream.Send(&gpb.SubscribeRequest{Request: &gpb.SubscribeRequest_Subscribe{Subscribe: list}}); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	for {
		r, err := stream.Recv()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		case r.GetSyncResponse():
			return nil
		}
		if err := q.leaves.add(r.GetUpdate()); err != nil {
			return err
		}
	}
}

// interfaces are the switch's interfaces from the leaves about them.
func (l *leaves) interfaces() []Interface {
	out := make([]Interface, 0, len(l.of))
	for name, v := range l.of {
		i := Interface{Name: name, Enabled: v["state/enabled"], Admin: v["state/admin-status"], Oper: v["state/oper-status"]}
		id := cmp.Or(v["state/id"], v["config/id"])
		if n, err := strconv.ParseUint(id, 10, 32); err == nil {
			i.Number, i.Numbered = uint32(n), true
		}
		// OpenConfig counts the Ethernet header in (openconfig-interfaces, leaf mtu).
		if n, err := strconv.ParseUint(v["state/mtu"], 10, 16); err == nil && n > ethernetHeader {
			i.MTU = int(n) - ethernetHeader
		}
		speed := v["ethernet/state/port-speed"]
		if _, bare, ok := strings.Cut(speed, ":"); ok {
			speed = bare
		}
		i.Speed = gnmi.Speed(speed)
		out = append(out, i)
	}
	slices.SortFunc(out, func(a, b Interface) int {
		if a.Numbered != b.Numbered {
			if a.Numbered {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(a.Number, b.Number), cmp.Compare(a.Name, b.Name))
	})
	return out
}

const ethernetHeader = 14
