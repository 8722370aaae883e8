package picture

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/commslint/commslint/callgraph"
)

const hostile = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(2)>&amp;\x00\x1b\u202e\u2028日本{line}"

// shop is a graph with everything that a picture knows: an entry that repeats a call
// of a function, which passes on to a client that repeats a request, its handler in
// another service, a loop, and something that is not followed.
func shop(name string) *callgraph.Graph {
	three, four := callgraph.Times{N: 3}, callgraph.Times{N: 4}
	file := "shop/" + name + ".go"
	layer := callgraph.GraphLayer{Kind: callgraph.LoopLayer, Attempts: three, File: file, Line: 20}
	client := callgraph.GraphLayer{Kind: callgraph.ClientLayer, Name: "retryablehttp.Client", Attempts: four, On: "HTTP 5xx", PerTry: "2s", File: "pay/client.go", Line: 5}
	return &callgraph.Graph{
		Version: 1,
		Nodes: []callgraph.GraphNode{
			{ID: "POST payments/v1/" + name, Kind: callgraph.OperationNode, Name: "POST payments/v1/" + name, Protocol: "http"},
			{ID: "example.com/shop.Checkout", Kind: callgraph.EntryNode, Name: "Checkout", Entry: callgraph.Handler, File: file, Line: 12},
			{ID: "example.com/shop.charge", Kind: callgraph.FunctionNode, Name: "charge", File: file, Line: 30},
			{ID: "example.com/shop/pay.Pay", Kind: callgraph.FunctionNode, Name: "Pay", File: "pay/client.go", Line: 9},
			{ID: "sql:exec", Kind: callgraph.OperationNode, Name: "sql:exec", Protocol: "sql"},
			{ID: "example.com/payments.Charge", Kind: callgraph.EntryNode, Name: "Charge", Entry: callgraph.Handler, File: "payments/server.go", Line: 3},
			{ID: "unresolved:h.next", Kind: callgraph.UnresolvedNode, Name: "h.next"},
		},
		Edges: []callgraph.GraphEdge{
			{From: "example.com/shop.Checkout", To: "example.com/shop.charge", Layers: []callgraph.GraphLayer{layer}, File: file, Line: 21},
			{From: "example.com/shop.Checkout", To: "unresolved:h.next", Loops: []string{"len(" + name + ")"}, File: file, Line: 25},
			{From: "example.com/shop.charge", To: "example.com/shop/pay.Pay", File: file, Line: 31},
			{From: "example.com/shop/pay.Pay", To: "POST payments/v1/" + name, Layers: []callgraph.GraphLayer{client}, File: "pay/client.go", Line: 10},
			{From: "POST payments/v1/" + name, To: "example.com/payments.Charge", File: "payments/server.go", Line: 3},
			{From: "example.com/payments.Charge", To: "sql:exec", File: "payments/server.go", Line: 8},
		},
		Unresolved: []callgraph.UnresolvedRequest{{Operation: "POST payments/v1/" + name, Config: "env: [" + name + "]", File: "pay/" + name + ".go", Line: 10}},
		Amplification: []callgraph.Amplification{
			{
				Entry: "example.com/shop.Checkout", Target: "sql:exec", Hard: 12, Hang: 3, Steady: 12, Base: 1, Bystander: 1,
				Symbolic: "12", Mode: "any failure", Path: []callgraph.GraphStep{
					{Kind: callgraph.LayerStep, Name: "loop", Attempts: &three, File: file, Line: 20},
					{Kind: callgraph.LayerStep, Name: "retryablehttp.Client", Attempts: &four, File: "pay/client.go", Line: 5},
					{Kind: callgraph.RequestStep, Name: "sql:exec", File: "payments/server.go", Line: 8},
				},
			},
			{
				Entry: "example.com/shop.Checkout", Target: "unresolved:h.next", Hard: 1, Hang: 1, Steady: 1, Base: 1, Bystander: 1,
				Symbolic: "len(" + name + ")", Mode: "any failure", Path: []callgraph.GraphStep{},
			},
		},
	}
}

