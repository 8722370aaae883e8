package callgraph

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/commslint/commslint/finding"
)

// Limits are the parameters of the rules graph/….
type Limits struct {
	// Warn and Fail are the most requests that one may become without a warning,
	// and without an error.
	Warn, Fail Count
	// Hops is on how many hops in a row retries are too many.
	Hops int
	// Bystander is how many times its normal load a healthy peer may get.
	Bystander Count
}

// DefaultLimits are those of the catalogue.
var DefaultLimits = Limits{Warn: 4, Fail: 10, Hops: 3, Bystander: 4}

// Check asks the rules graph/… of the program. Wanted says which functions are asked
// about, and nil asks about all. What a single package shows is left to the rules
// about code: the findings are about more than one process, or about more than code.
func (p *Program) Check(wanted func(id string) bool, limits Limits) []finding.Finding {
	c := checker{program: p, limits: limits, seen: map[string]bool{}}
	var entries []*Function
	for _, f := range p.Entries() {
		if wanted == nil || wanted(f.ID) {
			entries = append(entries, f)
		}
	}
	for _, f := range entries {
		for _, a := range p.Amplification(f.ID, 1) {
			c.ways = append(c.ways, newWay(f, a))
		}
	}
	c.amplification()
	c.hops()
	c.bystanders()
	c.cycles(wanted)
	c.deadlines(wanted)
	c.unresolved(entries)
	c.contracts()
	finding.Sort(c.findings)
	return c.findings
}

type checker struct {
	program  *Program
	limits   Limits
	ways     []*way
	findings []finding.Finding
	seen     map[string]bool
}

// add adds a finding, once.
func (c *checker) add(f finding.Finding) {
	key := fmt.Sprintf("%s\x00%s:%d\x00%s", f.Rule, f.File, f.Line, f.Message)
	if !c.seen[key] {
		c.seen[key] = true
		c.findings = append(c.findings, f)
	}
}

// A way is what one entry makes of a target, on the worst path.
type way struct {
	Amplification
	entry  *Function
	layers []GraphStep // that repeat, outermost first
	factor Count       // of all layers
	known  bool        // whether all factors are numbers
	remote bool        // whether it passes a process or a configuration
}

func newWay(f *Function, a Amplification) *way {
	w := &way{Amplification: a, entry: f, factor: 1, known: true}
	requests := 0
	for _, s := range a.Path {
		switch {
		case s.Kind == RequestStep:
			requests++
		case s.Kind == LayerStep && s.Attempts != nil:
			w.layers = append(w.layers, s)
			w.remote = w.remote || s.configured()
			if s.Attempts.Text != "" {
				w.known = false
				continue
			}
			w.factor = w.factor.times(s.Attempts.N)
		}
	}
	w.remote = w.remote || requests > 1 || f.Entry == Proxy
	return w
}

// configured reports whether a layer is one of a configuration and not of code.
func (s *GraphStep) configured() bool {
	return s.Layer == ProxyLayer || s.Layer == ConfigLayer && s.File != "" && !strings.HasSuffix(s.File, ".go")
}

func (s *GraphStep) at() finding.Location { return finding.Location{File: s.File, Line: s.Line} }

// title names a step that repeats with its place: "retry loop at pay/client.go:41".
func (s *GraphStep) title() string {
	return fmt.Sprintf("%s (%s)", cmp.Or(s.Name, layerNames[s.Layer]), Posn{File: s.File, Line: s.Line}.text())
}

// ours reports whether a file is one of the project, and not of a library.
func ours(file string) bool {
	return file != "" && !strings.Contains(file, "@") && !strings.HasPrefix(file, "/")
}

// amplification reports stacks of retries that make too many requests, once for each
// place where the largest factor is.
func (c *checker) amplification() {
	groups := map[string][]*way{}
	var keys []string
	for _, w := range c.ways {
		if !w.remote || w.factor.IsInfinite() || w.factor <= c.limits.Warn {
			continue
		}
		at, _ := w.largest()
		key := at.File + fmt.Sprint(at.Line)
		if groups[key] == nil {
			keys = append(keys, key)
		}
		groups[key] = append(groups[key], w)
	}
	for _, key := range keys {
		all := groups[key]
		slices.SortStableFunc(all, func(a, b *way) int {
			return cmp.Or(cmp.Compare(b.factor, a.factor), strings.Compare(a.Entry, b.Entry), strings.Compare(a.Target, b.Target))
		})
		c.add(c.excess(all))
	}
}

