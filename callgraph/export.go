package callgraph

import (
	"maps"
	"slices"
	"strings"
)

// An Export is what of a program is needed to link it with others: what its functions
// send, without those that send nothing, and what is known of the system around them.
type Export struct {
	Packages []Package `json:"packages"`
	Estate   Estate    `json:"estate,omitzero"`
	// Entries are the functions whose figures were asked for.
	Entries []string `json:"entries"`
}

// Export gives what is needed to link the program with others. Entries are those to
// keep asking about.
func (p *Program) Export(entries []string) *Export {
	x := exporter{program: p, used: map[string]bool{}}
	out := &Export{Estate: p.estate, Entries: entries}
	for i := range p.sources {
		x.use(&p.sources[i])
	}
	byPath := map[string]int{}
	for i := range p.sources {
		pkg := x.reduce(&p.sources[i])
		if at, ok := byPath[pkg.Path]; ok {
			out.Packages[at].join(&pkg)
			continue
		}
		byPath[pkg.Path] = len(out.Packages)
		out.Packages = append(out.Packages, pkg)
	}
	out.Packages = slices.DeleteFunc(out.Packages, func(pkg Package) bool { return pkg.isEmpty() })
	slices.SortFunc(out.Packages, func(a, b Package) int { return strings.Compare(a.Path, b.Path) })
	return out
}

func (pkg *Package) isEmpty() bool {
	return len(pkg.Functions) == 0 && len(pkg.Served) == 0 && len(pkg.Connections) == 0 && len(pkg.Conversions) == 0 && len(pkg.Assignments) == 0
}

// join adds what another description of the same package says.
func (pkg *Package) join(other *Package) {
	pkg.Functions = append(pkg.Functions, other.Functions...)
	pkg.Conversions = append(pkg.Conversions, other.Conversions...)
	pkg.Assignments = append(pkg.Assignments, other.Assignments...)
	pkg.Numbers = append(pkg.Numbers, other.Numbers...)
	pkg.Served = append(pkg.Served, other.Served...)
	pkg.Connections = append(pkg.Connections, other.Connections...)
	pkg.Peers = append(pkg.Peers, other.Peers...)
	for id, v := range other.Known {
		if pkg.Known == nil {
			pkg.Known = map[string]Value{}
		}
		pkg.Known[id] = v
	}
}

type exporter struct {
	program *Program
	// used are the interface methods, slots and functions that what is kept calls.
	used map[string]bool
}

// keeps reports whether a function is kept: it sends something.
func (x *exporter) keeps(f *Function) bool {
	return len(x.program.values[f.ID].Rows) > 0 && x.program.functions[f.ID].At == f.At
}

func (x *exporter) use(pkg *Package) {
	for i := range pkg.Functions {
		if f := &pkg.Functions[i]; x.keeps(f) {
			for j := range f.Body.Nodes {
				x.useNode(&f.Body.Nodes[j])
			}
		}
	}
	for i := range pkg.Connections {
		for _, in := range pkg.Connections[i].Interceptors {
			x.used[in.Func] = true
		}
	}
	for _, v := range pkg.Known {
		for i := range v.Rows {
			if c, ok := v.Rows[i].Target.call(); ok {
				x.useCall(&c)
			}
		}
	}
}

func (x *exporter) useNode(n *Node) {
	if n.Call != nil {
		x.useCall(n.Call)
	}
	for _, amount := range []*Amount{n.Count, layerAmount(n.Layer)} {
		if amount != nil && amount.Param != nil {
			x.used[amount.Param.Slot] = true
		}
	}
}

func layerAmount(l *Layer) *Amount {
	if l == nil {
		return nil
	}
	return &l.Attempts
}

func (x *exporter) useCall(c *Call) {
	x.used[c.Func], x.used[c.Iface], x.used[c.Slot] = true, true, true
	for i := range c.Args {
		a := &c.Args[i]
		x.used[a.Func], x.used[a.Slot] = true, true
		if a.Amount != nil && a.Amount.Param != nil {
			x.used[a.Amount.Param.Slot] = true
		}
	}
}

