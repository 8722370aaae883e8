package a

import (
	"context"
	"database/sql"

	"github.com/hashicorp/consul/api"
	"github.com/jmoiron/sqlx"
)

func consul(c *api.Client) error {
	c.Agent().ServiceDeregister("id") // want `the error of c.Agent\(\).ServiceDeregister is thrown away`
	return c.Agent().ServiceRegister(&api.AgentServiceRegistration{ID: "id"})
}

func wrapped(ctx context.Context, db *sqlx.DB) error {
	db.NamedExec("UPDATE t SET a = :a", nil)             // want `the error of db.NamedExec is thrown away`
	db.NamedExecContext(ctx, "UPDATE t SET a = :a", nil) // want `the error of db.NamedExecContext is thrown away`
	db.ExecContext(ctx, "UPDATE t SET a = 1")            // want `the error of db.ExecContext is thrown away`
	tx, err := db.BeginTxx(ctx, &sql.TxOptions{})
	if err != nil {
		return err
	}
	defer tx.Rollback()
	tx.NamedExec("UPDATE t SET a = :a", nil) // want `the error of tx.NamedExec is thrown away`
	return tx.Commit()
}
