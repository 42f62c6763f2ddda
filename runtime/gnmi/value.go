package gnmi

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	gpb "github.com/openconfig/gnmi/proto/gnmi"
)

// encodings are those that are served. JSON comes first: it is what a client gets
// that asks for none (3.3.1).
var encodings = []gpb.Encoding{gpb.Encoding_JSON, gpb.Encoding_JSON_IETF, gpb.Encoding_PROTO, gpb.Encoding_ASCII}

func checkEncoding(e gpb.Encoding) error {
	var names []string
	for _, x := range encodings {
		if x == e {
			return nil
		}
		names = append(names, x.String())
	}
	return unimplemented("the encoding %v is not supported; the choices are %s", e, strings.Join(names, ", "))
}

// typed encodes the value of a leaf (2.2.3, 2.3).
func typed(v any, e gpb.Encoding) *gpb.TypedValue {
	switch e {
	case gpb.Encoding_JSON:
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonVal{JsonVal: appendValue(nil, v, false)}}
	case gpb.Encoding_JSON_IETF:
		return &gpb.TypedValue{Value: &gpb.TypedValue_JsonIetfVal{JsonIetfVal: appendValue(nil, v, true)}}
	case gpb.Encoding_ASCII:
		return &gpb.TypedValue{Value: &gpb.TypedValue_AsciiVal{AsciiVal: text(v)}}
	}
	switch v := v.(type) {
	case bool:
		return &gpb.TypedValue{Value: &gpb.TypedValue_BoolVal{BoolVal: v}}
	case uint16:
		return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: uint64(v)}}
	case uint32:
		return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: uint64(v)}}
	case uint64:
		return &gpb.TypedValue{Value: &gpb.TypedValue_UintVal{UintVal: v}}
	}
	return &gpb.TypedValue{Value: &gpb.TypedValue_StringVal{StringVal: text(v)}}
}

// text is a value as people write it.
func text(v any) string {
	if id, ok := v.(identity); ok {
		return id.name
	}
	return fmt.Sprint(v)
}

// appendValue appends a value as JSON; ietf as RFC 7951 wants: integers of 64 bits
// are strings (section 6.1), identities have their module's name (section 6.8).
func appendValue(b []byte, v any, ietf bool) []byte {
	switch v := v.(type) {
	case bool:
		return strconv.AppendBool(b, v)
	case uint16:
		return strconv.AppendUint(b, uint64(v), 10)
	case uint32:
		return strconv.AppendUint(b, uint64(v), 10)
	case uint64:
		if ietf {
			return append(strconv.AppendUint(append(b, '"'), v, 10), '"')
		}
		return strconv.AppendUint(b, v, 10)
	case identity:
		if ietf {
			return appendString(b, v.module+":"+v.name)
		}
		return appendString(b, v.name)
	}
	return appendString(b, text(v))
}

func appendString(b []byte, s string) []byte {
	quoted, err := json.Marshal(s)
	if err != nil {
		return append(b, `""`...) // strings always have a JSON form
	}
	return append(b, quoted...)
}

// parseBool reads the value of a boolean leaf in any encoding that may carry one.
func parseBool(v *gpb.TypedValue) (bool, error) {
	var js []byte
	switch x := v.GetValue().(type) {
	case *gpb.TypedValue_BoolVal:
		return x.BoolVal, nil
	case *gpb.TypedValue_JsonVal:
		js = x.JsonVal
	case *gpb.TypedValue_JsonIetfVal:
		js = x.JsonIetfVal
	case *gpb.TypedValue_AsciiVal:
		js = []byte(x.AsciiVal)
	case *gpb.TypedValue_ProtoBytes, *gpb.TypedValue_AnyVal, *gpb.TypedValue_BytesVal:
		return false, unimplemented("a value as %T is not supported; send a bool_val, or JSON", x)
	case nil:
		return false, invalid("there is no value; the choices are true and false")
	}
	switch strings.TrimSpace(string(js)) {
	case "true":
		return true, nil
	case "false":
		return false, nil
	}
	return false, invalid("the value %s is not a boolean; the choices are true and false", shorten(v.String()))
}

// shorten bounds what an error repeats of a client's words.
func shorten(s string) string {
	const most = 60
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}
