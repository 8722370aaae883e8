// Package sqlite stands in for the driver of that path.
package sqlite
