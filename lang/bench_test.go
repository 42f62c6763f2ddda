package lang

import (
	"fmt"
	"strings"
	"testing"

	"pillion/lang/diag"
)

// largePolicy returns a policy of about 6 MB: 100,000 endpoints in 10,000
// tenants, and 65,000 further statements.
func largePolicy() []byte {
	var b strings.Builder
	b.WriteString("service http = tcp/80, tcp/443\nservice dns = udp/53, tcp/53\n")
	for tenant := range 10_000 {
		fmt.Fprintf(&b, "tenant customer-%05d {\n", tenant)
		for g, group := range []string{"web", "app", "db"} {
			fmt.Fprintf(&b, "  group %-3s = ", group)
			for i := range 3 {
				if i > 0 {
					b.WriteString(", ")
				}
				fmt.Fprintf(&b, "host-%05d-%d%d", tenant, g, i)
			}
			b.WriteString("   # a comment\n")
		}
		fmt.Fprintf(&b, "  group edge = host-%05d-30\n}\n", tenant)
		fmt.Fprintf(&b, "allow world-%05d: internet -> customer-%05d.web on http\n", tenant, tenant)
		fmt.Fprintf(&b, "allow peer-%05d: customer-%05d.web -> customer-%05d.db on tcp/5432, udp/5000-5999\n", tenant, tenant, (tenant+1)%10_000)
		fmt.Fprintf(&b, "allow net-%05d: 10.%d.%d.0/24, fd00:%x::/64 -> customer-%05d.edge\n", tenant, tenant/256, tenant%256, tenant, tenant)
		fmt.Fprintf(&b, "deny no-ssh-%05d: any -> customer-%05d.db on tcp/22\n", tenant, tenant)
		fmt.Fprintf(&b, "chain in-%05d: internet -> customer-%05d.web on http via fw -> ids priority %d\n", tenant, tenant, tenant)
		fmt.Fprintf(&b, "chain east-%05d: customer-%05d.web -> customer-%05d.app via fw reversed\n", tenant, tenant, tenant)
		if tenant%2 == 0 {
			fmt.Fprintf(&b, "test \"customer %d\" {\n  host-%05d-00 -> host-%05d-10 on tcp/80: delivered via fw\n}\n", tenant, tenant, tenant)
		}
	}
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	text := largePolicy()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, list := Parse([]Input{{Name: "large.pol", Text: text}}, Options{}); len(list) > 0 {
			b.Fatal(list[0])
		}
	}
}

func BenchmarkScan(b *testing.B) {
	file := &diag.File{Name: "large.pol", Text: largePolicy()}
	b.SetBytes(int64(len(file.Text)))
	for b.Loop() {
		scanner := newScanner(file, 1<<20, func(diag.Diagnostic) bool { return true })
		for t := scanner.next(); t.kind != kindEOF; t = scanner.next() {
		}
	}
}

func BenchmarkFormat(b *testing.B) {
	text := largePolicy()
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, list := Format("large.pol", text); len(list) > 0 {
			b.Fatal(list[0])
		}
	}
}
