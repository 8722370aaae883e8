package httpx

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
)

// maxBody bounds what is read of a request or a response: orders are a few
// kilobytes, so a megabyte is a mistake or an attack.
const maxBody = 1 << 20

// Problem is the body of an error response, after RFC 9457.
type Problem struct {
	Title  string `json:"title"`
	Status int    `json:"status"`
	Detail string `json:"detail,omitempty"`
}

// WriteJSON answers with v.
func WriteJSON(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		slog.Warn("response not written", "err", err)
	}
}

// WriteProblem answers with a problem document.
func WriteProblem(w http.ResponseWriter, status int, detail string) {
	w.Header().Set("Content-Type", "application/problem+json")
	w.WriteHeader(status)
	p := Problem{Title: http.StatusText(status), Status: status, Detail: detail}
	if err := json.NewEncoder(w).Encode(p); err != nil {
		slog.Warn("response not written", "err", err)
	}
}

// ReadJSON decodes a request's or a response's body into v.
func ReadJSON(body io.Reader, v any) error {
	if err := json.NewDecoder(io.LimitReader(body, maxBody)).Decode(v); err != nil {
		return fmt.Errorf("decode JSON: %w", err)
	}
	return nil
}
