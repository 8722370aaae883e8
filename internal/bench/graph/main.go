// Graph measures what the figures of a large fleet cost: of services in levels, each of
// which asks ten of the next levels under one of 64 policies. It fails if the largest
// takes more CPU time or memory than its bars, or if the cost per edge grows.
//
//	go run ./internal/bench/graph -services 100000 -cpu 5 -memory 2048
package main

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/commslint/commslint/callgraph"
)

const (
	levels   = 20
	perNode  = 10 // edges
	policies = 64
)

func main() {
	services := flag.Int("services", 100_000, "services of the largest fleet")
	cpu := flag.Float64("cpu", 5, "most CPU-seconds for it")
	memory := flag.Int64("memory", 2048, "most MB that the process may take")
	flag.Parse()
	fmt.Printf("%10s %10s %10s %14s %10s\n", "services", "edges", "CPU", "CPU per edge", "peak RSS")
	var last float64
	for _, n := range []int{*services / 100, *services / 10, *services / 2, *services} {
		before := cpuTime()
		f := build(n)
		figures := f.Figures(-1)
		last = (cpuTime() - before).Seconds()
		if x := figures[len(figures)-1]; x.Hard < x.Base {
			fail("the last service gets %v of %v", x.Hard, x.Base)
		}
		fmt.Printf("%10d %10d %9.2fs %11.0f ns %7d MB\n", n, n*perNode, last, last*1e9/float64(n*perNode), peakMemory())
	}
	if last > *cpu {
		fail("%.2f CPU-seconds; at most %.2f were expected", last, *cpu)
	}
	if m := peakMemory(); m > *memory {
		fail("%d MB; at most %d were expected", m, *memory)
	}
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}

// build makes a fleet, the same each time.
func build(services int) *callgraph.Fleet {
	r := rand.New(rand.NewPCG(1, 2))
	f := callgraph.NewFleet(callgraph.Conditions{})
	width := services / levels
	for i := range services {
		f.Add("service "+strconv.Itoa(i), i < width)
	}
	edges, keys := make([]callgraph.FleetEdge, policies), make([]string, policies)
	for i := range edges {
		edges[i], keys[i] = policy(i), strconv.Itoa(i)
	}
	for range services * perNode {
		from := r.IntN(services - width)
		below := (from/width + 1) * width
		to := below + r.IntN(min(3*width, services-below))
		i := r.IntN(policies)
		f.Connect(callgraph.FleetNode(from), callgraph.FleetNode(to), keys[i], edges[i])
	}
	return f
}

// policy is one of some ways to repeat requests: by a client with one to three attempts,
// some of them within a budget, and for every eighth by Istio's default besides.
func policy(i int) callgraph.FleetEdge {
	e := callgraph.FleetEdge{Protocol: "http", Serves: true}
	modes := callgraph.Status503 | callgraph.Refused
	if i%2 == 0 {
		e.Protocol, modes = "grpc", callgraph.GRPCUnavailable|callgraph.Refused
	}
	e.Layers = []callgraph.Layer{{
		Kind: callgraph.ClientLayer, Attempts: callgraph.Amount{N: 1 + i%3}, Modes: modes, BudgetShare: float64(i%4) / 10,
	}}
	if i%8 == 0 {
		e.Layers = append(e.Layers, callgraph.Layer{
			Kind: callgraph.ProxyLayer, Attempts: callgraph.Amount{N: 3}, Modes: callgraph.Refused | callgraph.GRPCUnavailable,
		})
	}
	return e
}

func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// peakMemory is the most MB that the process has taken.
func peakMemory() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return int64(u.Maxrss) / 1024 // Linux counts in KB
}
