package rules

import (
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Check reports whether value, in flag syntax, may be given to the parameter.
// The error says what was found and what is expected.
func (p *Param) Check(value string) error {
	expected := p.Expected()
	bad := func() error { return fmt.Errorf("found %q; expected %s", value, expected) }
	if len(p.Values) > 0 && !slices.Contains(p.Values, value) {
		return bad()
	}
	switch p.Type {
	case "int":
		if _, err := strconv.Atoi(value); err != nil {
			return bad()
		}
	case "bool":
		if value != "true" && value != "false" {
			return bad()
		}
	case "duration":
		if d, err := time.ParseDuration(value); err != nil || d < 0 {
			return bad()
		}
	case "strings":
		for _, element := range p.Split(value) {
			if err := p.CheckElement(element); err != nil {
				return err
			}
		}
	}
	return nil
}

// CheckElement is Check for one element of a parameter of type "strings".
func (p *Param) CheckElement(element string) error {
	if wellFormed(p.Format, element) {
		return nil
	}
	return fmt.Errorf("found %q; expected %s", element, p.ExpectedElement())
}

// ExpectedElement says in words what an element of a parameter of type
// "strings" is.
func (p *Param) ExpectedElement() string {
	switch p.Format {
	case "host":
		return `a host name such as "cache.example.com" or "*.example.com"`
	case "cidr":
		return `a network in CIDR form such as "10.0.0.0/8"`
	}
	return "a string without a comma"
}

// Split takes a value of type "strings" apart. Elements are separated by commas;
// the empty string has none.
func (p *Param) Split(value string) []string {
	if value == "" {
		return nil
	}
	return strings.Split(value, ",")
}

// Expected says in words what the parameter takes.
func (p *Param) Expected() string {
	if len(p.Values) > 0 {
		return "one of " + strings.Join(p.Values, ", ")
	}
	switch p.Type {
	case "int":
		return "a whole number"
	case "bool":
		return "true or false"
	case "duration":
		return `a duration such as "500ms" or "2s"`
	case "strings":
		return "a list, each element " + p.ExpectedElement()
	}
	return "a string"
}

func wellFormed(format, element string) bool {
	switch format {
	case "cidr":
		_, err := netip.ParsePrefix(element)
		return err == nil
	case "host":
		host := strings.TrimPrefix(element, "*.")
		return host != "" && !strings.ContainsAny(host, "/:*, \t")
	}
	return element != "" && !strings.Contains(element, ",")
}
