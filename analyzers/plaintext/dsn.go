package plaintext

import (
	"fmt"
	"strings"

	"golang.org/x/tools/go/ssa"

	"github.com/commslint/commslint/analyzers/constflow"
	"github.com/commslint/commslint/analyzers/netcall"
	"github.com/commslint/commslint/finding"
)

// dataSources gives the parameter with the data source name of functions that
// connect to PostgreSQL, or that get ready to.
var dataSources = map[string]int{
	"database/sql.Open":               1,
	"github.com/jackc/pgx/v4.Connect": 1, "github.com/jackc/pgx/v5.Connect": 1,
	"github.com/jackc/pgx/v4.ParseConfig": 0, "github.com/jackc/pgx/v5.ParseConfig": 0,
	"github.com/jackc/pgx/v4/pgxpool.Connect": 1, "github.com/jackc/pgx/v5/pgxpool.New": 1,
	"github.com/jackc/pgx/v4/pgxpool.ParseConfig": 0, "github.com/jackc/pgx/v5/pgxpool.ParseConfig": 0,
	"github.com/jmoiron/sqlx.Open": 1, "github.com/jmoiron/sqlx.Connect": 1, "github.com/jmoiron/sqlx.MustConnect": 1,
	"github.com/jmoiron/sqlx.ConnectContext": 2, "github.com/lib/pq.NewConnector": 0, "github.com/lib/pq.Open": 0,
	"gorm.io/driver/postgres.Open": 0,
}

// dataSource returns the data source name that a call is given, or nil.
func dataSource(call ssa.CallInstruction) ssa.Value {
	fn := netcall.Callee(call)
	if fn == nil || fn.Signature().Recv() != nil {
		return nil
	}
	i, ok := dataSources[fn.FullName()]
	if !ok || i >= len(call.Common().Args) {
		return nil
	}
	return call.Common().Args[i]
}

func (c *checker) dataSource(call ssa.CallInstruction, dsn ssa.Value) {
	set := c.tracer.ValuesAt(dsn, call)
	for _, v := range set {
		if !v.Contains("sslmode=disable") {
			continue
		}
		host, known := databaseHost(v)
		switch {
		case known && (!c.hosts.distant(host) || constflow.IsLoopback(host)):
		case known && set.Complete():
			c.report(call, v, finding.Proven, fmt.Sprintf("sslmode=disable talks to the database on %s in clear text: whoever is between can read and change what is stored", host))
		case known:
			c.report(call, v, finding.Likely, fmt.Sprintf("sslmode=disable talks to the database on %s in clear text: whoever is between can read and change what is stored", host))
		default:
			c.report(call, v, finding.Likely, "sslmode=disable talks to the database in clear text whatever its host: whoever is between can read and change what is stored")
		}
	}
}

// databaseHost returns the host of a data source name, a URL or a list of
// key=value, and whether all of it is known. It is empty, and known, where none
// is named: that is the local server.
func databaseHost(v constflow.Value) (host string, known bool) {
	prefix, _ := v.Text()
	if strings.Contains(prefix, "://") {
		return v.KnownHost()
	}
	for i, p := range v.Parts {
		for _, key := range []string{"host=", "hostaddr="} {
			_, rest, ok := strings.Cut(p.Text, key)
			if !ok {
				continue
			}
			host, _, ended := strings.Cut(rest, " ")
			return strings.Trim(host, "'"), ended || i == len(v.Parts)-1
		}
	}
	// A list of which every key is known names no host; anything else may.
	return "", len(v.Parts) > 0 && !v.Parts[0].Unknown
}
