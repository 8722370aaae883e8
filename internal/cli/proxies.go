package cli

import (
	"github.com/commslint/commslint/internal/proxyconfig"
	"github.com/commslint/commslint/internal/workspace"
)

// checkProxies checks what the files of the workspace tell proxies and meshes.
func (c *checkRun) checkProxies(ws *workspace.Workspace) *inspection {
	check := newInspection()
	res := proxyconfig.Load(ws, proxyconfig.Options{
		Dir:   c.env.Dir,
		Param: c.param,
		Excluded: func(inputRule, name string) bool {
			_, excluded := c.config.Excluded(inputRule, name)
			return excluded
		},
	})
	check.findings, check.failures = res.Findings, res.Failures
	for _, f := range res.Files {
		check.note(f.Name, f.Text)
		check.analysed++
	}
	return check
}
