package cli

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/commslint/commslint/report"
)

// An output is one --format flag: a format, and the file that it goes to.
type output struct {
	format string
	file   string // absolute; empty for standard output
}

// parseOutputs reads --format flags. Standard output can hold one report only.
func parseOutputs(env *Env, flags []string) ([]output, error) {
	if len(flags) == 0 {
		flags = []string{"text"}
	}
	var outs []output
	onStdout := ""
	for _, flag := range flags {
		format, file, hasFile := strings.Cut(flag, "=")
		if known := report.Formats(); !slices.Contains(known, format) {
			return nil, fmt.Errorf("--format %s: unknown format %q%s; known are %s",
				flag, format, didYouMean(format, known), strings.Join(known, ", "))
		}
		switch {
		case hasFile && file == "":
			return nil, fmt.Errorf("--format %s: no file after '='; write %s=FILE, or %s for standard output", flag, format, format)
		case hasFile:
			file = env.path(file)
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

// writeFile writes a whole file or nothing: to a temporary file in the same
// folder, which is then renamed.
func writeFile(path string, mode os.FileMode, write func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			os.Remove(tmp.Name())
		}
	}()
	if err = write(tmp); err != nil {
		tmp.Close()
		return err
	}
	if err = tmp.Chmod(mode); err != nil {
		tmp.Close()
		return err
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
