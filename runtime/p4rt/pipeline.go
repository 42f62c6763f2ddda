package p4rt

import (
	"context"

	p4configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4v1 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// Pipeline is a compiled P4 program: what a device is to run.
type Pipeline struct {
	P4Info *p4configv1.P4Info
	Config []byte // the device's own: for bmv2 the JSON that p4c makes
}

// Pipelines are the pipelines by the kind of target: "switch", "shim".
type Pipelines map[string]Pipeline

// Cookie is the number that was left beside the device's pipeline. It says false when the device has no
// pipeline, or one without a cookie.
func (c *Client) Cookie(ctx context.Context) (uint64, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	r, err := c.rpc.GetForwardingPipelineConfig(ctx, &p4v1.GetForwardingPipelineConfigRequest{
		DeviceId: c.device, ResponseType: p4v1.GetForwardingPipelineConfigRequest_COOKIE_ONLY})
	if status.Code(err) == codes.FailedPrecondition {
		return 0, false, nil // what the specification wants where there is no pipeline
	}
	if err != nil {
		return 0, false, c.failed("GetForwardingPipelineConfig", err)
	}
	cookie := r.GetConfig().GetCookie()
	return cookie.GetCookie(), cookie != nil, nil
}

// SetPipeline loads a pipeline, which clears whatever the device holds. BecomePrimary comes first.
//
// It is always VERIFY_AND_COMMIT: bmv2 crashes at the first write after a mere VERIFY.
func (c *Client) SetPipeline(ctx context.Context, p Pipeline, cookie uint64) error {
	ctx, cancel := context.WithTimeout(ctx, c.options.Timeout)
	defer cancel()
	_, err := c.rpc.SetForwardingPipelineConfig(ctx, &p4v1.SetForwardingPipelineConfigRequest{
		DeviceId:   c.device,
		ElectionId: c.bidNow(),
		Action:     p4v1.SetForwardingPipelineConfigRequest_VERIFY_AND_COMMIT,
		Config: &p4v1.ForwardingPipelineConfig{
			P4Info:         p.P4Info,
			P4DeviceConfig: p.Config,
			Cookie:         &p4v1.ForwardingPipelineConfig_Cookie{Cookie: cookie},
		},
	})
	if err != nil {
		return c.failed("SetForwardingPipelineConfig", err)
	}
	return nil
}

func (c *Client) bidNow() *p4v1.Uint128 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.election.proto()
}
