package routes

import (
	"net/http"

	"github.com/gin-gonic/gin"
	"github.com/go-chi/chi/v5"
	"github.com/gorilla/mux"
	"github.com/labstack/echo/v4"
)

type server struct{}

func (s *server) list(w http.ResponseWriter, r *http.Request)  { _, _ = http.Get("http://a.example") }
func (s *server) show(w http.ResponseWriter, r *http.Request)  {}
func (s *server) place(w http.ResponseWriter, r *http.Request) {}
func (s *server) admin(w http.ResponseWriter, r *http.Request) {}

func log(next http.Handler) http.Handler { return next }

func (s *server) chi() http.Handler {
	r := chi.NewRouter()
	r.Get("/healthz", s.list) // GET /healthz: (*routes.server).list
	r.Route("/v1", func(r chi.Router) {
		r.Route("/orders", func(r chi.Router) {
			r.With(log).Get("/", s.list)                         // GET /v1/orders: (*routes.server).list
			r.Get("/{id:[0-9]+}", s.show)                        // GET /v1/orders/{id}: (*routes.server).show
			r.Group(func(r chi.Router) { r.Post("/", s.place) }) // POST /v1/orders: (*routes.server).place
		})
	})
	r.Method("PUT", "/files/*", http.HandlerFunc(s.place)) // PUT /files/{rest...}: (*routes.server).place
	r.Mount("/admin", s.adminRouter())
	return r
}

func (s *server) adminRouter() http.Handler {
	r := chi.NewRouter()
	r.Get("/users", s.admin) // GET /admin/users: (*routes.server).admin
	return r
}

type api struct{}

func (a *api) auth(c *gin.Context)  {}
func (a *api) order(c *gin.Context) {}

func (a *api) gin() {
	r := gin.Default()
	r.GET("/ping", func(c *gin.Context) {}) // GET /ping: (*routes.api).gin$1
	v1 := r.Group("/v1", a.auth)
	a.orders(v1.Group("/orders"))
	r.Handle("PATCH", "/raw", a.order) // PATCH /raw: (*routes.api).order
}

func (a *api) orders(g *gin.RouterGroup) {
	g.GET("/:id", a.order)      // GET /v1/orders/{id}: (*routes.api).order
	g.POST("", a.auth, a.order) // POST /v1/orders: (*routes.api).auth (*routes.api).order
}

func remove(c echo.Context) error { return nil }

func echos(prefix string) {
	e := echo.New()
	e.GET("/users/:id", remove)     // GET /users/{id}: routes.remove
	e.Add("POST", "/users", remove) // POST /users: routes.remove
	g := e.Group("/admin")
	g.DELETE("/users/:id", remove) // DELETE /admin/users/{id}: routes.remove
	e.Group(prefix).DELETE("/unknown", remove)
}

func (s *server) gorilla() http.Handler {
	r := mux.NewRouter()
	r.HandleFunc("/carts/{id:[a-z]+}", s.show).Methods("GET") // GET /carts/{id}: (*routes.server).show
	sub := r.PathPrefix("/shop").Subrouter()
	sub.HandleFunc("/carts", s.list)                                    // /shop/carts: (*routes.server).list
	sub.Handle("/all", http.HandlerFunc(s.list)).Methods("GET", "HEAD") // /shop/all: (*routes.server).list
	return nil
}
