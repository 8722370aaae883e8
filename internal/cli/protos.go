package cli

import (
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/protocheck/breaking"
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

// protoOptions takes what the comparison of .proto files needs from flags and
// configuration.
func (c *findingRun) protoOptions() breaking.Options {
	return breaking.Options{
		Dimensions: c.dimensions,
		All:        c.config.Level(breaking.CompatibleChange) != finding.Off && c.config.Explicit(breaking.CompatibleChange),
	}
}

// commentMarker is how comments begin in a text file.
func commentMarker(file string) string {
	if strings.EqualFold(filepath.Ext(file), ".proto") {
		return "//"
	}
	return "#"
}
