package paths

import (
	"fmt"
	"sync/atomic"
	"testing"
)

// BenchmarkFatTreeLocators makes one tree per edge switch.
func BenchmarkFatTreeLocators(b *testing.B) {
	for _, k := range []int{8, 32, 74} {
		g, edges, _ := FatTree(k)
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			for b.Loop() {
				NewPastR(g, 1).Trees(edges, 1, func(int, uint16, []uint16) {})
			}
			perTree(b, len(edges))
		})
	}
}

// BenchmarkFatTreeHosts makes one tree per host, as PAST does. The paper
// reports 300 ms for 8,000 hosts and 40 s for 100,000.
func BenchmarkFatTreeHosts(b *testing.B) {
	for _, k := range []int{8, 32, 74} {
		g, _, hosts := FatTree(k)
		b.Run(fmt.Sprintf("k=%d", k), func(b *testing.B) {
			for b.Loop() {
				NewPastR(g, 1).HostTrees(hosts, func(int, []uint16) {})
			}
			perTree(b, len(hosts))
		})
	}
}

// BenchmarkFatTreeOneTree makes one tree at a time.
func BenchmarkFatTreeOneTree(b *testing.B) {
	g, edges, _ := FatTree(32)
	p := NewPastR(g, 1)
	var out []uint16
	for b.Loop() {
		out = p.Tree(edges[0], 0, out)
	}
}

// BenchmarkFatTreeShared makes the shared tree and a subtree of 64 members.
func BenchmarkFatTreeShared(b *testing.B) {
	g, edges, _ := FatTree(32)
	var terminals []int32
	for i := 0; i < len(edges); i += len(edges) / 64 {
		terminals = append(terminals, edges[i].Node)
	}
	b.Run("tree", func(b *testing.B) {
		for b.Loop() {
			NewShared(g, 1, SharedOptions{})
		}
	})
	b.Run("subtree", func(b *testing.B) {
		s := NewShared(g, 1, SharedOptions{}).NewSteiner()
		for b.Loop() {
			if _, err := s.Subtree(terminals); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func perTree(b *testing.B, trees int) {
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(trees), "ns/tree")
}

// The reports must count all trees, whatever the number of cores.
func TestEveryTreeIsReported(t *testing.T) {
	g, edges, hosts := FatTree(8)
	p := NewPastR(g, 1)
	var locators, perHost atomic.Int64
	p.Trees(edges, 3, func(int, uint16, []uint16) { locators.Add(1) })
	p.HostTrees(hosts, func(int, []uint16) { perHost.Add(1) })
	if int(locators.Load()) != 3*len(edges) || int(perHost.Load()) != len(hosts) {
		t.Errorf("reported %d of %d trees and %d of %d", locators.Load(), 3*len(edges), perHost.Load(), len(hosts))
	}
}
