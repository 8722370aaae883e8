package policy

import (
	"math"
	"testing"
	"time"
)

// Before retry n Envoy waits at most (2ⁿ−1) × base, and never more than the maximum (router_filter.rst).
func TestEnvoyWait(t *testing.T) {
	for _, tt := range []struct {
		retries             int
		base, maximum, want time.Duration
	}{
		{0, EnvoyBaseWait, EnvoyMaxWait, 0},
		{1, EnvoyBaseWait, EnvoyMaxWait, 25 * time.Millisecond},
		{3, EnvoyBaseWait, EnvoyMaxWait, (25 + 75 + 175) * time.Millisecond},
		{5, EnvoyBaseWait, EnvoyMaxWait, (25 + 75 + 175 + 250 + 250) * time.Millisecond},
		{2, 0, 0, 0},
		{1, math.MaxInt64 / 2, math.MaxInt64, math.MaxInt64 / 2},
	} {
		if got := EnvoyWait(tt.retries, tt.base, tt.maximum); got != tt.want {
			t.Errorf("%d retries from %v to %v: %v, want %v", tt.retries, tt.base, tt.maximum, got, tt.want)
		}
	}
}
