// Package manifest reads Kubernetes documents: which kind each is, where each of its values
// stands, and which services and containers a cluster will run. What a mesh or gateway is told
// in such documents is read by package mesh.
//
//	if manifest.Sniff(text) {
//		file := manifest.Read("deploy/shop.yaml", text)
//		…
//	}
//	workloads := manifest.Workloads(objects)
package manifest

import (
	"slices"
	"strings"

	"github.com/commslint/commslint/tree"
)

// A File is what a text says in the documents that are looked at.
type File struct {
	Name    string
	Objects []*Object
	// Errors are the documents that cannot be read and that are about routes. Others, such as a Deployment that some
	// script fills in, are left out.
	Errors []*tree.Error
	// Template says that expressions stand in the text that are filled in later. What cannot
	// be read in a template is not an error: it may be fine once it is filled in.
	Template bool
}

// An Object is a Kubernetes object, or one that looks like it.
type Object struct {
	Group, Version, Kind string
	Namespace, Name      string // empty where not said, or not known yet
	Root                 *tree.Node
}

// Spec is the specification of the object; nil if it has none.
func (o *Object) Spec() *tree.Node { return o.Root.Get("spec") }

// File is the name of the file in which the object stands.
func (o *Object) File() string { return o.Root.File.Name }

// NameNode is where the name of the object stands, or the object where it has none.
func (o *Object) NameNode() *tree.Node {
	for _, n := range []*tree.Node{o.Root.Get("metadata").Get("name"), o.Root.Get("name")} {
		if n != nil {
			return n
		}
	}
	return o.Root
}

// Annotation returns the value of an annotation; nil if there is none.
func (o *Object) Annotation(name string) *tree.Node {
	return o.Root.Get("metadata").Get("annotations").Get(name)
}

// Label returns the value of a label; empty if there is none.
func (o *Object) Label(name string) string {
	return Text(o.Root.Get("metadata").Get("labels").Get(name))
}

// Is reports whether the object is of a group and kind. The group of core objects is empty.
func (o *Object) Is(group, kind string) bool { return o.Kind == kind && o.Group == group }

// Read reads the documents of a text that are of known kinds, and no others.
func Read(name string, text []byte) *File {
	f := &File{Name: name}
	kept := keepKnown(text)
	if kept == nil {
		return f
	}
	parsed, errs := tree.ParseTemplate(name, kept)
	f.Template = parsed.IsTemplate()
	for _, err := range errs {
		if isAboutRoutes(text, err.Location.Line) {
			f.Errors = append(f.Errors, err)
		}
	}
	for _, root := range parsed.Documents {
		f.add(root, 0)
	}
	return f
}

// maxListDepth bounds how deep lists of objects may lie in each other.
const maxListDepth = 3

// add takes an object, or the objects of a list.
func (f *File) add(root *tree.Node, depth int) {
	if root == nil || depth > maxListDepth {
		return
	}
	if root.Kind == tree.Array {
		for _, item := range root.Items {
			f.add(item, depth+1)
		}
	}
	if o := asObject(root); o != nil {
		f.Objects = append(f.Objects, o)
		return
	}
	for _, m := range root.Members {
		if m.Value.Kind != tree.Array {
			continue
		}
		for _, item := range m.Value.Items {
			if item.Get("kind") != nil || item.Get("items") != nil {
				f.add(item, depth+1)
			}
		}
	}
}

// asObject tells what a document is; nil if it is a list, or nothing that is known.
func asObject(root *tree.Node) *Object {
	o := &Object{Kind: Text(root.Get("kind")), Root: root}
	metadata := root.Get("metadata")
	switch api := Text(root.Get("apiVersion")); {
	case o.Kind != "" && api != "":
		group, version, found := strings.Cut(api, "/")
		if !found {
			group, version = "", api
		}
		o.Group, o.Version = group, version
	case root.Get("type") != nil && isKumaKind(Text(root.Get("type"))):
		// Kuma outside of Kubernetes has the same resources with their name beside the type.
		o.Group, o.Kind, metadata = "kuma.io", Text(root.Get("type")), root
	case root.Get("virtualRouterName") != nil && root.Get("spec") != nil:
		// The form that the command line of AWS takes.
		o.Group, o.Kind, metadata = "appmesh", "Route", root
	case o.Kind == "" && root.Get("services") != nil && root.Get("services").Kind == tree.Object:
		o.Group, o.Kind = composeGroup, composeKind
	default:
		return nil
	}
	if strings.HasSuffix(o.Kind, "List") && root.Get("items") != nil {
		return nil
	}
	o.Name, o.Namespace = Text(metadata.Get("name")), Text(metadata.Get("namespace"))
	if o.Kind == "Route" && o.Group == "appmesh" {
		o.Name = Text(root.Get("routeName"))
	}
	return o
}

func isKumaKind(kind string) bool {
	return strings.HasPrefix(kind, "Mesh") && slices.Contains(kinds, kind)
}

// Text is the text of a scalar; empty for others, and for what a template fills in later.
func Text(n *tree.Node) string {
	if n == nil || n.Kind == tree.Array || n.Kind == tree.Object || n.Kind == tree.Null || n.Templated() {
		return ""
	}
	return n.Text
}
