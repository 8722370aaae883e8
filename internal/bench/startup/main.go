// Startup measures what the vet entry of commslint costs over an empty vet
// tool, which matters because go vet starts it once for each package. The two
// take turns, so that what else runs on the machine slows both.
//
//	go run ./internal/bench/startup [-n RUNS] [-max MS]
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"
)

func main() {
	runs := flag.Int("n", 100, "how often to start each tool")
	limit := flag.Float64("max", 0, "fail if the median differs by more `ms`; 0 for no limit")
	flag.Parse()
	difference, err := measure(*runs)
	if err != nil {
		fmt.Fprintln(os.Stderr, "startup:", err)
		os.Exit(1)
	}
	if *limit > 0 && difference > *limit {
		fmt.Fprintf(os.Stderr, "startup: commslint takes %.2f ms more, the limit is %.2f ms\n", difference, *limit)
		os.Exit(1)
	}
}

// measure prints the figures and returns the difference of the median wall
// times in milliseconds.
func measure(runs int) (float64, error) {
	dir, err := os.MkdirTemp("", "startup")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	cfg, err := unit(dir)
	if err != nil {
		return 0, err
	}
	tools := []*tool{
		{name: "empty", pkg: "./internal/bench/empty"},
		{name: "commslint", pkg: "./cmd/commslint"},
	}
	for _, t := range tools {
		t.path = filepath.Join(dir, t.name)
		build := exec.Command("go", "build", "-o", t.path, t.pkg)
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return 0, fmt.Errorf("building %s: %w", t.pkg, err)
		}
	}
	for i := range runs + 3 { // the first runs read the binaries from disk
		for _, t := range tools {
			if err := t.run(cfg, i >= 3); err != nil {
				return 0, err
			}
		}
	}
	return compare(tools[0], tools[1]), nil
}

// unit writes a package without imports and the configuration that go vet would
// pass for it.
func unit(dir string) (cfg string, err error) {
	source := filepath.Join(dir, "p.go")
	if err := os.WriteFile(source, []byte("package p\n\nfunc F() int { return 1 }\n"), 0o666); err != nil {
		return "", err
	}
	data, err := json.Marshal(map[string]any{
		"ID": "example.com/p", "Compiler": "gc", "Dir": dir, "ImportPath": "example.com/p",
		"GoVersion": "go1.26", "GoFiles": []string{source},
		"VetxOutput": filepath.Join(dir, "vet.out"), "Stdout": filepath.Join(dir, "vet.stdout"),
	})
	if err != nil {
		return "", err
	}
	cfg = filepath.Join(dir, "vet.cfg")
	return cfg, os.WriteFile(cfg, data, 0o666)
}

// A tool is a vet tool and how long its runs took, in milliseconds.
type tool struct {
	name, pkg, path string
	wall, cpu       []float64
}

func (t *tool) run(cfg string, record bool) error {
	cmd := exec.Command(t.path, "-json", cfg)
	start := time.Now()
	out, err := cmd.CombinedOutput()
	elapsed := time.Since(start)
	if err != nil {
		return fmt.Errorf("%s: %w: %s", t.name, err, out)
	}
	if record {
		state := cmd.ProcessState
		t.wall = append(t.wall, milliseconds(elapsed))
		t.cpu = append(t.cpu, milliseconds(state.UserTime()+state.SystemTime()))
	}
	return nil
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func compare(base, ours *tool) float64 {
	fmt.Printf("%-12s %12s %12s %12s %12s\n", "ms", "wall median", "wall mean", "CPU median", "CPU mean")
	figures := func(t *tool) []float64 {
		return []float64{median(t.wall), mean(t.wall), median(t.cpu), mean(t.cpu)}
	}
	b, o := figures(base), figures(ours)
	difference := make([]float64, len(b))
	for i := range b {
		difference[i] = o[i] - b[i]
	}
	for _, line := range []struct {
		name   string
		values []float64
	}{{base.name, b}, {ours.name, o}, {"difference", difference}} {
		fmt.Printf("%-12s", line.name)
		for _, v := range line.values {
			fmt.Printf(" %12.2f", v)
		}
		fmt.Println()
	}
	return difference[0]
}

func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, v := range values {
		sum += v
	}
	return sum / float64(len(values))
}
