package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/openapi/document"
	"github.com/commslint/commslint/openapi/lint"
	"github.com/commslint/commslint/tree"
)

// inputOpenAPI is the rule of documents that cannot be read.
const inputOpenAPI = "input/openapi"

// A checkedDocument is one document with its findings.
type checkedDocument struct {
	name     string
	doc      *document.Document
	findings []finding.Finding
}

// checkDocuments reads and checks the OpenAPI documents of the workspace.
func (c *checkRun) checkDocuments(ws *workspace.Workspace) *inspection {
	check := newInspection()
	options := lint.NewOptions(c.param)
	var checked []checkedDocument
	for _, name := range c.wanted(ws, workspace.OpenAPI, inputOpenAPI) {
		doc, err := document.Load(c.readDocument, name)
		if err != nil {
			check.failures = append(check.failures, documentFailure(name, err))
			continue
		}
		checked = append(checked, checkedDocument{name, doc, lint.Check(doc, options)})
		check.contracts = append(check.contracts, program.Contracts(doc, options)...)
		for _, f := range doc.Files {
			check.note(f.Name, f.Text)
		}
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

// collect joins the findings of the documents. Files that several of them refer to have their
// findings once, and a document without operations that another one refers to is a part of that.
func (i *inspection) collect(checked []checkedDocument) {
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
		i.analysed++
		if parts[c.name] && len(c.doc.Paths) == 0 && len(c.doc.Webhooks) == 0 {
			continue
		}
		for _, f := range c.findings {
			id := identity{f.Rule, f.Message, f.Location}
			if !seen[id] {
				seen[id] = true
				i.findings = append(i.findings, f)
			}
		}
	}
}
