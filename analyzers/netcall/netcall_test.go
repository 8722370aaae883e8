package netcall

import (
	"strings"
	"testing"
)

// TestPartlySetStruct is about structs of which one field is set here and the
// others are set out of sight: that those are zero is not known.
func TestPartlySetStruct(t *testing.T) {
	for name, body := range map[string]string{
		"struct from a call":      `s := &server{cfg: load()}; s.cfg.Name = "shop"; timeout := s.cfg.Timeout`,
		"struct from a parameter": `s := &server{cfg: given}; s.cfg.Name = "shop"; timeout := s.cfg.Timeout`,
		"set after it was made":   `s := server{}; s.cfg = given; s.cfg.Name = "shop"; timeout := s.cfg.Timeout`,
		"pointer from a call":     `s := &server{more: loadMore()}; s.more.Name = "shop"; timeout := s.more.Timeout`,
		"pointer set elsewhere":   `s := &server{}; fill(s); s.more.Name = "shop"; timeout := s.more.Timeout`,
	} {
		t.Run(name, func(t *testing.T) {
			res := analyzeSource(t, strings.ReplaceAll(`package shop

import ("net/http"; "time")

type config struct { Name string; Timeout time.Duration }
type server struct { cfg config; more *config }

func load() config
func loadMore() *config
func fill(*server)

func fetch(given config) error {
	BODY
	_, err := (&http.Client{Timeout: timeout}).Get("https://example.com")
	return err
}`, "BODY", body))
			if len(res.Calls) != 1 {
				t.Errorf("%d calls found, want 1", len(res.Calls))
			}
			for _, v := range res.Violations {
				t.Errorf("taken to be unbounded because of %+v", v.Causes)
			}
		})
	}
}

// TestZeroStruct is the other side: what is set in plain sight is known.
func TestZeroStruct(t *testing.T) {
	res := analyzeSource(t, `package shop

import ("net/http"; "time")

type config struct { Name string; Timeout time.Duration }
type server struct { cfg config }

func fetch() error {
	s := server{}
	s.cfg.Timeout = 0
	timeout := s.cfg.Timeout
	_, err := (&http.Client{Timeout: timeout}).Get("https://example.com")
	return err
}`)
	if len(res.Violations) != 1 {
		t.Errorf("%d violations found, want 1", len(res.Violations))
	}
}
