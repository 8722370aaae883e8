package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// rawDescriptor finds the descriptor in the Go code that protoc-gen-go has made of a .proto file: a
// constant string, or a slice of bytes in what older versions wrote. It is nil if the file has none.
func rawDescriptor(path string) ([]byte, error) {
	file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	for _, decl := range file.Decls {
		general, ok := decl.(*ast.GenDecl)
		if !ok {
			continue
		}
		for _, spec := range general.Specs {
			value, ok := spec.(*ast.ValueSpec)
			if !ok || len(value.Values) != 1 || !strings.HasSuffix(value.Names[0].Name, "_rawDesc") {
				continue
			}
			raw, err := appendConstant(nil, value.Values[0])
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", path, value.Names[0].Name, err)
			}
			return raw, nil
		}
	}
	return nil, nil
}

// appendConstant evaluates strings joined with plus, and slices of bytes.
func appendConstant(b []byte, x ast.Expr) ([]byte, error) {
	switch x := x.(type) {
	case *ast.BinaryExpr:
		b, err := appendConstant(b, x.X)
		if err != nil {
			return nil, err
		}
		return appendConstant(b, x.Y)
	case *ast.CompositeLit:
		var err error
		for _, element := range x.Elts {
			if b, err = appendConstant(b, element); err != nil {
				return nil, err
			}
		}
		return b, nil
	case *ast.CallExpr: // string([]byte{…})
		if len(x.Args) == 1 {
			return appendConstant(b, x.Args[0])
		}
	case *ast.BasicLit:
		if x.Kind == token.STRING {
			s, err := strconv.Unquote(x.Value)
			return append(b, s...), err
		}
		n, err := strconv.ParseUint(x.Value, 0, 8)
		return append(b, byte(n)), err
	}
	return nil, fmt.Errorf("%T is no string and no bytes", x)
}
