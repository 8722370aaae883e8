package breaking

import (
	"fmt"
	"slices"
	"strings"
)

// Dimensions are the ways in which a change may break someone.
type Dimensions uint8

const (
	// Wire is for peers that exchange the binary encoding, and call over gRPC.
	Wire Dimensions = 1 << iota
	// JSON is for peers that exchange ProtoJSON, and for callers of transcoded REST.
	JSON
	// Source is for code that is compiled against newly generated code.
	Source
)

// AllDimensions is what counts where the user does not say.
const AllDimensions = Wire | JSON | Source

// DimensionNames are what ParseDimensions reads: the dimensions, and the categories
// of buf that stand for some of them.
var DimensionNames = []string{"wire", "json", "source", "FILE", "PACKAGE", "WIRE_JSON", "WIRE"}

// ParseDimensions reads names of dimensions and of buf's categories. None stand for all.
func ParseDimensions(names []string) (Dimensions, error) {
	var dims Dimensions
	for _, name := range names {
		switch strings.TrimSpace(name) {
		case "wire", "WIRE":
			dims |= Wire
		case "json":
			dims |= JSON
		case "source":
			dims |= Source
		case "WIRE_JSON":
			dims |= Wire | JSON
		case "FILE", "PACKAGE":
			dims |= AllDimensions
		default:
			return 0, fmt.Errorf("unknown dimension %q: expected some of %s", name, strings.Join(DimensionNames, ", "))
		}
	}
	if dims == 0 {
		return AllDimensions, nil
	}
	return dims, nil
}

// Names lists the dimensions as findings do.
func (d Dimensions) Names() []string {
	var names []string
	for i, name := range DimensionNames[:3] {
		if d&(1<<i) != 0 {
			names = append(names, name)
		}
	}
	return slices.Clip(names)
}
