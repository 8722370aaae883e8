package callgraph

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
)

// A Value says what one run of a function sends when things fail: for every
// target how many requests. What depends on the caller, or on code that is not
// in sight, is kept as open targets and variables, to be filled by Substitute.
//
// A Value is bounded in size (see Scope.MaxTargets) and can be written with
// encoding/gob and encoding/json.
type Value struct {
	Rows []Row `json:"rows,omitempty"` // sorted by target
}

// A Row holds the figures of one target.
type Row struct {
	Target Target `json:"target"`
	// Base is the number of requests if nothing fails.
	Base Figure `json:"base"`
	// Bystander is the number of requests while the target answers and others
	// fail, so that layers above start over.
	Bystander Figure `json:"bystander"`
	// Others are the failures of other targets that reach the caller.
	Others ModeSet `json:"others,omitempty"`
	Wall   Wall    `json:"wall,omitzero"`
	// Cases share out the ways in which the target fails.
	Cases []Case `json:"cases"`

	key string
}

// A Case is what happens while the target fails in one of some ways.
type Case struct {
	Modes ModeSet `json:"modes"`
	// Same says that the caller sees the failure as it is; Also is what it may
	// see besides.
	Same bool    `json:"same,omitempty"`
	Also ModeSet `json:"also,omitempty"`
	// Hard is the number of requests. Steady counts budgets of retries as well,
	// and is nil where that is the same.
	Hard   Figure `json:"hard"`
	Steady Figure `json:"steady,omitempty"`
	// Path leads to the request that is repeated most, outermost step first.
	Path []*Step `json:"path,omitempty"`
	// While the target hangs, no more than Wide requests start within each time
	// Every; 0 stands for 1 and for a time without end.
	Wide  Count         `json:"wide,omitempty"`
	Every time.Duration `json:"every,omitempty"`
}

// A TargetKind says what receives requests.
type TargetKind string

const (
	// Operation is served by another process.
	Operation TargetKind = "operation"
	// The others are open: functions that are called and not in sight.
	OpenParam     TargetKind = "parameter" // the function's own parameter
	OpenInterface TargetKind = "interface"
	OpenSlot      TargetKind = "slot"
	OpenFunc      TargetKind = "function"
	OpenText      TargetKind = "text" // known only by how it is written
)

// A Target is what requests are sent to, or a call that may send any.
type Target struct {
	Kind TargetKind `json:"kind"`
	// Name is the operation, interface method, slot, function id or text.
	Name     string `json:"name"`
	Protocol string `json:"protocol,omitempty"` // of an Operation
	// Resolved is false for an Operation that names only the place of the call.
	Resolved bool   `json:"resolved,omitempty"`
	Param    *Param `json:"param,omitempty"` // OpenParam
	// Late says that callers tell what an Operation asks for, of whatever serves
	// Authority, if that is known.
	Late      bool   `json:"late,omitempty"`
	Authority string `json:"authority,omitempty"`
	// Args are what an open call passes.
	Args []Arg `json:"args,omitempty"`
}

// IsOpen reports whether the target is a call of something out of sight.
func (t *Target) IsOpen() bool { return t.Kind != Operation }

func (t *Target) key() string {
	var b strings.Builder
	for _, part := range []string{string(t.Kind), t.Name, t.Protocol, t.Authority} {
		b.WriteString(part)
		b.WriteByte(0)
	}
	if t.Param != nil {
		b.WriteString(strconv.Itoa(t.Param.Index) + "." + t.Param.Path)
	}
	if len(t.Args) > 0 {
		args, _ := json.Marshal(t.Args) // strings and numbers only
		b.Write(args)
	}
	return b.String()
}

// call is the invocation that an open target stands for.
func (t *Target) call() (Call, bool) {
	c := Call{Args: t.Args, Name: t.Name}
	switch t.Kind {
	case OpenInterface:
		c.Iface = t.Name
	case OpenSlot:
		c.Slot = t.Name
	case OpenFunc:
		c.Func = t.Name
	default:
		return Call{}, false
	}
	return c, true
}

// A StepKind says what a step of a path is.
type StepKind string

const (
	CallStep    StepKind = "call"
	LayerStep   StepKind = "layer"
	LoopStep    StepKind = "loop"
	RequestStep StepKind = "request"
)

// A Step is one construct on the way to a request.
type Step struct {
	Kind StepKind `json:"kind"`
	Name string   `json:"name,omitempty"`
	// Times is the factor of a layer or a loop, as text: "3", "unbounded",
	// "len(order.Items)".
	Times string    `json:"times,omitempty"`
	Layer LayerKind `json:"layer,omitempty"`
	At    Posn      `json:"at,omitzero"`
	// Factor is Times as a figure, nil for other steps.
	Factor Figure `json:"factor,omitempty"`
}

