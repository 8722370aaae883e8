// Package browser holds the test that opens the page in a real browser. It is built
// with the tag browser only: make browser.
package browser
