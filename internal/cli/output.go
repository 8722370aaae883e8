package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// An output is one --format flag: a format, and the file that it goes to.
type output struct {
	format string
	file   string // absolute; empty for standard output
}

// parseOutputs reads --format flags, of which the first of the known formats is
// the default. Standard output can hold one report only.
func parseOutputs(env *Env, flags, known []string) ([]output, error) {
	if len(flags) == 0 {
		flags = known[:1]
	}
	var outs []output
	onStdout := ""
	for _, flag := range flags {
		format, file, hasFile := strings.Cut(flag, "=")
		if !slices.Contains(known, format) {
			return nil, fmt.Errorf("--format %s: unknown format %q%s; known are %s",
				flag, format, didYouMean(format, known), strings.Join(known, ", "))
		}
		switch {
		case hasFile && file == "":
			return nil, fmt.Errorf("--format %s: no file after '='; write %s=FILE, or %s for standard output", flag, format, format)
		case hasFile:
			if file = filepath.Clean(env.path(file)); slices.ContainsFunc(outs, func(o output) bool { return sameFile(o.file, file) }) {
				return nil, fmt.Errorf("--format %s: another report goes to that file; give each its own", flag)
			}
		case onStdout != "":
			return nil, fmt.Errorf("--format %s: standard output already gets %s; write one of them to a file: --format %s=FILE",
				flag, onStdout, format)
		default:
			onStdout = format
		}
		outs = append(outs, output{format: format, file: file})
	}
	return outs, nil
}

// sameFile reports whether two reports would overwrite each other. Devices, such
// as /dev/null, take more than one.
func sameFile(a, b string) bool {
	if a == "" || b == "" {
		return false
	}
	infoA, errA := os.Stat(a)
	infoB, errB := os.Stat(b)
	if errA == nil && errB == nil {
		return os.SameFile(infoA, infoB) && infoA.Mode().IsRegular()
	}
	return a == b
}