func svgOf(t *testing.T, g *callgraph.Graph) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteSVG(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func htmlOf(t *testing.T, g *callgraph.Graph) string {
	t.Helper()
	var b bytes.Buffer
	if err := WriteHTML(&b, g); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestViewFoldsWhatPassesOn(t *testing.T) {
	v := newView(shop("charges"))
	var titles []string
	for i := range v.nodes {
		titles = append(titles, v.nodes[i].title+" | "+v.nodes[i].detail)
	}
	want := []string{
		"POST /v1/charges | http · payments · → Charge", "Checkout | handler · example.com/shop",
		"Pay | shop/pay", "sql:exec | sql", "h.next | not followed",
	}
	if !slices.Equal(titles, want) {
		t.Errorf("boxes %q, want %q", titles, want)
	}
	var labels []string
	for i := range v.edges {
		e := &v.edges[i]
		labels = append(labels, fmt.Sprintf("%s → %s: %s", v.nodes[e.from].title, v.nodes[e.to].title, v.label(e)))
	}
	wantLabels := []string{
		"POST /v1/charges → sql:exec: ", "Checkout → Pay: ×3", "Checkout → h.next: ×len(charges)", "Pay → POST /v1/charges: ×4, 2s each",
	}
	if !slices.Equal(labels, wantLabels) {
		t.Errorf("edges %q, want %q", labels, wantLabels)
	}
	if got, want := v.worst().path, []int{1, 2, 0, 3}; !slices.Equal(got, want) {
		t.Errorf("worst way %v, want %v", got, want)
	}
	if badge, h := v.badge(&v.nodes[3]); badge != "×12" || h != fire {
		t.Errorf("badge of the database %q %q, want ×12 on fire", badge, h)
	}
}

// TestSVGIsXML parses pictures with names that would break out of them.
func TestSVGIsXML(t *testing.T) {
	for _, name := range []string{"charges", hostile, "\xff\xfe", strings.Repeat("long", 200)} {
		d := xml.NewDecoder(strings.NewReader(svgOf(t, shop(name))))
		d.Strict = true
		elements := 0
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("name %q: %v", name, err)
			}
			if start, ok := token.(xml.StartElement); ok {
				elements++
				if n := start.Name.Local; n == "script" || n == "img" || n == "foreignObject" {
					t.Errorf("name %q: element %s", name, n)
				}
			}
		}
		if elements < 20 {
			t.Errorf("name %q: only %d elements", name, elements)
		}
	}
}

// TestHTMLHoldsWhatItNeeds checks that names cannot add markup, that nothing is
// fetched, and that the policy allows the script and the style that are there.
func TestHTMLHoldsWhatItNeeds(t *testing.T) {
	for _, name := range []string{"charges", hostile, "@script@ @data@", "$ink; {file}"} {
		page := htmlOf(t, shop(name))
		if n := strings.Count(page, "<script"); n != 2 {
			t.Errorf("name %q: %d script elements, want 2", name, n)
		}
		if strings.Contains(page, "<img") || strings.Contains(page, "\x00") || strings.Contains(page, "\u202e") {
			t.Errorf("name %q: it is in the page as it is", name)
		}
		if m := regexp.MustCompile(`(?:src|href|url\()=?["']?(?:https?:)?//`).FindString(page); m != "" {
			t.Errorf("name %q: the page asks for something: %s", name, m)
		}
		_, data, _ := strings.Cut(page, `id="data">`)
		data, rest, _ := strings.Cut(data, "</script>")
		var d pageData
		if err := json.Unmarshal([]byte(data), &d); err != nil || len(d.Nodes) != 5 {
			t.Errorf("name %q: data %v, %d nodes", name, err, len(d.Nodes))
		}
		_, script, _ := strings.Cut(rest, "<script>")
		script, _, _ = strings.Cut(script, "</script>")
		_, style, _ := strings.Cut(page, "<style>")
		style, _, _ = strings.Cut(style, "</style>")
		for _, part := range []string{script, style} {
			if !strings.Contains(page, "'"+hashOf(part)+"'") {
				t.Errorf("name %q: the policy does not allow what begins with %.40q", name, part)
			}
		}
	}
}

