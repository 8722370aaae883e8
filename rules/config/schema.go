package config

import (
	_ "embed"
	"fmt"
	"strings"

	"cuelang.org/go/cue"

	"github.com/commslint/commslint/rules"
)

//go:embed schema.cue
var schemaSource string

// Schema compiles the schema of configurations that may set the given rules.
func Schema(ctx *cue.Context, catalogue []rules.Rule) (cue.Value, error) {
	source := schemaSource + ruleSchemas(catalogue) + "\n#Config\n"
	schema := ctx.CompileString(source, cue.Filename("schema.cue"))
	if err := schema.Err(); err != nil {
		return cue.Value{}, fmt.Errorf("schema of the configuration: %w", err)
	}
	return schema.LookupPath(cue.ParsePath("#Config")), nil
}

// ruleSchemas writes the part of the schema that the catalogue decides: which
// rules there are, and which parameters each has.
func ruleSchemas(catalogue []rules.Rule) string {
	var b strings.Builder
	b.WriteString("\n#Rules: {\n\t[=~\"\\\\*\"]: #Level | #Settings\n")
	for i := range catalogue {
		r := &catalogue[i]
		for _, id := range append([]string{r.ID}, r.Aliases...) {
			fmt.Fprintf(&b, "\t// %s\n\t%q?: #Level | %s\n", r.Summary, id, settingsSchema(r))
		}
	}
	b.WriteString("}\n")
	return b.String()
}

func settingsSchema(r *rules.Rule) string {
	if len(r.Params) == 0 {
		return "#Settings"
	}
	var b strings.Builder
	b.WriteString("{\n\t\t// How loud the rule is.\n\t\tseverity?: #Level\n\t\t// Files in which the rule reports nothing.\n\t\texclude?: [...#Exclude]\n")
	for i := range r.Params {
		p := &r.Params[i]
		fmt.Fprintf(&b, "\t\t// %s\n\t\t%q?: %s\n", p.Doc, p.Name, paramSchema(p))
	}
	b.WriteString("\t}")
	return b.String()
}

func paramSchema(p *rules.Param) string {
	switch p.Type {
	case "int", "bool":
		return p.Type
	case "strings":
		return "[...string]"
	}
	if len(p.Values) == 0 {
		return "string"
	}
	quoted := make([]string, len(p.Values))
	for i, v := range p.Values {
		quoted[i] = fmt.Sprintf("%q", v)
	}
	return strings.Join(quoted, " | ")
}
