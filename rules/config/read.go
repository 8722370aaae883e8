package config

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/token"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// A reader takes the values of a configuration over and checks what the schema
// cannot say. Values of the wrong kind, which the validator has reported, it
// passes over.
type reader struct {
	config *Config
	errs   Errors
}

func (r *reader) root(v cue.Value) {
	for _, e := range r.excludes(field(v, "exclude"), "") {
		r.config.excludes = append(r.config.excludes, e)
	}
	r.rules(field(v, "rules"))
	r.services(field(v, "services"))
	r.dimensions(field(v, "dimensions"))
}

// rules applies the entries from the least to the most specific, so that an id
// outranks a pattern, and a longer pattern a shorter one.
func (r *reader) rules(v cue.Value) {
	type entry struct {
		pattern string
		value   cue.Value
	}
	var entries []entry
	each(v, func(name string, value cue.Value) { entries = append(entries, entry{name, value}) })
	slices.SortStableFunc(entries, func(a, b entry) int { return specificity(a.pattern) - specificity(b.pattern) })
	named := map[string]string{}
	for _, e := range entries {
		matched := rules.Match(r.config.catalogue, e.pattern)
		if len(matched) == 0 {
			r.noMatch(e.pattern, e.value)
			continue
		}
		if !strings.Contains(e.pattern, "*") {
			if other, ok := named[matched[0].ID]; ok {
				r.add(labelPos(e.value), fmt.Sprintf("%q and %q are the same rule", other, e.pattern), "one of them", "merge the two under "+matched[0].ID)
			}
			named[matched[0].ID] = e.pattern
		}
		r.rule(e.pattern, matched, e.value)
	}
}

// specificity orders patterns: an id is above every pattern.
func specificity(pattern string) int {
	stars := strings.Count(pattern, "*")
	if stars == 0 {
		return 1 << 20
	}
	return len(pattern) - stars
}

// noMatch reports a pattern that fits no rule; ids that are unknown have been
// reported by the validator.
func (r *reader) noMatch(pattern string, v cue.Value) {
	if strings.Contains(pattern, "*") {
		r.add(labelPos(v), fmt.Sprintf("no rule matches the pattern %q", pattern), `a pattern such as "go/*"`, "`commslint rules` lists the rules")
	}
}

func (r *reader) rule(pattern string, matched []*rules.Rule, v cue.Value) {
	level := v
	if v.IncompleteKind() == cue.StructKind {
		level = field(v, "severity")
		r.config.excludes = append(r.config.excludes, r.excludes(field(v, "exclude"), pattern)...)
		if !strings.Contains(pattern, "*") {
			r.params(matched[0], v)
		}
	}
	text, err := level.String()
	if err != nil {
		return
	}
	for _, m := range matched {
		r.config.levels[m.ID] = setting{string(finding.Level(text)), r.origin(valuePos(level))}
	}
}

func (r *reader) params(rule *rules.Rule, v cue.Value) {
	for i := range rule.Params {
		p := &rule.Params[i]
		value := field(v, p.Name)
		if !value.Exists() {
			continue
		}
		text, ok := r.paramText(rule, p, value)
		if !ok {
			continue
		}
		if r.config.params[rule.ID] == nil {
			r.config.params[rule.ID] = map[string]setting{}
		}
		r.config.params[rule.ID][p.Name] = setting{text, r.origin(valuePos(value))}
	}
}

// paramText writes a parameter's value in flag syntax; false if it is none.
func (r *reader) paramText(rule *rules.Rule, p *rules.Param, value cue.Value) (string, bool) {
	if p.Type == "strings" {
		return r.listText(rule, p, value)
	}
	text, err := value.String()
	if err != nil {
		text = fmt.Sprint(value)
	}
	if p.Check(text) != nil {
		r.add(valuePos(value), fmt.Sprintf("rules.%q.%s is %v", rule.ID, label(p.Name), value), p.Expected(), seeRule(rule))
		return "", false
	}
	return text, true
}

func (r *reader) listText(rule *rules.Rule, p *rules.Param, value cue.Value) (string, bool) {
	list, err := value.List()
	if err != nil {
		return "", false
	}
	var elements []string
	ok := true
	for i := 0; list.Next(); i++ {
		element, err := list.Value().String()
		if err != nil {
			ok = false
			continue
		}
		if p.CheckElement(element) != nil {
			r.add(valuePos(list.Value()), fmt.Sprintf("rules.%q.%s[%d] is %q", rule.ID, label(p.Name), i, element), p.ExpectedElement(), seeRule(rule))
			ok = false
		}
		elements = append(elements, element)
	}
	return strings.Join(elements, ","), ok
}

func seeRule(rule *rules.Rule) string { return "see `commslint explain " + rule.ID + "`" }

