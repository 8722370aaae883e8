// The program envoy collects the descriptors of Envoy's protos into one compressed FileDescriptorSet,
// which package descriptor embeds.
//
// It reads them from the source of the Go code that was generated from the protos, in the modules
// that testdata/envoy pins, and compiles none of it: linked into commslint, that code would cost
// 40 MB and 10 to 20 ms at every start.
package main

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"
)

// roots are the modules all of whose protos are taken; of the others it is what these import.
var roots = []string{
	"github.com/envoyproxy/go-control-plane/envoy",
	"github.com/envoyproxy/go-control-plane/contrib",
	"github.com/cncf/xds/go",
}

func main() {
	modules := flag.String("modules", "../../testdata/envoy", "folder whose go.mod pins the modules to read")
	out := flag.String("o", "envoy.binpb.gz", "file to write")
	flag.Parse()
	if err := generate(*modules, *out); err != nil {
		fmt.Fprintln(os.Stderr, "envoy:", err)
		os.Exit(1)
	}
}

func generate(modules, out string) error {
	list, err := listModules(modules)
	if err != nil {
		return err
	}
	all, wanted, err := readModules(list)
	if err != nil {
		return err
	}
	set, err := closure(all, wanted)
	if err != nil {
		return err
	}
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(set)
	if err != nil {
		return err
	}
	return writeCompressed(out, text)
}

type module struct{ Path, Version, Dir string }

// listModules downloads the modules that a go.mod names, and tells where they are.
func listModules(dir string) ([]module, error) {
	cmd := exec.Command("go", "mod", "download", "-json")
	cmd.Dir, cmd.Stderr = dir, os.Stderr
	text, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go mod download in %s: %w", dir, err)
	}
	var list []module
	for d := json.NewDecoder(bytes.NewReader(text)); ; {
		var m module
		err := d.Decode(&m)
		if errors.Is(err, io.EOF) {
			return list, nil
		}
		if err != nil {
			return nil, err
		}
		list = append(list, m)
	}
}

// readModules reads the descriptors of all modules, and names those of the roots.
func readModules(list []module) (all map[string]*descriptorpb.FileDescriptorProto, wanted []string, err error) {
	all = map[string]*descriptorpb.FileDescriptorProto{}
	for _, m := range list {
		files, err := readModule(m.Dir)
		if err != nil {
			return nil, nil, err
		}
		for _, f := range files {
			if all[f.GetName()] == nil {
				all[f.GetName()] = f
			}
			if slices.Contains(roots, m.Path) && !isVersion2(f.GetName()) {
				wanted = append(wanted, f.GetName())
			}
		}
	}
	return all, wanted, nil
}

// namesOf is a file with its messages, of which nothing is left but the names: enough to tell that somebody uses
// what Envoy does not read any more.
func namesOf(f *descriptorpb.FileDescriptorProto) *descriptorpb.FileDescriptorProto {
	names := &descriptorpb.FileDescriptorProto{Name: f.Name, Package: f.Package, Syntax: f.Syntax}
	for _, m := range f.GetMessageType() {
		names.MessageType = append(names.MessageType, &descriptorpb.DescriptorProto{Name: m.Name})
	}
	return names
}

// isVersion2 reports whether a file is of version 2 of the API, which Envoy does not read any more.
func isVersion2(name string) bool {
	return strings.HasPrefix(name, "envoy/") && slices.ContainsFunc(strings.Split(name, "/"), func(part string) bool {
		return part == "v2" || strings.HasPrefix(part, "v2alpha")
	})
}

func readModule(dir string) ([]*descriptorpb.FileDescriptorProto, error) {
	var files []*descriptorpb.FileDescriptorProto
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".pb.go") || strings.HasSuffix(path, "_vtproto.pb.go") {
			return err
		}
		raw, err := rawDescriptor(path)
		if err != nil || raw == nil {
			return err
		}
		f := &descriptorpb.FileDescriptorProto{}
		if err := proto.Unmarshal(raw, f); err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		files = append(files, f)
		return nil
	})
	return files, err
}

// closure is a set of the wanted files and all that they import, and of the names of what version 2 had, in
// the order of their names.
func closure(all map[string]*descriptorpb.FileDescriptorProto, wanted []string) (*descriptorpb.FileDescriptorSet, error) {
	taken := map[string]bool{}
	for len(wanted) > 0 {
		name := wanted[len(wanted)-1]
		wanted = wanted[:len(wanted)-1]
		if taken[name] {
			continue
		}
		f := all[name]
		if f == nil {
			return nil, fmt.Errorf("no module of testdata/envoy has %s: add the one that does", name)
		}
		taken[name] = true
		wanted = append(wanted, f.GetDependency()...)
	}
	set := &descriptorpb.FileDescriptorSet{}
	for name, f := range all {
		if isVersion2(name) && !taken[name] {
			taken[name] = true
			all[name] = namesOf(f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(taken)) {
		f := all[name]
		f.Service, f.SourceCodeInfo = nil, nil
		set.File = append(set.File, f)
	}
	return set, nil
}

// writeCompressed leaves a file alone that holds the same text, compressed as it may be: the
// compressor of another version of Go may write other bytes.
func writeCompressed(name string, text []byte) error {
	if old, err := readCompressed(name); err == nil && bytes.Equal(old, text) {
		return nil
	}
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return err
	}
	if _, err := w.Write(text); err != nil {
		return err
	}
	if err := w.Close(); err != nil {
		return err
	}
	return os.WriteFile(name, b.Bytes(), 0o666)
}

func readCompressed(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	r, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