func TestPageIsSmall(t *testing.T) {
	page := htmlOf(t, &callgraph.Graph{Version: 1})
	if len(page) > 100_000 {
		t.Errorf("%d bytes without data, want at most 100,000", len(page))
	}
	if !strings.Contains(page, "sends any request") {
		t.Error("the page of nothing does not say so")
	}
}

func TestPicturesAreDeterministic(t *testing.T) {
	g := fleet(55, 6)
	if svgOf(t, g) != svgOf(t, g) || htmlOf(t, g) != htmlOf(t, g) {
		t.Error("two pictures of one graph differ")
	}
}

// fleet is a graph of services, each with some functions: an entry that repeats what
// it asks of two other services.
func fleet(services, functions int) *callgraph.Graph {
	g := &callgraph.Graph{Version: 1}
	id := func(s, f int) string { return fmt.Sprintf("example.com/s%d.F%d", s, f) }
	op := func(s int) string { return fmt.Sprintf("GET s%d/v1/things", s) }
	for s := range services {
		g.Nodes = append(g.Nodes, callgraph.GraphNode{ID: op(s), Kind: callgraph.OperationNode, Name: op(s), Protocol: "http"})
		for f := range functions {
			kind := callgraph.FunctionNode
			if f == 0 {
				kind = callgraph.EntryNode
			}
			g.Nodes = append(g.Nodes, callgraph.GraphNode{ID: id(s, f), Kind: kind, Name: fmt.Sprintf("F%d", f)})
			if f > 0 {
				layers := []callgraph.GraphLayer{{Kind: callgraph.LoopLayer, Attempts: callgraph.Times{N: callgraph.Count(2 + f%2)}, File: id(s, f), Line: 1}}
				g.Edges = append(g.Edges, callgraph.GraphEdge{From: id(s, 0), To: id(s, f)})
				if to := s*2 + f; to < services {
					g.Edges = append(g.Edges, callgraph.GraphEdge{From: id(s, f), To: op(to), Layers: layers})
				}
			}
		}
		g.Edges = append(g.Edges, callgraph.GraphEdge{From: op(s), To: id(s, 0)})
		if s > 0 {
			n := callgraph.Count(math.Pow(3, math.Floor(math.Log2(float64(s+1)))))
			g.Amplification = append(g.Amplification, callgraph.Amplification{
				Entry: id(0, 0), Target: op(s), Hard: n, Hang: 1, Steady: n, Base: 1, Bystander: n, Symbolic: n.String(), Mode: "any failure",
			})
		}
	}
	return g
}

// TestMuchBecomesLittle draws what is too much to draw.
func TestMuchBecomesLittle(t *testing.T) {
	for _, tt := range []struct {
		services, functions int
		notes               []string
	}{
		{55, 6, []string{"packages"}},
		{1500, 4, []string{"packages", "worst cases are drawn"}},
	} {
		g := fleet(tt.services, tt.functions)
		v := newView(g)
		if n := len(v.nodes); n > maxNodes || n < 50 {
			t.Errorf("%d services: %d boxes", tt.services, n)
		}
		for _, note := range tt.notes {
			if !strings.Contains(strings.Join(v.notes, "\n"), note) {
				t.Errorf("%d services: notes %q do not speak of %q", tt.services, v.notes, note)
			}
		}
		if w := v.worst(); len(w.path) < 3 {
			t.Errorf("%d services: the worst way is not drawn: %+v", tt.services, w)
		}
		if page := htmlOf(t, g); len(page) > 3_000_000 {
			t.Errorf("%d services: %d bytes", tt.services, len(page))
		}
	}
}

func TestShort(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"short", "short"},
		{"exactly10!", "exactly10!"},
		{"POST /v1/orders/cancellations", "POST…tions"},
		{strings.Repeat("日", 11), strings.Repeat("日", 4) + "…" + strings.Repeat("日", 5)},
	} {
		if got := short(tt.text, 10); got != tt.want {
			t.Errorf("%q: %q, want %q", tt.text, got, tt.want)
		}
	}
}

