package report

import (
	"encoding/xml"
	"io"

	"github.com/commslint/commslint/finding"
)

// checkstyleVersion is the version of Checkstyle whose reports these are like. It
// is what readers such as Jenkins expect and has no meaning beyond that.
const checkstyleVersion = "10.0"

type checkstyleReport struct {
	XMLName xml.Name         `xml:"checkstyle"`
	Version string           `xml:"version,attr"`
	Files   []checkstyleFile `xml:"file"`
}

type checkstyleFile struct {
	Name   string            `xml:"name,attr"`
	Errors []checkstyleError `xml:"error"`
}

// A checkstyleError counts columns in characters, as Checkstyle does. Lines and columns
// are positive or left out.
type checkstyleError struct {
	Line     int    `xml:"line,attr,omitempty"`
	Column   int    `xml:"column,attr,omitempty"`
	Severity string `xml:"severity,attr"`
	Message  string `xml:"message,attr"`
	Source   string `xml:"source,attr"`
}

// writeCheckstyle writes what Checkstyle's XMLLogger writes, by the schema that
// Checkstyle publishes (config/checkstyle-report-1.0.0.xsd). It knows no
// suppressions; suppressed findings are left out.
func writeCheckstyle(w io.Writer, in *Input) error {
	src := newSources(in)
	r := checkstyleReport{Version: checkstyleVersion}
	byFile, order := shownByFile(in)
	for _, name := range order {
		file := checkstyleFile{Name: name}
		for _, f := range byFile[name] {
			at := primaryLocation(f)
			file.Errors = append(file.Errors, checkstyleError{
				Line: max(at.Line, 0), Column: src.file(at.File).runeColumn(at.Line, at.Column),
				Severity: checkstyleSeverity(f.Level),
				Message:  annotationText(f),
				Source:   "commslint." + f.Rule, // readers take what is behind the last dot for the rule
			})
		}
		r.Files = append(r.Files, file)
	}
	return encodeXML(w, r)
}

// checkstyleSeverity is one of the three that the schema has.
func checkstyleSeverity(l finding.Level) string {
	if l == finding.Error || l == finding.Warning {
		return string(l)
	}
	return "info"
}

// shownByFile groups the findings that are not suppressed by the file that they are
// shown at, in the order in which the files are first named.
func shownByFile(in *Input) (byFile map[string][]*finding.Finding, order []string) {
	byFile = map[string][]*finding.Finding{}
	for i := range in.Findings {
		f := &in.Findings[i]
		if f.Suppressed != nil {
			continue
		}
		name := primaryLocation(f).File
		if byFile[name] == nil {
			order = append(order, name)
		}
		byFile[name] = append(byFile[name], f)
	}
	return byFile, order
}
