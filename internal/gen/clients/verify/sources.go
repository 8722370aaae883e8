package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

// checkSources checks that the cited lines exist, if the module's version is
// the one that was read: another version moves the lines, which is no error.
func (c *checker) checkSources() {
	root := c.sourceRoot()
	if root == "" {
		return
	}
	for i := range c.lib.Funcs {
		c.checkSource(root, c.lib.Funcs[i].Name, c.lib.Funcs[i].Source)
	}
	for i := range c.lib.Types {
		c.checkSource(root, c.lib.Types[i].Name, c.lib.Types[i].Source)
	}
}

func (c *checker) checkSource(root, name, source string) {
	file, line, ok := strings.Cut(source, ":")
	n, err := strconv.Atoi(line)
	if !ok || err != nil {
		c.problem(name, "source %q is not of the form file:line", source)
		return
	}
	content, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		c.problem(name, "source %q: there is no such file", source)
		return
	}
	lines := bytes.Split(content, []byte("\n"))
	if n < 1 || n > len(lines) || len(bytes.TrimSpace(lines[n-1])) == 0 {
		c.problem(name, "source %q: there is nothing on that line", source)
	}
}

// sourceRoot returns the folder that the library's sources are relative to;
// empty if it is not there in the version that was read.
func (c *checker) sourceRoot() string {
	module := c.pkgs[0].Module
	if module == nil {
		if c.lib.Source != runtime.Version() {
			return ""
		}
		return filepath.Join(runtime.GOROOT(), "src")
	}
	if c.lib.Source != module.Path+"@"+module.Version {
		return ""
	}
	return module.Dir
}
