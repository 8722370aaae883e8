//go:build browser

package browser

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/report/picture"
)

// The page is that of a checkout which tries a payment three times, by a client that
// tries four times, in a system with names that would break out of markup.
const evil = `</script><script>document.title="broken"</script><img src=x onerror="document.title='broken'">`

func graph() *callgraph.Graph {
	times := func(n callgraph.Count) *callgraph.Times { return &callgraph.Times{N: n} }
	loop := callgraph.GraphLayer{Kind: callgraph.LoopLayer, Attempts: *times(3), File: "shop/checkout.go", Line: 20}
	client := callgraph.GraphLayer{Kind: callgraph.ClientLayer, Name: "retryablehttp.Client", Attempts: *times(4), PerTry: "2s", File: "pay/client.go", Line: 5}
	return &callgraph.Graph{
		Version: 1,
		Nodes: []callgraph.GraphNode{
			{ID: "GET stock/items/" + evil, Kind: callgraph.OperationNode, Name: "GET stock/items/" + evil, Protocol: "http"},
			{ID: "POST payments/v1/charges", Kind: callgraph.OperationNode, Name: "POST payments/v1/charges", Protocol: "http"},
			{ID: "example.com/shop.Browse", Kind: callgraph.EntryNode, Name: "Browse", Entry: callgraph.Handler, File: "javascript:alert(1)/browse.go", Line: 4},
			{ID: "example.com/shop.Checkout", Kind: callgraph.EntryNode, Name: "Checkout", Entry: callgraph.Handler, File: "shop/checkout.go", Line: 12},
			{ID: "example.com/shop.charge", Kind: callgraph.FunctionNode, Name: "charge", File: "shop/checkout.go", Line: 30},
		},
		Edges: []callgraph.GraphEdge{
			{From: "example.com/shop.Browse", To: "GET stock/items/" + evil, Loops: []string{"len(" + evil + ")"}, File: "shop/browse.go", Line: 7},
			{From: "example.com/shop.Checkout", To: "example.com/shop.charge", Layers: []callgraph.GraphLayer{loop}, File: "shop/checkout.go", Line: 21},
			{From: "example.com/shop.Checkout", To: "GET stock/items/" + evil, File: "shop/checkout.go", Line: 25},
			{From: "example.com/shop.charge", To: "POST payments/v1/charges", Layers: []callgraph.GraphLayer{client}, File: "pay/client.go", Line: 10},
		},
		Amplification: []callgraph.Amplification{
			amplification("example.com/shop.Checkout", "POST payments/v1/charges", 12, "12"),
			amplification("example.com/shop.Browse", "GET stock/items/"+evil, 1, "len("+evil+")"),
			amplification("example.com/shop.Checkout", "GET stock/items/"+evil, 1, "1"),
		},
	}
}

func amplification(entry, target string, n callgraph.Count, symbolic string) callgraph.Amplification {
	return callgraph.Amplification{
		Entry: entry, Target: target, Hard: n, Hang: 1, Steady: n, Base: 1, Bystander: 1, Symbolic: symbolic, Mode: "HTTP 5xx", Path: []callgraph.GraphStep{},
	}
}

// open writes the page to a folder whose name needs quoting in a URL, and opens it.
// $PAGE_SCREENSHOTS names a folder for pictures of it, $PAGE_GRAPH a graph (as
// JSON) to take instead.
func open(t *testing.T, g *callgraph.Graph) *chromium {
	t.Helper()
	binary, ok := find()
	if !ok {
		t.Skip("no Chromium found: install one, or name it in $CHROMIUM")
	}
	dir := filepath.Join(t.TempDir(), "a page #1")
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	f, err := os.Create(filepath.Join(dir, "graph.html"))
	if err != nil {
		t.Fatal(err)
	}
	if err := picture.WriteHTML(f, g); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	profile, err := os.MkdirTemp("", "browser") // it may be written to for a moment after the end
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(profile) })
	c, err := start(binary, profile)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.stop)
	size := map[string]any{"width": 1400, "height": 860, "deviceScaleFactor": 1, "mobile": false}
	if err := c.call("Emulation.setDeviceMetricsOverride", size, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.open("file://" + strings.NewReplacer(" ", "%20", "#", "%23").Replace(f.Name())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, complaint := range c.complaints() {
			t.Errorf("the page complains: %.400s", complaint)
		}
	})
	return c
}

