package contract

import (
	"bytes"
	"compress/gzip"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// maxDescriptor bounds what is unpacked from generated code; the largest descriptors
// that are published have two megabytes.
const maxDescriptor = 64 << 20

// generatedFrom reads the descriptor that Go code generated from a .proto file carries;
// nil if the code was generated from another file, or is no such code.
//
// protoc-gen-go has it in a variable or constant file_…_rawDesc, that of gogo and those
// before 1.20 in fileDescriptor…, compressed.
func generatedFrom(path, imported string) *descriptorpb.FileDescriptorProto {
	text, err := os.ReadFile(path)
	if err != nil || !bytes.Contains(text, []byte("// source: "+imported+"\n")) {
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, text, parser.SkipObjectResolution)
	if err != nil {
		return nil
	}
	for _, decl := range file.Decls {
		d, ok := decl.(*ast.GenDecl)
		if !ok || d.Tok != token.CONST && d.Tok != token.VAR {
			continue
		}
		for _, spec := range d.Specs {
			if raw := rawDescriptor(spec); raw != nil {
				found := &descriptorpb.FileDescriptorProto{}
				if proto.Unmarshal(raw, found) == nil && found.GetName() == imported {
					return found
				}
			}
		}
	}
	return nil
}

// rawDescriptor is the content of a variable or constant that holds a descriptor.
func rawDescriptor(spec ast.Spec) []byte {
	value, ok := spec.(*ast.ValueSpec)
	if !ok || len(value.Names) != 1 || len(value.Values) != 1 {
		return nil
	}
	name := value.Names[0].Name
	if !strings.HasSuffix(name, "_rawDesc") && !strings.HasPrefix(name, "fileDescriptor") {
		return nil
	}
	var raw bytes.Buffer
	if !appendBytes(&raw, value.Values[0]) {
		return nil
	}
	if !bytes.HasPrefix(raw.Bytes(), []byte{0x1f, 0x8b}) { // the mark of gzip
		return raw.Bytes()
	}
	unpacked, err := gzip.NewReader(&raw)
	if err != nil {
		return nil
	}
	content, err := io.ReadAll(io.LimitReader(unpacked, maxDescriptor))
	if err != nil {
		return nil
	}
	return content
}

// appendBytes evaluates a string or a list of bytes as generators write them.
func appendBytes(to *bytes.Buffer, e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		text, err := strconv.Unquote(e.Value)
		to.WriteString(text)
		return err == nil && e.Kind == token.STRING
	case *ast.BinaryExpr:
		return e.Op == token.ADD && appendBytes(to, e.X) && appendBytes(to, e.Y)
	case *ast.CallExpr: // a conversion
		return len(e.Args) == 1 && appendBytes(to, e.Args[0])
	case *ast.CompositeLit:
		for _, element := range e.Elts {
			digit, ok := element.(*ast.BasicLit)
			if !ok {
				return false
			}
			n, err := strconv.ParseUint(digit.Value, 0, 8)
			if err != nil {
				return false
			}
			to.WriteByte(byte(n))
		}
		return true
	}
	return false
}
