package picture

import (
	"bufio"
	_ "embed"
	"fmt"
	"io"
	"math"
	"strings"
)

//go:embed chart.css
var chartCSS string

// A Chart shows numbers over time.
type Chart struct {
	Heading []string // lines above it, the first one large
	// Down is from when until when something fails, in seconds.
	Down   [2]int
	Charts []Plot
}

// A Plot is one diagram of a Chart. Its series have as many numbers, one for each
// second; there are at most three, drawn in different ways.
type Plot struct {
	Name   string
	Series []Line
}

// A Line is a series by its name.
type Line struct {
	Name    string
	Numbers []int
}

const (
	plotWidth  = 760.0
	plotHeight = 150.0
	plotLeft   = 70.0
	plotGap    = 62.0
	maxPoints  = 240 // of a line
)

var lineClasses = []string{"first", "second", "third"}

// WriteChart writes a chart as a picture that stands on its own, light or dark as the
// viewer prefers.
func WriteChart(w io.Writer, c *Chart) error {
	top := margin + lineHeight*float64(len(c.Heading)) + 10
	width := plotLeft + plotWidth + 2*margin
	for i, line := range c.Heading {
		width = max(width, textWidth(clean(line), []float64{15, detailSize}[min(i, 1)])*bold+2*margin)
	}
	height := top + float64(len(c.Charts))*(plotHeight+plotGap) + margin
	out := bufio.NewWriter(w)
	fmt.Fprintf(out, `<svg xmlns="http://www.w3.org/2000/svg" width="%s" height="%s" viewBox="0 0 %[1]s %[2]s" role="img" aria-label="%s">`+"\n",
		number(width), number(height), escape(clean(strings.Join(c.Heading, " "))))
	fmt.Fprintf(out, "<style>\n%s@media (prefers-color-scheme: dark){\n%s}\n</style>\n",
		paint(chartCSS, tone.inLight), paint(chartCSS, tone.inDark))
	fmt.Fprintln(out, `<rect class="paper" width="100%" height="100%"/>`)
	for i, line := range c.Heading {
		writeText(out, []string{"heading", ""}[min(i, 1)], margin, margin+lineHeight*float64(i)+4, clean(line))
	}
	fmt.Fprintln(out)
	for i := range c.Charts {
		c.write(out, &c.Charts[i], top+float64(i)*(plotHeight+plotGap)+24)
	}
	fmt.Fprintln(out, "</svg>")
	return out.Flush()
}

// write draws one diagram, from its upper edge.
func (c *Chart) write(out *bufio.Writer, p *Plot, y float64) {
	seconds, most := p.extent()
	left := margin + plotLeft
	x := func(second float64) float64 { return left + plotWidth*second/float64(max(seconds, 1)) }
	writeText(out, "name", margin, y-10, clean(short(p.Name, 70)))
	right := left + plotWidth
	for i, l := range p.Series {
		name := clean(l.Name)
		right -= textWidth(name, detailSize) + 8
		writeText(out, "", right, y-10, name)
		fmt.Fprintf(out, `<path class="series %s" d="M%s %sh22"/>`, lineClasses[i%3], number(right-28), number(y-14))
		right -= 46
	}
	if c.Down[1] > c.Down[0] {
		fmt.Fprintf(out, `<rect class="down" x="%s" y="%s" width="%s" height="%s"/>`,
			number(x(float64(c.Down[0]))), number(y), number(x(float64(c.Down[1]))-x(float64(c.Down[0]))), number(plotHeight))
	}
	for _, share := range []float64{0, 0.5, 1} {
		at := y + plotHeight*(1-share)
		fmt.Fprintf(out, `<path class="grid" d="M%s %sH%s"/>`, number(left), number(at), number(left+plotWidth))
		writeText(out, "end", left-8, at+4, number(most*share)+"/s")
	}
	for _, share := range []float64{0, 0.25, 0.5, 0.75, 1} {
		second := math.Round(share * float64(seconds))
		writeText(out, "middle", x(second), y+plotHeight+16, number(second)+" s")
	}
	for i := len(p.Series) - 1; i >= 0; i-- {
		fmt.Fprintf(out, `<path class="series %s" d="%s"/>`, lineClasses[i%3], p.Series[i].data(x, y, most))
	}
	fmt.Fprintln(out)
}

// extent is how long a diagram is, and a round number that nothing in it exceeds.
func (p *Plot) extent() (seconds int, most float64) {
	largest := 1
	for _, l := range p.Series {
		seconds = max(seconds, len(l.Numbers))
		for _, n := range l.Numbers {
			largest = max(largest, n)
		}
	}
	unit := math.Pow(10, math.Floor(math.Log10(float64(largest))))
	for _, step := range []float64{1, 1.2, 1.6, 2, 3, 4, 5, 6, 8} {
		if step*unit >= float64(largest) {
			return seconds, step * unit
		}
	}
	return seconds, 10 * unit
}

// data is a line as a path. Of many seconds several become one point, their mean.
func (l *Line) data(x func(float64) float64, y, most float64) string {
	step := (len(l.Numbers) + maxPoints - 1) / maxPoints
	var b strings.Builder
	for i := 0; i < len(l.Numbers); i += step {
		part := l.Numbers[i:min(i+step, len(l.Numbers))]
		sum := 0
		for _, n := range part {
			sum += n
		}
		mean := float64(sum) / float64(len(part))
		b.WriteByte("ML"[min(i, 1)])
		b.WriteString(number(x(float64(i)+float64(len(part))/2)) + " " + number(y+plotHeight*(1-mean/most)))
	}
	return b.String()
}
