package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/report/picture"
)

// A Simulation is what `commslint graph simulate` prints: what a load on an entry does
// to every operation while one of them fails, beside what the call graph says of it.
type Simulation struct {
	Version int    `json:"version"`
	Entry   string `json:"entry"`
	Target  string `json:"target"`
	// Mode is how the target fails, and Share how many of its requests do, 1 for all.
	Mode  string  `json:"mode"`
	Share float64 `json:"share"`
	// Rate is how many requests a second arrive at the entry; the target fails from
	// second Down[0] until second Down[1].
	Rate    float64 `json:"rate"`
	Seconds int     `json:"seconds"`
	Down    [2]int  `json:"down"`
	Latency string  `json:"latency"`
	Clients int     `json:"clients"`
	Seed    uint64  `json:"seed"`
	// OnceFor is for how long one request alone is followed: "24h".
	OnceFor string `json:"onceFor"`
	// Operations are the target first, then the others by what they get.
	Operations []SimulatedOperation `json:"operations"`
	// Entries are the requests to the entry in each second.
	Entries []int `json:"entries"`
	// Budgets says that budgets, breakers or throttles are in force somewhere.
	Budgets bool `json:"budgets"`
	// Stopped says that a run was ended early, as it made too many requests.
	Stopped bool `json:"stopped,omitempty"`
	// Left are the calls that are not part of the simulation.
	Left []string `json:"left,omitempty"`
}

// SimulationVersion is the version of the format.
const SimulationVersion = 1

// A SimulatedOperation is what arrived at an operation.
type SimulatedOperation struct {
	Operation string `json:"operation"`
	// Once is what one request alone makes of it, and Graph the most that the call
	// graph says of that: for the target in this way of failing, for others while
	// something else fails.
	Once  int             `json:"once"`
	Graph callgraph.Count `json:"graph"`
	// Healthy and Failing are the requests for each request to the entry: before the
	// target fails, and in the later half of the time while it does. GraphSteady is
	// what the call graph says of the target then.
	Healthy     float64         `json:"healthy"`
	Failing     float64         `json:"failing"`
	GraphSteady callgraph.Count `json:"graphSteady,omitempty"`
	// NoBudgets and NoRetries are Failing if no budget limited retries, and if
	// nothing were sent again.
	NoBudgets float64 `json:"noBudgets"`
	NoRetries float64 `json:"noRetries"`
	// PerSecond are the requests in each second: as configured, without budgets and
	// without retries.
	PerSecond          []int `json:"perSecond"`
	PerSecondNoBudgets []int `json:"perSecondNoBudgets,omitempty"`
	PerSecondNoRetries []int `json:"perSecondNoRetries"`
}

var simulationFormats = []struct {
	name  string
	write func(w io.Writer, s *Simulation, color bool) error
}{
	{"text", writeSimulationText},
	{"json", writeSimulationJSON},
	{"svg", writeSimulationSVG},
}

// SimulationFormats lists the names that WriteSimulation takes, the default first.
func SimulationFormats() []string {
	names := make([]string, len(simulationFormats))
	for i, f := range simulationFormats {
		names[i] = f.name
	}
	return names
}

// WriteSimulation writes a simulation in the named format. It fails on an unknown
// format and on w's errors.
func WriteSimulation(w io.Writer, format string, s *Simulation, color bool) error {
	for _, f := range simulationFormats {
		if f.name == format {
			return f.write(w, s, color)
		}
	}
	return fmt.Errorf("unknown format %q: expected one of %s", format, strings.Join(SimulationFormats(), ", "))
}

func writeSimulationJSON(w io.Writer, s *Simulation, _ bool) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	return e.Encode(s)
}

// maxPlots bounds the diagrams of a picture.
const maxPlots = 6

