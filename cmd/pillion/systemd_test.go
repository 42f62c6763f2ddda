package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// units are the examples of agents under systemd.
func units(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../examples/systemd/*.service")
	if err != nil || len(files) == 0 {
		t.Fatalf("no units: %v", err)
	}
	out := map[string]string{}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		out[filepath.Base(f)] = string(text)
	}
	return out
}

var execStart = regexp.MustCompile(`(?m)^ExecStart=/usr/local/bin/pillion (\S+) (.*)$`)

// Every unit calls a command that there is, with flags that it has, restarts it after a failure, and locks it in.
func TestUnits(t *testing.T) {
	for name, text := range units(t) {
		m := execStart.FindStringSubmatch(text)
		if m == nil {
			t.Errorf("%s starts no pillion", name)
			continue
		}
		cmd, _, err := newRoot().Find([]string{m[1]})
		if err != nil || cmd.Name() != m[1] {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err := cmd.ParseFlags(strings.Fields(m[2])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if err := cmd.ValidateRequiredFlags(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		for _, want := range []string{"CapabilityBoundingSet=CAP_", "NoNewPrivileges=yes", "ProtectSystem=strict", "Restart=on-failure", "WantedBy="} {
			if !strings.Contains(text, "\n"+want) {
				t.Errorf("%s lacks %s", name, want)
			}
		}
	}
}

// systemd has nothing to say against the units.
func TestUnitsVerify(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("skipped: no systemd-analyze here (package systemd)")
	}
	self, err := os.Executable() // systemd wants a program that there is
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []string
	for name, text := range units(t) {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(text, "/usr/local/bin/pillion", self)), 0o644); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	out, err := exec.Command(analyze, append([]string{"verify"}, files...)...).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v\n%s", err, out)
	}
	for _, f := range files {
		out, err := exec.Command(analyze, "security", "--offline=yes", "--threshold=30", f).CombinedOutput()
		if err != nil {
			t.Errorf("%s is exposed more than 3.0 of 10: %v\n%s", filepath.Base(f), err, out)
		}
	}
}
