// Commslint finds network calls that hang, retries that duplicate, and contract
// changes that break callers. See the command line's own help.
//
// The same binary is a tool for go vet: go vet -vettool=$(which commslint) ./...
package main

import (
	"os"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/internal/cli"
	"github.com/commslint/commslint/internal/vettool"
)

func main() {
	if vettool.Called(os.Args[1:]) {
		vettool.Main(analyzers.Unit)
	}
	os.Exit(cli.Main(os.Args[1:], cli.OSEnv()))
}
