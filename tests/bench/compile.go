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

// benchCompile takes 100,000 endpoints from text to plan, and the plan to a bundle on disk and back. A v1model switch has
// 9-bit ports, so that many endpoints take 256 leaves, not 64.
func benchCompile(t *table) error {
	return compileCloud(t, workload.Cloud{Tenants: 25000, Endpoints: 4, Allows: 75000, Leaves: 256, Spines: 8, Seed: 1})
}

// benchCompileOrdinary does the same where every endpoint has a shim, and every leaf and spine is an ordinary switch.
func benchCompileOrdinary(t *table) error {
	return compileCloud(t, workload.Cloud{Tenants: 25000, Endpoints: 4, Allows: 75000, Leaves: 256, Spines: 8, Seed: 1, Ordinary: 256, Multicasts: 1000})
}

// benchCompileMixed does the same where half of the leaves are ordinary.
func benchCompileMixed(t *table) error {
	return compileCloud(t, workload.Cloud{Tenants: 25000, Endpoints: 4, Allows: 75000, Leaves: 256, Spines: 8, Seed: 1, Ordinary: 128, Multicasts: 1000})
}

func compileCloud(t *table, cloud workload.Cloud) error {
	text, inventory := cloud.Policy(), cloud.Network()
	t.row("endpoints, tenants, allows, leaves", "%d, %d, %d, %d (%d ordinary)", cloud.Tenants*cloud.Endpoints, cloud.Tenants, cloud.Allows, cloud.Leaves, cloud.Ordinary)
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
	entities, lines, size := 0, 0, int64(0)
	for i := range b.Targets {
		entities += len(b.Targets[i].Entities)
	}
	for i := range b.Redirects {
		lines += len(b.Redirects[i].Lines)
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
	t.row("plan to bundle", "%.2f s (lower %.2f, write %.2f), %.0f MB/s", written.Sub(start).Seconds(), lowered.Sub(start).Seconds(),
		written.Sub(lowered).Seconds(), megabytes(int(size))/written.Sub(start).Seconds())
	t.row("the bundle", "%.0f MB: %d targets, %d entities, %d lines for ordinary switches", megabytes(int(size)), len(b.Targets), entities, lines)
	b, plan, policy, net = nil, nil, nil, nil
	start = time.Now()
	if _, err := bundle.Read(filepath.Join(dir, "bundle")); err != nil {
		return err
	}
	t.row("bundle from disk", "%.2f s, %.0f MB/s", time.Since(start).Seconds(), megabytes(int(size))/time.Since(start).Seconds())
	return nil
}

func megabytes(n int) float64 { return float64(n) / 1e6 }
