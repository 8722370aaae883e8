package a

import (
	"context"
	"time"
)

// status is a command of a command line, of which one runs at a time.
type status struct{ client }

func (*status) Help() string     { return "" }
func (*status) Synopsis() string { return "" }
func (c *status) Run(args []string) int {
	for range 5 {
		if c.send(context.Background(), args[0]) == nil {
			return 0
		}
		time.Sleep(time.Second)
	}
	return 1
}
