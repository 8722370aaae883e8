package cli

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/pflag"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/internal/contract"
	"github.com/commslint/commslint/internal/workspace"
	"github.com/commslint/commslint/protocheck/breaking"
	"github.com/commslint/commslint/protocheck/lint"
)

// protoFlags are the flags about .proto files.
type protoFlags struct {
	protoPath  []string
	dimensions []string
}

func (f *protoFlags) addProto(flags *pflag.FlagSet) {
	flags.StringArrayVarP(&f.protoPath, "proto-path", "I", nil, "`DIR` that .proto files import from, repeatable (default: what buf.yaml says, or what fits their imports)")
	flags.StringSliceVar(&f.dimensions, "dimensions", nil, "in which `DIMENSIONS` changes of .proto files matter: "+strings.Join(breaking.DimensionNames[:3], ", ")+", or a category of buf (default all)")
}

// checkProtos compiles the .proto files of the workspace.
func (c *checkRun) checkProtos(ctx context.Context, paths []string) (*inspection, error) {
	check := newInspection()
	paths = slices.DeleteFunc(slices.Clone(paths), func(path string) bool {
		_, excluded := c.config.Excluded(contract.InputProto, workspace.Relative(c.env.Dir, path))
		return excluded
	})
	found, err := contract.CheckProtos(ctx, contract.ProtoOptions{
		Dir: c.env.Dir, ImportPaths: c.shared.protoPath, Parallel: c.flags.jobs, Env: c.env.Lookup,
		Lint: lint.NewOptions(func(rule, name string) string {
			value, _ := c.config.Param(rule, name)
			return value
		}),
	}, paths)
	if err != nil {
		return nil, err
	}
	c.protos = found
	check.analysed, check.findings, check.failures = found.Analysed, found.Findings, found.Failures
	for _, path := range paths {
		if text, err := os.ReadFile(path); err == nil {
			check.note(workspace.Relative(c.env.Dir, path), text)
		}
	}
	return check, nil
}

// protoOptions takes what the comparison of .proto files needs from flags and
// configuration.
func (c *findingRun) protoOptions() breaking.Options {
	return breaking.Options{
		Dimensions: func(file string) breaking.Dimensions {
			names := c.shared.dimensions
			if len(names) == 0 {
				names = c.config.Dimensions(file)
			}
			dims, _ := breaking.ParseDimensions(names) // flags and configuration have been checked
			return dims
		},
		All: c.config.Level(breaking.CompatibleChange) != finding.Off && c.config.Explicit(breaking.CompatibleChange),
	}
}

// commentMarker is how comments begin in a text file.
func commentMarker(file string) string {
	if strings.EqualFold(filepath.Ext(file), ".proto") {
		return "//"
	}
	return "#"
}
