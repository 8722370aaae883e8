// Command clients compiles the client-library models in rules/clients/*.cue
// into rules/clients/models_gen.go: composite literals that the Go linker lays
// out as static data, so that starting the program costs nothing for them.
//
// It runs in the directory of the models: go generate ./rules/clients.
package main

import (
	"fmt"
	"go/format"
	"os"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/cuecontext"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/load"
)

const output = "models_gen.go"

func main() {
	if err := generate("."); err != nil {
		cwd, _ := os.Getwd() // only shortens the positions in the message
		details := errors.Details(err, &errors.Config{Cwd: cwd})
		fmt.Fprintln(os.Stderr, strings.TrimSpace(details))
		os.Exit(1)
	}
}

// generate writes the output file of the models in dir.
func generate(dir string) error {
	libraries, retries, err := loadModels(dir)
	if err != nil {
		return err
	}
	if err := check(libraries, retries); err != nil {
		return err
	}
	src, err := format.Source(render(libraries, retries))
	if err != nil {
		return fmt.Errorf("formatting %s: %w", output, err)
	}
	return os.WriteFile(output, src, 0o644)
}

// loadModels evaluates the CUE package in dir; its errors carry file:line:col.
func loadModels(dir string) ([]Library, []RetryLibrary, error) {
	instances := load.Instances([]string{"."}, &load.Config{Dir: dir, Package: "clients"})
	if err := instances[0].Err; err != nil {
		return nil, nil, err
	}
	value := cuecontext.New().BuildInstance(instances[0])
	if err := value.Validate(cue.Concrete(true), cue.Final()); err != nil {
		return nil, nil, err
	}
	var models struct {
		Libraries map[string]model
		Retries   map[string]retryModel
	}
	if err := value.Decode(&models); err != nil {
		return nil, nil, err
	}
	return sorted(models.Libraries), sortedRetries(models.Retries), nil
}
