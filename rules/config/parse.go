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
	return v, cueErrors(file, v.Err())
}

// parseCUE evaluates a CUE file by itself. It may import CUE's standard library
// and nothing else, so that evaluating never reads other files or the network.
func parseCUE(ctx *cue.Context, file string, data []byte) (cue.Value, Errors) {
	tree, err := parser.ParseFile(file, data)
	if err != nil {
		return cue.Value{}, cueErrors(file, err)
	}
	v := ctx.BuildFile(tree)
	return v, cueErrors(file, v.Validate(cue.Concrete(true), cue.All()))
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

func cueErrors(file string, err error) Errors {
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
		pos := e.Position()
		errs.add(&Error{File: file, Line: pos.Line(), Column: pos.Column(), What: what, Expected: "valid CUE with concrete values"})
	}
	errs.sort()
	return errs
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
