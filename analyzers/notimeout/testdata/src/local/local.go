// Package local uses a database that may live in the process.
package local

import (
	"database/sql"

	_ "modernc.org/sqlite"
)

func migrate(db *sql.DB) error {
	_, err := db.Exec("PRAGMA foreign_keys=ON")
	return err
}
