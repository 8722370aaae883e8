// Package pgx has the declarations of github.com/jackc/pgx/v5 that fixtures use.
package pgx

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

var ErrNoRows = errors.New("no rows in result set")

type ConnConfig struct{ ConnectTimeout time.Duration }

func ParseConfig(connString string) (*ConnConfig, error) { return &ConnConfig{}, nil }

type Conn struct{}

func Connect(ctx context.Context, connString string) (*Conn, error) { return &Conn{}, nil }

func ConnectConfig(ctx context.Context, connConfig *ConnConfig) (*Conn, error) {
	return &Conn{}, nil
}

func (c *Conn) Close(ctx context.Context) error { return nil }
func (c *Conn) Ping(ctx context.Context) error  { return nil }

func (c *Conn) Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, nil
}

func (c *Conn) Query(ctx context.Context, sql string, args ...any) (Rows, error) { return nil, nil }
func (c *Conn) QueryRow(ctx context.Context, sql string, args ...any) Row        { return nil }
func (c *Conn) SendBatch(ctx context.Context, b *Batch) BatchResults             { return nil }
func (c *Conn) Begin(ctx context.Context) (Tx, error)                            { return nil, nil }
func (c *Conn) BeginTx(ctx context.Context, txOptions TxOptions) (Tx, error)     { return nil, nil }

type TxOptions struct{ IsoLevel string }

type Tx interface {
	Commit(ctx context.Context) error
	Rollback(ctx context.Context) error
	Exec(ctx context.Context, sql string, arguments ...any) (commandTag pgconn.CommandTag, err error)
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	QueryRow(ctx context.Context, sql string, args ...any) Row
	SendBatch(ctx context.Context, b *Batch) BatchResults
}

type Rows interface {
	Close()
	Err() error
	Next() bool
	Scan(dest ...any) error
}

type Row interface{ Scan(dest ...any) error }

type Batch struct{}

func (b *Batch) Queue(query string, arguments ...any) {}
func (b *Batch) Len() int                             { return 0 }

type BatchResults interface {
	Exec() (pgconn.CommandTag, error)
	QueryRow() Row
	Close() error
}
