// Package retry has the declarations of k8s.io/client-go/util/retry that
// fixtures use.
package retry

import "k8s.io/apimachinery/pkg/util/wait"

var DefaultRetry, DefaultBackoff wait.Backoff

func OnError(backoff wait.Backoff, retriable func(error) bool, fn func() error) error { return nil }
func RetryOnConflict(backoff wait.Backoff, fn func() error) error                     { return nil }
