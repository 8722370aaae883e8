// Commslint-vet is the part of commslint that go vet starts, once for each package,
// without the libraries that only the command line needs: it starts some
// milliseconds sooner. The commslint command uses it where it is installed next to
// it; what the two find is the same.
//
//	go vet -vettool=$(which commslint-vet) ./...
package main

import (
	"fmt"
	"os"

	"github.com/commslint/commslint/analyzers"
	"github.com/commslint/commslint/internal/vettool"
)

func main() {
	if !vettool.Called(os.Args[1:]) {
		fmt.Fprintln(os.Stderr, "commslint-vet is started by go vet: go vet -vettool=$(which commslint-vet) ./...\nThe command line is commslint: commslint check ./...")
		os.Exit(2)
	}
	vettool.Main(analyzers.Unit)
}