// expect evaluates an expression in the page and compares its text.
func (c *chromium) expect(t *testing.T, what, expression, want string) {
	t.Helper()
	got, err := c.text(expression)
	if err != nil {
		t.Fatalf("%s: %v", what, err)
	}
	if got != want {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func (c *chromium) do(t *testing.T, expression string) {
	t.Helper()
	if _, err := c.text(expression); err != nil {
		t.Fatal(err)
	}
}

// click clicks in the middle of an element, as a mouse does.
func (c *chromium) click(t *testing.T, selector string) {
	t.Helper()
	quoted, _ := json.Marshal(selector)
	text, err := c.text(`(() => { const b = document.querySelector(` + string(quoted) + `).getBoundingClientRect();
		return JSON.stringify([b.x + b.width / 2, b.y + b.height / 2]) })()`)
	if err != nil {
		t.Fatal(err)
	}
	var at [2]float64
	if err := json.Unmarshal([]byte(text), &at); err != nil {
		t.Fatal(err)
	}
	for _, kind := range []string{"mousePressed", "mouseReleased"} {
		event := map[string]any{"type": kind, "x": at[0], "y": at[1], "button": "left", "clickCount": 1}
		if err := c.call("Input.dispatchMouseEvent", event, nil); err != nil {
			t.Fatal(err)
		}
	}
}

func (c *chromium) key(t *testing.T, key string) {
	t.Helper()
	text := map[string]string{"Enter": "\r"}[key]
	if len(key) == 1 {
		text = key
	}
	down := map[string]any{"type": "keyDown", "key": key, "text": text}
	if err := c.call("Input.dispatchKeyEvent", down, nil); err != nil {
		t.Fatal(err)
	}
	if err := c.call("Input.dispatchKeyEvent", map[string]any{"type": "keyUp", "key": key}, nil); err != nil {
		t.Fatal(err)
	}
}

// screenshot keeps a picture of the page, for people.
func (c *chromium) screenshot(t *testing.T, name string) {
	t.Helper()
	dir := os.Getenv("PAGE_SCREENSHOTS")
	if dir == "" {
		return
	}
	var shot struct{ Data string }
	if err := c.call("Page.captureScreenshot", map[string]any{"format": "png"}, &shot); err != nil {
		t.Fatal(err)
	}
	data, err := base64.StdEncoding.DecodeString(shot.Data)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, name+".png"), data, 0o644); err != nil {
		t.Fatal(err)
	}
}

// box finds the element of a box by the words at its top.
const box = `[...document.querySelectorAll(".node")].find(n => n.querySelector(".title") && n.querySelector(".title").textContent === `

func TestWorstCaseIsShownFirst(t *testing.T) {
	c := open(t, graph())
	c.expect(t, "title", "document.title", "Call graph")
	c.expect(t, "boxes on the worst way", `[...document.querySelectorAll("#stage .node.worst .title")].map(n => n.textContent).join(", ")`,
		"POST /v1/charges, Checkout, charge")
	c.expect(t, "edges on it", `document.querySelectorAll("#stage .edge.worst[id]").length`, "2")
	c.expect(t, "status", `document.getElementById("status").textContent`,
		"One request to shop.Checkout can become 12 requests at POST payments/v1/charges")
	c.expect(t, "rows", `document.querySelectorAll("#overview tbody tr").length`, "3")
	c.expect(t, "markup from names", `document.querySelectorAll("img").length`, "0")
}

func TestClickShowsFigures(t *testing.T) {
	c := open(t, graph())
	c.do(t, box+`"POST /v1/charges").setAttribute("data-test", "charges")`)
	c.click(t, `[data-test=charges] .shape`)
	c.expect(t, "heading", `document.querySelector("#detail h2").textContent`, "POST payments/v1/charges")
	c.expect(t, "figures", `[...document.querySelectorAll("#detail .figures b")].map(b => b.textContent).join(" ")`, "12 1 12 1 1 –")
	c.expect(t, "overview is hidden", `document.getElementById("overview").hidden`, "true")
	c.expect(t, "layer", `document.querySelector("#detail .layer b").parentElement.textContent`, "×4 retryablehttp.Client, 2s each pay/client.go:5")
	c.expect(t, "link", `document.querySelector("#detail .layer b").parentElement.querySelector("a").getAttribute("href")`, "./pay/client.go#L5")
	c.key(t, "Escape")
	c.expect(t, "overview is back", `document.getElementById("overview").hidden`, "false")
}

func TestDragMovesAndDoesNotClick(t *testing.T) {
	c := open(t, graph())
	before, _ := c.text(`document.querySelector("#stage svg").getAttribute("viewBox")`)
	for _, e := range []map[string]any{
		{"type": "mousePressed", "x": 300, "y": 300, "button": "left", "clickCount": 1},
		{"type": "mouseMoved", "x": 340, "y": 330, "button": "left", "buttons": 1},
		{"type": "mouseReleased", "x": 340, "y": 330, "button": "left", "clickCount": 1},
		{"type": "mouseWheel", "x": 340, "y": 330, "deltaX": 0, "deltaY": -200},
	} {
		if err := c.call("Input.dispatchMouseEvent", e, nil); err != nil {
			t.Fatal(err)
		}
	}
	if after, _ := c.text(`document.querySelector("#stage svg").getAttribute("viewBox")`); after == before {
		t.Errorf("the view stays at %s", after)
	}
	c.expect(t, "overview stays", `document.getElementById("overview").hidden`, "false")
}

