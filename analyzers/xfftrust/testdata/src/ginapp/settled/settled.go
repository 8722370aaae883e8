// Package settled tells its router whom to trust. // want package:`settled \[1\]`
package settled

import (
	"ginapp"
	"net/http"
)

func serve() (http.Handler, error) {
	r := ginapp.Router()
	if err := r.SetTrustedProxies([]string{"10.0.0.0/8"}); err != nil {
		return nil, err
	}
	return r, nil
}
