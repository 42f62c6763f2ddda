package shim

import (
	"errors"
	"testing"
)

// Errors about the machine say what is missing, and where it would be there.
func TestErrors(t *testing.T) {
	cause := errors.New("cause")
	for want, err := range map[string]error{
		"this kernel has no bpf_loop (Linux has it since 5.17): a shim cannot run here":                                                       &UnsupportedError{"bpf_loop", "5.17", cause},
		"a shim needs the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN (run it as root): this process is without CAP_BPF, CAP_PERFMON": &PermissionError{[]string{"CAP_BPF", "CAP_PERFMON"}, cause},
		"a shim needs the capabilities CAP_BPF, CAP_PERFMON and CAP_NET_ADMIN, in no user namespace (run it as root): cause":                  &PermissionError{Err: cause},
	} {
		if err.Error() != want || !errors.Is(err, cause) {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}
