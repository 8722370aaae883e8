package breaking

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/commslint/commslint/finding"
)

// A change is one root cause, with the operations that it reaches.
type change struct {
	rule    string
	message string // what happened, without the operations
	unknown bool   // it could not be decided whether it breaks anything
	atMost  finding.Level
	place   finding.Location // in the new document
	related []finding.Related
	witness *example
	names   []string // what else the same edit is about; the first is in the message

	operations map[string]bool
}

// An example is a value that shows the difference.
type example struct{ value any }

// A cause identifies a root cause: two operations with equal ones have the same.
type cause struct {
	rule     string
	old, new any // what it is about on either side, mostly nodes
	detail   string
}

// A collector gathers changes, one per cause.
type collector struct {
	byCause map[cause]*change
	order   []*change
}

func newCollector() *collector { return &collector{byCause: make(map[cause]*change)} }

// add notes that a cause reaches an operation. The change is made once only.
func (c *collector) add(id cause, operation string, make func() *change) {
	ch := c.byCause[id]
	if ch == nil {
		ch = make()
		ch.rule = id.rule
		c.byCause[id] = ch
		c.order = append(c.order, ch)
	}
	if operation != "" {
		if ch.operations == nil {
			ch.operations = map[string]bool{}
		}
		ch.operations[operation] = true
	}
}

// alsoAbout adds a name to a change that is known already.
func (c *collector) alsoAbout(id cause, name string) {
	if ch := c.byCause[id]; ch != nil && !slices.Contains(ch.names, name) {
		ch.names = append(ch.names, name)
	}
}

// findings turns the changes into findings, sorted.
func (c *collector) findings() []finding.Finding {
	var findings []finding.Finding
	for _, ch := range c.order {
		findings = append(findings, ch.finding())
	}
	finding.Sort(findings)
	return findings
}

func (ch *change) finding() finding.Finding {
	operations := slices.Sorted(maps.Keys(ch.operations))
	f := finding.Finding{
		Rule: ch.rule, Level: finding.Error, Strength: finding.Proven, AtMost: ch.atMost,
		Message:    ch.message + others(ch.names) + reach(operations),
		Location:   ch.place,
		Related:    ch.related,
		Properties: map[string]any{},
	}
	switch {
	case ch.unknown:
		f.Properties["verdict"], f.AtMost = "unknown", finding.Warning
	case ch.rule != compatibleChange:
		f.Properties["verdict"] = "broken"
	}
	if ch.witness != nil {
		f.Properties["witness"] = ch.witness.value
	}
	if len(operations) > 0 {
		f.Properties["operations"] = operations
	}
	return f
}

// others names what an edit is about besides the first name.
func others(names []string) string {
	if len(names) < 2 {
		return ""
	}
	quoted := make([]string, 0, len(names)-1)
	for _, name := range names[1:] {
		quoted = append(quoted, strconv.Quote(name))
	}
	return "; the same holds for " + strings.Join(quoted, ", ")
}

// reach names the operations that a change reaches.
func reach(operations []string) string {
	switch len(operations) {
	case 0:
		return ""
	case 1:
		return fmt.Sprintf(" (%s)", operations[0])
	case 2:
		return fmt.Sprintf(" (%s, %s)", operations[0], operations[1])
	}
	return fmt.Sprintf(" (%d operations, %s among them)", len(operations), operations[0])
}
