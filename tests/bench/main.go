// Command bench prints the benchmark table: what the stages cost, beside a peer in the same run
// where there is one. It measures one thing after another; nothing here passes or fails.
//
//	go run ./tests/bench [compile|compile-ordinary|compile-mixed|trees|push|engine|switch|control|ordinary]…
package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"text/tabwriter"
)

// benchmarks in the order in which they run.
var benchmarks = []struct {
	name string
	run  func(*table) error
}{
	{"compile", benchCompile},
	{"compile-ordinary", benchCompileOrdinary},
	{"compile-mixed", benchCompileMixed},
	{"trees", benchTrees},
	{"push", benchPush},
	{"engine", benchEngine},
	{"switch", benchSwitch},
	{"control", benchControl},
	{"ordinary", benchOrdinary},
}

// table collects lines of name, value and remark.
type table struct{ w *tabwriter.Writer }

func (t *table) row(name, format string, args ...any) {
	fmt.Fprintf(t.w, "%s\t%s\n", name, fmt.Sprintf(format, args...))
}

func main() {
	if len(os.Args) > 2 && os.Args[1] == "child" {
		child(os.Args[2])
		return
	}
	wanted := os.Args[1:]
	if len(wanted) == 0 {
		for _, b := range benchmarks {
			wanted = append(wanted, b.name)
		}
	}
	// Each benchmark has a process of its own, so that its peak of memory is its own.
	for _, name := range wanted {
		cmd := exec.Command(os.Args[0], "child", name)
		cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
		if err := cmd.Run(); err != nil {
			fmt.Fprintf(os.Stderr, "bench %s: %v\n", name, err)
			os.Exit(1)
		}
	}
}

func child(name string) {
	for _, b := range benchmarks {
		if b.name != name {
			continue
		}
		t := &table{w: tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', 0)}
		fmt.Fprintf(t.w, "--- %s\n", name)
		if err := b.run(t); err != nil {
			fmt.Fprintf(os.Stderr, "bench %s: %v\n", name, err)
			os.Exit(1)
		}
		var usage syscall.Rusage
		if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil {
			t.row("peak memory of this process", "%d MB", usage.Maxrss/1024)
		}
		t.w.Flush()
		return
	}
	fmt.Fprintf(os.Stderr, "bench: no benchmark is called %s\n", name)
	os.Exit(2)
}
