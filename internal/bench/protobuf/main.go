//go:build unix

// Command protobuf compares what commslint breaking finds and costs with what buf
// does, on public .proto files, both in turn in one run:
//
//	go install github.com/bufbuild/buf/cmd/buf@v1.73.0
//	go run ./internal/bench/protobuf -mirrors DIR -buf $(which buf)
//
// The mirrors are git repositories, bare or not, in folders called owner+name. Scenarios
// whose mirrors are not there are skipped. It fails if CPU time or peak memory is more
// than a scenario's share of buf's.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// A scenario is two states of one repository, with all that they import.
type scenario struct {
	name     string
	repo     string // owner/name
	old, new string // commits
	drop     []string
	deps     []dependency
	// bar is the largest share of buf's cost that passes.
	bar float64
}

// A dependency is a folder or file of another repository, and what imports call it.
type dependency struct{ repo, commit, path, as string }

// envoyDeps are what the BSR has for the modules in the buf.lock of data-plane-api, by the
// repositories that they are made from.
var envoyDeps = []dependency{
	{"cncf/xds", "5cf4b19", "udpa", "udpa"},
	{"cncf/xds", "5cf4b19", "xds", "xds"},
	{"bufbuild/protoc-gen-validate", "92b9a7df", "validate", "validate"},
	{"googleapis/googleapis", "f8291d2b89", "google/api/expr/v1alpha1", "google/api/expr/v1alpha1"},
	{"googleapis/googleapis", "f8291d2b89", "google/api/annotations.proto", "google/api/annotations.proto"},
	{"googleapis/googleapis", "f8291d2b89", "google/api/http.proto", "google/api/http.proto"},
	{"googleapis/googleapis", "f8291d2b89", "google/rpc/status.proto", "google/rpc/status.proto"},
	{"google/cel-spec", "HEAD", "proto/cel/expr", "cel/expr"},
	{"open-telemetry/opentelemetry-proto", "HEAD", "opentelemetry", "opentelemetry"},
	{"prometheus/client_model", "HEAD", "io", "io"},
}

var scenarios = []scenario{
	{name: "googleapis, one week", repo: "googleapis/googleapis", old: "ca91093129", new: "f8291d2b89", drop: []string{"preview/"}, bar: 0.1},
	{name: "googleapis, one year", repo: "googleapis/googleapis", old: "7c4d9e72e0", new: "f8291d2b89", drop: []string{"preview/"}, bar: 0.5},
	{name: "data-plane-api, one year", repo: "envoyproxy/data-plane-api", old: "5105254b", new: "84e84367", drop: []string{"bazel/", "test/"}, deps: envoyDeps, bar: 0.5},
	{name: "temporal api, one year", repo: "temporalio/api", old: "2c64a5d1", new: "f53963d4", drop: []string{"google/protobuf/"}, bar: 0.5},
}

func main() {
	b := &bench{}
	flag.StringVar(&b.mirrors, "mirrors", "", "the `folder` with the repositories")
	flag.StringVar(&b.buf, "buf", "buf", "the `program` to compare with, v1.73.0")
	flag.StringVar(&b.own, "commslint", "", "the commslint `program`; built if not given")
	flag.IntVar(&b.runs, "runs", 1, "how often each runs; the least `number` counts")
	flag.StringVar(&b.only, "only", "", "run the scenarios with this `text` in their name")
	flag.StringVar(&b.work, "work", "", "the `folder` for the two states of each repository, kept; a temporary one if not given")
	flag.BoolVar(&b.differences, "differences", false, "list what only one of them finds")
	flag.Parse()
	ok, err := b.run()
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(2)
	}
	if !ok {
		os.Exit(1)
	}
}

type bench struct {
	mirrors, buf, own, only, work string
	runs                          int
	differences                   bool
}

func (b *bench) run() (ok bool, err error) {
	if b.work == "" {
		if b.work, err = os.MkdirTemp("", "commslint-bench"); err != nil {
			return false, err
		}
		defer os.RemoveAll(b.work)
	}
	if b.own == "" {
		b.own = filepath.Join(b.work, "commslint")
		if out, err := exec.Command("go", "build", "-o", b.own, "github.com/commslint/commslint/cmd/commslint").CombinedOutput(); err != nil {
			return false, fmt.Errorf("commslint does not build: %w\n%s", err, out)
		}
	}
	defaults, err := defaultRules(b.buf)
	if err != nil {
		return false, err
	}
	w := tabwriter.NewWriter(os.Stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "states\tCPU s\tbuf\tratio\tpeak MB\tbuf\tratio\tequal\tbuf alone\tcommslint alone\tin rules beyond buf\t")
	ok = true
	for _, s := range scenarios {
		if !strings.Contains(s.name, b.only) {
			continue
		}
		if missing := b.missing(s); missing != "" {
			fmt.Fprintf(os.Stderr, "%s: skipped, as there is no %s\n", s.name, b.mirror(missing))
			continue
		}
		passed, err := b.compare(w, s, defaults)
		if err != nil {
			return false, fmt.Errorf("%s: %w", s.name, err)
		}
		ok = ok && passed
	}
	return ok, w.Flush()
}

func (b *bench) mirror(repo string) string {
	return filepath.Join(b.mirrors, strings.ReplaceAll(repo, "/", "+"))
}

// missing is a repository that a scenario needs and that is not there.
func (b *bench) missing(s scenario) string {
	for _, repo := range s.repos() {
		if _, err := os.Stat(b.mirror(repo)); err != nil {
			return repo
		}
	}
	return ""
}

func (s *scenario) repos() []string {
	repos := []string{s.repo}
	for _, d := range s.deps {
		repos = append(repos, d.repo)
	}
	return repos
}

func (b *bench) compare(w *tabwriter.Writer, s scenario, defaults map[string]bool) (passed bool, err error) {
	dir, err := b.prepare(s)
	if err != nil {
		return false, err
	}
	var mine, theirs cost
	for range b.runs { // in turn, so that what else the machine does hits both
		m, err := measure(dir, b.own, "breaking", ".", "--against", "old", "-f", "json", "--fail-on", "never")
		if err != nil {
			return false, err
		}
		t, err := measure(dir, b.buf, "breaking", ".", "--against", ".git#tag=old", "--error-format", "json")
		if err != nil {
			return false, err
		}
		mine, theirs = mine.least(m), theirs.least(t)
	}
	own, beyond, err := ownFindings(mine.output)
	if err != nil {
		return false, err
	}
	other, err := bufFindings(theirs.output)
	if err != nil {
		return false, err
	}
	onlyOwn, onlyOther := own.without(other, defaults), other.without(own, defaults)
	cpu, peak := mine.cpu.Seconds()/theirs.cpu.Seconds(), mine.peak/theirs.peak
	fmt.Fprintf(w, "%s\t%.1f\t%.1f\t%.2f\t%.0f\t%.0f\t%.2f\t%d\t%d\t%d\t%d\t\n", s.name, mine.cpu.Seconds(), theirs.cpu.Seconds(), cpu,
		mine.peak, theirs.peak, peak, len(other)-len(onlyOther), len(onlyOther), len(onlyOwn), beyond)
	if b.differences {
		list(s.name+": buf alone", onlyOther)
		list(s.name+": commslint alone", onlyOwn)
	}
	return cpu <= s.bar && peak <= s.bar, nil
}

func list(title string, places []place) {
	for _, p := range places {
		fmt.Fprintf(os.Stderr, "%s: %s:%d:%d %s\n", title, p.file, p.line, p.column, p.rule)
	}
}