func TestRoutesAreNamedByWhatTheyAreAsked(t *testing.T) {
	g := shop("charges")
	g.Nodes[1].ID, g.Nodes[1].Name, g.Nodes[1].Entry = "envoy:edge.yaml:4:2 POST shop.example.com/checkout", "route checkout", callgraph.Proxy
	for i := range g.Edges {
		g.Edges[i].From = strings.Replace(g.Edges[i].From, "example.com/shop.Checkout", g.Nodes[1].ID, 1)
	}
	for i := range g.Amplification {
		g.Amplification[i].Entry = g.Nodes[1].ID
	}
	want := "One request to POST shop.example.com/checkout through route checkout can become 12 requests at sql:exec (3 × 4)"
	if got := newView(g).worst().sentence(); got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestPackageOf(t *testing.T) {
	for id, want := range map[string]string{
		"example.com/shop.Run$1":                   "example.com/shop",
		"(*example.com/shop/pay.Client).Charge":    "example.com/shop/pay",
		"example.com/shop/pay.Do[example.com/x.T]": "example.com/shop/pay",
		"main": "",
	} {
		if got := packageOf(id); got != want {
			t.Errorf("%s: %q, want %q", id, got, want)
		}
	}
	if got, want := shortID("(*example.com/shop/pay.Client).Charge"), "(*pay.Client).Charge"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// TestContrast computes the contrast of what is read (WCAG 2.2, 1.4.3: 4.5 to 1) and
// of lines that mean something (1.4.11: 3 to 1).
func TestContrast(t *testing.T) {
	tones := make(map[string]tone)
	for _, c := range palette {
		tones[c.name] = c
	}
	for _, tt := range []struct {
		over, under string
		least       float64
	}{
		{"ink", "paper", 4.5}, {"ink", "panel", 4.5}, {"ink", "box", 4.5}, {"ink", "entry", 4.5}, {"ink", "operation", 4.5},
		{"faint", "paper", 4.5}, {"faint", "panel", 4.5}, {"faint", "box", 4.5}, {"faint", "entry", 4.5}, {"faint", "operation", 4.5},
		{"onwarm", "warm", 4.5}, {"onhot", "hot", 4.5}, {"onfire", "fire", 4.5},
		{"many", "paper", 4.5}, {"worst", "paper", 4.5}, {"worst", "panel", 4.5}, {"entryline", "panel", 4.5}, {"entryline", "paper", 4.5},
		{"faint", "warm", 4.5}, {"worst", "warm", 3}, {"many", "warm", 3}, {"entryline", "warm", 3},
		{"line", "paper", 3}, {"boxline", "paper", 3}, {"entryline", "paper", 3}, {"focus", "paper", 3}, {"focus", "panel", 3},
	} {
		over, under := tones[tt.over], tones[tt.under]
		for _, pair := range [][2]string{{over.light, under.light}, {over.dark, under.dark}} {
			if c := contrast(t, pair[0], pair[1]); c < tt.least {
				t.Errorf("%s on %s: %s on %s is %.2f to 1, want %v", tt.over, tt.under, pair[0], pair[1], c, tt.least)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

// luminance is that of WCAG 2.2.
func luminance(t *testing.T, hex string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}

func TestAllColorsAreKnown(t *testing.T) {
	for name, css := range map[string]string{"drawing.css": drawingCSS, "page.css": pageCSS, "chart.css": chartCSS} {
		if left := regexp.MustCompile(`\$[a-z]*;?`).FindAllString(paint(css, tone.inLight), -1); left != nil {
			t.Errorf("%s: unknown colours %q", name, left)
		}
	}
}

func BenchmarkWriteHTML(b *testing.B) {
	g := fleet(3000, 4)
	for b.Loop() {
		if err := WriteHTML(io.Discard, g); err != nil {
			b.Fatal(err)
		}
	}
}

// A page of very much stays small.
func TestPageOfAFleetIsSmall(t *testing.T) {
	g := fleet(400, 6)
	op := func(s int) string { return fmt.Sprintf("GET s%d/v1/things", s) }
	for s := range 400 {
		for k := range 50 { // as many calls between the same two services
			g.Edges = append(g.Edges, callgraph.GraphEdge{From: fmt.Sprintf("example.com/s%d.F0", s), To: op(0), File: "f.go", Line: k})
		}
	}
	if page := htmlOf(t, g); len(page) > 1_000_000 {
		t.Errorf("%d bytes", len(page))
	}
}
