package report

import "github.com/commslint/commslint/finding"

// A palette colours text with the ANSI escapes that every terminal has
// (ECMA-48, 8.3.117 SGR), or leaves it as it is.
type palette struct{ on bool }

func ink(color bool) palette { return palette{on: color} }

const (
	sgrBold   = "1"
	sgrDim    = "2"
	sgrRed    = "1;31"
	sgrYellow = "1;33"
	sgrBlue   = "34"
	sgrCyan   = "1;36"
)

func (p palette) paint(sgr, s string) string {
	if !p.on || s == "" {
		return s
	}
	return "\x1b[" + sgr + "m" + s + "\x1b[0m"
}

func (p palette) bold(s string) string  { return p.paint(sgrBold, s) }
func (p palette) dim(s string) string   { return p.paint(sgrDim, s) }
func (p palette) frame(s string) string { return p.paint(sgrBlue, s) }

func (p palette) level(l finding.Level, s string) string {
	switch l {
	case finding.Error:
		return p.paint(sgrRed, s)
	case finding.Warning:
		return p.paint(sgrYellow, s)
	}
	return p.paint(sgrCyan, s)
}
