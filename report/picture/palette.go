package picture

import "strings"

// A tone is a colour by light and by dark.
type tone struct{ name, light, dark string }

// palette is all colours of pictures and pages. A test holds the contrast of what is
// text to what WCAG 2.2 asks for (4.5 to 1; 3 to 1 for lines that carry meaning).
var palette = []tone{
	{"paper", "#ffffff", "#14181f"},
	{"panel", "#f6f7f9", "#1c222b"},
	{"ink", "#1b2027", "#e8ecf1"},
	{"faint", "#57606a", "#a3adb9"},
	{"rule", "#d3d8de", "#3a434f"},
	{"line", "#77818c", "#7d8896"},
	{"box", "#f6f7f9", "#222933"},
	{"boxline", "#77818c", "#7d8896"},
	{"entry", "#e3effd", "#17304d"},
	{"entryline", "#0b5cad", "#6cb0f5"},
	{"operation", "#ffffff", "#1a202a"},
	{"many", "#8a5300", "#e3b155"},
	{"worst", "#c4232d", "#ff7b72"},
	{"focus", "#6f42c1", "#c8a6ff"},
	{"warm", "#fff1c9", "#4a3a0c"},
	{"onwarm", "#5a3f00", "#f8dd8f"},
	{"hot", "#ffd2a6", "#64370a"},
	{"onhot", "#5f2c00", "#ffd0a0"},
	{"fire", "#c4232d", "#ff8078"},
	{"onfire", "#ffffff", "#2b0503"},
}

// paint puts colours into a style sheet, where each is written as $name.
func paint(css string, color func(t tone) string) string {
	pairs := make([]string, 0, 2*len(palette))
	for _, t := range palette {
		pairs = append(pairs, "$"+t.name+";", color(t)+";")
	}
	return strings.NewReplacer(pairs...).Replace(css)
}

func (t tone) inLight() string    { return t.light }
func (t tone) inDark() string     { return t.dark }
func (t tone) asVariable() string { return "var(--" + t.name + ")" }

// variables lists the colours as custom properties.
func variables(color func(t tone) string) string {
	var b strings.Builder
	for _, t := range palette {
		b.WriteString("--" + t.name + ":" + color(t) + ";")
	}
	return b.String()
}
