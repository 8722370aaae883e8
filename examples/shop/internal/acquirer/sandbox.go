package acquirer

import "context"

// Sandbox stands in for the bank on a developer's machine. It declines
// amounts that end in 13.
type Sandbox struct{}

// Authorise approves or declines without asking anybody.
func (Sandbox) Authorise(_ context.Context, key, _ string, amount int64, _ string) (string, error) {
	if amount%100 == 13 {
		return "", ErrDeclined
	}
	return "sandbox-" + key, nil
}

// Reverse does nothing.
func (Sandbox) Reverse(context.Context, string) error { return nil }
