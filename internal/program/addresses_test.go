package program_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/commslint/commslint/callgraph"
	"github.com/commslint/commslint/internal/govet"
	"github.com/commslint/commslint/internal/program"
	"github.com/commslint/commslint/internal/workspace"
)

// addresses has a request for each way in which an address comes to where it is used.
// The name of a function is that of the service which its request goes to.
const addresses = `
-- main.go --
package main

import (
	"flag"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"

	"example.com/addresses/client"
	"example.com/addresses/settings"
)

var fromFlag = flag.String("users", "http://users:8080", "where users are")

type config struct {
	Carts string
	Tagged string ` + "`env:\"TAGGED_URL,required\"`" + `
}

type server struct {
	ads  string
	cfg  config
	made *client.Client
}

func mustMapEnv(target *string, key string) {
	v := os.Getenv(key)
	if v == "" {
		panic(key)
	}
	*target = v
}

func main() {
	s := &server{cfg: config{Carts: settings.Required("CARTS_URL")}}
	mustMapEnv(&s.ads, "ADS_URL")
	s.made = client.New(settings.String("ORDERS_URL", "http://localhost:1"))
	http.HandleFunc("GET /", func(w http.ResponseWriter, r *http.Request) {
		s.direct()
		s.ads_()
		s.carts()
		s.tagged()
		s.made.Orders()
		users()
		stock()
		prices()
		mails("x")
	})
}

func (s *server) direct() { get(http.Get(os.Getenv("DIRECT_URL") + "/direct")) }
func (s *server) ads_()   { get(http.Get(s.ads + "/ads")) }
func (s *server) carts()  { get(http.Get(s.cfg.Carts + "/carts")) }
func (s *server) tagged() { get(http.Get(s.cfg.Tagged + "/tagged")) }

func users() { get(http.Get(*fromFlag + "/users")) }

func stock() {
	get(http.Get(fmt.Sprintf("http://%s/stock/%d", net.JoinHostPort(os.Getenv("STOCK_HOST"), "80"), 7)))
}

func prices() {
	path, err := url.JoinPath(os.Getenv("PRICES_URL"), "prices")
	if err != nil {
		return
	}
	get(http.Get(path))
}

func mails(to string) {
	base := os.Getenv("MAILS_URL")
	req, err := http.NewRequest("POST", base+"/mails?to="+to, nil)
	if err != nil {
		return
	}
	get(http.DefaultClient.Do(req))
}

func get(resp *http.Response, err error) {
	if err == nil {
		resp.Body.Close()
	}
}
-- settings/settings.go --
package settings

import "os"

func String(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}

func Required(name string) string { return os.Getenv(name) }
-- client/client.go --
package client

import "net/http"

type Client struct{ base string }

func New(base string) *Client { return &Client{base: base} }

func (c *Client) Orders() {
	resp, err := http.Get(c.base + "/orders")
	if err == nil {
		resp.Body.Close()
	}
}
-- go.mod --
module example.com/addresses

go 1.24
`

// Addresses are followed from the environment and constants to the requests.
func TestAddresses(t *testing.T) {
	if testing.Short() {
		t.Skip("runs go vet")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range txtar.Parse([]byte(addresses)).Files {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	tool, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	names := []string{"direct", "ads", "carts", "tagged", "orders", "stock", "prices", "mails"}
	estate := callgraph.Estate{Services: []callgraph.ServiceNames{{Name: "users", Hosts: []string{"users"}}}}
	for _, name := range names {
		env := strings.ToUpper(name) + "_URL"
		if name == "stock" {
			env = "STOCK_HOST"
		}
		// A name that the variable does not have, so that only its value can tell.
		estate.Services = append(estate.Services, callgraph.ServiceNames{Name: "the " + name, Env: []string{env}})
	}
	ws := workspace.Find([]string{"."}, workspace.Options{Dir: dir, Env: os.LookupEnv})
	p, err := program.Load(t.Context(), ws, estate, callgraph.Conditions{}, govet.Options{Dir: dir, Env: os.Environ(), Tool: tool})
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Failures {
		t.Errorf("%s:%d: %s", f.File, f.Line, f.Message)
	}
	services := make(map[string]string)
	for _, n := range p.Graph(callgraph.GraphOptions{}).Nodes {
		if n.Kind == callgraph.OperationNode {
			path := n.ID[strings.LastIndexByte(n.ID, '/')+1:]
			switch {
			case strings.Contains(n.ID, "/stock/"):
				path = "stock"
			case n.ID == "GET {…}": // what url.JoinPath makes is not part of the name
				path = "prices"
			}
			services[path] = n.Service
		}
	}
	if services["users"] != "users" {
		t.Errorf("users is asked of %q; all: %v", services["users"], services)
	}
	for _, name := range names {
		if services[name] != "the "+name {
			t.Errorf("%s is asked of %q; all: %v", name, services[name], services)
		}
	}
}
