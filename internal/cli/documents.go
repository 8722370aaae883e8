package cli

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/lint"
	"github.com/commslint/commslint/tree"
)

// inputOpenAPI is the rule of documents that cannot be read.
const inputOpenAPI = "input/openapi"

// A documentCheck is what the OpenAPI documents of a workspace show.
type documentCheck struct {
	findings   []finding.Finding
	failures   []finding.Finding
	directives []finding.PlacedDirective
	analysed   int             // documents
	files      map[string]bool // that documents consist of, as findings name them
}

// A checkedDocument is one document with its findings.
type checkedDocument struct {
	name     string
	doc      *document.Document
	findings []finding.Finding
}

// checkDocuments reads and checks the documents of the workspace.
func (c *checkRun) checkDocuments(paths []string) *documentCheck {
	check := &documentCheck{files: map[string]bool{}}
	options := lint.NewOptions(func(rule, name string) string {
		value, _ := c.config.Param(rule, name)
		return value
	})
	var checked []checkedDocument
	for _, path := range paths {
		name := workspace.Relative(c.env.Dir, path)
		if _, excluded := c.config.Excluded(inputOpenAPI, name); excluded {
			continue
		}
		doc, err := document.Load(c.readDocument, name)
		if err != nil {
			check.failures = append(check.failures, documentFailure(name, err))
			continue
		}
		checked = append(checked, checkedDocument{name, doc, lint.Check(doc, options)})
		check.note(doc)
	}
	check.collect(checked)
	return check
}

func (c *checkRun) readDocument(name string) ([]byte, error) {
	return os.ReadFile(c.env.path(filepath.FromSlash(name)))
}

// documentFailure is the finding of a document that cannot be read.
func documentFailure(name string, err error) finding.Finding {
	f := finding.Finding{
		Rule: inputOpenAPI, Level: finding.Error, Strength: finding.Proven, Message: err.Error(),
		Location: finding.Location{File: name},
	}
	if parse, ok := errors.AsType[*tree.Error](err); ok {
		f.Message, f.Location = parse.Message, parse.Location
	} else if path, ok := errors.AsType[*fs.PathError](err); ok {
		f.Message = fmt.Sprintf("the file cannot be read: %v", path.Err)
	}
	return f
}

// note takes the suppression comments of the files of a document. JSON has none.
func (d *documentCheck) note(doc *document.Document) {
	for _, f := range doc.Files {
		if d.files[f.Name] {
			continue
		}
		d.files[f.Name] = true
		if filepath.Ext(f.Name) != ".json" {
			d.directives = append(d.directives, finding.TextDirectives(f.Name, f.Text, "#")...)
		}
	}
}

// has reports whether a file is one that the documents consist of.
func (d *documentCheck) has(name string) bool { return d != nil && d.files[name] }

// collect joins the findings of the documents. Files that several of them refer to have their
// findings once, and a document without operations that another one refers to is a part of that.
func (d *documentCheck) collect(checked []checkedDocument) {
	parts := map[string]bool{}
	for _, c := range checked {
		for _, f := range c.doc.Files[1:] {
			parts[f.Name] = true
		}
	}
	type identity struct {
		rule, message string
		at            finding.Location
	}
	seen := map[identity]bool{}
	for _, c := range checked {
		d.analysed++
		if parts[c.name] && len(c.doc.Paths) == 0 && len(c.doc.Webhooks) == 0 {
			continue
		}
		for _, f := range c.findings {
			id := identity{f.Rule, f.Message, f.Location}
			if !seen[id] {
				seen[id] = true
				d.findings = append(d.findings, f)
			}
		}
	}
	slices.SortFunc(d.directives, func(a, b finding.PlacedDirective) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
}
