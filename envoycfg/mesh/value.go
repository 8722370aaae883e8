package mesh

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/commslint/commslint/envoycfg/manifest"
	"github.com/commslint/commslint/envoycfg/policy"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
	"github.com/commslint/commslint/tree"
)

// duration reads a duration as "1m30s", "0.5s" or "infinity", which is none. What is no duration is reported.
func (d *documents) duration(n *tree.Node, ifAbsent policy.Time) policy.Time {
	switch {
	case n == nil || n.Kind == tree.Null:
		return ifAbsent
	case n.Templated():
		return policy.Time{At: policy.At(n)}
	}
	t := policy.Time{Known: true, At: policy.At(n)}
	switch strings.ToLower(n.Text) {
	case "infinity", "infinite":
		return t
	case "0":
		return t
	}
	value, err := time.ParseDuration(n.Text)
	if err != nil || value < 0 || n.Kind == tree.Object || n.Kind == tree.Array {
		d.report.Addf(policy.Invalid, t.At, "", "%s is no duration: expected one such as 500ms, 2s or 1m30s", shown(n))
		return policy.Time{At: t.At}
	}
	t.Value = value
	return t
}

// number reads a whole number.
func (d *documents) number(n *tree.Node, ifAbsent policy.Count) policy.Count {
	switch {
	case n == nil || n.Kind == tree.Null:
		return ifAbsent
	case n.Templated():
		return policy.Count{At: policy.At(n), Var: "a value that a template fills in"}
	}
	value, err := strconv.Atoi(n.Text)
	if err != nil || n.Kind == tree.Object || n.Kind == tree.Array {
		d.report.Addf(policy.Invalid, policy.At(n), "", "%s is no whole number", shown(n))
		return policy.Count{At: policy.At(n)}
	}
	return policy.Count{N: value, Known: true, At: policy.At(n)}
}

// retries reads a number of retries, which is not negative.
func (d *documents) retries(n *tree.Node, ifAbsent policy.Count) policy.Count {
	c := d.number(n, ifAbsent)
	if c.Known && c.N < 0 {
		d.report.Addf(policy.Invalid, c.At, "", "%d is no number of retries: expected 0 or more", c.N)
		return policy.Count{At: c.At}
	}
	return c
}

// percent reads a percentage; ok is false for what is absent or not known.
func percent(n *tree.Node) (value float64, ok bool) {
	if n == nil || n.Templated() {
		return 0, false
	}
	value, err := strconv.ParseFloat(n.Text, 64)
	return value, err == nil
}

func shown(n *tree.Node) string {
	switch n.Kind {
	case tree.Object:
		return "an object"
	case tree.Array:
		return "a list"
	}
	return strconv.Quote(n.Text)
}

// items are the items of a list; none for anything else.
func items(n *tree.Node) []*tree.Node {
	if n == nil || n.Kind != tree.Array {
		return nil
	}
	return n.Items
}

// texts are the texts of a list of scalars that are known.
func texts(n *tree.Node) []string {
	var all []string
	for _, item := range items(n) {
		if text := manifest.Text(item); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// fields reports members of an object that its kind does not have: Kubernetes drops them without a word.
func (d *documents) fields(n *tree.Node, what string, known ...string) {
	if n == nil || n.Kind != tree.Object {
		return
	}
	for i := range n.Members {
		m := &n.Members[i]
		if m.KeyTemplated() || contains(known, m.Key) || strings.HasPrefix(m.Key, "x-") {
			continue
		}
		at := policy.AtKey(n, m.Key)
		f := finding.Finding{
			Rule: policy.UnknownField, Location: at.Location,
			Message: fmt.Sprintf("%s has no field %q: it is dropped without a word", what, m.Key),
		}
		f.Strength = finding.Possible // a newer version of the kind may have it
		if better, ok := rules.Nearest(m.Key, known); ok && n.Get(better) == nil {
			f.Strength = finding.Proven
			f.Message += fmt.Sprintf("; did you mean %q?", better)
			f.Fixes = []finding.Fix{{Message: fmt.Sprintf("write %q", better), Edits: []finding.Edit{m.Rename(better)}}}
		}
		d.report.Add(f)
	}
}

// misspelt reports members that differ from a field that the kind has in case and underscores alone.
// It is for objects of which not every field is known here.
func (d *documents) misspelt(n *tree.Node, what string, known ...string) {
	if n == nil || n.Kind != tree.Object {
		return
	}
	fold := func(s string) string {
		return strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(s, "_", ""), "-", ""))
	}
	for i := range n.Members {
		m := &n.Members[i]
		for _, k := range known {
			if m.Key == k || fold(m.Key) != fold(k) || n.Get(k) != nil {
				continue
			}
			d.report.Add(finding.Finding{
				Rule: policy.UnknownField, Location: policy.AtKey(n, m.Key).Location,
				Message: fmt.Sprintf("%s has no field %q: it is dropped without a word; did you mean %q?", what, m.Key, k),
				Fixes:   []finding.Fix{{Message: fmt.Sprintf("write %q", k), Edits: []finding.Edit{m.Rename(k)}}},
			})
		}
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}

// word matches what conditions are made of.
var conditionWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`[^\s,]+`) })

// conditions reads a list of Envoy's words, and of status codes, between commas in one text. Each word is a place of its own.
func conditions(n *tree.Node) []policy.Condition {
	if n == nil || n.Templated() {
		return nil
	}
	var all []policy.Condition
	raw := string(n.File.Text[n.Start:n.End])
	for _, at := range conditionWord().FindAllStringIndex(n.Text, -1) {
		word := n.Text[at[0]:at[1]]
		place := policy.At(n)
		if i := strings.Index(raw, n.Text); i >= 0 && !strings.Contains(raw, "\n") {
			start := n.Start + int32(i+at[0])
			end := start + int32(len(word))
			place = policy.Place{Location: n.File.Location(start, end), Start: int(start), End: int(end)}
		}
		if code, err := strconv.Atoi(word); err == nil {
			all = append(all, policy.StatusCondition(code, place))
		} else {
			all = append(all, policy.EnvoyCondition(word, place))
		}
	}
	return all
}
