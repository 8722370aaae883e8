package cli

import (
	"context"
	"io"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/report"
)

func newCalls(env *Env) *cobra.Command {
	var f programFlags
	cmd := &cobra.Command{
		Use:   "calls [PATH...]",
		Short: "List the outgoing calls, with what a review of a design asks about each",
		Long: `Calls finds Go code below the paths, as check does, and lists every call that
sends a request: its time limit, what repeats it, whether a repeat does harm, what
becomes of its error, and how many requests one request can become. What the code
does not tell is unknown, never guessed.

The markdown format answers the five questions of a design review for each call:
what is the timeout; is it idempotent; what happens on partial failure; where is
the backpressure; can the retry amplify load.

Exit codes: 0 ran; 2 could not run; 3 some input could not be analysed, so that
calls may be missing.`,
		Example: `  commslint calls
  commslint calls ./services/orders -f markdown=calls.md`,
		RunE: func(cmd *cobra.Command, args []string) error {
			r, err := newProgramRun(env, &f, args, report.CallFormats())
			if err != nil {
				return err
			}
			return r.calls(cmd.Context())
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	addOutputFlag(flags, &f.formats, report.CallFormats())
	f.add(flags)
	return cmd
}

func (r *programRun) calls(ctx context.Context) error {
	p, err := r.load(ctx)
	if err != nil {
		return err
	}
	sheet := p.Calls(1)
	err = r.write(func(format string, w io.Writer, _ bool) error {
		return report.WriteCalls(w, format, sheet)
	})
	if err != nil {
		return err
	}
	return r.verdict(p)
}