// largest is the layer with the largest factor that is in the project's own files,
// the innermost of several; the entry, if there is none.
func (w *way) largest() (at finding.Location, found bool) {
	most := Count(1)
	at = finding.Location{File: w.entry.At.File, Line: w.entry.At.Line}
	for i := range w.layers {
		s := &w.layers[i]
		if s.Attempts.Text == "" && s.Attempts.N >= most && ours(s.File) {
			most, at, found = s.Attempts.N, s.at(), true
		}
	}
	return at, found
}

func (c *checker) excess(all []*way) finding.Finding {
	w := all[0]
	at, _ := w.largest()
	f := finding.Finding{Rule: "graph/amplification", Location: at, Strength: finding.Proven, Related: w.related()}
	limit := c.limits.Fail
	if w.factor <= limit {
		f.AtMost, limit = finding.Warning, c.limits.Warn
	}
	times := w.factor.String()
	if !w.known {
		f.Strength, times = finding.Likely, "at least "+times
	}
	f.Message = fmt.Sprintf("one request to %s becomes %s to %s while that fails (%s): %s",
		w.entry.Name, times, w.Target, w.product(), w.mend(limit))
	for _, other := range all[1:min(len(all), 6)] {
		f.Related = append(f.Related, finding.Related{
			Location: finding.Location{File: other.entry.At.File, Line: other.entry.At.Line},
			Message:  fmt.Sprintf("and one to %s becomes %s to %s", other.entry.Name, other.factor, other.Target),
		})
	}
	f.Properties = w.properties()
	return f
}

func (w *way) properties() map[string]any {
	entries := []string{w.Entry}
	return map[string]any{"entry": entries[0], "target": w.Target, "attempts": w.factor.String(), "mode": w.Mode}
}

// product writes the factors: "3 by (*Client).Place × 4 by gRPC service config".
func (w *way) product() string {
	var factors []string
	for i := range w.layers {
		factors = append(factors, w.layers[i].Attempts.String()+" by "+w.layers[i].title())
	}
	return strings.Join(factors, " × ")
}

// mend names the cheapest change that brings the figure down to a limit: dropping
// the layers with the largest factors.
func (w *way) mend(limit Count) string {
	order := slices.Clone(w.layers)
	order = slices.DeleteFunc(order, func(s GraphStep) bool { return s.Attempts.Text != "" || s.Attempts.N <= 1 || !ours(s.File) })
	slices.SortStableFunc(order, func(a, b GraphStep) int { return cmp.Compare(b.Attempts.N, a.Attempts.N) })
	left := w.factor
	var drops []string
	for _, s := range order {
		if left <= limit {
			break
		}
		next := left / s.Attempts.N
		drops = append(drops, fmt.Sprintf("the retries at %s (%s → %s)", Posn{File: s.File, Line: s.Line}.text(), left, next))
		left = next
	}
	if len(drops) == 0 || left > limit {
		return "retry in one layer alone"
	}
	return "drop " + strings.Join(drops, ", then ")
}

// related is the whole path.
func (w *way) related() []finding.Related {
	all := []finding.Related{{
		Location: finding.Location{File: w.entry.At.File, Line: w.entry.At.Line},
		Message:  w.entry.Name + " starts it",
	}}
	for i := range w.Path {
		s := &w.Path[i]
		if s.File == "" {
			continue
		}
		text := s.Name
		switch {
		case s.Kind == RequestStep:
			text = "sends " + s.Name
		case s.Attempts != nil:
			text = s.Attempts.String() + " × " + cmp.Or(s.Name, string(s.Layer))
		case s.Kind == CallStep:
			text = "calls " + s.Name
		}
		all = append(all, finding.Related{Location: s.at(), Message: text})
	}
	return all
}
