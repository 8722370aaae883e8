package callgraph

import (
	"fmt"
	"slices"
	"strings"
)

// A Text is a string as code makes it. Exactly one of its fields is set; the zero
// Text is not known.
type Text struct {
	Const string `json:"const,omitempty"`
	// Slot is a field, variable or parameter that holds it: "example.com/shop.Config.URL",
	// "example.com/shop.New#0".
	Slot string `json:"slot,omitempty"`
	// Env is the name of an environment variable that it is read from.
	Env *Text `json:"env,omitempty"`
	// Call is a function that makes it of Args, by its parameters' numbers: its
	// result, or what it stores through parameter Out-1.
	Call string `json:"call,omitempty"`
	Out  int    `json:"out,omitempty"`
	Args []Text `json:"args,omitempty"`
	// Parts follow each other.
	Parts []Text `json:"parts,omitempty"`
	// Any are alternatives, of which the first that is known counts.
	Any []Text `json:"any,omitempty"`
	// Vague names what is not known: "r.URL.Path".
	Vague string `json:"vague,omitempty"`
}

// A TextFlow says that a slot may hold a text.
type TextFlow struct {
	To   string `json:"to"`
	From Text   `json:"from"`
}

// A Peer says whom the request at a place goes to: a URL, or the address that a
// connection was made to.
type Peer struct {
	At   Posn `json:"at"`
	Text Text `json:"text"`
}

// ResultSlot and StoredSlot name what a function returns and what it stores through
// a parameter.
func ResultSlot(id string) string            { return id + "=" }
func StoredSlot(id string, param int) string { return fmt.Sprintf("%s*%d", id, param) }

// ParameterSlot names a parameter, counted from the receiver where there is one.
func ParameterSlot(id string, param int) string { return fmt.Sprintf("%s#%d", id, param) }

// envOpen and envClose enclose the name of an environment variable in a text.
const (
	envOpen  = "\x05"
	envClose = "\x06"
)

// texts evaluates Texts of a program.
type texts struct {
	flows map[string][]Text
	known map[string][]string // of slots without a caller
	// under are the local variables that are being looked up, and steps how many
	// lookups are left.
	under map[localSlot]bool
	steps int
}

// A localSlot is a variable of one call of a function.
type localSlot struct {
	slot string
	call *frame
}

func newTexts() texts {
	return texts{flows: map[string][]Text{}, known: map[string][]string{}, under: map[localSlot]bool{}}
}

// of lists the strings that a text may be.
func (t *texts) of(x *Text) []string {
	t.steps = maxTextSteps
	return t.eval(x, nil, 0)
}

const (
	maxTextDepth = 24
	maxTexts     = 8
	maxTextSteps = 5000
)

// A frame is a call whose arguments are known.
type frame struct {
	function string
	args     []Text
	above    *frame
}

func (f *frame) argument(slot string) (Text, bool) {
	if f == nil {
		return Text{}, false
	}
	rest, ok := strings.CutPrefix(slot, f.function+"#")
	if !ok {
		return Text{}, false
	}
	for i := range f.args {
		if rest == fmt.Sprint(i) {
			return f.args[i], true
		}
	}
	return Text{}, false
}

// eval lists the strings that a text may be, with what is not known in braces and
// environment variables between marks. It is empty if nothing is known.
func (t *texts) eval(x *Text, f *frame, depth int) []string {
	if t.steps--; depth > maxTextDepth || t.steps < 0 {
		return nil
	}
	depth++
	switch {
	case x.Const != "":
		return []string{x.Const}
	case x.Vague != "":
		return []string{"{" + x.Vague + "}"}
	case x.Slot != "":
		if arg, ok := f.argument(x.Slot); ok {
			return t.eval(&arg, f.above, depth)
		}
		if f != nil && isLocal(x.Slot) {
			return t.local(x.Slot, f, depth)
		}
		return t.slot(x.Slot, depth)
	case x.Env != nil:
		var all []string
		for _, name := range t.eval(x.Env, f, depth) {
			if !isVague(name) && !strings.Contains(name, envOpen) {
				all = append(all, envOpen+name+envClose)
			}
		}
		return all
	case x.Call != "":
		return t.call(x, f, depth)
	case len(x.Any) > 0:
		var all []string
		for i := range x.Any {
			all = append(all, t.eval(&x.Any[i], f, depth)...)
		}
		return few(all)
	case len(x.Parts) > 0:
		return t.concat(x.Parts, f, depth)
	}
	return nil
}

func (t *texts) call(x *Text, f *frame, depth int) []string {
	slot := ResultSlot(x.Call)
	if x.Out > 0 {
		slot = StoredSlot(x.Call, x.Out-1)
	}
	inner := &frame{function: x.Call, args: x.Args, above: f}
	var all []string
	for i := range t.flows[slot] {
		all = append(all, t.eval(&t.flows[slot][i], inner, depth)...)
	}
	return few(all)
}

// isLocal reports whether a slot is a variable of a function, named with its place.
func isLocal(slot string) bool { return strings.Contains(slot, "@") }

// local is a variable of a function in a call whose arguments are known.
func (t *texts) local(slot string, f *frame, depth int) []string {
	key := localSlot{slot, f}
	if t.under[key] {
		return nil
	}
	t.under[key] = true
	defer delete(t.under, key)
	var all []string
	for i := range t.flows[slot] {
		all = append(all, t.eval(&t.flows[slot][i], f, depth)...)
	}
	return few(all)
}

func (t *texts) slot(slot string, depth int) []string {
	if known, ok := t.known[slot]; ok {
		return known
	}
	t.known[slot] = nil // one that is assigned from itself
	var all []string
	for i := range t.flows[slot] {
		all = append(all, t.eval(&t.flows[slot][i], nil, depth)...)
	}
	t.known[slot] = few(all)
	return t.known[slot]
}

func (t *texts) concat(parts []Text, f *frame, depth int) []string {
	all := []string{""}
	for i := range parts {
		next := t.eval(&parts[i], f, depth)
		if len(next) == 0 {
			next = []string{"{…}"}
		}
		var longer []string
		for _, a := range all {
			for _, b := range next {
				longer = append(longer, a+b)
			}
		}
		all = few(longer)
	}
	return all
}

// few keeps the first of what there is, once each.
func few(all []string) []string {
	var kept []string
	for _, s := range all {
		if s != "" && len(kept) < maxTexts && !slices.Contains(kept, s) {
			kept = append(kept, s)
		}
	}
	return kept
}
