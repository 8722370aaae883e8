package cli

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/commslint/commslint/rules"
)

// explainWidth is how wide explanations are set, in characters: about what is
// easily read, and fits a terminal of 80 columns.
const explainWidth = 78

func newExplainCommand(env *Env) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:     "explain RULE",
		Short:   "Explain a rule: why it matters, how to mend it, examples, parameters, references",
		Example: "  commslint explain go/no-timeout",
		Args:    explainArgs,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			var ids []string
			for _, r := range rules.All() {
				ids = append(ids, r.ID+"\t"+r.Summary)
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			r, ok := rules.Lookup(args[0])
			if !ok {
				return unknownRule(args[0])
			}
			switch format {
			case "text":
				_, err := io.WriteString(env.Stdout, explanation(r))
				return err
			case "markdown":
				_, err := io.WriteString(env.Stdout, r.Markdown())
				return err
			case "json":
				return writeJSON(env.Stdout, explainDocument{Version: 1, Rule: newRuleDocument(r)})
			}
			return unknownFormat(format, "text", "markdown", "json")
		},
	}
	addFormatFlag(cmd.Flags(), &format, "text", "markdown", "json")
	return cmd
}

// An explainDocument is what `commslint explain -f json` prints.
type explainDocument struct {
	Version int          `json:"version"`
	Rule    ruleDocument `json:"rule"`
}

func explainArgs(_ *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("explain takes the id of one rule, got %d; 'commslint rules' lists them", len(args))
	}
	return nil
}

func unknownRule(id string) error {
	return fmt.Errorf("unknown rule %q%s; 'commslint rules' lists the rules", id, hint(rules.Suggest(rules.All(), id)))
}

// explanation sets a rule's page for a terminal.
func explanation(r *rules.Rule) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (%s by default)\n\n%s\n", r.ID, r.Level, indent(wrap(r.Summary)))
	section := func(title, body string) { fmt.Fprintf(&b, "\n%s\n\n%s\n", title, indent(body)) }
	section("WHY", wrap(r.Rationale))
	section("HOW TO MEND", wrap(r.Remediation))
	section("AVOID", strings.TrimRight(r.Bad, "\n"))
	section("PREFER", strings.TrimRight(r.Good, "\n"))
	if len(r.Params) > 0 {
		section("PARAMETERS", explainParams(r.Params))
	}
	var references []string
	for _, ref := range r.References {
		references = append(references, ref.Title+"\n  "+ref.URL)
	}
	section("REFERENCES", strings.Join(references, "\n"))
	if len(r.Aliases) > 0 {
		section("EARLIER IDS", strings.Join(r.Aliases, "\n"))
	}
	return b.String()
}

func explainParams(params []rules.Param) string {
	var blocks []string
	for i := range params {
		p := &params[i]
		value := p.Default
		if value == "" {
			value = "none"
		}
		lines := []string{wrap(p.Doc), wrap("takes " + p.Expected()), wrap("default " + value + ": " + p.Source)}
		blocks = append(blocks, p.Name+"\n"+indent(strings.Join(lines, "\n")))
	}
	return strings.Join(blocks, "\n\n")
}

// wrap sets a paragraph anew in lines of at most explainWidth characters,
// indentation included.
func wrap(text string) string {
	const width = explainWidth - 4
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		switch {
		case column == 0:
		case column+1+len(word) > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += len(word)
	}
	return b.String()
}

// indent moves every line that is not empty two columns to the right.
func indent(text string) string {
	lines := strings.Split(text, "\n")
	for i, line := range lines {
		if line != "" {
			lines[i] = "  " + line
		}
	}
	return strings.Join(lines, "\n")
}
