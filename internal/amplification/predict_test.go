package amplification

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"testing"
)

// A graph is what the tests read of commslint graph -f json.
type graph struct {
	Nodes []struct {
		ID   string `json:"id"`
		Kind string `json:"kind"`
	} `json:"nodes"`
	Edges []struct {
		From string `json:"from"`
		To   string `json:"to"`
	} `json:"edges"`
	Amplification []figures `json:"amplification"`
}

// figures are those of one entry and target. Each is a number or "unbounded".
type figures struct {
	Entry    string `json:"entry"`
	Target   string `json:"target"`
	Hard     any    `json:"hard"`
	Hang     any    `json:"hang"`
	Steady   any    `json:"steady"`
	Symbolic string `json:"symbolic"`
	Mode     string `json:"mode"`
}

// predict has commslint make the graph of one scenario.
func predict(t *testing.T, scenario string) graph {
	var stdout, stderr bytes.Buffer
	cmd := exec.Command(binaries.commslint, "graph", "-f", "json", "./"+scenario+"/...")
	cmd.Dir = module
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	busy <- struct{}{}
	err := cmd.Run()
	<-busy
	if err != nil {
		t.Fatalf("%s: %v\n%s", cmd, err, &stderr)
	}
	g, err := decode(&stdout)
	if err != nil {
		t.Fatalf("%s: %v", cmd, err)
	}
	return g
}

func decode(r io.Reader) (g graph, err error) {
	dec := json.NewDecoder(r)
	dec.UseNumber()
	err = dec.Decode(&g)
	return g, err
}

// of returns the figures of an entry by target, without the targets that the
// scenario serves itself: what they get is not counted.
func (g graph) of(entry string) map[string]figures {
	operations := map[string]bool{}
	for _, n := range g.Nodes {
		operations[n.ID] = n.Kind == "operation"
	}
	served := map[string]bool{}
	for _, e := range g.Edges {
		served[e.From] = operations[e.From]
	}
	rows := map[string]figures{}
	for _, f := range g.Amplification {
		if f.Entry == entry && !served[f.Target] {
			rows[f.Target] = f
		}
	}
	return rows
}

// same tells whether a node of the graph stands for an operation that was seen:
// "POST payments:8080/v1/charges" for "POST /v1/charges".
func same(target, operation string) bool {
	method, path, http := strings.Cut(operation, " ")
	if !http {
		return target == operation
	}
	m, address, ok := strings.Cut(target, " ")
	return ok && m == method && strings.HasSuffix(address, path)
}

func (f figures) String() string {
	return fmt.Sprintf("%s: hard %v (%s), hang %v, steady %v, symbolic %q", f.Target, f.Hard, f.Mode, f.Hang, f.Steady, f.Symbolic)
}
