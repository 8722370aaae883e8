// Package sqlx declares what fixtures need of sqlx.
package sqlx

import (
	"context"
	"database/sql"
)

type DB struct{ *sql.DB }

func Open(driverName, dataSourceName string) (*DB, error)    { return &DB{}, nil }
func Connect(driverName, dataSourceName string) (*DB, error) { return &DB{}, nil }

func (db *DB) Beginx() (*Tx, error)                                           { return &Tx{}, nil }
func (db *DB) BeginTxx(ctx context.Context, opts *sql.TxOptions) (*Tx, error) { return &Tx{}, nil }
func (db *DB) Get(dest interface{}, query string, args ...interface{}) error  { return nil }
func (db *DB) NamedExec(query string, arg interface{}) (sql.Result, error)    { return nil, nil }
func (db *DB) NamedExecContext(ctx context.Context, query string, arg interface{}) (sql.Result, error) {
	return nil, nil
}

type Tx struct{ *sql.Tx }

func (tx *Tx) NamedExec(query string, arg interface{}) (sql.Result, error) { return nil, nil }