func label(name string) string { return cue.Str(name).String() }

// excludes reads a list of globs, each alone or with a reason.
func (r *reader) excludes(v cue.Value, rule string) []Exclude {
	list, err := v.List()
	if err != nil {
		return nil
	}
	var excludes []Exclude
	for list.Next() {
		glob := list.Value()
		var reason string
		if glob.IncompleteKind() == cue.StructKind {
			reason, _ = field(glob, "reason").String()
			glob = field(glob, "path")
		}
		text, err := glob.String()
		if err != nil {
			continue
		}
		clean, wrong := cleanGlob(text)
		if wrong != "" {
			r.add(valuePos(glob), fmt.Sprintf("exclude %q %s", text, wrong), `a glob such as "internal/legacy/**", relative to the folder of this file`, "change the glob")
			continue
		}
		excludes = append(excludes, Exclude{Rule: rule, Glob: clean, Reason: reason, Origin: r.origin(valuePos(glob))})
	}
	return excludes
}

func (r *reader) services(v cue.Value) {
	owners := map[string]string{}
	each(v, func(name string, value cue.Value) {
		claim := func(what string) []string { return r.names(owners, name, what, field(value, what)) }
		s := Service{Name: name, Origin: r.origin(labelPos(value))}
		s.Hosts, s.Env, s.Clusters = claim("hosts"), claim("env"), claim("clusters")
		if dir := field(value, "dir"); dir.Exists() {
			s.Dir = r.dir(name, dir)
		}
		r.config.services = append(r.config.services, s)
	})
}

func (r *reader) dimensions(v cue.Value) {
	list, err := v.List()
	if err != nil {
		return
	}
	for list.Next() {
		entry := Dimensions{Names: []string{}, Origin: r.origin(valuePos(list.Value()))}
		if glob := field(list.Value(), "path"); glob.Exists() {
			text, err := glob.String()
			if err != nil {
				continue
			}
			clean, wrong := cleanGlob(text)
			if wrong != "" {
				r.add(valuePos(glob), fmt.Sprintf("dimensions: the path %q %s", text, wrong), `a glob such as "internal/**", relative to the folder of this file`, "change the path")
				continue
			}
			entry.Glob = clean
		}
		names, err := field(list.Value(), "of").List()
		if err != nil {
			continue
		}
		for names.Next() {
			if name, err := names.Value().String(); err == nil {
				entry.Names = append(entry.Names, name)
			}
		}
		r.config.dimensions = append(r.config.dimensions, entry)
	}
}

// names reads names that lead to a service, each of which can lead to one only.
func (r *reader) names(owners map[string]string, service, what string, v cue.Value) []string {
	list, err := v.List()
	if err != nil {
		return nil
	}
	var names []string
	for list.Next() {
		name, err := list.Value().String()
		if err != nil {
			continue
		}
		path := fmt.Sprintf("services.%s.%s", label(service), what)
		if name == "" {
			r.add(valuePos(list.Value()), path+" has an empty name", "a name", "delete it")
			continue
		}
		key := what + " " + name
		if owner, ok := owners[key]; ok && owner != service {
			r.add(valuePos(list.Value()), fmt.Sprintf("%s has %q, which leads to service %q already", path, name, owner), "each name under one service", "delete one of the two")
			continue
		}
		owners[key] = service
		names = append(names, name)
	}
	return names
}

func (r *reader) dir(service string, v cue.Value) string {
	text, err := v.String()
	if err != nil {
		return ""
	}
	if !filepath.IsLocal(filepath.FromSlash(text)) {
		r.add(valuePos(v), fmt.Sprintf("services.%s.dir is %q", label(service), text), `a folder such as "services/payments", relative to the folder of this file`, "change the path")
		return ""
	}
	return filepath.ToSlash(filepath.Clean(text))
}

func (r *reader) origin(pos token.Pos) string {
	return fmt.Sprintf("%s:%d:%d", r.config.path, pos.Line(), pos.Column())
}

func (r *reader) add(pos token.Pos, what, expected, mend string) {
	r.errs.add(&Error{File: r.config.path, Line: max(pos.Line(), 1), Column: max(pos.Column(), 1), What: what, Expected: expected, Mend: mend})
}

// field returns a field of a mapping; it does not exist if v is no mapping.
func field(v cue.Value, name string) cue.Value {
	return v.LookupPath(cue.MakePath(cue.Str(name)))
}

// each calls do for the fields of a mapping, in the file's order.
func each(v cue.Value, do func(name string, value cue.Value)) {
	fields, err := v.Fields()
	if err != nil {
		return
	}
	for fields.Next() {
		do(fields.Selector().Unquoted(), fields.Value())
	}
}
