package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"github.com/commslint/commslint/rules"
)

// A validator compares a configuration with the schema, field by field. It finds
// what unifying the two would find, but all of it at once and in words about
// the configuration rather than about the schema.
type validator struct {
	file      string
	catalogue []rules.Rule
	errs      Errors
}

func (v *validator) value(path []string, data, schema cue.Value) {
	alternatives := alternativesOf(schema)
	switch data.IncompleteKind() {
	case cue.StructKind:
		if s, ok := ofKind(alternatives, cue.StructKind); ok {
			v.fields(path, data, s)
			return
		}
	case cue.ListKind:
		if s, ok := ofKind(alternatives, cue.ListKind); ok {
			v.elements(path, data, s)
			return
		}
	default:
		if schema.Unify(data).Validate(cue.Concrete(true)) == nil {
			return
		}
	}
	want, hint := expected(alternatives), mend(data, alternatives)
	if p, ok := v.param(path); ok {
		want = p.Expected()
		if p.Type == "duration" && data.IncompleteKind()&cue.NumberKind != 0 {
			hint = fmt.Sprintf("add the unit: \"%vs\"", data)
		}
	}
	v.add(valuePos(data), fmt.Sprintf("%s is %s", pathString(path), found(data)), want, hint)
}

// param returns the parameter whose value stands at path.
func (v *validator) param(path []string) (*rules.Param, bool) {
	if len(path) != 3 || path[0] != "rules" {
		return nil, false
	}
	for _, r := range rules.Match(v.catalogue, path[1]) {
		for i := range r.Params {
			if r.Params[i].Name == path[2] {
				return &r.Params[i], true
			}
		}
	}
	return nil, false
}

func (v *validator) elements(path []string, data, schema cue.Value) {
	element := schema.LookupPath(cue.MakePath(cue.AnyIndex))
	list, err := data.List()
	if err != nil {
		return
	}
	for i := 0; list.Next(); i++ {
		v.value(append(slices.Clone(path), strconv.Itoa(i)), list.Value(), element)
	}
}

func (v *validator) fields(path []string, data, schema cue.Value) {
	known, required := fieldNames(schema)
	for _, name := range required {
		if !data.LookupPath(cue.MakePath(cue.Str(name))).Exists() {
			v.missing(path, data, schema, name)
		}
	}
	fields, err := data.Fields()
	if err != nil {
		return
	}
	for fields.Next() {
		name := fields.Selector().Unquoted()
		field := append(slices.Clone(path), name)
		inner := schema.LookupPath(cue.MakePath(cue.Str(name).Optional()))
		if slices.Contains(required, name) {
			inner = schema.LookupPath(cue.MakePath(cue.Str(name).Required()))
		}
		if !inner.Exists() {
			v.unknown(field, fields.Value(), known)
			continue
		}
		v.value(field, fields.Value(), inner)
	}
}

func (v *validator) missing(path []string, data, schema cue.Value, name string) {
	inner := schema.LookupPath(cue.MakePath(cue.Str(name).Required()))
	want := expected(alternativesOf(inner))
	where := ""
	if len(path) > 0 {
		where = " in " + pathString(path)
	}
	v.add(valuePos(data), fmt.Sprintf("key %q is missing%s", name, where), name+": "+want, "add it")
}

func (v *validator) unknown(path []string, data cue.Value, known []string) {
	name := path[len(path)-1]
	if len(path) == 2 && path[0] == "rules" {
		v.add(labelPos(data), fmt.Sprintf("unknown rule %q", name), `the id of a rule or a pattern such as "go/*"`, suggestRule(v.catalogue, name))
		return
	}
	hint := "remove it or correct its name"
	if near, ok := rules.Nearest(name, known); ok {
		hint = fmt.Sprintf("did you mean %q?", near)
	}
	where := ""
	if len(path) > 1 {
		where = " in " + pathString(path[:len(path)-1])
	}
	v.add(labelPos(data), fmt.Sprintf("unknown key %q%s", name, where), "one of "+strings.Join(known, ", "), hint)
}

func (v *validator) add(pos token.Pos, what, expected, mend string) {
	v.errs.add(&Error{File: v.file, Line: max(pos.Line(), 1), Column: max(pos.Column(), 1), What: what, Expected: expected, Mend: mend})
}

func suggestRule(catalogue []rules.Rule, name string) string {
	if near, ok := rules.Suggest(catalogue, name); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "`commslint rules` lists them"
}

