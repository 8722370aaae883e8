package report

import (
	"bytes"
	"strings"
	"testing"

	"github.com/commslint/commslint/callgraph"
)

func payments() *Simulation {
	series := func(healthy, failing int) []int {
		var s []int
		for i := range 24 {
			n := healthy
			if i >= 6 && i < 18 {
				n = failing
			}
			s = append(s, n+i%2)
		}
		return s
	}
	return &Simulation{
		Version: 1, Entry: "shop.Checkout", Target: "POST payments/v1/\x1b[31mcharges", Mode: "HTTP 503", Share: 0.5, Rate: 100, Seconds: 24,
		Down: [2]int{6, 18}, Latency: "100ms", Clients: 1, Seed: 1, OnceFor: "24h", Budgets: true, Stopped: true, Entries: series(100, 100), Left: []string{"h.next"},
		Operations: []SimulatedOperation{
			{
				Operation: "POST payments/v1/\x1b[31mcharges", Once: 12, Graph: 12, Healthy: 1, Failing: 1.2513, GraphSteady: 1.25, NoBudgets: 11.97, NoRetries: 1,
				PerSecond: series(100, 125), PerSecondNoBudgets: series(100, 1197), PerSecondNoRetries: series(100, 100),
			},
			{
				Operation: "GET stock", Once: 1000, Graph: callgraph.Infinity, Healthy: 1, Failing: 1, NoBudgets: 1, NoRetries: 1,
				PerSecond: series(100, 100), PerSecondNoBudgets: series(100, 100), PerSecondNoRetries: series(100, 100),
			},
		},
	}
}

func TestWriteSimulation(t *testing.T) {
	for _, format := range SimulationFormats() {
		t.Run(format, func(t *testing.T) {
			var got bytes.Buffer
			if err := WriteSimulation(&got, format, payments(), false); err != nil {
				t.Fatal(err)
			}
			golden(t, "simulation."+format, got.Bytes())
		})
	}
	var got bytes.Buffer
	if err := WriteSimulation(&got, "text", &Simulation{Target: "t", Share: 1}, false); err != nil || !strings.Contains(got.String(), "t fails") {
		t.Errorf("of nothing: %q, %v", got.String(), err)
	}
	if err := WriteSimulation(&got, "dot", payments(), false); err == nil || !strings.Contains(err.Error(), "text, json, svg") {
		t.Errorf("got %v, want an error that lists the formats", err)
	}
}

func TestBars(t *testing.T) {
	for _, tt := range []struct {
		share float64
		want  string
	}{{0, ""}, {1, "████"}, {0.5, "██"}, {0.28125, "█▏"}, {0.49, "██"}, {0.48, "█▉"}} {
		if got := bar(tt.share, 4); got != tt.want {
			t.Errorf("bar of %v: %q, want %q", tt.share, got, tt.want)
		}
	}
	if got, want := spark([]float64{0, 1, 2, 3, 4, 5, 6, 7, 8}, 8), "▁▂▃▄▅▆▇██"; got != want {
		t.Errorf("spark %q, want %q", got, want)
	}
}
