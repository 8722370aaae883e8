// Command oneshot makes one request and ends.
package main

import (
	"context"
	"database/sql"
	"net/http"
)

func main() { query() }

func query() {
	db, _ := sql.Open("postgres", "dsn")
	defer db.Close()
	db.PingContext(context.Background())
}

func handler(w http.ResponseWriter, r *http.Request) {
	db, _ := sql.Open("postgres", "dsn") // want `sql.Open makes a connection pool for each request that handler serves`
	db.PingContext(r.Context())
}
