// Package env reads configuration from environment variables.
package env

import (
	"fmt"
	"os"
	"strconv"
)

// String returns the variable's value, or fallback if it is unset or empty.
func String(name, fallback string) string {
	if v := os.Getenv(name); v != "" {
		return v
	}
	return fallback
}

// Bool returns whether the variable is set to a true value. An unreadable
// value is an error and not false.
func Bool(name string) (bool, error) {
	v := os.Getenv(name)
	if v == "" {
		return false, nil
	}
	b, err := strconv.ParseBool(v)
	if err != nil {
		return false, fmt.Errorf("%s: %q is neither true nor false", name, v)
	}
	return b, nil
}

// Required returns the variable's value, or an error that names it.
func Required(name string) (string, error) {
	v := os.Getenv(name)
	if v == "" {
		return "", fmt.Errorf("%s is not set", name)
	}
	return v, nil
}