func TestTargetFilter(t *testing.T) {
	c := open(t, graph())
	c.expect(t, "targets, the worst first", `[...document.querySelectorAll("#target option")].map(o => o.textContent.slice(0, 16)).join("|")`,
		"all targets|POST /v1/charges|GET /items/</scr")
	c.do(t, `(() => { const s = document.getElementById("target"); s.value = s.options[1].value; s.dispatchEvent(new Event("change")) })()`)
	c.expect(t, "left alone", `[...document.querySelectorAll(".node:not(.dim) .title")].map(n => n.textContent).join(", ")`,
		"POST /v1/charges, Checkout, charge")
	c.expect(t, "rows", `[...document.querySelectorAll("#overview tbody tr")].filter(r => !r.hidden).length`, "1")
	c.key(t, "Escape")
	c.expect(t, "all again", `document.querySelectorAll(".dim").length`, "0")
}

func TestSearchAndKeys(t *testing.T) {
	c := open(t, graph())
	c.key(t, "/")
	c.expect(t, "focus", `document.activeElement.id`, "search")
	for _, r := range "browse" {
		c.key(t, string(r))
	}
	c.expect(t, "matches", `document.getElementById("status").textContent`, "1 box matches")
	c.expect(t, "the others are dim", `document.querySelectorAll(".node.dim[id]").length`, "4")
	c.key(t, "Enter")
	c.expect(t, "chosen", `document.querySelector("#detail h2").textContent`, "example.com/shop.Browse")
	c.expect(t, "no address is a script", `document.querySelector("#detail a").getAttribute("href")`, "./javascript%3Aalert(1)/browse.go#L4")
	c.key(t, "Escape")
	c.do(t, box+`"Checkout").focus()`)
	c.key(t, "ArrowRight")
	c.key(t, "Enter")
	c.expect(t, "the box to the right", `document.querySelector("#detail h2").textContent`, "example.com/shop.charge")
}

func TestSourceLinks(t *testing.T) {
	c := open(t, graph())
	enter := func(text string) {
		quoted, _ := json.Marshal(text)
		c.do(t, `(() => { const s = document.getElementById("source"); s.value = `+string(quoted)+`; s.dispatchEvent(new Event("input")) })()`)
	}
	c.do(t, box+`"Checkout").dispatchEvent(new MouseEvent("click", {bubbles: true}))`)
	enter("vscode://file/home/me/{file}:{line}")
	c.expect(t, "link", `document.querySelector("#detail a").href`, "vscode://file/home/me/shop/checkout.go:12")
	enter("javascript:alert({line})")
	c.expect(t, "link stays harmless", `document.querySelector("#detail a").getAttribute("href")`, "./shop/checkout.go#L12")
	c.expect(t, "and it is said why", `document.getElementById("sourceproblem").textContent.slice(0, 8)`, "Expected")
}

func TestLightAndDark(t *testing.T) {
	g := graph()
	if path := os.Getenv("PAGE_GRAPH"); path != "" {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		g = &callgraph.Graph{}
		if err := json.Unmarshal(data, g); err != nil {
			t.Fatal(err)
		}
	}
	c := open(t, g)
	background := `getComputedStyle(document.body).backgroundColor`
	prefer := func(value string) {
		features := map[string]any{"features": []map[string]string{{"name": "prefers-color-scheme", "value": value}}}
		if err := c.call("Emulation.setEmulatedMedia", features, nil); err != nil {
			t.Fatal(err)
		}
	}
	prefer("light")
	c.expect(t, "light", background, "rgb(255, 255, 255)")
	c.screenshot(t, "light")
	prefer("dark")
	c.expect(t, "dark", background, "rgb(20, 24, 31)")
	c.screenshot(t, "dark")
	c.click(t, "#theme")
	c.expect(t, "light by choice", background, "rgb(255, 255, 255)")
	c.do(t, `document.querySelector(".badge.fire").closest(".node").dispatchEvent(new MouseEvent("click", {bubbles: true}))`)
	c.screenshot(t, "chosen")
	c.do(t, `(() => { const s = document.getElementById("target"); s.value = s.options[2].value; s.dispatchEvent(new Event("change")) })()`)
	c.screenshot(t, "target")
	narrow := map[string]any{"width": 420, "height": 860, "deviceScaleFactor": 1, "mobile": true}
	if err := c.call("Emulation.setDeviceMetricsOverride", narrow, nil); err != nil {
		t.Fatal(err)
	}
	c.expect(t, "nothing sticks out of a narrow page", `document.documentElement.scrollWidth <= 420`, "true")
	c.screenshot(t, "narrow")
}