// reduce is what is kept of a package.
func (x *exporter) reduce(pkg *Package) Package {
	out := Package{Path: pkg.Path, Numbers: pkg.Numbers, Served: pkg.Served, Connections: pkg.Connections}
	if owner := x.program.linker.services.owners[pkg.Path]; owner != nil {
		out.Service = owner.Name
	}
	for i := range pkg.Functions {
		if f := &pkg.Functions[i]; x.keeps(f) {
			out.Functions = append(out.Functions, *f)
			out.Peers = append(out.Peers, x.peers(f)...)
		}
	}
	for _, c := range pkg.Conversions {
		methods := map[string]string{}
		for name, id := range c.Methods {
			if x.used["("+c.Iface+")."+name] {
				methods[name] = id
			}
		}
		if len(methods) > 0 {
			out.Conversions = append(out.Conversions, Conversion{Iface: c.Iface, Type: c.Type, Methods: methods})
		}
	}
	for _, a := range pkg.Assignments {
		if x.used[a.Slot] {
			out.Assignments = append(out.Assignments, a)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(pkg.Known)) {
		if x.used[id] && x.program.functions[id] == nil {
			if out.Known == nil {
				out.Known = map[string]Value{}
			}
			out.Known[id] = pkg.Known[id]
		}
	}
	return out
}

// peers are the texts that say where the requests of a function go, worked out.
func (x *exporter) peers(f *Function) []Peer {
	l := x.program.linker
	var all []Peer
	for i := range f.Body.Nodes {
		n := &f.Body.Nodes[i]
		if n.Request == nil || l.peers[n.At] == nil {
			continue
		}
		var texts []Text
		for _, text := range l.texts.of(l.peers[n.At]) {
			texts = append(texts, plainText(text))
		}
		if len(texts) > 0 {
			all = append(all, Peer{At: n.At, Text: Text{Any: texts}})
		}
	}
	return all
}

// plainText writes a string with environment variables in it as a Text.
func plainText(s string) Text {
	var t Text
	for s != "" {
		before, rest, ok := strings.Cut(s, envOpen)
		if before != "" {
			t.Parts = append(t.Parts, Text{Const: before})
		}
		if !ok {
			break
		}
		name, after, _ := strings.Cut(rest, envClose)
		t.Parts = append(t.Parts, Text{Env: &Text{Const: name}})
		s = after
	}
	if len(t.Parts) == 1 {
		return t.Parts[0]
	}
	return t
}

// Merge links exported programs to one.
func Merge(parts []*Export, c Conditions) *Program {
	var packages []Package
	sys := System{Conditions: c}
	for _, part := range parts {
		packages = append(packages, part.Packages...)
		sys.Routes = append(sys.Routes, part.Estate.Routes...)
		sys.Workloads = append(sys.Workloads, part.Estate.Workloads...)
		sys.Contracts = append(sys.Contracts, part.Estate.Contracts...)
		sys.Services = append(sys.Services, part.Estate.Services...)
	}
	sys.Services = joinServices(sys.Services)
	return LinkSystem(packages, sys)
}

// joinServices makes one of services of the same name, of which several
// configurations tell.
func joinServices(all []ServiceNames) []ServiceNames {
	var joined []ServiceNames
	for _, s := range all {
		i := slices.IndexFunc(joined, func(have ServiceNames) bool { return have.Name == s.Name })
		if i < 0 {
			joined = append(joined, s)
			continue
		}
		have := &joined[i]
		have.Hosts = joinNames(have.Hosts, s.Hosts)
		have.Env = joinNames(have.Env, s.Env)
		have.Clusters = joinNames(have.Clusters, s.Clusters)
		if have.Dir == "" {
			have.Dir = s.Dir
		}
	}
	return joined
}

func joinNames(a, b []string) []string {
	all := slices.Concat(a, b)
	slices.Sort(all)
	return slices.Compact(all)
}
