// Package api calls what other packages are reported for, and what they are not.
package api

import (
	"context"

	"a"
	"shop/internal/store"
)

// Same adds nothing to what package a is reported for.
func Same(ctx context.Context) error { return a.Twelve(ctx, "https://example.com/a") }

// Load is the first that others can call.
func Load(ctx context.Context) error { // want `Load turns one request into 8`
	return store.Load(ctx, "https://example.com/k")
}
