package cli

import (
	"github.com/commslint/commslint/internal/proxyconfig"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/rules/config"
)

// checkProxies checks what the files of the workspace tell proxies and meshes.
func (c *checkRun) checkProxies(ws *workspace.Workspace) *inspection {
	check := newInspection()
	res := proxyconfig.Load(ws, proxyconfig.Options{
		Dir: c.env.Dir, Param: c.param, Excluded: excludes(c.config),
	})
	check.findings, check.failures, check.proxies = res.Findings, res.Failures, res
	for _, f := range res.Files {
		check.note(f.Name, f.Text)
		check.analysed++
	}
	return check
}

// excludes reports whether a configuration leaves a file out altogether.
func excludes(c *config.Config) func(inputRule, name string) bool {
	return func(inputRule, name string) bool {
		_, excluded := c.Excluded(inputRule, name)
		return excluded
	}
}
