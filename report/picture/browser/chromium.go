//go:build browser

// Package browser holds the test that opens the page in a real browser. It drives
// Chromium over a pipe by the DevTools protocol, for which the standard library is
// enough.
package browser

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// binaries are the names that browsers with this protocol have.
var binaries = []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"}

// find is the path of a browser: that of $CHROMIUM, or the first on the search path.
func find() (string, bool) {
	if path := os.Getenv("CHROMIUM"); path != "" {
		return path, true
	}
	for _, name := range binaries {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// A chromium is a running browser with one page.
type chromium struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers chan message
	events  []message // that came while an answer was waited for
	session string
	next    int
}

// A message is what goes over the pipe: a call, its answer or an event.
type message struct {
	ID        int             `json:"id,omitempty"`
	Method    string          `json:"method,omitempty"`
	Params    json.RawMessage `json:"params,omitempty"`
	SessionID string          `json:"sessionId,omitempty"`
	Result    json.RawMessage `json:"result,omitempty"`
	Error     *struct {
		Message string `json:"message"`
	} `json:"error,omitempty"`
}

// start runs a browser with a profile folder of its own and opens an empty page.
func start(binary, profile string) (*chromium, error) {
	inRead, inWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	outRead, outWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	c := &chromium{in: inWrite, answers: make(chan message, 1024)}
	c.cmd = exec.Command(binary, "--headless=new", "--remote-debugging-pipe", "--no-sandbox", "--disable-gpu",
		"--disable-dev-shm-usage", "--no-first-run", "--disable-background-networking", "--hide-scrollbars",
		"--user-data-dir="+profile, "about:blank")
	c.cmd.ExtraFiles = []*os.File{inRead, outWrite} // 3 and 4 of the browser
	if err := c.cmd.Start(); err != nil {
		return nil, err
	}
	inRead.Close()
	outWrite.Close()
	go c.read(outRead)
	return c, c.attach()
}

// read takes messages off the pipe, which zero bytes end.
func (c *chromium) read(from io.Reader) {
	defer close(c.answers)
	r := bufio.NewReader(from)
	for {
		data, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m message
		if json.Unmarshal(data[:len(data)-1], &m) == nil {
			c.answers <- m
		}
	}
}

func (c *chromium) attach() error {
	var targets struct {
		TargetInfos []struct{ TargetID, Type string }
	}
	if err := c.call("Target.getTargets", nil, &targets); err != nil {
		return err
	}
	for _, t := range targets.TargetInfos {
		if t.Type != "page" {
			continue
		}
		var attached struct{ SessionID string }
		if err := c.call("Target.attachToTarget", map[string]any{"targetId": t.TargetID, "flatten": true}, &attached); err != nil {
			return err
		}
		c.session = attached.SessionID
		for _, domain := range []string{"Page", "Runtime", "Log", "Network"} {
			if err := c.call(domain+".enable", nil, nil); err != nil {
				return err
			}
		}
		return nil
	}
	return errors.New("the browser has no page")
}

const patience = 60 * time.Second

// call asks the browser for something, and keeps the events that come before the
// answer.
func (c *chromium) call(method string, params, result any) error {
	c.next++
	m := message{ID: c.next, Method: method, SessionID: c.session}
	if params != nil {
		data, err := json.Marshal(params)
		if err != nil {
			return err
		}
		m.Params = data
	}
	data, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if _, err := c.in.Write(append(data, 0)); err != nil {
		return err
	}
	timeout := time.After(patience)
	for {
		select {
		case answer, ok := <-c.answers:
			switch {
			case !ok:
				return fmt.Errorf("%s: the browser has ended", method)
			case answer.ID != m.ID:
				c.events = append(c.events, answer)
				continue
			case answer.Error != nil:
				return fmt.Errorf("%s: %s", method, answer.Error.Message)
			case result == nil:
				return nil
			}
			return json.Unmarshal(answer.Result, result)
		case <-timeout:
			return fmt.Errorf("%s: no answer in %v", method, patience)
		}
	}
}

// open loads a page and waits until it is there.
func (c *chromium) open(url string) error {
	c.events = nil
	if err := c.call("Page.navigate", map[string]any{"url": url}, nil); err != nil {
		return err
	}
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if state, err := c.text("document.readyState"); err == nil && state == "complete" {
			return nil
		}
	}
	return fmt.Errorf("%s does not load", url)
}

// text evaluates an expression in the page and returns it as text.
func (c *chromium) text(expression string) (string, error) {
	var r struct {
		Result struct {
			Value any
		}
		ExceptionDetails *struct {
			Text      string
			Exception struct{ Description string }
		}
	}
	if err := c.call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true}, &r); err != nil {
		return "", err
	}
	if e := r.ExceptionDetails; e != nil {
		return "", fmt.Errorf("%s: %s %s", expression, e.Text, e.Exception.Description)
	}
	return fmt.Sprint(r.Result.Value), nil
}

// complaints are what the page threw, wrote to the console as an error, or was
// refused, and what it asked of a network.
func (c *chromium) complaints() []string {
	var all []string
	for _, e := range c.events {
		switch e.Method {
		case "Runtime.exceptionThrown":
			all = append(all, string(e.Params))
		case "Runtime.consoleAPICalled", "Log.entryAdded":
			var p struct {
				Type  string
				Entry struct{ Level string }
			}
			if json.Unmarshal(e.Params, &p) == nil && (p.Type == "error" || p.Type == "warning" || p.Entry.Level == "error" || p.Entry.Level == "warning") {
				all = append(all, string(e.Params))
			}
		case "Network.requestWillBeSent":
			var p struct{ Request struct{ URL string } }
			if json.Unmarshal(e.Params, &p) == nil && !isLocal(p.Request.URL) {
				all = append(all, "asks for "+p.Request.URL)
			}
		}
	}
	return all
}

func isLocal(url string) bool {
	for _, scheme := range []string{"file:", "data:", "about:"} {
		if len(url) >= len(scheme) && url[:len(scheme)] == scheme {
			return true
		}
	}
	return false
}

// stop ends the browser.
func (c *chromium) stop() {
	c.session = ""
	if c.call("Browser.close", nil, nil) != nil {
		c.cmd.Process.Kill() // it ends with the test in any case
	}
	c.in.Close()
	c.cmd.Wait()
}
