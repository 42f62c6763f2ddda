package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"

	"pillion/backends"
	"pillion/backends/bundle"
	"pillion/compiler"
	"pillion/compiler/network"
	"pillion/lang"
	"pillion/lang/diag"
	"pillion/p4"
	"pillion/tests/workload"
)

// benchCompile takes 100,000 endpoints from text to plan, and the plan to a bundle on disk. A v1model switch has
// 9-bit ports, so that many endpoints take 256 leaves, not 64.
func benchCompile(t *table) error {
	cloud := workload.Cloud{Tenants: 25000, Endpoints: 4, Allows: 75000, Leaves: 256, Spines: 8, Seed: 1}
	text, inventory := cloud.Policy(), cloud.Network()
	t.row("endpoints, tenants, allows, leaves", "%d, %d, %d, %d", cloud.Tenants*cloud.Endpoints, cloud.Tenants, cloud.Allows, cloud.Leaves)
	t.row("policy and inventory", "%.1f MB and %.1f MB", megabytes(len(text)), megabytes(len(inventory)))

	start := time.Now()
	var net *network.Network
	var problems diag.List
	var reading sync.WaitGroup
	reading.Go(func() { net, problems = network.Parse("network.json", inventory) }) // as the command does
	policy, list := lang.Parse([]lang.Input{{Name: "policy.pol", Text: text}}, lang.Options{})
	reading.Wait()
	if list = append(list, problems...); list.HasErrors() {
		return fmt.Errorf("input: %s", list[0].Message)
	}
	read := time.Now()
	plan, list := compiler.Compile(policy, net)
	if plan == nil {
		return fmt.Errorf("compile: %s", list[0].Message)
	}
	planned := time.Now()
	t.row("text to plan", "%.2f s (read both texts side by side %.2f, plan %.2f)", planned.Sub(start).Seconds(),
		read.Sub(start).Seconds(), planned.Sub(read).Seconds())
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) == nil {
		t.row("peak memory until the plan", "%d MB", usage.Maxrss/1024)
	}

	program, err := p4.Pillion()
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "pillion-bench-*")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	start = time.Now()
	b, _, err := backends.Lower(plan, program, net.JSON())
	if err != nil {
		return err
	}
	lowered := time.Now()
	if err := bundle.Write(filepath.Join(dir, "bundle"), b); err != nil {
		return err
	}
	written := time.Now()
	entities, size := 0, int64(0)
	for i := range b.Targets {
		entities += len(b.Targets[i].Entities)
	}
	err = filepath.Walk(dir, func(_ string, info os.FileInfo, err error) error {
		if err == nil && info.Mode().IsRegular() {
			size += info.Size()
		}
		return err
	})
	if err != nil {
		return err
	}
	t.row("plan to bundle", "%.2f s (lower %.2f, write %.2f): %d entities, %.0f MB, %.0f MB/s", written.Sub(start).Seconds(),
		lowered.Sub(start).Seconds(), written.Sub(lowered).Seconds(), entities, megabytes(int(size)), megabytes(int(size))/written.Sub(start).Seconds())
	return nil
}

func megabytes(n int) float64 { return float64(n) / 1e6 }
