package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strings"

	"github.com/commslint/commslint/finding"
)

type junitReport struct {
	XMLName  xml.Name     `xml:"testsuites"`
	Name     string       `xml:"name,attr"`
	Tests    int          `xml:"tests,attr"`
	Failures int          `xml:"failures,attr"`
	Errors   int          `xml:"errors,attr"`
	Suites   []junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Errors   int         `xml:"errors,attr"`
	Skipped  int         `xml:"skipped,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name      string       `xml:"name,attr"`
	ClassName string       `xml:"classname,attr"`
	Skipped   *junitReason `xml:"skipped"`
	Error     *junitReason `xml:"error"`
	Failure   *junitReason `xml:"failure"`
}

type junitReason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr,omitempty"`
	Text    string `xml:",chardata"`
}

// writeJUnit writes a report by the schema of Jenkins' xUnit plugin (junit-10.xsd):
// each file is a suite and each finding a test that fails, an input that could not be
// analysed one in error, a suppressed finding one that is skipped. A run without findings is
// one test that passes, as CI systems take a report without tests for a fault.
func writeJUnit(w io.Writer, in *Input) error {
	r := junitReport{Name: "commslint"}
	at := map[string]int{}
	for i := range in.Findings {
		f := &in.Findings[i]
		file := primaryLocation(f).File
		n, known := at[file]
		if !known {
			n = len(r.Suites)
			at[file] = n
			r.Suites = append(r.Suites, junitSuite{Name: file})
		}
		r.Suites[n].add(f)
	}
	if len(r.Suites) == 0 {
		r.Suites = []junitSuite{{Name: "commslint", Tests: 1, Cases: []junitCase{{Name: "no findings", ClassName: "commslint"}}}}
	}
	for i := range r.Suites {
		s := &r.Suites[i]
		s.number()
		r.Tests += s.Tests
		r.Failures += s.Failures
		r.Errors += s.Errors
	}
	return encodeXML(w, r)
}

// add adds a finding as a test. Its name has no line, so that CI systems know it again
// when lines move.
func (s *junitSuite) add(f *finding.Finding) {
	c := junitCase{Name: f.Rule + ": " + printable(f.Message), ClassName: s.Name}
	reason := &junitReason{Message: f.Message, Type: string(f.Level), Text: junitText(f)}
	switch {
	case f.Suppressed != nil:
		c.Skipped = &junitReason{Message: f.Suppressed.Justification}
		s.Skipped++
	case f.IsInputFailure():
		c.Error = reason
		s.Errors++
	default:
		c.Failure = reason
		s.Failures++
	}
	s.Tests++
	s.Cases = append(s.Cases, c)
}

// number tells tests of the same name apart, as CI systems keep one of each name.
func (s *junitSuite) number() {
	seen := map[string]int{}
	for i := range s.Cases {
		c := &s.Cases[i]
		seen[c.Name]++
		if n := seen[c.Name]; n > 1 {
			c.Name = fmt.Sprintf("%s (%d)", c.Name, n)
		}
	}
}

// junitText is what a reader sees of a failed test: the place, the message and the
// evidence.
func junitText(f *finding.Finding) string {
	var b strings.Builder
	b.WriteString(step(place(f.Location), fmt.Sprintf("%s: %s [%s]", f.Level, f.Message, f.Rule)))
	for _, r := range f.Related {
		b.WriteString("\n  " + step(place(r.Location), r.Message))
	}
	return b.String()
}
