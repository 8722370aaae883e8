package vettool

import (
	"encoding/json"
	"os"
)

// OldGo is what the tool says to the commslint command when the go command that
// started it is too old.
//
// Since Go 1.26 the go command names in the unit's configuration the file that
// takes the tool's output (cmd/go/internal/work/exec.go, vetConfig.Stdout), which
// it then caches and prints on standard output. An older one mixes the output
// into its messages: no finding would arrive.
const OldGo = "the go command is older than Go 1.26, and does not hand on what commslint finds: install Go 1.26 or later (https://go.dev/dl), or let the go command fetch it with GOTOOLCHAIN=go1.26.0+auto"

// tooOld reports whether the commslint command was given a go command that
// loses its findings. Under go vet alone, any go command will do.
func tooOld(args []string) bool {
	if !underCommslint(args) {
		return false
	}
	data, err := os.ReadFile(args[len(args)-1])
	if err != nil {
		return false // unitchecker says so
	}
	var unit struct{ Stdout *string }
	return json.Unmarshal(data, &unit) == nil && unit.Stdout == nil
}
