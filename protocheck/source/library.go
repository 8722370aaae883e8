package source

import (
	"embed"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/types/descriptorpb"
)

// A Library finds what is imported and lies outside of the tree.
type Library interface {
	// Find looks for a file by its import path, for one of the tree that imports it; nil
	// if it is not there.
	Find(imported, from string) *External
	// Searched says where it looks, for one of the tree that imports something.
	Searched(from string) string
}

// An External is a file that a library found.
type External struct {
	// Path is absolute.
	Path string
	// Proto is the content, where the file at the path is not its source but was
	// generated from it.
	Proto *descriptorpb.FileDescriptorProto
}

// builtin are declarations of options that many repositories import without having the
// files. They hold what rules read; names that are missing in them are not held against
// those who use them.
//
//go:embed builtin
var builtin embed.FS

// builtinPath is how paths of those begin, which no path in a tree does.
const builtinPath = "//builtin/"

// unknownFile declares what stands for types that are not known.
const (
	unknownFile = "commslint/unknown.proto"
	unknownType = "commslint.unknown.Type"
	unknownText = "syntax = \"proto3\";\npackage commslint.unknown;\nmessage Type {}\n"
)

// isExternal reports whether a file is none of the tree. What such a file lacks is
// not the user's to mend.
func isExternal(name string) bool { return filepath.IsAbs(name) || isBuiltin(name) }

func isBuiltin(name string) bool { return strings.HasPrefix(name, builtinPath) }

func readBuiltin(name string) ([]byte, error) {
	return builtin.ReadFile("builtin/" + strings.TrimPrefix(name, builtinPath))
}

// findExternal looks for an import outside of the tree.
func (g *group) findExternal(imported string) (name string, ok bool) {
	if g.opt.Library != nil {
		if found := g.opt.Library.Find(imported, g.origin); found != nil {
			if found.Proto != nil {
				g.compiled[imported] = found.Proto
				g.headers[found.Path] = headerOf(found.Proto)
			}
			return found.Path, true
		}
	}
	if _, err := readBuiltin(builtinPath + imported); err == nil {
		return builtinPath + imported, true
	}
	return "", false
}

// headerOf is the header of a file that is compiled.
func headerOf(file *descriptorpb.FileDescriptorProto) header {
	h := header{pkg: file.GetPackage(), services: len(file.GetService()) > 0}
	public := map[int32]bool{}
	for _, i := range file.GetPublicDependency() {
		public[i] = true
	}
	for i, dep := range file.GetDependency() {
		h.imports = append(h.imports, importStatement{path: dep, public: public[int32(i)]})
	}
	return h
}
