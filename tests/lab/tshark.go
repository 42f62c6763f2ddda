package lab

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"strings"
)

// TsharkProgram is Wireshark's command line.
const TsharkProgram = "tshark"

// ErrNoTshark says that captures cannot be decoded here: skip, aloud.
var ErrNoTshark = errors.New("tshark is not installed: install the package tshark")

// TsharkFields decodes a capture and returns, for each frame that the display
// filter selects (empty: all), the values of the named fields, for example
// "nsh.spi" or "ip.src". A field that occurs several times in a frame, as in
// tunnels, has its values joined by commas, outermost first; one that does not
// occur is empty.
func TsharkFields(ctx context.Context, pcap, filter string, fields ...string) ([][]string, error) {
	args := []string{"-T", "fields", "-E", "separator=/t", "-E", "occurrence=a", "-E", "aggregator=,"}
	for _, field := range fields {
		args = append(args, "-e", field)
	}
	out, err := tshark(ctx, pcap, filter, args...)
	if err != nil {
		return nil, err
	}
	var rows [][]string
	for line := range strings.Lines(string(out)) {
		rows = append(rows, strings.Split(strings.TrimSuffix(line, "\n"), "\t"))
	}
	return rows, nil
}

// TsharkJSON decodes a capture into one JSON object for each frame that the
// display filter selects (empty: all), in tshark's own shape.
func TsharkJSON(ctx context.Context, pcap, filter string) ([]map[string]any, error) {
	out, err := tshark(ctx, pcap, filter, "-T", "json", "--no-duplicate-keys")
	if err != nil {
		return nil, err
	}
	var frames []map[string]any
	if err := json.Unmarshal(out, &frames); err != nil {
		return nil, fmt.Errorf("lab: tshark's JSON for %s: %w", pcap, err)
	}
	return frames, nil
}

func tshark(ctx context.Context, pcap, filter string, args ...string) ([]byte, error) {
	program, err := exec.LookPath(TsharkProgram)
	if err != nil {
		return nil, ErrNoTshark
	}
	// No name resolution (it would send packets), no checksum checks (they are
	// asked for by field where they matter).
	args = append([]string{"-n", "-r", pcap}, args...)
	if filter != "" {
		args = append(args, "-Y", filter)
	}
	cmd := exec.CommandContext(ctx, program, args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("lab: tshark %s: %w\n%s", strings.Join(args, " "), err, bytes.TrimSpace(stderr.Bytes()))
	}
	return out, nil
}
