// Package a passes constants around.
package a

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	_ "net/http" // netcall skips packages that reach no network
	"net/url"
	"os"
	"strings"
	"time"
)

func show(any) {}

const named = "named"

var once = "once"

var twice = "first"

func init() { twice = "second" }

var Exported = "exported"

var list = []string{"x", "y"}

func basics(flagged bool, param string) {
	show("literal")   // want `^literal$`
	show(named + "!") // want `^named!$`
	show(7)           // want `^7$`
	show(once)        // want `^once$`
	show(twice)       // want `^first \| second$`
	show(Exported)    // want `^<elsewhere> \| exported$`
	show(param)       // want `^<parameter>$`
	v := "a"
	if flagged {
		v = "b"
	}
	show(v)              // want `^a \| b$`
	show([]byte("text")) // want `^text$`
	for _, s := range list {
		show(s) // want `^x \| y$`
	}
	grown := "s"
	for range 3 {
		grown += "t"
	}
	show(grown) // want `^<elsewhere>t \| s \| st$`
}

func formats(host string, port int) {
	show("http://" + host + "/path")                        // want `^http://<parameter>/path$`
	show(fmt.Sprintf("http://%s:%d/", "h", 80))             // want `^http://h:80/$`
	show(fmt.Sprintf("%s:%d", host, port))                  // want `^<parameter>:<parameter>$`
	show(fmt.Sprintf("100%% %5.2f of %s", 1.0, "x"))        // want `^100% <elsewhere> of x$`
	show(fmt.Sprintf("%v %d", 90*time.Second, time.Second)) // want `^1m30s 1000000000$`
	show(fmt.Sprintf("%v", time.March))                     // want `^<elsewhere>$`
	show(fmt.Sprintf(host, 1))                              // want `^<parameter>$`
	show(net.JoinHostPort("h", "1"))                        // want `^h:1$`
	show(strings.TrimSuffix("http://h/", "/"))              // want `^http://h/$`
	show(os.ExpandEnv("http://h/$PATH"))                    // want `^http://h/<environment>$`
	u := &url.URL{Scheme: "ws", Host: "h"}
	show(u.String()) // want `^ws://h<elsewhere>$`
	if p, err := url.Parse("http://parsed"); err == nil {
		show(p.String()) // want `^http://parsed$`
	}
}

func getenv(key, fallback string) string {
	if v := os.Getenv(key); v != "" {
		return v
	}
	return fallback
}

// Each call has its own fallback.
func environment() {
	show(getenv("A", "one")) // want `^<environment> \| one$`
	show(getenv("B", "two")) // want `^<environment> \| two$`
}

var flagged = flag.String("flag", "default", "")

var bound string

func init() { flag.StringVar(&bound, "bound", "other", "") }

func flags() {
	show(*flagged) // want `^<flag> \| default$`
	show(bound)    // want `^<flag> \| other$`
}

func callers() {
	callee("from callers")
	func() { callee("from a literal") }()
}

func callee(s string) { show(s) } // want `^from a literal \| from callers$`

func Open(s string) { show(s) } // want `^<parameter> \| known$`

func open() { Open("known") }

func taken(s string) { show(s) } // want `^<parameter> \| direct$`

func take() func(string) {
	taken("direct")
	return taken
}

type config struct {
	set, unset, late string
	Open             string
}

func fields() {
	c := &config{set: "set", Open: "open"}
	c.late = "late"
	show(c.set)   // want `^set$`
	show(c.unset) // want `^$`
	show(c.late)  // want `^late$`
	show(c.Open)  // want `^open$`
	other := config{set: "other"}
	show(other.set) // want `^other$`
}

func decoded(data []byte) {
	c := config{Open: "default"}
	json.Unmarshal(data, &c)
	show(c.Open) // want `^<field> \| default$`
}

func parameter(c *config) { show(c.Open) } // want `<field>`

func closure() {
	v := "captured"
	f := func() { show(v) } // want `^captured \| changed$`
	v = "changed"
	f()
}

func arguments() {
	show(os.Args[1]) // want `^<elsewhere>$`
	os.Args = os.Args[1:]
}
