package report

import (
	"cmp"
	"fmt"
	"net/url"
	"strings"

	"github.com/commslint/commslint/finding"
	"github.com/commslint/commslint/rules"
)

// maxTags is how many tags of a rule GitHub takes (docs.github.com, "SARIF
// support for code scanning").
const maxTags = 20

// describeRule writes what the catalogue says of a rule, and for a rule that is
// not in it the little that a reader needs.
func (b *sarifBuilder) describeRule(id string) sarifRule {
	r, ok := b.in.rule(id)
	if !ok {
		return sarifRule{
			ID:               id,
			ShortDescription: sarifText{Text: id},
			FullDescription:  sarifText{Text: id},
			Help:             sarifMarkdown{Text: id},
		}
	}
	summary := cmp.Or(r.Summary, id)
	out := sarifRule{
		ID:                   id,
		Name:                 pascalCase(id),
		DeprecatedIDs:        r.Aliases,
		ShortDescription:     sarifText{Text: summary},
		FullDescription:      sarifText{Text: cmp.Or(r.Rationale, summary)},
		Help:                 sarifMarkdown{Text: helpText(r), Markdown: r.Markdown()},
		HelpURI:              ruleDocs + id + ".md",
		DefaultConfiguration: defaultConfiguration(r.Level),
		Properties: map[string]any{
			"problem.severity": problemSeverity(r.Level),
		},
	}
	if r.Precision != "" {
		out.Properties["precision"] = r.Precision
	}
	if tags := r.Tags; len(tags) > 0 {
		out.Properties["tags"] = tags[:min(len(tags), maxTags)]
	}
	return out
}

func defaultConfiguration(l finding.Level) *sarifConfiguration {
	if l == finding.Off {
		enabled := false
		return &sarifConfiguration{Enabled: &enabled}
	}
	return &sarifConfiguration{Level: sarifLevel(l)}
}

// problemSeverity is GitHub's word for a level.
func problemSeverity(l finding.Level) string {
	switch l {
	case finding.Error, finding.Warning:
		return string(l)
	}
	return "recommendation"
}

// helpText is the help for readers that show no Markdown.
func helpText(r *rules.Rule) string {
	parts := []string{}
	for _, part := range []string{r.Rationale, r.Remediation} {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	for _, ref := range r.References {
		parts = append(parts, fmt.Sprintf("%s: %s", ref.Title, ref.URL))
	}
	if len(parts) == 0 {
		return cmp.Or(r.Summary, r.ID)
	}
	return strings.Join(parts, "\n\n")
}

// pascalCase turns go/no-timeout into GoNoTimeout, the form in which the
// standard suggests to write a rule's name (SARIF 2.1.0, 3.49.7).
func pascalCase(id string) string {
	var b strings.Builder
	for _, word := range strings.FieldsFunc(id, func(r rune) bool { return r == '/' || r == '-' || r == '_' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// escapePath writes a slash-separated path as the path of a URI.
func escapePath(file string) string { return (&url.URL{Path: file}).String() }

// link writes a link to the related location of that number. Brackets and
// backslashes in a link's text are escaped (SARIF 2.1.0, 3.11.6).
func link(text string, id int) string {
	text = strings.NewReplacer(`\`, `\\`, `[`, `\[`, `]`, `\]`).Replace(text)
	return fmt.Sprintf("[%s](%d)", text, id)
}
