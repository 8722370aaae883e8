package main

import (
	"os"
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/types/descriptorpb"
)

func TestRawDescriptor(t *testing.T) {
	for source, want := range map[string]string{
		"package p\nconst file_a_rawDesc = \"\" +\n\t\"\\n\\x01\" +\n\t\"a\"\n": "\n\x01a",
		"package p\nvar file_a_rawDesc = []byte{\n\t0x0a, 0x01,\n\t97,\n}\n":    "\n\x01a",
		"package p\nvar file_a_rawDesc = string([]byte{0x0a, 1, 'a'[0]})\n":     "",
		"package p\nconst other = \"x\"\n":                                      "",
	} {
		path := filepath.Join(t.TempDir(), "a.pb.go")
		if err := os.WriteFile(path, []byte(source), 0o666); err != nil {
			t.Fatal(err)
		}
		raw, err := rawDescriptor(path)
		if string(raw) != want || err != nil && want != "" {
			t.Errorf("%s: %q, %v", source, raw, err)
		}
	}
}

func TestClosure(t *testing.T) {
	file := func(name string, dependencies ...string) *descriptorpb.FileDescriptorProto {
		message := &descriptorpb.DescriptorProto{Name: &name, Field: []*descriptorpb.FieldDescriptorProto{{}}}
		return &descriptorpb.FileDescriptorProto{Name: &name, Dependency: dependencies, MessageType: []*descriptorpb.DescriptorProto{message}}
	}
	all := map[string]*descriptorpb.FileDescriptorProto{
		"envoy/a.proto": file("envoy/a.proto", "b.proto"), "b.proto": file("b.proto"), "c.proto": file("c.proto"),
		"envoy/api/v2/d.proto": file("envoy/api/v2/d.proto", "c.proto"),
	}
	set, err := closure(all, []string{"envoy/a.proto"})
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range set.File {
		names = append(names, f.GetName())
	}
	if len(names) != 3 || names[0] != "b.proto" || names[1] != "envoy/a.proto" || names[2] != "envoy/api/v2/d.proto" {
		t.Errorf("%v", names)
	}
	if old := set.File[2]; len(old.Dependency) != 0 || len(old.MessageType[0].Field) != 0 {
		t.Error("more than names is left of version 2")
	}
	if _, err := closure(all, []string{"envoy/missing.proto"}); err == nil {
		t.Error("a file that no module has is not missed")
	}
}
