package config

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	cueerrors "cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"
	"cuelang.org/go/encoding/yaml"
)

// parse reads a file of either form into a CUE value whose positions are those
// of the file.
func parse(ctx *cue.Context, file string, data []byte) (cue.Value, Errors) {
	switch filepath.Ext(file) {
	case ".yaml", ".yml":
		return parseYAML(ctx, file, data)
	case ".cue":
		return parseCUE(ctx, file, data)
	}
	return cue.Value{}, Errors{{
		File: file, What: "this kind of file is not a configuration",
		Expected: "a file called *.yaml, *.yml or *.cue", Mend: "rename it to what it contains",
	}}
}

func parseYAML(ctx *cue.Context, file string, data []byte) (cue.Value, Errors) {
	tree, err := yaml.Extract(file, data)
	if err != nil {
		return cue.Value{}, Errors{yamlError(file, err)}
	}
	if errs := duplicateKeys(file, tree); len(errs) > 0 {
		errs.sort()
		return cue.Value{}, errs
	}
	v := ctx.BuildFile(tree)
	if content, _ := v.Default(); content.IncompleteKind() == cue.NullKind {
		return cue.Value{}, Errors{{File: file, Line: 1, Column: 1, What: "the file is empty", Expected: "a mapping", Mend: "write `version: 1` at least"}}
	}
	return v, cueErrors(file, v, v.Err())
}

// parseCUE evaluates a CUE file by itself. It may import CUE's standard library
// and nothing else, so that evaluating never reads other files or the network.
func parseCUE(ctx *cue.Context, file string, data []byte) (cue.Value, Errors) {
	tree, err := parser.ParseFile(file, data)
	if err != nil {
		return cue.Value{}, cueErrors(file, cue.Value{}, err)
	}
	if errs := foreignImports(file, tree); len(errs) > 0 {
		return cue.Value{}, errs
	}
	v := ctx.BuildFile(tree)
	return v, cueErrors(file, v, v.Validate(cue.Concrete(true), cue.All()))
}

// foreignImports finds imports of packages outside CUE's standard library, whose
// paths, as in Go, begin with a name that has no dot.
func foreignImports(file string, tree *ast.File) Errors {
	var errs Errors
	for spec := range tree.ImportSpecs() {
		path, err := strconv.Unquote(spec.Path.Value)
		if first, _, _ := strings.Cut(path, "/"); err != nil || !strings.Contains(first, ".") {
			continue
		}
		pos := spec.Path.Pos()
		errs.add(&Error{
			File: file, Line: pos.Line(), Column: pos.Column(),
			What:     fmt.Sprintf("import of %q", path),
			Expected: "packages of CUE's standard library only", Mend: "copy what is needed into this file",
		})
	}
	return errs
}

// yamlError takes the line out of an error text of the form "file:line: message",
// the only form in which the YAML parser tells it.
func yamlError(file string, err error) *Error {
	e := &Error{File: file, Expected: "valid YAML", Mend: "check the indentation, quotes and brackets there"}
	message := strings.TrimPrefix(err.Error(), file+":")
	if number, rest, ok := strings.Cut(message, ":"); ok {
		if line, err := strconv.Atoi(number); err == nil {
			e.Line, e.Column, message = line, 1, rest
		}
	}
	e.What = strings.TrimSpace(message)
	return e
}

// cueErrors describes what CUE found wrong with a value.
func cueErrors(file string, v cue.Value, err error) Errors {
	if err == nil {
		return nil
	}
	var errs Errors
	for _, e := range cueerrors.Errors(err) {
		format, args := e.Msg()
		what := fmt.Sprintf(format, args...)
		if path := e.Path(); len(path) > 0 {
			what = strings.Join(path, ".") + ": " + what
		}
		pos := cuePosition(v, e)
		errs.add(&Error{File: file, Line: pos.Line(), Column: pos.Column(), What: what, Expected: "valid CUE with concrete values"})
	}
	errs.sort()
	return errs
}

// cuePosition finds the place of an error: its own, that of a value which
// contributed to it, or that of the field it is about.
func cuePosition(v cue.Value, e cueerrors.Error) token.Pos {
	if positions := cueerrors.Positions(e); len(positions) > 0 {
		return positions[0]
	}
	return valuePos(v.LookupPath(cue.ParsePath(strings.Join(e.Path(), "."))))
}

// duplicateKeys finds keys that a YAML mapping sets twice. CUE would unify them
// and complain, if at all, about their values.
func duplicateKeys(file string, tree *ast.File) Errors {
	var errs Errors
	mapping := func(decls []ast.Decl) {
		first := map[string]token.Pos{}
		for _, decl := range decls {
			field, ok := decl.(*ast.Field)
			if !ok {
				continue
			}
			name, _, err := ast.LabelName(field.Label)
			if err != nil {
				continue
			}
			pos := field.Label.Pos()
			if before, ok := first[name]; ok {
				errs.add(&Error{
					File: file, Line: pos.Line(), Column: pos.Column(),
					What:     fmt.Sprintf("key %q is set again, after line %d", name, before.Line()),
					Expected: "each key once", Mend: "merge the two or delete one",
				})
				continue
			}
			first[name] = pos
		}
	}
	ast.Walk(tree, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.File:
			mapping(n.Decls)
		case *ast.StructLit:
			mapping(n.Elts)
		}
		return true
	}, nil)
	return errs
}
