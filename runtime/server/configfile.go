package server

import (
	"fmt"
	"io"
	"os"
	"strings"

	configv1 "github.com/p4lang/p4runtime/go/p4/config/v1"
	p4 "github.com/p4lang/p4runtime/go/p4/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/proto"
)

// LoadConfig reads what p4c wrote: P4Info (text form; .json and .bin by the file's
// ending) and the bmv2 JSON. Each may have MaxMessage bytes.
func LoadConfig(p4infoFile, configFile string) (*p4.ForwardingPipelineConfig, error) {
	text, err := readBounded(p4infoFile)
	if err != nil {
		return nil, err
	}
	info := &configv1.P4Info{}
	switch {
	case strings.HasSuffix(p4infoFile, ".json"):
		err = protojson.Unmarshal(text, info)
	case strings.HasSuffix(p4infoFile, ".bin"):
		err = proto.Unmarshal(text, info)
	default:
		err = prototext.Unmarshal(text, info)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: not a P4Info message: %w; write one with p4c-bm2-ss --p4runtime-files FILE.txtpb", p4infoFile, err)
	}
	config, err := readBounded(configFile)
	if err != nil {
		return nil, err
	}
	return &p4.ForwardingPipelineConfig{P4Info: info, P4DeviceConfig: config}, nil
}

func readBounded(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, MaxMessage+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(b) > MaxMessage {
		return nil, fmt.Errorf("%s is longer than %d bytes", name, MaxMessage)
	}
	return b, nil
}
