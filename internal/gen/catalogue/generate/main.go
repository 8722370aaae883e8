// Command generate compiles the rule catalogue. It is run by go generate in the
// folder rules.
package main

import (
	"fmt"
	"os"

	"github.com/commslint/commslint/internal/gen/catalogue"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	all, err := catalogue.Load("catalogue")
	if err != nil {
		return err
	}
	files, err := catalogue.Generate(all)
	if err != nil {
		return err
	}
	return catalogue.Write("..", files)
}
