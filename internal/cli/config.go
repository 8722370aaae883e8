package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/rules/config"
)

func newConfigCommand(env *Env) *cobra.Command {
	var format, file string
	var levels levelFlags
	cmd := &cobra.Command{
		Use:   "config [PATH]",
		Short: "Print the effective configuration and where each value comes from",
		Long: `Config prints what holds for a path (default: the working directory): for each rule its
level and parameters, what is excluded, the services and the dimensions. A value comes
from the file, with its place, from a flag, or is the default.`,
		Example: `  commslint config
  commslint config services/payments --severity go/no-timeout=warning -f json`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := effectiveConfig(env, file, args)
			if err != nil {
				return err
			}
			if err := levels.apply(c); err != nil {
				return err
			}
			switch format {
			case "text":
				return writeConfigText(env.Stdout, c)
			case "json":
				return writeJSON(env.Stdout, newConfigDocument(c))
			}
			return unknownFormat(format, "text", "json")
		},
	}
	addFormatFlag(cmd.Flags(), &format, "text", "json")
	levels.add(cmd.Flags())
	cmd.PersistentFlags().StringVarP(&file, "config", "c", "", "configuration file; the first found upward from PATH otherwise")
	cmd.AddCommand(newConfigVerifyCommand(env, &file))
	return cmd
}

func newConfigVerifyCommand(env *Env, file *string) *cobra.Command {
	return &cobra.Command{
		Use:   "verify [PATH]",
		Short: "Check the configuration that holds for PATH",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			c, err := effectiveConfig(env, *file, args)
			if err != nil {
				return err
			}
			message := c.Path() + ": valid"
			if c.Path() == "" {
				message = "no commslint.yaml or commslint.cue found: the defaults hold"
			}
			_, err = fmt.Fprintln(env.Stdout, message)
			return err
		},
	}
}

// effectiveConfig loads the configuration for the path in args, the working
// directory if there is none.
func effectiveConfig(env *Env, file string, args []string) (*config.Config, error) {
	path := "."
	if len(args) > 0 {
		path = args[0]
	}
	c, err := loadConfig(env, file, path)
	if err != nil {
		return nil, err
	}
	warnOfSibling(env, c.Path())
	return c, nil
}

// warnOfSibling says that a commslint.cue is not read where a commslint.yaml is.
func warnOfSibling(env *Env, path string) {
	if filepath.Base(path) != "commslint.yaml" {
		return
	}
	sibling := strings.TrimSuffix(path, "yaml") + "cue"
	if _, err := os.Stat(env.path(sibling)); err == nil {
		fmt.Fprintf(env.Stderr, "commslint: %s is not read, because %s comes first; delete one of the two\n", sibling, path)
	}
}

// shortened is a value that leaves room for the other columns; the JSON format has all of it.
func shortened(value string) string {
	const most = 40
	if len(value) <= most {
		return value
	}
	if i := strings.LastIndexByte(value[:most], ','); i > 0 {
		return value[:i+1] + "…"
	}
	return strings.ToValidUTF8(value[:most], "") + "…"
}

func writeConfigText(w io.Writer, c *config.Config) error {
	path := c.Path()
	if path == "" {
		path = "none found; the defaults hold"
	}
	fmt.Fprintf(w, "configuration: %s\n\n", path)
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range c.Entries() {
		name := e.Rule
		if e.Name != "severity" {
			name = "  " + e.Name
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", name, shortened(orNone(e.Value)), e.Origin)
	}
	if excludes := c.Excludes(); len(excludes) > 0 {
		fmt.Fprint(table, "\nexcluded\n")
		for _, e := range excludes {
			fmt.Fprintf(table, "  %s\t%s\t%s%s\n", e.Glob, orEvery(e.Rule), e.Origin, inParentheses(e.Reason))
		}
	}
	if services := c.Services(); len(services) > 0 {
		fmt.Fprint(table, "\nservices\n")
		for _, s := range services {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", s.Name, serviceNames(s), s.Origin)
		}
	}
	if all := c.AllDimensions(); len(all) > 0 {
		fmt.Fprint(table, "\ndimensions of .proto files\n")
		for _, d := range all {
			fmt.Fprintf(table, "  %s\t%s\t%s\n", orEveryFile(d.Glob), strings.Join(d.Names, ", "), d.Origin)
		}
	}
	return table.Flush()
}

func orEveryFile(glob string) string {
	if glob == "" {
		return "every file"
	}
	return glob
}

func orNone(value string) string {
	if value == "" {
		return "none"
	}
	return value
}

func orEvery(rule string) string {
	if rule == "" {
		return "every rule"
	}
	return rule
}

func inParentheses(reason string) string {
	if reason == "" {
		return ""
	}
	return " (" + reason + ")"
}

// serviceNames lists what leads to a service: hosts payments, 10.0.0.1; env PAYMENTS_URL.
func serviceNames(s config.Service) string {
	var parts []string
	for _, p := range []struct {
		what  string
		names []string
	}{{"hosts", s.Hosts}, {"env", s.Env}, {"clusters", s.Clusters}} {
		if len(p.names) > 0 {
			parts = append(parts, p.what+" "+strings.Join(p.names, ", "))
		}
	}
	if s.Dir != "" {
		parts = append(parts, "dir "+s.Dir)
	}
	return orNone(strings.Join(parts, "; "))
}

// A configDocument is what `commslint config -f json` prints.
type configDocument struct {
	Version  int               `json:"version"`
	File     string            `json:"file"` // empty if the defaults hold
	Values   []valueDocument   `json:"values"`
	Exclude  []excludeDocument `json:"exclude"`
	Services []serviceDocument `json:"services"`
	// Dimensions are in the file's order; the last that fits a file counts.
	Dimensions []dimensionsDocument `json:"dimensions"`
}

type dimensionsDocument struct {
	Path   string   `json:"path,omitempty"` // every file if empty
	Of     []string `json:"of"`
	Origin string   `json:"origin"`
}

type valueDocument struct {
	Rule   string `json:"rule"`
	Name   string `json:"name"`
	Value  string `json:"value"`
	Origin string `json:"origin"`
}

type excludeDocument struct {
	Rule   string `json:"rule,omitempty"`
	Glob   string `json:"glob"`
	Reason string `json:"reason,omitempty"`
	Origin string `json:"origin"`
}

type serviceDocument struct {
	Name     string   `json:"name"`
	Hosts    []string `json:"hosts,omitempty"`
	Env      []string `json:"env,omitempty"`
	Clusters []string `json:"clusters,omitempty"`
	Dir      string   `json:"dir,omitempty"`
	Origin   string   `json:"origin"`
}

func newConfigDocument(c *config.Config) configDocument {
	d := configDocument{
		Version: 1, File: c.Path(), Values: []valueDocument{}, Exclude: []excludeDocument{}, Services: []serviceDocument{},
		Dimensions: []dimensionsDocument{},
	}
	for _, e := range c.Entries() {
		d.Values = append(d.Values, valueDocument(e))
	}
	for _, e := range c.Excludes() {
		d.Exclude = append(d.Exclude, excludeDocument(e))
	}
	for _, s := range c.Services() {
		d.Services = append(d.Services, serviceDocument(s))
	}
	for _, e := range c.AllDimensions() {
		d.Dimensions = append(d.Dimensions, dimensionsDocument{Path: e.Glob, Of: e.Names, Origin: e.Origin})
	}
	return d
}
