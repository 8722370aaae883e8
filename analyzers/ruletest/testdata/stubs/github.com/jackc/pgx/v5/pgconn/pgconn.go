// Package pgconn has the declarations that fixtures use.
package pgconn

type CommandTag struct{}

func (CommandTag) RowsAffected() int64 { return 0 }

func SafeToRetry(err error) bool { return false }

type PgError struct{ Code string }

func (e *PgError) Error() string { return e.Code }
