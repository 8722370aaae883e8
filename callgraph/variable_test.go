package callgraph

import "testing"

// A variable leads to the one service of its name, and not by a word that fits any.
func TestCalled(t *testing.T) {
	e := &Estate{}
	for _, name := range []string{"shipping", "cartservice", "api", "app", "server", "stock", "stock-service"} {
		e.Services = append(e.Services, ServiceNames{Name: name})
	}
	s := newServices(e, nil)
	for variable, wanted := range map[string]string{
		"SHIPPING_ADDR": "shipping", "CART_SERVICE_ADDR": "cartservice", "CART_BASE_URL": "cartservice",
		"API_URL": "", "APP_HOST": "", "SERVER_ADDR": "", "BASE_URL": "", "STOCK_URL": "", "SHIPPING": "", "_URL": "", "OTHER_URL": "",
	} {
		got := ""
		if svc := s.called(variable); svc != nil {
			got = svc.Name
		}
		want(t, variable, got, wanted)
	}
}
