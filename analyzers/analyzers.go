// Package analyzers collects the Go rules of commslint for any driver of
// golang.org/x/tools/go/analysis.
package analyzers

import (
	"golang.org/x/tools/go/analysis"

	"github.com/commslint/commslint/analyzers/amplification"
	"github.com/commslint/commslint/analyzers/bodyleak"
	"github.com/commslint/commslint/analyzers/callsheet"
	"github.com/commslint/commslint/analyzers/contextdropped"
	"github.com/commslint/commslint/analyzers/deadlineexceedscaller"
	"github.com/commslint/commslint/analyzers/directives"
	"github.com/commslint/commslint/analyzers/effects"
	"github.com/commslint/commslint/analyzers/grpcpolicy"
	"github.com/commslint/commslint/analyzers/grpcreflection"
	"github.com/commslint/commslint/analyzers/hardcodedaddress"
	"github.com/commslint/commslint/analyzers/ignorederror"
	"github.com/commslint/commslint/analyzers/insecuretls"
	"github.com/commslint/commslint/analyzers/nestedretry"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/analyzers/notimeout"
	"github.com/commslint/commslint/analyzers/perrequestclient"
	"github.com/commslint/commslint/analyzers/plaintext"
	"github.com/commslint/commslint/analyzers/remotecallinloop"
	"github.com/commslint/commslint/analyzers/retrynobackoff"
	"github.com/commslint/commslint/analyzers/retrynobudget"
	"github.com/commslint/commslint/analyzers/retrynojitter"
	"github.com/commslint/commslint/analyzers/retrynonidempotent"
	"github.com/commslint/commslint/analyzers/retrypermanenterror"
	"github.com/commslint/commslint/analyzers/servernotimeout"
	"github.com/commslint/commslint/analyzers/textflow"
	"github.com/commslint/commslint/analyzers/unboundedretry"
	"github.com/commslint/commslint/analyzers/xfftrust"
)

// All returns the analyzers, one for each rule, in alphabetical order.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		amplification.Analyzer,
		bodyleak.Analyzer,
		contextdropped.Analyzer,
		deadlineexceedscaller.Analyzer,
		grpcreflection.Analyzer,
		hardcodedaddress.Analyzer,
		ignorederror.Analyzer,
		insecuretls.Analyzer,
		nestedretry.Analyzer,
		notimeout.Analyzer,
		perrequestclient.Analyzer,
		plaintext.Analyzer,
		remotecallinloop.Analyzer,
		retrynobackoff.Analyzer,
		retrynobudget.Analyzer,
		retrynojitter.Analyzer,
		retrynonidempotent.Analyzer,
		retrypermanenterror.Analyzer,
		servernotimeout.Analyzer,
		unboundedretry.Analyzer,
		xfftrust.Analyzer,
	}
}

// Unit returns what the commslint command runs on each package: the rules, and
// what it needs besides to apply suppressions, to link the call graph and to check service
// configs. Netcall, effects and grpcpolicy are listed for their flags, which a driver offers only
// for the analyzers that it is given.
func Unit() []*analysis.Analyzer {
	return append(All(), netcall.Analyzer, effects.Analyzer, grpcpolicy.Analyzer, callsheet.Analyzer, textflow.Analyzer, directives.Analyzer)
}
