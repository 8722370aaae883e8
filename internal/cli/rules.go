package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

func newRulesCommand(env *Env) *cobra.Command {
	var format, domain string
	cmd := &cobra.Command{
		Use:     "rules",
		Short:   "List the rules with their default levels",
		Example: "  commslint rules --domain go",
		Args:    cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			selected, err := rulesOf(domain)
			if err != nil {
				return err
			}
			switch format {
			case "text":
				return writeRulesText(env.Stdout, selected)
			case "json":
				return writeJSON(env.Stdout, rulesDocument{Version: 1, Rules: ruleDocuments(selected)})
			}
			return unknownFormat(format, "text", "json")
		},
	}
	addFormatFlag(cmd.Flags(), &format, "text", "json")
	cmd.Flags().StringVar(&domain, "domain", "", "list the rules of one domain only, such as go")
	return cmd
}

// rulesOf returns the rules of a domain, or all if it is empty.
func rulesOf(domain string) ([]rules.Rule, error) {
	if domain == "" {
		return rules.All(), nil
	}
	var selected []rules.Rule
	var domains []string
	for _, r := range rules.All() {
		if r.Domain() == domain {
			selected = append(selected, r)
		}
		domains = append(domains, r.Domain())
	}
	if selected == nil {
		domains = slices.Compact(domains)
		return nil, fmt.Errorf("--domain %s: unknown domain%s; expected one of %s",
			domain, didYouMean(domain, domains), strings.Join(domains, ", "))
	}
	return selected, nil
}

func writeRulesText(w io.Writer, selected []rules.Rule) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, r := range selected {
		fmt.Fprintf(table, "%s\t%s\t%s\n", r.ID, r.Level, r.Summary)
	}
	return table.Flush()
}

// A rulesDocument is what `commslint rules -f json` prints.
type rulesDocument struct {
	Version int            `json:"version"`
	Rules   []ruleDocument `json:"rules"`
}

type ruleDocument struct {
	ID          string              `json:"id"`
	Aliases     []string            `json:"aliases,omitempty"`
	Analyzer    string              `json:"analyzer,omitempty"`
	Level       finding.Level       `json:"level"`
	Summary     string              `json:"summary"`
	Rationale   string              `json:"rationale"`
	Remediation string              `json:"remediation"`
	Bad         string              `json:"bad"`
	Good        string              `json:"good"`
	Language    string              `json:"language"`
	Parameters  []paramDocument     `json:"parameters"`
	References  []referenceDocument `json:"references"`
	Precision   string              `json:"precision"`
	Tags        []string            `json:"tags"`
}

// A paramDocument has the fields of rules.Param, in its order.
type paramDocument struct {
	Name    string   `json:"name"`
	Type    string   `json:"type"`
	Default string   `json:"default"`
	Doc     string   `json:"doc"`
	Source  string   `json:"source"`
	Values  []string `json:"values,omitempty"`
	Format  string   `json:"format,omitempty"`
}

type referenceDocument struct {
	Title string `json:"title"`
	URL   string `json:"url"`
}

func ruleDocuments(selected []rules.Rule) []ruleDocument {
	documents := make([]ruleDocument, len(selected))
	for i := range selected {
		documents[i] = newRuleDocument(&selected[i])
	}
	return documents
}

func newRuleDocument(r *rules.Rule) ruleDocument {
	d := ruleDocument{
		ID: r.ID, Aliases: r.Aliases, Analyzer: r.Analyzer, Level: r.Level, Summary: r.Summary,
		Rationale: r.Rationale, Remediation: r.Remediation, Bad: r.Bad, Good: r.Good, Language: r.Language,
		Parameters: []paramDocument{}, References: []referenceDocument{}, Precision: r.Precision, Tags: r.Tags,
	}
	for _, p := range r.Params {
		d.Parameters = append(d.Parameters, paramDocument(p))
	}
	for _, ref := range r.References {
		d.References = append(d.References, referenceDocument(ref))
	}
	return d
}

func writeJSON(w io.Writer, document any) error {
	encoder := json.NewEncoder(w)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(document)
}

// addFormatFlag adds the flag of commands that print one document; the first
// format is the default.
func addFormatFlag(flags *pflag.FlagSet, format *string, known ...string) {
	flags.StringVarP(format, "format", "f", known[0], "output format: "+strings.Join(known, ", "))
}

func unknownFormat(format string, known ...string) error {
	return fmt.Errorf("--format %s: unknown format%s; expected one of %s",
		format, didYouMean(format, known), strings.Join(known, ", "))
}
