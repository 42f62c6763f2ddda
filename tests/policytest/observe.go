package policytest

import (
	"bytes"
	"fmt"
	"slices"

	"pillion/runtime/simulate"
)

// read says what a journey means, and notes in the observation what no expectation allows.
func (t *talk) read(j *simulate.Journey, frame []byte) leg {
	l := leg{journey: j}
	if j.Unbounded {
		t.trouble("the packet runs in a circle")
	}
	for _, d := range j.Deliveries() {
		if slices.Contains(l.receivers, d.Endpoint) {
			t.trouble("%s gets the packet twice", d.Endpoint)
			continue
		}
		if !bytes.Equal(d.Frame, frame) {
			t.trouble("%s gets a frame that is not as it was sent", d.Endpoint)
		}
		if len(l.receivers) == 0 {
			l.via = j.Gates(d.Hop)
		}
		l.receivers = append(l.receivers, d.Endpoint)
	}
	slices.Sort(l.receivers)
	for _, pass := range j.Passes() {
		switch {
		case !bytes.Equal(pass.Frame, frame):
			t.trouble("middlebox %s gets a frame that is not as it was sent", pass.Instance)
		case pass.Copy && slices.Contains(l.copied, pass.Instance):
			t.trouble("tap %s gets two copies", pass.Instance)
		case pass.Copy:
			l.copied = append(l.copied, pass.Instance)
		case len(l.receivers) == 0:
			l.via = append(l.via, pass.Instance)
		}
	}
	slices.Sort(l.copied)
	for _, lost := range j.Lost() {
		h := &j.Hops[lost.Hop]
		t.trouble("a frame leaves by %s:%d, where nothing is attached", h.Switch, h.Outputs[lost.Output].Port)
	}
	for _, i := range j.Drops() {
		h := &j.Hops[i]
		where := fmt.Sprintf("%s: %s", h.Switch, h.Dropped)
		switch {
		case j.Copied(i):
			if h.Dropped != copyDone {
				t.trouble("a copy for a tap is dropped at %s", where)
			}
		case l.reason == "":
			l.reason = where
		}
	}
	if len(l.receivers) == 0 && l.reason == "" && len(l.via) > 0 {
		l.reason = "middlebox " + l.via[len(l.via)-1] + " does not let it pass"
	}
	return l
}

// copyDone is the reason for which the frame that brought a tap's copy ends at the tap's edge.
const copyDone = "copy for a tap"
