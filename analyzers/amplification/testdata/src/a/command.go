package a

import (
	"time"

	"context"

	"peer"
)

// A status is a command of a command line: what one person starts is no load.
type status struct{ url string }

func (*status) Help() string     { return "" }
func (*status) Synopsis() string { return "" }
func (s *status) Run([]string) int {
	for range 7 {
		if peer.Once(context.Background(), s.url) == nil {
			return 0
		}
		time.Sleep(time.Second)
	}
	return 1
}
