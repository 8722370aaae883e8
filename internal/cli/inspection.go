package cli

import (
	"path/filepath"
	"slices"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/proxyconfig"
	"github.com/commslint/commslint/internal/workspace"
)

// An inspection is what the files show that one frontend reads.
type inspection struct {
	findings   []finding.Finding
	failures   []finding.Finding
	directives []finding.PlacedDirective
	analysed   int             // files
	files      map[string]bool // that were read, as findings name them
	// proxies are what proxies and meshes are told; nil if nobody looked.
	proxies *proxyconfig.Result
	// contracts are the operations of OpenAPI documents.
	contracts []callgraph.Contract
}

func newInspection() *inspection { return &inspection{files: map[string]bool{}} }

// note takes the suppression comments of a file, the first time. JSON has none.
func (i *inspection) note(name string, text []byte) {
	if i.files[name] {
		return
	}
	i.files[name] = true
	if filepath.Ext(name) != ".json" {
		i.directives = append(i.directives, finding.TextDirectives(name, text, commentMarker(name))...)
	}
}

// add joins another inspection to this one.
func (i *inspection) add(o *inspection) {
	i.findings = append(i.findings, o.findings...)
	i.failures = append(i.failures, o.failures...)
	i.directives = append(i.directives, o.directives...)
	i.analysed += o.analysed
	i.contracts = append(i.contracts, o.contracts...)
	if o.proxies != nil {
		i.proxies = o.proxies
	}
	for name := range o.files {
		i.files[name] = true
	}
}

// wanted lists the files of a kind that the configuration does not exclude from being read, as
// findings name them.
func (c *checkRun) wanted(ws *workspace.Workspace, kind workspace.Kind, inputRule string) []string {
	var names []string
	for _, path := range ws.Documents[kind] {
		name := workspace.Relative(c.env.Dir, path)
		if _, excluded := c.config.Excluded(inputRule, name); !excluded {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// param reads the parameters of rules from the configuration.
func (c *findingRun) param(rule, name string) string {
	value, _ := c.config.Param(rule, name)
	return value
}
