package netcall
import "testing"
func TestX(t *testing.T) {
 for _, src := range []string{`package shop
import ("net/http"; "time"; "os"; "encoding/json")
type config struct { Name string; Timeout time.Duration; Client *http.Client }
type server struct { cfg config }
func load() config { var c config; json.NewDecoder(os.Stdin).Decode(&c); return c }
func F() error {
	s := &server{cfg: load()}
	s.cfg.Client = nil
	c := &http.Client{Timeout: s.cfg.Timeout}
	_, err := c.Get("https://example.com")
	return err
}
func G(cfg config) error {
	s := &server{cfg: cfg}
	s.cfg.Client = nil
	c := &http.Client{Timeout: s.cfg.Timeout}
	_, err := c.Get("https://example.com")
	return err
}
func H(cfg config) error {
	s := server{}
	s.cfg = cfg
	s.cfg.Client = nil
	c := s.cfg.Timeout
	d := &http.Client{Timeout: c}
	_, err := d.Get("https://example.com")
	return err
}
func read() *config
func I() error {
	var s struct { cfg *config }
	s.cfg = read()
	s.cfg.Client = nil
	d := &http.Client{Timeout: s.cfg.Timeout}
	_, err := d.Get("https://example.com")
	return err
}
`} {
  res := analyzeSource(t, src)
  for _, v := range res.Violations { t.Log(v.Fn, v.Strength, v.Causes) }
  for _, c := range res.Calls { t.Log(c.Leaf) }
  t.Log(res.pkg.total)
 }
}
