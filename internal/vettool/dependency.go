package vettool

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// rawFlag is what the commslint command passes, and nobody else.
const rawFlag = "-netcall.raw"

// ModuleCacheFlag says that a module is checked where it lies in the module
// cache. Its packages are dependencies elsewhere, of which only facts are wanted;
// with the flag the go command caches them apart from that.
const ModuleCacheFlag = "commslint.modulecache"

// underCommslint reports whether the go command that started the tool was in turn
// started by the commslint command.
func underCommslint(args []string) bool {
	return slices.Contains(args, rawFlag) || slices.Contains(args, rawFlag+"=true")
}

// asRoot lets a package of the user's own code be analysed in full even where
// go vet asks for its facts alone, because it is a dependency this time. It
// returns the arguments with a configuration file that says so.
//
// The go command caches what the tool prints under a key that does not tell the
// two apart (cmd/go/internal/work/exec.go, Builder.vet: VetxOnly is not hashed).
// A package that was first a dependency would ever after be replayed with the
// empty output of that run, and its findings would be lost. Under the commslint
// command the output is the same either way; findings about packages that
// were not asked for are dropped there.
func asRoot(args []string) []string {
	if !underCommslint(args) {
		return args
	}
	file := args[len(args)-1]
	data, err := os.ReadFile(file)
	if err != nil {
		return args // unitchecker says so
	}
	factsOnly, full := []byte(`"VetxOnly": true`), []byte(`"VetxOnly": false`)
	if !bytes.Contains(data, factsOnly) || !isOwnCode(data, slices.Contains(args, "-"+ModuleCacheFlag)) {
		return args
	}
	root := strings.TrimSuffix(file, ".cfg") + ".root.cfg"
	if err := os.WriteFile(root, bytes.Replace(data, factsOnly, full, 1), 0o666); err != nil {
		return args
	}
	args = slices.Clone(args)
	args[len(args)-1] = root
	return args
}

// isOwnCode reports whether a unit may be asked for by name: it belongs to a
// module, and is neither vendored nor, unless that is checked itself, in the module
// cache, whose folders bear a version.
func isOwnCode(config []byte, moduleCache bool) bool {
	var unit struct {
		Dir        string
		ModulePath string
	}
	if err := json.Unmarshal(config, &unit); err != nil || unit.ModulePath == "" {
		return false
	}
	for elem := range strings.SplitSeq(filepath.ToSlash(unit.Dir), "/") {
		if elem == "vendor" || !moduleCache && strings.Contains(elem, "@v") {
			return false
		}
	}
	return true
}
