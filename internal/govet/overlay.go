package govet

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/commslint/commslint/internal/workspace"
)

// overlayFile is the format of the go command's -overlay flag: an empty
// replacement deletes the file.
type overlayFile struct {
	Replace map[string]string
}

// hideTests keeps test files from the go command unless they are asked for.
// go vet always analyses a package together with its tests; without them there
// is nothing to report in them, they need not compile, their imports need not
// be there, and each package is analysed once instead of twice.
func (r *run) hideTests() (cleanup func(), err error) {
	if r.opt.Tests || len(r.unit.TestFiles) == 0 {
		return func() {}, nil
	}
	overlay, err := r.userOverlay()
	if err != nil {
		return nil, err
	}
	for _, file := range r.unit.TestFiles {
		if !workspace.InModuleCache(file) { // those the go command refuses to replace
			overlay.Replace[file] = ""
		}
	}
	data, err := json.Marshal(overlay)
	if err != nil {
		return nil, err
	}
	f, err := os.CreateTemp("", "commslint-overlay-*.json")
	if err != nil {
		return nil, err
	}
	cleanup = func() { os.Remove(f.Name()) }
	_, err = f.Write(data)
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		cleanup()
		return nil, err
	}
	r.overlay = f.Name()
	return cleanup, nil
}

// userOverlay reads the overlay that the user set in GOFLAGS, which ours would
// otherwise replace.
func (r *run) userOverlay() (*overlayFile, error) {
	o := &overlayFile{Replace: make(map[string]string)}
	goflags, _ := lookupEnv(r.opt.Env, "GOFLAGS")
	for _, field := range strings.Fields(goflags) {
		name, value, ok := strings.Cut(strings.TrimLeft(field, "-"), "=")
		if !ok || name != "overlay" {
			continue
		}
		if !filepath.IsAbs(value) {
			value = filepath.Join(r.unit.Dir, value)
		}
		data, err := os.ReadFile(value)
		if err != nil {
			return nil, fmt.Errorf("overlay in GOFLAGS: %w", err)
		}
		if err := json.Unmarshal(data, o); err != nil {
			return nil, fmt.Errorf("overlay in GOFLAGS: %s: %w", value, err)
		}
	}
	return o, nil
}

// lookupEnv finds a variable in an environment; the last setting counts.
func lookupEnv(env []string, name string) (value string, ok bool) {
	for _, kv := range env {
		if v, found := strings.CutPrefix(kv, name+"="); found {
			value, ok = v, true
		}
	}
	return value, ok
}
