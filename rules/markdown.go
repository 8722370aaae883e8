package rules

import (
	"fmt"
	"strings"
)

// Domain returns the part of the id before the slash: "go" of "go/no-timeout".
func (r *Rule) Domain() string {
	domain, _, _ := strings.Cut(r.ID, "/")
	return domain
}

// Name returns the part of the id after the slash: "no-timeout" of
// "go/no-timeout".
func (r *Rule) Name() string {
	_, name, _ := strings.Cut(r.ID, "/")
	return name
}

// Markdown returns the rule's page: what it finds, an example to avoid and one to
// prefer, why it matters, how to mend it, its parameters and its sources.
func (r *Rule) Markdown() string {
	var b strings.Builder
	fmt.Fprintf(&b, "# %s\n\n", r.ID)
	fmt.Fprintf(&b, "## Summary\n\n%s.\n\n", sentence(r.Summary))
	if len(r.Aliases) > 0 {
		fmt.Fprintf(&b, "Also known as: `%s`.\n\n", strings.Join(r.Aliases, "`, `"))
	}
	fmt.Fprintf(&b, "## Default level\n\n`%s`\n\n", r.Level)
	fmt.Fprintf(&b, "## Avoid\n\n%s\n", fence(r.Language, r.Bad))
	fmt.Fprintf(&b, "## Prefer\n\n%s\n", fence(r.Language, r.Good))
	fmt.Fprintf(&b, "## Rationale\n\n%s\n\n", r.Rationale)
	fmt.Fprintf(&b, "## How to mend\n\n%s\n\n", r.Remediation)
	if len(r.Params) > 0 {
		b.WriteString(r.paramsMarkdown())
	}
	b.WriteString("## References\n\n")
	for _, ref := range r.References {
		fmt.Fprintf(&b, "- [%s](%s)\n", ref.Title, ref.URL)
	}
	return b.String()
}

func (r *Rule) paramsMarkdown() string {
	var b strings.Builder
	b.WriteString("## Parameters\n\n")
	b.WriteString("| name | takes | default | meaning | why this default |\n|---|---|---|---|---|\n")
	for _, p := range r.Params {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s | %s |\n",
			p.Name, cell(p.Expected()), cell(p.defaultMarkdown()), cell(p.Doc), cell(p.Source))
	}
	fmt.Fprintf(&b, "\nIn `commslint.yaml`:\n\n```yaml\nversion: 1\nrules:\n  %s:\n", r.ID)
	for _, p := range r.Params {
		fmt.Fprintf(&b, "    %s: %s\n", p.Name, p.defaultYAML())
	}
	b.WriteString("```\n\n")
	return b.String()
}

func (p *Param) defaultMarkdown() string {
	if p.Default == "" {
		return "none"
	}
	return "`" + p.Default + "`"
}

// defaultYAML writes the default as commslint.yaml spells it.
func (p *Param) defaultYAML() string {
	switch p.Type {
	case "strings":
		quoted := p.Split(p.Default)
		for i, element := range quoted {
			quoted[i] = fmt.Sprintf("%q", element)
		}
		return "[" + strings.Join(quoted, ", ") + "]"
	case "string", "duration":
		return fmt.Sprintf("%q", p.Default)
	}
	return p.Default
}

// sentence begins a summary with a capital letter.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}

func fence(language, source string) string {
	return "```" + language + "\n" + strings.TrimRight(source, "\n") + "\n```\n"
}

// cell makes text fit for a table.
func cell(s string) string { return strings.ReplaceAll(s, "|", `\|`) }