// writeSimulationSVG draws the load over time: on the target and on what gets most.
func writeSimulationSVG(w io.Writer, s *Simulation, _ bool) error {
	c := picture.Chart{Down: s.Down, Heading: []string{
		"Requests a second while " + s.Target + " fails: " + s.how(),
		fmt.Sprintf("%s requests a second to %s; answers take %s", trimFloat(s.Rate), s.Entry, s.Latency),
	}}
	for i := range s.Operations[:min(len(s.Operations), maxPlots)] {
		o := &s.Operations[i]
		p := picture.Plot{Name: o.Operation, Series: []picture.Line{{Name: "as configured", Numbers: o.PerSecond}}}
		if s.Budgets {
			p.Series = append(p.Series, picture.Line{Name: "without budgets", Numbers: o.PerSecondNoBudgets})
		}
		p.Series = append(p.Series, picture.Line{Name: "without retries", Numbers: o.PerSecondNoRetries})
		c.Charts = append(c.Charts, p)
	}
	return picture.WriteChart(w, &c)
}

// how says how the target fails.
func (s *Simulation) how() string {
	if s.Share < 1 {
		return fmt.Sprintf("%s for %s of 100 requests", s.Mode, trimFloat(s.Share*100))
	}
	return s.Mode
}

func writeSimulationText(w io.Writer, s *Simulation, color bool) error {
	t := simulationText{out: bufio.NewWriter(w), palette: ink(color), simulation: s}
	fmt.Fprintf(t.out, "%s fails: %s\n", t.palette.bold(printable(s.Target)), printable(s.how()))
	fmt.Fprintf(t.out, "requests come to %s\n\n", t.palette.bold(printable(s.Entry)))
	t.once()
	t.load()
	t.bars()
	t.lines()
	t.notes()
	return t.out.Flush()
}

type simulationText struct {
	out        *bufio.Writer
	palette    palette
	simulation *Simulation
}

// A simulationRow is a line of a table: a name to the left, figures to the right.
type simulationRow []string

func (t *simulationText) table(rows []simulationRow) {
	widths := make([]int, len(rows[0]))
	for _, r := range rows {
		for i, cell := range r {
			widths[i] = max(widths[i], utf8.RuneCountInString(cell))
		}
	}
	for k, r := range rows {
		var b strings.Builder
		for i, cell := range r {
			blank := strings.Repeat(" ", widths[i]-utf8.RuneCountInString(cell))
			if i == 0 {
				b.WriteString("  " + cell + blank)
			} else {
				b.WriteString("  " + blank + cell)
			}
		}
		line := strings.TrimRight(b.String(), " ")
		if k == 0 {
			line = t.palette.dim(line)
		}
		fmt.Fprintln(t.out, line)
	}
	fmt.Fprintln(t.out)
}

// once shows what one request alone becomes.
func (t *simulationText) once() {
	fmt.Fprintln(t.out, "One request alone:")
	rows := []simulationRow{{"", "counted", "graph says at most"}}
	for i := range t.simulation.Operations {
		o := &t.simulation.Operations[i]
		counted := fmt.Sprint(o.Once)
		if o.Graph.IsInfinite() {
			counted += " in " + t.simulation.OnceFor
		}
		rows = append(rows, simulationRow{printable(o.Operation), counted, o.Graph.String()})
	}
	t.table(rows)
}

// load shows what a load becomes, for each request to the entry.
func (t *simulationText) load() {
	s := t.simulation
	fmt.Fprintf(t.out, "%s requests a second for %d s, while it fails from %d s to %d s. For each request to the entry:\n",
		trimFloat(s.Rate), s.Seconds, s.Down[0], s.Down[1])
	head := simulationRow{"", "healthy", "failing"}
	if s.Budgets {
		head = append(head, "without budgets")
	}
	rows := []simulationRow{append(head, "without retries", "graph says (steady)")}
	for i := range s.Operations {
		o := &s.Operations[i]
		row := simulationRow{printable(o.Operation), trimFloat(o.Healthy), trimFloat(o.Failing)}
		if s.Budgets {
			row = append(row, trimFloat(o.NoBudgets))
		}
		steady := "-"
		if o.GraphSteady > 0 {
			steady = o.GraphSteady.String()
		}
		rows = append(rows, append(row, trimFloat(o.NoRetries), steady))
	}
	t.table(rows)
}

const (
	barRows    = 20
	barWidth   = 48
	lineCells  = 48
	linesShown = 12
)

