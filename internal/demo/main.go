// Demo shows that the figures of the call graph are true: it starts the services of the
// example shop with a bank that answers 503, makes one checkout, counts the requests
// that arrive at every service, and prints the counts beside what commslint graph says
// of the code. It fails if they differ.
//
// The edge proxy of the shop is left out, as it needs an installed Envoy.
package main

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/callgraph"
)

const (
	shop  = "examples/shop"
	entry = "(*example.com/shop/internal/storefront.Server).handleCheckout"
	// failing is the service that fails.
	failing = "bank"
)

func main() {
	if err := run(os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

func run(out io.Writer) error {
	dir, err := os.MkdirTemp("", "commslint-demo-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	fmt.Fprintln(out, "Reading the call graph of", shop, "…")
	g, err := graph(dir)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "Starting the services and making one checkout while the bank answers 503 …")
	counted, err := count(dir)
	if err != nil {
		return err
	}
	return show(out, predict(g), counted)
}

// graph has commslint describe the shop.
func graph(dir string) (*callgraph.Graph, error) {
	tool, file := filepath.Join(dir, "commslint"), filepath.Join(dir, "graph.json")
	if err := command(".", nil, "go", "build", "-o", tool, "./cmd/commslint"); err != nil {
		return nil, err
	}
	if err := command(shop, nil, tool, "graph", "-f", "json="+file); err != nil {
		return nil, err
	}
	g := new(callgraph.Graph)
	return g, readJSON(file, g)
}

// count runs the services and counts what arrives, by operation.
func count(dir string) (map[string]int, error) {
	file := filepath.Join(dir, "counts.json")
	err := command(shop, []string{"SHOP_COUNTS=" + file}, "go", "test", "-count=1", "-run", "^TestRequestsDuringOutage$", "./e2e")
	if err != nil {
		return nil, err
	}
	counts := make(map[string]int)
	return counts, readJSON(file, &counts)
}

func command(dir string, env []string, name string, args ...string) error {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args, " "), err, out)
	}
	return nil
}

func readJSON(file string, into any) error {
	data, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	return json.Unmarshal(data, into)
}

// A prediction is what the graph says of one operation.
type prediction struct {
	requests callgraph.Count
	way      string
}

// predict says what one checkout becomes, by operation: of the service that fails what
// it gets while it does, of the others what they get meanwhile.
func predict(g *callgraph.Graph) map[string]prediction {
	services := make(map[string]string)
	for _, n := range g.Nodes {
		services[n.ID] = n.Service
	}
	all := make(map[string]prediction)
	for _, a := range g.Amplification {
		service := services[a.Target]
		if a.Entry != entry || service == "" {
			continue
		}
		p := prediction{requests: a.Bystander, way: "while the bank fails"}
		if service == failing {
			p.requests, p.way = a.Hard, factors(a.Path)
		}
		all[operation(a.Target, service)] = p
	}
	return all
}

// operation names an operation by its service instead of its host.
func operation(target, service string) string {
	method, addr, ok := strings.Cut(target, " ")
	slash := strings.IndexByte(addr, '/')
	if !ok || slash < 0 {
		return target
	}
	return method + " " + service + addr[slash:]
}

func factors(path []callgraph.GraphStep) string {
	var all []string
	for _, s := range path {
		if s.Attempts != nil {
			all = append(all, fmt.Sprintf("%s (%s:%d)", s.Attempts, s.File, s.Line))
		}
	}
	return strings.Join(all, " × ")
}

// show prints both columns, and fails if they differ.
func show(out io.Writer, predicted map[string]prediction, counted map[string]int) error {
	names := make([]string, 0, len(predicted))
	for name := range predicted {
		names = append(names, name)
	}
	for name := range counted {
		if _, ok := predicted[name]; !ok {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int {
		return cmp.Or(cmp.Compare(predicted[b].requests, predicted[a].requests), strings.Compare(a, b))
	})
	fmt.Fprintf(out, "\n%-40s %10s %10s\n", "one checkout becomes", "graph says", "counted")
	differ := false
	for _, name := range names {
		p := predicted[name]
		mark := ""
		if p.requests != callgraph.Count(counted[name]) {
			differ, mark = true, "  differs"
		}
		fmt.Fprintf(out, "%-40s %10s %10d%s  %s\n", name, p.requests, counted[name], mark, p.way)
	}
	if differ {
		return errors.New("the counts are not what the graph says")
	}
	fmt.Fprintln(out, "\nEach count is what the graph says.")
	return nil
}
