// Package db opens databases.
package db

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jackc/pgx/v5/pgxpool"
)

func direct(ctx context.Context) {
	sql.Open("postgres", "postgres://shop:secret@db:5432/shop?sslmode=disable") // want `sslmode=disable talks to the database on db in clear text`
	sql.Open("postgres", "host=db user=shop sslmode=disable")                   // want `on db in clear text`
	pgxpool.New(ctx, "postgres://db.internal/shop?sslmode=disable")             // want `on db\.internal in clear text`
}

func configured(host, user, password string) {
	sql.Open("postgres", fmt.Sprintf("host=%s user=%s sslmode=disable", host, user))               // want `whatever its host`
	sql.Open("pgx", fmt.Sprintf("postgres://%s:%s@%s/shop?sslmode=disable", user, password, host)) // want `whatever its host`
}

// Not reported.

func fine(user string) {
	sql.Open("postgres", "postgres://db:5432/shop?sslmode=verify-full")
	sql.Open("postgres", "postgres://localhost:5432/shop?sslmode=disable")
	sql.Open("postgres", "host=127.0.0.1 sslmode=disable")
	sql.Open("postgres", "host=/var/run/postgresql sslmode=disable")
	sql.Open("postgres", fmt.Sprintf("user=%s sslmode=disable", user))
	fmt.Println("host=db sslmode=disable")
}