// bars shows the load on the target over time.
func (t *simulationText) bars() {
	s := t.simulation
	if len(s.Operations) == 0 || len(s.Entries) == 0 {
		return
	}
	o := &s.Operations[0]
	step := max(1, (len(o.PerSecond)+barRows-1)/barRows)
	with, without := means(o.PerSecond, step), means(o.PerSecondNoRetries, step)
	most := 1.0
	for _, n := range with {
		most = max(most, n)
	}
	fmt.Fprintf(t.out, "%s, requests a second (without retries):\n", printable(o.Operation))
	for i, n := range with {
		mark := " "
		if at := i * step; at >= s.Down[0] && at < s.Down[1] {
			mark = "!"
		}
		fmt.Fprintf(t.out, "  %4d s %s %8s %10s  %s\n", i*step, mark, trimFloat(n), "("+trimFloat(without[i])+")", bar(n/most, barWidth))
	}
	fmt.Fprintln(t.out)
}

// lines shows the load on all operations over time, each by its own measure.
func (t *simulationText) lines() {
	s := t.simulation
	if len(s.Operations) == 0 || len(s.Entries) == 0 {
		return
	}
	step := max(1, (len(s.Entries)+lineCells-1)/lineCells)
	fmt.Fprintf(t.out, "All operations over time; least and most requests a second, mean of %d s:\n", step)
	rows := []simulationRow{{"", "least", "most"}}
	var sparks []string
	for i := range s.Operations[:min(len(s.Operations), linesShown)] {
		o := &s.Operations[i]
		n := means(o.PerSecond, step)
		least, most := extent(n)
		rows = append(rows, simulationRow{printable(o.Operation), trimFloat(least), trimFloat(most)})
		sparks = append(sparks, spark(n, most))
	}
	for i := range sparks {
		rows[i+1] = append(rows[i+1], sparks[i])
	}
	rows[0] = append(rows[0], "")
	t.table(rows)
	if more := len(s.Operations) - linesShown; more > 0 {
		fmt.Fprintf(t.out, "  and %d more operations\n\n", more)
	}
}

func (t *simulationText) notes() {
	s := t.simulation
	if s.Stopped {
		fmt.Fprintf(t.out, "The run was ended after %d s, as it made too many requests; ask for less --rate or --duration.\n", len(s.Entries))
	}
	if len(s.Left) > 0 {
		fmt.Fprintln(t.out, "Not part of it, as it cannot be followed:")
		for _, name := range s.Left {
			fmt.Fprintln(t.out, "  "+printable(name))
		}
	}
}

// means are the mean values of every so many numbers.
func means(numbers []int, step int) []float64 {
	var all []float64
	for i := 0; i < len(numbers); i += step {
		sum, part := 0, numbers[i:min(i+step, len(numbers))]
		for _, n := range part {
			sum += n
		}
		all = append(all, float64(sum)/float64(len(part)))
	}
	return all
}

func extent(numbers []float64) (least, most float64) {
	least, most = numbers[0], numbers[0]
	for _, n := range numbers {
		least, most = min(least, n), max(most, n)
	}
	return least, most
}

// bar is a bar of a share of the width, to an eighth of a character.
func bar(share float64, width int) string {
	const eighths = "▏▎▍▌▋▊▉█"
	n := int(share*float64(width)*8 + 0.5)
	b := strings.Repeat("█", n/8)
	if rest := n % 8; rest > 0 {
		b += string([]rune(eighths)[rest-1])
	}
	return b
}

// spark draws numbers in a line, from 0 to the most.
func spark(numbers []float64, most float64) string {
	levels := []rune("▁▂▃▄▅▆▇█")
	var b strings.Builder
	for _, n := range numbers {
		level := 0
		if most > 0 {
			level = min(int(n/most*float64(len(levels))), len(levels)-1)
		}
		b.WriteRune(levels[level])
	}
	return b.String()
}

// trimFloat writes a number to what a reader can take in: two decimals below 10, one
// below 100, none above.
func trimFloat(f float64) string {
	decimals := 0
	switch {
	case f < 10:
		decimals = 2
	case f < 100:
		decimals = 1
	}
	text := fmt.Sprintf("%.*f", decimals, f)
	if decimals > 0 {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text
}
