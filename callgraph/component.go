package callgraph

import "slices"

// components finds the strongly connected components of a graph, each after those
// that it leads to (Tarjan 1972). It keeps its own stack.
func components(nodes []string, next func(string) []string) [][]string {
	t := tarjan{next: next, index: map[string]int{}, low: map[string]int{}, on: map[string]bool{}}
	for _, n := range nodes {
		if _, ok := t.index[n]; !ok {
			t.visit(n)
		}
	}
	return t.found
}

type tarjan struct {
	next       func(string) []string
	index, low map[string]int
	on         map[string]bool
	stack      []string
	found      [][]string
}

type visit struct {
	node string
	next []string
}

func (t *tarjan) enter(n string) visit {
	t.index[n] = len(t.index)
	t.low[n] = t.index[n]
	t.stack = append(t.stack, n)
	t.on[n] = true
	return visit{n, t.next(n)}
}

func (t *tarjan) visit(root string) {
	path := []visit{t.enter(root)}
	for len(path) > 0 {
		top := &path[len(path)-1]
		if len(top.next) > 0 {
			m := top.next[0]
			top.next = top.next[1:]
			if _, seen := t.index[m]; !seen {
				path = append(path, t.enter(m))
			} else if t.on[m] {
				t.low[top.node] = min(t.low[top.node], t.index[m])
			}
			continue
		}
		n := top.node
		path = path[:len(path)-1]
		if len(path) > 0 {
			above := path[len(path)-1].node
			t.low[above] = min(t.low[above], t.low[n])
		}
		if t.low[n] == t.index[n] {
			t.leave(n)
		}
	}
}

// leave takes the component of n off the stack.
func (t *tarjan) leave(n string) {
	start := len(t.stack) - 1
	for t.stack[start] != n { // from the top, as most components are small and the stack may be deep
		start--
	}
	members := slices.Clone(t.stack[start:])
	t.stack = t.stack[:start]
	for _, m := range members {
		t.on[m] = false
	}
	slices.Sort(members)
	t.found = append(t.found, members)
}
