package callgraph

import (
	"fmt"
	"math/rand/v2"
	"testing"
)

// BenchmarkLink links 4000 functions in layers: each calls four of the next
// layer, one of them behind a retry, and the last send 200 operations.
func BenchmarkLink(b *testing.B) {
	const width, depth = 400, 10
	var functions []Function
	id := func(level, i int) string { return fmt.Sprintf("f%d.%d", level, i%width) }
	for level := range depth {
		for i := range width {
			entry := NoEntry
			if level == 0 {
				entry = Handler
			}
			functions = append(functions, fn(id(level, i), entry, func(b *builder) {
				if level == depth-1 {
					b.send("http", fmt.Sprintf("op%d", i%200))
					return
				}
				next := func(k int) Ref { return b.fn(id(level+1, i*3+k)) }
				b.seq(next(0), b.alt(next(1), next(7)), b.tries(3, next(11)))
			}))
		}
	}
	for b.Loop() {
		linked(functions...)
	}
}

// BenchmarkLinkServices links services that ask each other at random, of which each
// leads to as many operations as are kept. The growth must be linear.
func BenchmarkLinkServices(b *testing.B) {
	for _, services := range []int{400, 1600, 6400} {
		packages := fleet(rand.New(rand.NewPCG(1, 7)), services)
		b.Run(fmt.Sprintf("services=%d", services), func(b *testing.B) {
			for b.Loop() {
				LinkSystem(packages, System{})
			}
		})
	}
}