// A path that is longer than fewSteps loses plain calls, which repeat nothing, and one
// longer than maxSteps the requests on its way.
const (
	fewSteps = 8
	maxSteps = 24
)

// under puts a step before a path, which it keeps in bounds.
func (s *Step) under(path []*Step) []*Step {
	longer := make([]*Step, len(path)+1)
	longer[0] = s
	copy(longer[1:], path)
	if len(longer) <= fewSteps {
		return longer
	}
	inner := longer[1 : len(longer)-1]
	drop := slices.IndexFunc(inner, func(s *Step) bool { return s.Kind == CallStep }) + 1
	if drop == 0 && len(longer) > maxSteps {
		drop = slices.IndexFunc(inner, func(s *Step) bool { return s.Kind == RequestStep }) + 1
		if drop == 0 {
			drop = len(longer) / 2
		}
	}
	if drop == 0 {
		return longer
	}
	return slices.Delete(longer, drop, drop+1)
}

func newRow(t Target, modes ModeSet, step Step) Row {
	one := Exactly(1)
	r := Row{Target: t, Base: one, Bystander: one, key: t.key()}
	r.Cases = []Case{{Modes: modes, Same: true, Hard: one, Path: []*Step{&step}}}
	return r
}

// identity is the row's key for sorting and merging.
func (r *Row) identity() string {
	if r.key == "" {
		r.key = r.Target.key()
	}
	return r.key
}

// passes is every failure of the target as the caller sees it.
func (r *Row) passes() ModeSet {
	var m ModeSet
	for _, c := range r.Cases {
		m |= c.seen()
	}
	return m
}

func (c *Case) seen() ModeSet {
	if c.Same {
		return c.Modes | c.Also
	}
	return c.Also
}

func (c *Case) steady() Figure {
	if c.Steady == nil {
		return c.Hard
	}
	return c.Steady
}

func (c *Case) setSteady(f Figure) {
	c.Steady = nil
	if !f.Equal(c.Hard) {
		c.Steady = f
	}
}

// Hard is the largest figure of the row, whether the target itself fails, in
// whatever way, or others do.
func (r *Row) Hard() Figure {
	f := r.Bystander
	for i := range r.Cases {
		f = f.Max(r.Cases[i].Hard)
	}
	return f
}

// Steady is the largest figure that budgets of retries leave.
func (r *Row) Steady() Figure {
	f := r.Base
	for i := range r.Cases {
		f = f.Max(r.Cases[i].steady())
	}
	return f
}

// Hang is the figure if every failure is a hang.
func (r *Row) Hang() Figure {
	f := r.Base
	for i := range r.Cases {
		if r.Cases[i].Modes&Hang != 0 {
			f = f.Max(r.Cases[i].Hard)
		}
	}
	return f
}

// Worst is the case with the largest figure where variables are n, and the ways
// of failing that have the same.
func (r *Row) Worst(n Count) (Case, ModeSet) {
	worst, at, modes := 0, Count(-1), ModeSet(0)
	for i := range r.Cases {
		switch v := r.Cases[i].Hard.At(n); {
		case v > at:
			worst, at, modes = i, v, r.Cases[i].Modes
		case v == at:
			modes |= r.Cases[i].Modes
		}
	}
	if len(r.Cases) == 0 {
		return Case{}, 0
	}
	return r.Cases[worst], modes & AllModes
}

// mergeCases joins cases that differ only in how the target fails.
func mergeCases(cases []Case) []Case {
	merged := cases[:0]
	for _, c := range cases {
		i := slices.IndexFunc(merged, func(m Case) bool {
			return m.Same == c.Same && m.Also == c.Also && m.Modes&hangs == 0 && c.Modes&hangs == 0 &&
				m.Wide == c.Wide && m.Every == c.Every && m.Hard.Equal(c.Hard) && m.Steady.Equal(c.Steady) && slices.EqualFunc(m.Path, c.Path, equalSteps)
		})
		if i < 0 {
			merged = append(merged, c)
			continue
		}
		merged[i].Modes |= c.Modes
	}
	slices.SortFunc(merged, func(a, b Case) int { return cmp.Compare(a.Modes, b.Modes) })
	return merged
}

func equalSteps(a, b *Step) bool {
	return a == b || a.Kind == b.Kind && a.Name == b.Name && a.Times == b.Times && a.Layer == b.Layer && a.At == b.At
}
