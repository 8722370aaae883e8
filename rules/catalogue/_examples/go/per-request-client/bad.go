// Package avatar serves the pictures of users from the media service.
package avatar

import (
	"context"
	"io"
	"net/http"
	"net/url"
	"time"
)

// A Handler answers with the picture of the user named in the query.
type Handler struct {
	Media string // base URL of the media service
}

func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), 3*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.Media+"/users/"+url.PathEscape(r.FormValue("user")), nil)
	if err != nil {
		http.Error(w, "bad user", http.StatusBadRequest)
		return
	}
	// Each request opens a connection of its own, and leaves it idle.
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10}}
	resp, err := client.Do(req)
	if err != nil {
		http.Error(w, "media service failed", http.StatusBadGateway)
		return
	}
	defer resp.Body.Close()
	picture, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		http.Error(w, "media service failed", http.StatusBadGateway)
		return
	}
	w.Write(picture)
}