// fieldNames lists the fields that a schema declares by name, sorted, and those
// of them that must be set.
func fieldNames(schema cue.Value) (known, required []string) {
	fields, err := schema.Fields(cue.Optional(true))
	if err != nil {
		return nil, nil
	}
	for fields.Next() {
		name := fields.Selector().Unquoted()
		known = append(known, name)
		if fields.FieldType()&cue.RequiredConstraint != 0 {
			required = append(required, name)
		}
	}
	slices.Sort(known)
	return known, required
}

// alternativesOf takes a disjunction apart; anything else is its own only
// alternative.
func alternativesOf(schema cue.Value) []cue.Value {
	schema = cue.Dereference(schema)
	op, operands := schema.Expr()
	if op != cue.OrOp {
		return []cue.Value{schema}
	}
	var all []cue.Value
	for _, operand := range operands {
		all = append(all, alternativesOf(operand)...)
	}
	return all
}

func ofKind(alternatives []cue.Value, kind cue.Kind) (cue.Value, bool) {
	for _, a := range alternatives {
		if a.IncompleteKind() == kind {
			return a, true
		}
	}
	return cue.Value{}, false
}

// expected says in words what a schema takes: "error", "warning" or a mapping.
func expected(alternatives []cue.Value) string {
	var words []string
	for _, a := range alternatives {
		if a.IsConcrete() && a.IncompleteKind()&(cue.StringKind|cue.NumberKind|cue.BoolKind) != 0 {
			words = append(words, fmt.Sprint(a))
			continue
		}
		words = append(words, kindName(a.IncompleteKind()))
	}
	if len(words) == 1 {
		return words[0]
	}
	return strings.Join(words[:len(words)-1], ", ") + " or " + words[len(words)-1]
}

func kindName(kind cue.Kind) string {
	switch kind {
	case cue.StructKind:
		return "a mapping"
	case cue.ListKind:
		return "a list"
	case cue.StringKind:
		return "a string"
	case cue.BoolKind:
		return "true or false"
	case cue.IntKind:
		return "a whole number"
	}
	return kind.String()
}

func found(data cue.Value) string {
	switch kind := data.IncompleteKind(); kind {
	case cue.NullKind:
		return "empty"
	case cue.StructKind, cue.ListKind:
		return kindName(kind)
	}
	return fmt.Sprint(data)
}

// mend says how to turn data into something that one of the alternatives takes.
func mend(data cue.Value, alternatives []cue.Value) string {
	kind := data.IncompleteKind()
	_, wantsList := ofKind(alternatives, cue.ListKind)
	_, wantsString := ofKind(alternatives, cue.StringKind)
	_, wantsMapping := ofKind(alternatives, cue.StructKind)
	switch {
	case kind == cue.NullKind:
		return "give it a value or delete the line"
	case wantsMapping && kind == cue.ListKind:
		return "write one mapping, `key: value`, without dashes"
	case wantsList && kind != cue.StructKind:
		return fmt.Sprintf("put it in brackets: [%v]", data)
	case wantsString && kind&(cue.NumberKind|cue.BoolKind) != 0:
		return fmt.Sprintf("put it in quotes: %q", fmt.Sprint(data))
	case kind == cue.StringKind:
		return mendString(data, alternatives)
	}
	return "change the value"
}

func mendString(data cue.Value, alternatives []cue.Value) string {
	text, _ := data.String()
	var choices []string
	for _, a := range alternatives {
		if fmt.Sprint(a) == text || a.IncompleteKind() == cue.BoolKind && (text == "true" || text == "false") {
			return "remove the quotes"
		}
		if choice, err := a.String(); err == nil {
			choices = append(choices, choice)
		}
	}
	if near, ok := rules.Nearest(text, choices); ok {
		return fmt.Sprintf("did you mean %q?", near)
	}
	return "change the value"
}

// pathString writes a path as CUE does: rules."go/plaintext".severity, exclude[0].
func pathString(path []string) string {
	if len(path) == 0 {
		return "the configuration"
	}
	var b strings.Builder
	for i, name := range path {
		if _, err := strconv.Atoi(name); err == nil && i > 0 {
			fmt.Fprintf(&b, "[%s]", name)
			continue
		}
		if i > 0 {
			b.WriteByte('.')
		}
		b.WriteString(cue.Str(name).String())
	}
	return b.String()
}

// labelPos returns where the key of a field stands.
func labelPos(data cue.Value) token.Pos {
	if field, ok := data.Source().(*ast.Field); ok {
		return field.Label.Pos()
	}
	return data.Pos()
}

// valuePos returns where the value of a field, or an element, stands.
func valuePos(data cue.Value) token.Pos {
	if field, ok := data.Source().(*ast.Field); ok {
		return field.Value.Pos()
	}
	return data.Pos()
}
